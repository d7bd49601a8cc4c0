#!/usr/bin/env bash
# provide.sh [SERVICE...]: builds the images of the given services, or of all, and loads them into a cluster that `make cluster` made. Does
# nothing for the cluster of KUBECONFIG, which has its own registry. With NEXT=expand, builds the releases to which tests upgrade.
set -euo pipefail
cd -P "$(dirname "$0")/../.."
. k8s/local/versions.sh

# The cluster of KUBECONFIG, else of `make cluster`. readlink accepts a path whose last part does not exist.
cluster=$(readlink -f "${KUBECONFIG:-.data/cluster.kubeconfig}" 2>/dev/null || true)
[ -e "$cluster" ] || fail 'there is no cluster. Run: make cluster'
registry=${REGISTRY:-bulkhead.local}

case $cluster in
  "$STATE/admin.kubeconfig")
    [ -n "${NEXT:-}" ] || k8s/local/load-stores.sh
    scripts/images/build.sh "$@"
    k8s/local/load-services.sh "$@"
    ;;
  "$PWD/.data/kind.kubeconfig")
    # Untested, because no Docker engine was available.
    scripts/images/build.sh "$@"
    kind=$(tool kind)
    if [ $# -eq 0 ]; then for folder in services/*/; do set -- "$@" "$(basename "$folder")"; done; fi
    for service in "$@"; do
      version=$(node_modules/node/bin/node scripts/images/version.ts "$service")
      "$kind" load docker-image --name bulkhead "$registry/bulkhead-$service:$version${NEXT:+-next}"
    done
    ;;
  *) say "the cluster pulls the images from $registry. To push them there, run: make images PUSH=1 REGISTRY=..." ;;
esac
