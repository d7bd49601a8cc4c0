#!/usr/bin/env bash
# Builds a stand-in for docker.io/library/node:24-bookworm-slim, for buildah on machines that can't get that image: Debian's base system by
# debootstrap, the `node` of node_modules/node, and npm. It has the label `bulkhead.stand-in`, and is kept as an archive in
# ~/.cache/bulkhead/images. Needs root and `make setup`. Installs buildah and debootstrap if they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-overlay}

IMAGE=docker.io/library/node:24-bookworm-slim
NPM=11
node_version=$(node_modules/node/bin/node --version)
definition=$(sha256sum "$0" | cut -c 1-12)
cache=${BULKHEAD_CACHE:-$HOME/.cache/bulkhead}/images
archive=$cache/node-base-$node_version-$definition.tar

if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then scripts/setup.sh buildah debootstrap; fi

# Keeps an existing image: it is either the real one, or our own with the same definition.
if made_by=$(buildah inspect --type image --format '{{index .OCIv1.Config.Labels "bulkhead.stand-in"}}' "$IMAGE" 2>/dev/null); then
  if [ -z "$made_by" ] || [ "$made_by" = "$node_version-$definition" ]; then exit 0; fi
fi

mkdir -p "$cache"
if [ ! -e "$archive" ]; then
  echo "node-base: debootstrap bookworm, with Node $node_version"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6,libatomic1 bookworm "$work/root" >"$work/log" 2>&1 ||
    { tail -5 "$work/log" >&2; echo 'node-base: debootstrap failed: see above' >&2; exit 1; }
  cp node_modules/node/bin/node "$work/root/usr/local/bin/node"
  npm pack --silent --pack-destination "$work" "npm@$NPM" >/dev/null
  mkdir -p "$work/root/usr/local/lib/node_modules/npm"
  tar -xzf "$work"/npm-*.tgz -C "$work/root/usr/local/lib/node_modules/npm" --strip-components=1
  chown -R root:root "$work/root/usr/local/lib/node_modules"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/root/usr/local/bin/npm"
  rm -rf "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/* "$work"/root/var/log/* "$work"/root/usr/share/{doc,man,info,locale}/*
  cat >"$work/Dockerfile" <<DOCKERFILE
FROM scratch
COPY root /
LABEL bulkhead.stand-in="$node_version-$definition"
ENV NODE_VERSION=${node_version#v}
CMD ["node"]
DOCKERFILE
  buildah bud -q --timestamp 0 -t "$IMAGE" -f "$work/Dockerfile" "$work" >/dev/null
  buildah push -q "$IMAGE" "docker-archive:$archive.unfinished:$IMAGE"
  mv "$archive.unfinished" "$archive"
else
  buildah pull -q "docker-archive:$archive" >/dev/null
fi
echo "node-base: $IMAGE is a stand-in: Debian 12 with Node $node_version"
