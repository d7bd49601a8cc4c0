#!/usr/bin/env bash
# skaffold.sh ARGUMENT...: skaffold with the Helm 3 that it needs first on its PATH, both built where they are missing, on the cluster that
# `make cluster` gave, or KUBECONFIG's. On the cluster of our own the images that it builds go through a registry on this machine, which
# runs as long as skaffold does: skaffold finds an image in a Docker engine or a registry only.
set -euo pipefail
cd "$(dirname "$0")/../.."
. k8s/local/versions.sh

ADDRESS=127.0.0.1:5011
SECONDS_TO_START=10
registry=$CACHE/registry

answers() { (exec 3<>"/dev/tcp/${ADDRESS/://}") 2>/dev/null; }

# All who use it hold a pipe open, which it reads: it ends with the last of them, however that ended.
hold_registry() {
  mkdir -p "$registry/blobs"
  [ -p "$registry/users" ] || mkfifo "$registry/users"
  exec 7<>"$registry/users"
  answers && return
  rm -rf "$registry"/blobs/*
  setsid "$BIN/registry" "$ADDRESS" "$registry/blobs" <"$registry/users" >"$registry/log" 2>&1 7>&- &
  SECONDS=0
  until answers; do
    [ "$SECONDS" -lt "$SECONDS_TO_START" ] || fail "no registry at $ADDRESS after $SECONDS_TO_START s: $(tail -n 1 "$registry/log")"
    sleep 0.1
  done
}

k8s/local/build.sh skaffold helm-3
mkdir -p "$CACHE/skaffold"
ln -sfn "$BIN/helm-3" "$CACHE/skaffold/helm"
export PATH=$CACHE/skaffold:$PATH:$BIN
if [ -z "${KUBECONFIG:-}" ] && [ -e .data/cluster.kubeconfig ]; then export KUBECONFIG=$PWD/.data/cluster.kubeconfig; fi

case "${1:-} $(readlink -f "${KUBECONFIG:-}" || true)" in
  "build $STATE/admin.kubeconfig" | "debug $STATE/admin.kubeconfig" | "dev $STATE/admin.kubeconfig" | "run $STATE/admin.kubeconfig")
    k8s/local/build.sh registry
    hold_registry
    export SKAFFOLD_DEFAULT_REPO=$ADDRESS
    ;;
esac
exec "$BIN/skaffold" "$@"
