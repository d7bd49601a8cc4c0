#!/usr/bin/env bash
# load-services.sh [SERVICE...]: imports the images of the services named, or of all, into the cluster of our own, as scripts/images/build.sh
# built them. NEXT=expand: those of the releases that upgrades are tried with.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -eq 0 ]; then mapfile -t services < <(ls services); else services=("$@"); fi
archives=()
for service in "${services[@]}"; do
  version=$(node_modules/node/bin/node scripts/images/version.ts "$service")
  archives+=(".data/images/$service-$version${NEXT:+-next}.tar")
done
k8s/local/load-image.sh "${archives[@]}"
