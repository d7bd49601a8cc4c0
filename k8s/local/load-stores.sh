#!/usr/bin/env bash
# Makes the stand-ins of the stores' images where they are missing, imports them into the cluster of our own, and writes the values by which
# the charts take them to .data/local/<chart>.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t archives < <(k8s/local/store-images.sh)
[ ${#archives[@]} -gt 0 ] || exit 1
for archive in "${archives[@]}"; do k8s/local/store-values.sh "$archive"; done
k8s/local/load-image.sh "${archives[@]}"
