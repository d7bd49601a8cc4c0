#!/usr/bin/env bash
# skaffold.sh ARGUMENT...: runs skaffold with the Helm 3 that it needs first on its PATH, on the cluster of `make cluster` or KUBECONFIG.
# Builds both programs if they are missing. On the local node, images go through a registry on this machine, which runs as long as skaffold:
# skaffold finds images only in a Docker engine or a registry.
set -euo pipefail
cd "$(dirname "$0")/../.."
. k8s/local/versions.sh

ADDRESS=127.0.0.1:5011
SECONDS_TO_START=10
registry=$CACHE/registry

answers() { (exec 3<>"/dev/tcp/${ADDRESS/://}") 2>/dev/null; }

# The registry reads a pipe that each skaffold keeps open. So it ends when the last skaffold ends, even after a kill.
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
