#!/usr/bin/env bash
# Puts Envoy Gateway's chart, its CRDs and those of the Gateway API into ~/.cache/bulkhead/charts, and prints the folder. They come from Go
# modules, because their registry can't be reached everywhere.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh

folder=$CACHE/charts/envoy-gateway-$ENVOY_GATEWAY-$GATEWAY_API
echo "$folder"
[ ! -e "$folder" ] || exit 0
module_folder() {
  timeout 600 go mod download -json "$1" | jq -re .Dir || fail "could not download $1: see above"
}
gateway=$(module_folder "github.com/envoyproxy/gateway@v$ENVOY_GATEWAY")
api=$(module_folder "sigs.k8s.io/gateway-api@v$GATEWAY_API")
mkdir -p "$CACHE/charts"
work=$(mktemp -d "$CACHE/charts/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -r "$gateway/charts/gateway-helm" "$work/chart"
chmod -R u+w "$work"
# A release of the chart has these two values filled in.
# shellcheck disable=SC2016
sed -e "s|\${GatewayImage}|bulkhead.local/envoy-gateway:$ENVOY_GATEWAY|; s|\${GatewayImagePullPolicy}|IfNotPresent|" \
  "$work/chart/values.tmpl.yaml" >"$work/chart/values.yaml"
rm "$work/chart/values.tmpl.yaml"
mkdir "$work/crds"
cp "$api"/config/crd/standard/*.yaml "$gateway"/charts/gateway-helm/charts/crds/crds/generated/*.yaml "$work/crds"
chmod -R u+w "$work/crds"
mv -T "$work" "$folder"
