#!/usr/bin/env bash
# Runs before skaffold deploys the platform: creates the namespace and the missing secrets, like `make deploy`. It uses skaffold's cluster,
# which may differ from the one of `make cluster`.
set -euo pipefail
cd "$(dirname "$0")/.."

export KUBECONFIG=${KUBECONFIG:-$HOME/.kube/config}
exec node packages/cli/bin/bulkhead.js secrets --namespace "${NAMESPACE:-bulkhead}" --context "$SKAFFOLD_KUBE_CONTEXT"
