#!/usr/bin/env bash
# provide.sh [SERVICE...]: builds the images of the services named, or of all, and brings them into a cluster that `make cluster` made. One
# that KUBECONFIG names has a registry of its own: nothing is done then. NEXT=expand: the releases that upgrades are tried with.
set -euo pipefail
cd "$(dirname "$0")/../.."
. k8s/local/versions.sh

# Where KUBECONFIG leads, else what `make cluster` gave.
cluster=$(readlink -f "${KUBECONFIG:-.data/cluster.kubeconfig}" 2>/dev/null || true)
registry=${REGISTRY:-bulkhead.local}

case $cluster in
  "$STATE/admin.kubeconfig")
    [ -n "${NEXT:-}" ] || k8s/local/load-stores.sh
    scripts/images/build.sh "$@"
    k8s/local/load-services.sh "$@"
    ;;
  "$PWD/.data/kind.kubeconfig")
    # Untried: no Docker engine was to be had.
    scripts/images/build.sh "$@"
    if [ $# -eq 0 ]; then mapfile -t services < <(ls services); else services=("$@"); fi
    for service in "${services[@]}"; do
      version=$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).version' "services/$service/package.json")
      kind load docker-image --name bulkhead "$registry/bulkhead-$service:$version${NEXT:+-next}"
    done
    ;;
  '') fail 'there is no cluster. Run: make cluster' ;;
  *) say "the images are taken from $registry: make images PUSH=1 REGISTRY=... brings them there" ;;
esac
