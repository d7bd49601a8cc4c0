#!/usr/bin/env bash
# Builds the image of each service named, or of all: with docker buildx where a Docker engine answers, else with buildah. From the
# environment: REGISTRY (bulkhead.local), PUSH=1 to push, PLATFORMS for buildx (with PUSH=1), NEXT=expand for a release that tests upgrade
# to; IMAGE, with one service, for another name and tag, and PUSH_IMAGE=true, as skaffold has them. With buildah each image
# of the usual name is also written to .data/images/<service>-<version>.tar, for the local cluster.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot} STORAGE_DRIVER=${STORAGE_DRIVER:-overlay}

REGISTRY=${REGISTRY:-bulkhead.local}
NODE_IMAGE=${NODE_IMAGE:-docker.io/library/node:24-bookworm-slim}
SOURCE=https://github.com/bulkhead/bulkhead
MOST_MIB=25
if [ "${PUSH_IMAGE:-}" = true ]; then PUSH=1; fi
# Builds at once
JOBS=${JOBS:-2}
ARCHIVES=.data/images

fail() {
  printf 'images: %s\n' "$1" >&2
  exit 1
}

# field SERVICE NAME: of its package.json.
field() {
  node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))[process.argv[2]] ?? ""' "services/$1/package.json" "$2"
}

# The commit that last changed what the image is made of, and its time: a commit elsewhere changes nothing.
commit_of() {
  git log -1 --format="$2" -- "services/$1/src" "services/$1/package.json" packages/chassis/src package-lock.json \
    Dockerfile scripts/images/*.ts 2>/dev/null || true
}

choose_builder() {
  if docker info >/dev/null 2>&1; then
    builder=docker
    docker buildx version >/dev/null 2>&1 || fail 'Docker has no buildx. Install its plugin: https://docs.docker.com/go/buildx/'
  else
    [ "$(uname)" = Linux ] || fail 'no Docker engine answers here, and buildah runs on Linux only. Start Docker'
    command -v buildah >/dev/null 2>&1 || scripts/setup.sh buildah
    builder=buildah
  fi
}

# What npm is told on this machine goes along as secrets: no layer keeps them.
gather_secrets() {
  secrets=$(mktemp -d)
  trap 'rm -rf "$secrets"' EXIT
  for file in /etc/npmrc "${NPM_CONFIG_USERCONFIG:-$HOME/.npmrc}"; do
    if [ -r "$file" ]; then cat "$file" && echo; fi
  done >"$secrets/npmrc"
  cat "${NODE_EXTRA_CA_CERTS:-/dev/null}" >"$secrets/ca"
}

# build SERVICE: sets image, version, seconds. buildah stamps all with the beginning of time, as its cache does not tell stamps apart and
# an image is to be the same bytes with a cold cache and a warm one; the label `created` has the commit's.
build() {
  local service=$1 revision epoch created started=$SECONDS
  version=$(node_modules/node/bin/node scripts/images/version.ts "$service")${NEXT:+-next}
  revision=$(commit_of "$service" %H)
  epoch=$(commit_of "$service" %ct)
  epoch=${epoch:-0}
  # neither date -d nor bash's printf %()T is on macOS
  created=$(node -p 'new Date(process.argv[1] * 1000).toISOString().replace(".000", "")' "$epoch")
  image=${IMAGE:-$REGISTRY/bulkhead-$service:$version}
  local arguments=(
    --build-arg "SERVICE=$service" --build-arg "NEXT=${NEXT:-}" --build-arg "NODE_IMAGE=$NODE_IMAGE"
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
    # an image of another name is no release, which the archives are
    [ -n "${IMAGE:-}" ] || archive "$service" "$version"
    if [ "${PUSH:-}" = 1 ]; then push "$image"; fi
  fi
  seconds=$((SECONDS - started))
}

# push IMAGE: a registry on this very machine has no certificate.
push() {
  case $1 in
    127.0.0.1:* | localhost:*) buildah push --quiet --tls-verify=false "$1" ;;
    *) buildah push --quiet "$1" ;;
  esac
}

# archive SERVICE VERSION: what k8s/local/load-image.sh imports; left as it is where it holds this very image under this name.
archive() {
  local file=$ARCHIVES/$1-$2.tar identity
  identity="$image $(buildah inspect --type image --format '{{.FromImageID}}' "$image")"
  mkdir -p "$ARCHIVES"
  if [ -e "$file" ] && [ "$(cat "$file.id" 2>/dev/null)" = "$identity" ]; then return; fi
  rm -f "$file" "$file.id"
  buildah push --quiet "$image" "docker-archive:$file:$image"
  echo "$identity" >"$file.id"
}

# Builds leave the base where only they find it, and a size above it needs its own.
have_docker_base() {
  docker image inspect "$NODE_IMAGE" >/dev/null 2>&1 || docker pull --quiet "$NODE_IMAGE" >/dev/null ||
    printf 'images: %s cannot be pulled, so that sizes above it are not known\n' "$NODE_IMAGE" >&2
}

# size_above_base SERVICE VERSION: the bytes of the layers that are not the base's, or nothing where they are not known. In an archive a
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

# A pushed image of buildx is not here, and one of another name has no archive.
is_measured() {
  if [ "$builder" = docker ]; then [ "${PUSH:-}" != 1 ]; else [ -z "${IMAGE:-}" ]; fi
}

# build_and_tell SERVICE: builds it and prints its row; fails where it is too large.
build_and_tell() {
  local bytes=
  build "$1"
  if is_measured; then bytes=$(size_above_base "$1" "$version"); fi
  if [ -z "$bytes" ]; then
    printf '%-52s %14s %7ss\n' "$image" unmeasured "$seconds"
    return
  fi
  printf '%-52s %10s MiB %7ss\n' "$image" "$(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1048576 }')" "$seconds"
  [ "$bytes" -le $((MOST_MIB * 1048576)) ] || fail "$image has more than $MOST_MIB MiB above its base"
}

services=()
if [ $# -gt 0 ]; then services=("$@"); else for folder in services/*/; do services+=("$(basename "$folder")"); done; fi
for service in "${services[@]}"; do
  [ -e "services/$service/package.json" ] || fail "services/$service is not there. There are: $(cd services && echo *)"
done
if [ -n "${IMAGE:-}" ] && [ ${#services[@]} -ne 1 ]; then fail 'IMAGE is of one service: name it'; fi
choose_builder
gather_secrets
if [ "$builder" = docker ]; then
  if is_measured; then have_docker_base; fi
else
  if ! buildah inspect --type image "$NODE_IMAGE" >/dev/null 2>&1; then
    buildah pull --quiet "$NODE_IMAGE" >/dev/null 2>&1 || k8s/local/node-base.sh
  fi
  # What all of them stand on, before they go side by side.
  buildah bud --quiet --layers --pull=false --timestamp 0 --build-arg "NODE_IMAGE=$NODE_IMAGE" --build-arg "SERVICE=${services[0]}" --target packages \
    --secret "id=npmrc,src=$secrets/npmrc" --secret "id=ca,src=$secrets/ca" . >/dev/null
fi

printf '%-52s %14s %8s\n' image 'above its base' seconds
for service in "${services[@]}"; do
  # not wait -n, which macOS' bash does not have
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
