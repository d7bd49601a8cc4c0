#!/usr/bin/env bash
# Before skaffold deploys the platform: makes the namespace and the secrets that are missing, as `make deploy` does. In the cluster that
# skaffold is on, which is not always the one that `make cluster` gave.
set -euo pipefail
cd "$(dirname "$0")/.."

export KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config}
exec node packages/cli/bin/bulkhead.js secrets --namespace "${NAMESPACE:-bulkhead}" --context "$SKAFFOLD_KUBE_CONTEXT"
