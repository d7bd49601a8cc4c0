#!/usr/bin/env bash
# Installs CoreDNS, metrics-server, and Envoy Gateway with the GatewayClass `bulkhead` on the local node. May be run again. Returns when all
# of them work.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
. ./processes.sh
. ./network.sh
export KUBECONFIG=$STATE/admin.kubeconfig
kubectl() { "$BIN/kubectl" --request-timeout=60s "$@"; }
apply() { kubectl apply --server-side --force-conflicts "$@" >/dev/null; }
manifest() {
  sed "s|@COREDNS@|$COREDNS|; s|@METRICS_SERVER@|$METRICS_SERVER|; s|@ENVOY@|$ENVOY|; s|@DNS_ADDRESS@|$DNS_ADDRESS|" "manifests/$1.yaml"
}

# CoreDNS does not start without a name server to ask.
forwards=
grep -q '^nameserver' "$STATE/resolv.conf" || forwards='/ forward /d'
manifest coredns | sed "$forwards" | apply -f -
manifest metrics-server | apply -f -

gateway=$(./gateway-chart.sh)
apply -f "$gateway/crds"
# helm also prints warnings about watches that it closed itself
said=$(timeout 120 "$BIN/helm" upgrade --install envoy-gateway "$gateway/chart" --namespace envoy-gateway-system --create-namespace \
  --skip-crds --set crds.enabled=false \
  --set deployment.envoyGateway.resources.requests.cpu=20m,deployment.envoyGateway.resources.requests.memory=64Mi 2>&1) ||
  fail "helm could not install Envoy Gateway: $said"
apply -f ../gateway-class.yaml
manifest envoy-image | apply --field-manager=bulkhead-image -f -

wait_for 120 CoreDNS kubectl rollout status --timeout=1s --namespace kube-system deployment/coredns
wait_for 120 metrics-server kubectl rollout status --timeout=1s --namespace kube-system deployment/metrics-server
apply -f manifests/metrics-api.yaml
wait_for 120 'Envoy Gateway' kubectl rollout status --timeout=1s --namespace envoy-gateway-system deployment/envoy-gateway
wait_for 60 'the GatewayClass' kubectl wait --timeout=1s --for=condition=Accepted gatewayclass/bulkhead
wait_for 120 'kubectl top' kubectl top node
