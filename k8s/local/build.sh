#!/usr/bin/env bash
# build.sh [PROGRAM...]: builds missing programs from Go modules into ~/.cache/bulkhead/bin, by default all programs of the local node.
# Rebuilds a program only if its definition changed. You may interrupt a build at any time, because each program is put in place as a whole,
# and Go's cache keeps compiled packages.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh

DEFAULT=(helm kubectl kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy etcd
  ptp loopback host-local coredns metrics-server envoy-gateway)

# Prints PACKAGE@VERSION, or a folder of programs/ and the package to build there. A folder has a go.mod, for programs that need more than a
# version.
source_of() {
  case $1 in
    helm) echo "helm.sh/helm/v4/cmd/helm@v$HELM" ;;
    helm-3) echo "helm.sh/helm/v3/cmd/helm@v$HELM_3" ;;
    coredns) echo 'coredns .' ;;
    metrics-server) echo "sigs.k8s.io/metrics-server/cmd/metrics-server@v$METRICS_SERVER" ;;
    envoy-gateway) echo "github.com/envoyproxy/gateway/cmd/envoy-gateway@v$ENVOY_GATEWAY" ;;
    kubeconform) echo "github.com/yannh/kubeconform/cmd/kubeconform@v$KUBECONFORM" ;;
    gofakes3) echo "github.com/johannesboyne/gofakes3/cmd/gofakes3@v$GOFAKES3" ;;
    kind) echo "sigs.k8s.io/kind@v$KIND" ;;
    kubectl | kubelet | kube-*) echo "kubernetes k8s.io/kubernetes/cmd/$1" ;;
    etcd) echo 'etcd .' ;;
    ptp | loopback) echo "cni github.com/containernetworking/plugins/plugins/main/$1" ;;
    host-local) echo "cni github.com/containernetworking/plugins/plugins/ipam/$1" ;;
    registry) echo 'registry .' ;;
    jaeger) echo 'jaeger github.com/jaegertracing/jaeger/cmd/jaeger' ;;
    skaffold) echo 'skaffold github.com/GoogleContainerTools/skaffold/v2/cmd/skaffold' ;;
    *) fail "unknown program $1. Choose from: ${DEFAULT[*]} kubeconform gofakes3 skaffold helm-3 registry kind jaeger" ;;
  esac
}

# Sets the version in the program. Without it, a node would report v0.0.0.
link_flags() {
  local component=k8s.io/component-base/version
  case $1 in
    kubectl | kubelet | kube-*)
      echo "-s -w -X $component.gitVersion=v$KUBERNETES -X $component.gitMajor=1 -X $component.gitMinor=$(cut -d . -f 2 <<<"$KUBERNETES")"
      ;;
    kubeconform) echo "-s -w -X main.version=v$KUBECONFORM" ;;
    helm-3)
      # The Kubernetes version for which helm renders without a cluster. The default would be 1.20.
      local minor chart=helm.sh/helm/v3/pkg/chartutil
      minor=$(cut -d . -f 2 <<<"$KUBERNETES")
      echo "-s -w -X helm.sh/helm/v3/internal/version.version=v$HELM_3 -X $chart.k8sVersionMajor=1 -X $chart.k8sVersionMinor=$minor"
      ;;
    helm) echo "-s -w -X helm.sh/helm/v4/internal/version.version=v$HELM" ;;
    skaffold) echo "-s -w -X github.com/GoogleContainerTools/skaffold/v2/pkg/skaffold/version.version=v$SKAFFOLD" ;;
    *) echo '-s -w' ;;
  esac
}

definition_of() {
  local source folder
  source=$(source_of "$1")
  folder=${source% *}
  {
    echo "$source $(link_flags "$1")"
    if [ "$folder" != "$source" ]; then cat "programs/$folder"/*; fi
  } | sha256sum | cut -d ' ' -f 1
}

is_built() { [ -x "$BIN/$1" ] && [ "$(cat "$BIN/.definitions/$1" 2>/dev/null)" = "$(definition_of "$1")" ]; }

# build PROGRAM...: builds the programs of one folder, or a single program, with one call of go, so that shared packages are compiled once.
build() {
  local program source folder packages=() started=$SECONDS
  source=$(source_of "$1")
  folder=${source% *}
  say "building $*"
  if [ "$folder" = "$source" ]; then
    # go names the program after its package, which may differ from our name
    GOBIN=$building limited_go . install -ldflags "$(link_flags "$1")" "$source" &&
      mv --no-target-directory "$building"/* "$building.named" && mv "$building.named" "$building/$1"
  else
    for program in "$@"; do packages+=("$(source_of "$program" | cut -d ' ' -f 2)"); done
    limited_go "programs/$folder" build -o "$building/" -ldflags "$(link_flags "$1")" "${packages[@]}"
  fi || fail "go could not build $*: see above"
  for program in "$@"; do
    mv "$building/$program" "$BIN/$program"
    definition_of "$program" >"$BIN/.definitions/$program"
  done
  say "built $* in $((SECONDS - started)) s"
}

# limited_go FOLDER COMMAND...: runs go with two jobs, because linking takes up to 2 GiB, and for an hour at most.
limited_go() {
  (cd "$1" && CGO_ENABLED=0 timeout 3600 go "$2" -p 2 -trimpath "${@:3}")
}

[ $# -gt 0 ] || set -- "${DEFAULT[@]}"
find_missing() {
  local program
  missing=()
  for program in "$@"; do
    source_of "$program" >/dev/null
    is_built "$program" || missing+=("$program")
  done
}

find_missing "$@"
[ ${#missing[@]} -gt 0 ] || exit 0
mkdir -p "$BIN/.definitions"
exec 8>"$BIN/.lock"
flock --nonblock 8 || { say 'waiting for another build to end' && flock 8; }
find_missing "$@"
[ ${#missing[@]} -gt 0 ] || exit 0

command -v go >/dev/null || fail "Go is missing, which must build ${missing[*]}. Install 1.26 or newer: https://go.dev/dl/"
building=$BIN/.building
rm -rf "$building"
mkdir "$building"
trap 'rm -rf "$building"' EXIT
group=()
group_source=
for program in "${missing[@]}"; do
  source=$(source_of "$program")
  # helm and kubectl are built alone, because other steps wait for them
  if [ ${#group[@]} -gt 0 ] && { [ "${source% *}" != "$group_source" ] || [ "${group[0]}" = kubectl ]; }; then
    build "${group[@]}"
    group=()
  fi
  group+=("$program")
  group_source=${source% *}
done
build "${group[@]}"
