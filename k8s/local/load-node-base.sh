#!/usr/bin/env bash
# Imports the stand-in of the base of our images into the cluster of our own, where the platform's Job runs on it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. k8s/local/versions.sh

k8s/local/node-base.sh
k8s/local/load-image.sh "$CACHE"/images/node-base-*.tar
