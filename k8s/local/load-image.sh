#!/usr/bin/env bash
# load-image.sh ARCHIVE...: imports docker-archives into the local node. Skips images that are already there.
set -euo pipefail
cd_from=$PWD
cd "$(dirname "$0")"
. ./versions.sh
cd "$cd_from"

[ -S "$STATE/run/containerd.sock" ] || fail 'the local node does not run. Run: make cluster'
images() { timeout 300 ctr --address "$STATE/run/containerd.sock" --namespace k8s.io images "$@"; }

# Our own label, because containerd identifies an image by its manifest, and an archive by its configuration.
for archive in "$@"; do
  [ -f "$archive" ] || fail "$archive is not a file"
  read -r name configuration < <(tar -xOf "$archive" manifest.json | jq -r '.[0] | "\(.RepoTags[0]) \(.Config)"')
  label=bulkhead.local/configuration=$(tr -c '[:alnum:]\n' - <<<"$configuration")
  # containerd adds docker.io to a name without a registry
  case $name in */*) ;; *) name=docker.io/library/$name ;; esac
  case ${name%%/*} in *.* | *:* | localhost) ;; *) name=docker.io/$name ;; esac
  if images list "name==$name" | grep -qF "$label"; then continue; fi
  images import "$archive" >/dev/null || fail "could not import $archive: see above"
  images label "$name" "$label" >/dev/null
  say "imported $name"
done
