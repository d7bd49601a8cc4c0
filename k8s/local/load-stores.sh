#!/usr/bin/env bash
# Builds missing stand-ins for the images of stores, imports them into the local node, and writes the chart values that select them to
# .data/local/<chart>.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t archives < <(k8s/local/store-images.sh)
[ ${#archives[@]} -gt 0 ] || exit 1
for archive in "${archives[@]}"; do k8s/local/store-values.sh "$archive"; done
k8s/local/load-image.sh "${archives[@]}"
