#!/usr/bin/env bash
# provide.sh [SERVICE...]: builds the images of the services named, or of all, and brings them into a cluster that `make cluster` made. One
# that KUBECONFIG names has a registry of its own: nothing is done then. NEXT=expand: the releases that upgrades are tried with.
set -euo pipefail
cd -P "$(dirname "$0")/../.."
. k8s/local/versions.sh

# Where KUBECONFIG leads, else what `make cluster` gave. readlink is content with a last name that is not there.
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
    # Untried: no Docker engine was to be had.
    scripts/images/build.sh "$@"
    kind=$(tool kind)
    if [ $# -eq 0 ]; then for folder in services/*/; do set -- "$@" "$(basename "$folder")"; done; fi
    for service in "$@"; do
      version=$(node_modules/node/bin/node scripts/images/version.ts "$service")
      "$kind" load docker-image --name bulkhead "$registry/bulkhead-$service:$version${NEXT:+-next}"
    done
    ;;
  *) say "the images are taken from $registry: make images PUSH=1 REGISTRY=... brings them there" ;;
esac
