#!/usr/bin/env bash
# cluster.sh up|down: `up` provides a Kubernetes cluster: the one of KUBECONFIG, else kind if a Docker engine answers, else the local node
# (k8s/local). .data/cluster.kubeconfig becomes a link to its kubeconfig. `down` removes only a cluster that `up` created.
set -euo pipefail
cd -P "$(dirname "$0")/.."
. k8s/local/versions.sh

LINK=.data/cluster.kubeconfig
KIND_KUBECONFIG=.data/kind.kubeconfig
OWN_KUBECONFIG=$STATE/admin.kubeconfig

# Prints the file of KUBECONFIG, unless it is our own, which our last message tells users to set.
given_kubeconfig() {
  local file=${KUBECONFIG:-}
  [ -n "$file" ] || return 0
  case $file in /*) ;; *) file=$PWD/$file ;; esac
  file=$(readlink -f "$file" || echo "$file")
  case $file in
    "$PWD/$LINK" | "$PWD/$KIND_KUBECONFIG" | "$OWN_KUBECONFIG") ;;
    *) echo "$file" ;;
  esac
}

choose() {
  if [ -n "$(given_kubeconfig)" ]; then
    echo given
  elif command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1; then
    echo kind
  else
    echo own
  fi
}

link() {
  mkdir -p .data
  ln -sfn "$1" "$LINK"
}

# Prints what the cluster lacks for an installation.
check() {
  local kubectl lacks=0
  kubectl=$(tool kubectl)
  ask() { timeout 20 "$kubectl" --kubeconfig "$LINK" --request-timeout=15s "$@"; }
  lack() {
    lacks=1
    say "the cluster lacks $1"
  }
  ask get customresourcedefinition gateways.gateway.networking.k8s.io >/dev/null 2>&1 ||
    lack 'the Gateway API. See https://gateway.envoyproxy.io/docs/install/'
  ask get gatewayclass --output name 2>/dev/null | grep -q . ||
    lack 'a GatewayClass. With Envoy Gateway: kubectl apply -f k8s/gateway-class.yaml'
  ask get --raw /apis/metrics.k8s.io/v1beta1 >/dev/null 2>&1 ||
    lack 'metrics-server, which kubectl top and the HPA need. See https://github.com/kubernetes-sigs/metrics-server'
  return "$lacks"
}

use_given() {
  local kubeconfig kubectl answer
  kubeconfig=$(given_kubeconfig)
  [ -f "$kubeconfig" ] || fail "KUBECONFIG names $kubeconfig, which is not a file. Set it to one file, or unset it"
  kubectl=$(tool kubectl)
  answer=$(timeout 20 "$kubectl" --kubeconfig "$kubeconfig" --request-timeout=15s version 2>&1) ||
    fail "the cluster of KUBECONFIG=$kubeconfig does not answer: $(tail -n 1 <<<"$answer"). Start it, or unset KUBECONFIG"
  link "$kubeconfig"
  say "using the cluster of KUBECONFIG: $(grep Server <<<"$answer")"
}

# Untested, because no Docker engine was available.
use_kind() {
  local kind kubectl helm
  kind=$(tool kind) kubectl=$(tool kubectl) helm=$(tool helm)
  if "$kind" get clusters 2>/dev/null | grep -qx bulkhead; then
    say 'using the existing kind cluster bulkhead'
    mkdir -p .data
    "$kind" export kubeconfig --name bulkhead --kubeconfig "$KIND_KUBECONFIG"
  else
    mkdir -p .data
    "$kind" create cluster --name bulkhead --config k8s/kind.yaml --kubeconfig "$KIND_KUBECONFIG" --wait 180s
  fi
  link "$PWD/$KIND_KUBECONFIG"
  export KUBECONFIG=$PWD/$KIND_KUBECONFIG
  "$helm" upgrade --install envoy-gateway oci://docker.io/envoyproxy/gateway-helm --version "v$ENVOY_GATEWAY" \
    --namespace envoy-gateway-system --create-namespace --wait --timeout 5m
  "$kubectl" apply --server-side --force-conflicts -f k8s/gateway-class.yaml
  # the kubelets of kind sign their own certificates
  "$helm" upgrade --install metrics-server metrics-server --repo https://kubernetes-sigs.github.io/metrics-server/ \
    --namespace kube-system --set 'args={--kubelet-insecure-tls}' --wait --timeout 5m
}

up() {
  local chosen
  chosen=$(choose)
  case $chosen in
    given) use_given ;;
    kind) use_kind ;;
    own)
      k8s/local/up.sh
      link "$OWN_KUBECONFIG"
      ;;
  esac
  check || [ "$chosen" = given ] || fail 'the cluster is not complete: see above'
  say "to use it with kubectl and helm: export KUBECONFIG=$PWD/$LINK"
  [ "$chosen" != own ] || say "to use the kubectl that was built for it: export PATH=$BIN:\$PATH"
  say 'next: make deploy'
}

down() {
  if [ -e "$KIND_KUBECONFIG" ]; then
    [ -z "${KEEP:-}" ] || fail 'kind cannot keep the state of a cluster, so nothing was stopped. To delete both, run: make cluster-down'
    "$(tool kind)" delete cluster --name bulkhead
    rm -f "$KIND_KUBECONFIG"
  fi
  k8s/local/down.sh
  if [ -L "$LINK" ] && { [ -z "${KEEP:-}" ] || [ ! -e "$LINK" ]; }; then rm "$LINK"; fi
  say "the cluster is stopped${KEEP:+; its state is kept}"
}

case ${1:-} in
  up | down) "$1" ;;
  *) fail 'usage: cluster.sh up|down' ;;
esac
