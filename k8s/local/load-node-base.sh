#!/usr/bin/env bash
# Imports the stand-in for the Node image into the local node, for the platform's Job.
set -euo pipefail
cd "$(dirname "$0")/../.."
. k8s/local/versions.sh

k8s/local/node-base.sh
k8s/local/load-image.sh "$CACHE"/images/node-base-*.tar
