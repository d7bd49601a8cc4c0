#!/usr/bin/env bash
# Builds the images of the given services or tools, or of all services: with docker buildx if a Docker engine answers, else with buildah.
# Environment variables: REGISTRY (default bulkhead.local), PUSH=1 to push, PLATFORMS for buildx with PUSH=1, and NEXT=expand for the release
# to which tests upgrade. skaffold sets IMAGE (with one service, another name and tag) and PUSH_IMAGE=true. buildah also writes each image with its
# usual name to .data/images/<service>-<version>.tar, for the local node.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot} STORAGE_DRIVER=${STORAGE_DRIVER:-overlay}

REGISTRY=${REGISTRY:-bulkhead.local}
NODE_IMAGE=${NODE_IMAGE:-docker.io/library/node:24-bookworm-slim}
SOURCE=https://github.com/bulkhead/bulkhead
MOST_MIB=25
if [ "${PUSH_IMAGE:-}" = true ]; then PUSH=1; fi
# Number of builds at a time
JOBS=${JOBS:-2}
ARCHIVES=.data/images

fail() {
  printf 'images: %s\n' "$1" >&2
  exit 1
}

# folder_of SERVICE: prints the folder of a service or a tool, such as load.
folder_of() {
  if [ -e "services/$1/package.json" ]; then echo "services/$1"; else echo "packages/$1"; fi
}

# field SERVICE NAME: prints a field of the package.json.
field() {
  node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]] ?? ""' "$(folder_of "$1")/package.json" "$2"
}

# Prints the last commit that changed the content of the image, or its time. Other commits do not change the image.
commit_of() {
  local folder
  folder=$(folder_of "$1")
  git log -1 --format="$2" -- "$folder/src" "$folder/package.json" packages/chassis/src package-lock.json \
    Dockerfile scripts/images/*.ts 2>/dev/null || true
}

choose_builder() {
  if docker info >/dev/null 2>&1; then
    builder=docker
    docker buildx version >/dev/null 2>&1 || fail 'Docker has no buildx. Install its plugin: https://docs.docker.com/go/buildx/'
  else
    [ "$(uname)" = Linux ] || fail 'no Docker engine answers, and buildah runs only on Linux. Start Docker'
    command -v buildah >/dev/null 2>&1 || scripts/setup.sh buildah
    builder=buildah
  fi
}

# npm's settings of this machine go into the build as secrets, which are in no layer.
gather_secrets() {
  secrets=$(mktemp -d)
  trap 'rm -rf "$secrets"' EXIT
  for file in /etc/npmrc "${NPM_CONFIG_USERCONFIG:-$HOME/.npmrc}"; do
    if [ -r "$file" ]; then cat "$file" && echo; fi
  done >"$secrets/npmrc"
  cat "${NODE_EXTRA_CA_CERTS:-/dev/null}" >"$secrets/ca"
}

# build SERVICE: sets image, version and seconds. buildah sets all times to 1970, so that builds with and without a cache give the same
# bytes: its cache ignores times. The label `created` is the time of the commit.
build() {
  local service=$1 revision epoch created started=$SECONDS
  version=$(node_modules/node/bin/node scripts/images/version.ts "$service")${NEXT:+-next}
  revision=$(commit_of "$service" %H)
  epoch=$(commit_of "$service" %ct)
  epoch=${epoch:-0}
  # macOS has neither date -d nor bash's printf %()T
  created=$(node -p 'new Date(process.argv[1] * 1000).toISOString().replace(".000", "")' "$epoch")
  image=${IMAGE:-$REGISTRY/bulkhead-$service:$version}
  local arguments=(
    --build-arg "SERVICE=$service" --build-arg "FOLDER=$(folder_of "$service")" --build-arg "NEXT=${NEXT:-}" --build-arg "NODE_IMAGE=$NODE_IMAGE"
    --build-arg "VERSION=$version" --build-arg "DESCRIPTION=$(field "$service" description)" --build-arg "SOURCE=$SOURCE"
    --build-arg "REVISION=$revision" --build-arg "CREATED=$created"
    --secret "id=npmrc,src=$secrets/npmrc" --secret "id=ca,src=$secrets/ca"
  )
  if [ "$builder" = docker ]; then
    local output=(--load)
    if [ "${PUSH:-}" = 1 ]; then output=(--push --attest type=sbom --platform "${PLATFORMS:-linux/amd64,linux/arm64}"); fi
    SOURCE_DATE_EPOCH=$epoch docker buildx build --quiet "${arguments[@]}" "${output[@]}" -t "$image" . >/dev/null
  else
    buildah bud --quiet --layers --pull=false --timestamp 0 "${arguments[@]}" -t "$image" . >/dev/null
    # only images with the usual name are releases, which get an archive
    [ -n "${IMAGE:-}" ] || archive "$service" "$version"
    if [ "${PUSH:-}" = 1 ]; then push "$image"; fi
  fi
  seconds=$((SECONDS - started))
}

# push IMAGE: a registry on this machine has no certificate.
push() {
  case $1 in
    127.0.0.1:* | localhost:*) buildah push --quiet --tls-verify=false "$1" ;;
    *) buildah push --quiet "$1" ;;
  esac
}

# archive SERVICE VERSION: writes the archive that k8s/local/load-image.sh imports, unless it already contains this image with this name.
archive() {
  local file=$ARCHIVES/$1-$2.tar identity
  identity="$image $(buildah inspect --type image --format '{{.FromImageID}}' "$image")"
  mkdir -p "$ARCHIVES"
  if [ -e "$file" ] && [ "$(cat "$file.id" 2>/dev/null)" = "$identity" ]; then return; fi
  rm -f "$file" "$file.id"
  buildah push --quiet "$image" "docker-archive:$file:$image"
  echo "$identity" >"$file.id"
}

# Only the builder has the base image, but the engine needs it to compute the size above it.
have_docker_base() {
  docker image inspect "$NODE_IMAGE" >/dev/null 2>&1 || docker pull --quiet "$NODE_IMAGE" >/dev/null ||
    printf 'images: %s cannot be pulled, so the sizes above it are unknown\n' "$NODE_IMAGE" >&2
}

# size_above_base SERVICE VERSION: prints the bytes of the layers that are not in the base, or nothing if they are unknown. In an archive, a
# layer is a file named by its digest.
size_above_base() {
  local base size
  if [ "$builder" = docker ]; then
    size=$(docker image inspect --format '{{.Size}}' "$image" 2>/dev/null) || return 0
    base=$(docker image inspect --format '{{.Size}}' "$NODE_IMAGE" 2>/dev/null) || return 0
    echo $((size - base))
    return
  fi
  base=$(buildah inspect --type image --format '{{range .OCIv1.RootFS.DiffIDs}}{{.}} {{end}}' "$NODE_IMAGE")
  tar -tvf "$ARCHIVES/$1-$2.tar" | awk -v base="$base" '
    { name = $6; sub(/\.tar$/, "", name) }
    $1 ~ /^-/ && $6 ~ /\.tar$/ && index(base, name) == 0 { bytes += $3 }
    END { print bytes + 0 }'
}

# True if the size can be measured. A pushed image of buildx is not on this machine, and an image with another name has no archive.
is_measured() {
  if [ "$builder" = docker ]; then [ "${PUSH:-}" != 1 ]; else [ -z "${IMAGE:-}" ]; fi
}

# build_and_tell SERVICE: builds the image and prints its row. Fails if the image is too large.
build_and_tell() {
  local bytes=
  build "$1"
  if is_measured; then bytes=$(size_above_base "$1" "$version"); fi
  if [ -z "$bytes" ]; then
    printf '%-52s %14s %7ss\n' "$image" unmeasured "$seconds"
    return
  fi
  printf '%-52s %10s MiB %7ss\n' "$image" "$(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1048576 }')" "$seconds"
  [ "$bytes" -le $((MOST_MIB * 1048576)) ] || fail "$image adds more than $MOST_MIB MiB to its base"
}

# Programs with an image that are no services and are built only if they are named.
tools=(load)
services=()
if [ $# -gt 0 ]; then services=("$@"); else for folder in services/*/; do services+=("$(basename "$folder")"); done; fi
for service in "${services[@]}"; do
  [ -e "services/$service/package.json" ] || [[ " ${tools[*]} " == *" $service "* ]] || fail "there is no services/$service. Choose one of: $(cd services && echo *)"
done
if [ -n "${IMAGE:-}" ] && [ ${#services[@]} -ne 1 ]; then fail 'IMAGE needs the name of one service'; fi
choose_builder
gather_secrets
if [ "$builder" = docker ]; then
  if is_measured; then have_docker_base; fi
else
  if ! buildah inspect --type image "$NODE_IMAGE" >/dev/null 2>&1; then
    buildah pull --quiet "$NODE_IMAGE" >/dev/null 2>&1 || k8s/local/node-base.sh
  fi
  # Builds what all images share, before they are built in parallel.
  buildah bud --quiet --layers --pull=false --timestamp 0 --build-arg "NODE_IMAGE=$NODE_IMAGE" --build-arg "SERVICE=${services[0]}" --target packages \
    --secret "id=npmrc,src=$secrets/npmrc" --secret "id=ca,src=$secrets/ca" . >/dev/null
fi

printf '%-52s %14s %8s\n' image 'above its base' seconds
for service in "${services[@]}"; do
  # macOS' bash has no wait -n
  while [ "$(jobs -pr | wc -l)" -ge "$JOBS" ]; do sleep 0.2; done
  {
    build_and_tell "$service"
    touch "$secrets/$service.built"
  } &
done
wait
for service in "${services[@]}"; do
  [ -e "$secrets/$service.built" ] || fail "the image of $service was not built: see above"
done
