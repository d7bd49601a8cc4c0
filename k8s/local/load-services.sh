#!/usr/bin/env bash
# load-services.sh [SERVICE...]: imports the images of the given services, or of all, into the local node. scripts/images/build.sh built
# them. With NEXT=expand, imports the releases to which tests upgrade.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -eq 0 ]; then mapfile -t services < <(ls services); else services=("$@"); fi
archives=()
for service in "${services[@]}"; do
  version=$(node_modules/node/bin/node scripts/images/version.ts "$service")
  archives+=(".data/images/$service-$version${NEXT:+-next}.tar")
done
k8s/local/load-image.sh "${archives[@]}"
