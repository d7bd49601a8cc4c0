#!/usr/bin/env bash
# Builds the image of the backup jobs: with Docker if an engine answers, else with buildah. REGISTRY (default bulkhead.local), PUSH=1 to push.
set -euo pipefail
cd "$(dirname "$0")/../../.."

version=$(node_modules/node/bin/node -p 'JSON.parse(require("fs").readFileSync("packages/cli/package.json", "utf8")).version')
image=${REGISTRY:-bulkhead.local}/bulkhead-backup:$version
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node_modules/node/bin/node scripts/images/backup/bundle.ts "$folder"
builder=docker
build=(build)
if ! docker info >/dev/null 2>&1; then
  command -v buildah >/dev/null 2>&1 || scripts/setup.sh buildah
  builder=buildah
  build=(bud)
fi
"$builder" "${build[@]}" --quiet --build-arg "VERSION=$version" ${NODE_IMAGE:+--build-arg "NODE_IMAGE=$NODE_IMAGE"} -t "$image" "$folder" >/dev/null
if [ "${PUSH:-}" = 1 ]; then "$builder" push "$image"; fi
echo "$image"
