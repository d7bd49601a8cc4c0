#!/usr/bin/env bash
# scratch-image.sh NAME FOLDER ARCHIVE COMMAND...: makes an image with only the files of a folder, as a docker-archive. The same files give
# the same bytes. It needs no image builder, because the archive is a tar file with two JSON files.
set -euo pipefail
name=$1 folder=$2 archive=$3
shift 3

work=$(mktemp -d "$archive.XXXXXX")
trap 'rm -rf "$work"' EXIT
pack() { tar --create --sort=name --mtime=@0 --numeric-owner --owner=0 --group=0 --directory "$1" --file "$2" "${@:3}"; }
pack "$folder" "$work/layer.tar" .
layer=$(sha256sum <"$work/layer.tar" | cut -d ' ' -f 1)
case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=amd64 ;; esac
cat >"$work/config.json" <<END
{"architecture":"$architecture","os":"linux",
"config":{"Env":["PATH=/usr/local/bin"],"Entrypoint":[$(printf '"%s",' "$@" | sed 's/,$//')],"User":"65532:65532"},
"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]}}
END
config=$(sha256sum <"$work/config.json" | cut -d ' ' -f 1)
mv "$work/config.json" "$work/$config.json"
echo "[{\"Config\":\"$config.json\",\"RepoTags\":[\"$name\"],\"Layers\":[\"layer.tar\"]}]" >"$work/manifest.json"
pack "$work" "$work/archive" manifest.json "$config.json" layer.tar
mv "$work/archive" "$archive"
