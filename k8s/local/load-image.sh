#!/usr/bin/env bash
# load-image.sh ARCHIVE...: imports docker-archives into the cluster of our own; one that is there already is left alone.
set -euo pipefail
cd_from=$PWD
cd "$(dirname "$0")"
. ./versions.sh
cd "$cd_from"

[ -S "$STATE/run/containerd.sock" ] || fail 'no cluster of our own runs here. Run: make cluster'
images() { timeout 300 ctr --address "$STATE/run/containerd.sock" --namespace k8s.io images "$@"; }

# The label is ours: containerd knows an image by its manifest, an archive by its configuration.
for archive in "$@"; do
  [ -f "$archive" ] || fail "$archive is no file"
  read -r name configuration < <(tar -xOf "$archive" manifest.json | jq -r '.[0] | "\(.RepoTags[0]) \(.Config)"')
  label=bulkhead.local/configuration=$(tr -c '[:alnum:]\n' - <<<"$configuration")
  # the name that containerd keeps: docker.io where no registry is named
  case $name in */*) ;; *) name=docker.io/library/$name ;; esac
  case ${name%%/*} in *.* | *:* | localhost) ;; *) name=docker.io/$name ;; esac
  if images list "name==$name" | grep -qF "$label"; then continue; fi
  images import "$archive" >/dev/null || fail "$archive cannot be imported: see above"
  images label "$name" "$label" >/dev/null
  say "imported $name"
done
