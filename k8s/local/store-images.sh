#!/usr/bin/env bash
# Builds stand-ins for the images of stores for the local node, if docker.io can't be reached, and prints their archives for load-image.sh:
# bulkhead.local/redis (Debian's redis-server) and bulkhead.local/embedded-mongo (tools/embedded-mongo with a small Java runtime). Both run
# as any user on a read-only root file system, with their data in /data. Their tags depend on their content. Needs root, a JDK, Maven and
# `make setup`; node-base.sh installs the rest.
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-overlay}

BASE=docker.io/library/node:24-bookworm-slim
MODULES=java.base,java.logging,java.management,java.naming,java.sql,jdk.unsupported
cache=${BULKHEAD_CACHE:-$HOME/.cache/bulkhead}/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$cache"

fail() {
  printf 'store-images: %s\n' "$1" >&2
  exit 1
}

# image NAME TAG: builds the image in $work/NAME with its Dockerfile, unless this tag exists, and prints the archive.
image() {
  local archive=$cache/$1-$2.tar
  if [ ! -e "$archive" ]; then
    "prepare_$1" "$work/$1" >&2
    buildah bud --quiet --timestamp 0 --tag "bulkhead.local/$1:$2" "$work/$1" >/dev/null
    buildah push --quiet "bulkhead.local/$1:$2" "docker-archive:$archive.unfinished:bulkhead.local/$1:$2"
    mv "$archive.unfinished" "$archive"
  fi
  echo "$archive"
}

# Combines this machine's packages with the libraries of the base image, so both must be the same release of Debian.
prepare_redis() {
  echo "store-images: redis $redis_version of Debian"
  grep -q '^VERSION_CODENAME=bookworm' /etc/os-release || fail 'the redis image can be built only on Debian 12'
  mkdir -p "$1/root" "$1/packages"
  for package in "${redis_packages[@]}"; do (cd "$1/packages" && apt-get -o APT::Sandbox::User=root download -qq "$package"); done
  for file in "$1"/packages/*.deb; do dpkg-deb --extract "$file" "$1/root"; done
  rm -rf "$1/packages" "$1/root/usr/share" "$1/root/etc" "$1/root/var" "$1/root/lib/systemd"
  # In the base image, /lib is a link to /usr/lib.
  if [ -d "$1/root/lib" ]; then cp -a "$1/root/lib/." "$1/root/usr/lib/" && rm -rf "$1/root/lib"; fi
  cat >"$1/Dockerfile" <<DOCKERFILE
FROM $BASE
COPY root /
LABEL bulkhead.stand-in="redis"
WORKDIR /data
USER 65532:65532
VOLUME /data
EXPOSE 6379
CMD ["redis-server", "--dir", "/data", "--protected-mode", "no"]
DOCKERFILE
}

prepare_embedded-mongo() {
  echo 'store-images: embedded-mongo with its own Java runtime'
  mkdir -p "$1"
  cp -r tools/embedded-mongo "$1/source"
  (cd "$1/source" && timeout 300 mvn -q -B compile dependency:copy-dependencies)
  jlink --add-modules "$MODULES" --strip-java-debug-attributes --no-header-files --no-man-pages --output "$1/java"
  # Debian's JDK keeps the debug symbols of its libraries, which are ten times as large as the code.
  find "$1/java" -name '*.so' -exec strip --strip-unneeded {} + 2>/dev/null || true
  mkdir "$1/app"
  mv "$1/source/target/classes" "$1/source/target/lib" "$1/app/"
  rm -rf "$1/source"
  cat >"$1/Dockerfile" <<DOCKERFILE
FROM $BASE
COPY java /opt/java
COPY app /opt/embedded-mongo
LABEL bulkhead.stand-in="embedded-mongo"
ENV JAVA_TOOL_OPTIONS="-XX:-UsePerfData"
WORKDIR /data
USER 65532:65532
VOLUME /data
EXPOSE 27017
ENTRYPOINT [$(java_command)]
CMD ["0.0.0.0:27017=/data/mongo.mv"]
DOCKERFILE
}

# The same command as in packages/cli/src/stores/embedded-mongo.ts.
java_command() {
  printf '"%s", ' /opt/java/bin/java -Xmx256m -Xss512k -XX:+UseSerialGC -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20 \
    -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -Dslf4j.internal.verbosity=ERROR \
    -cp '/opt/embedded-mongo/classes:/opt/embedded-mongo/lib/*'
  printf '"EmbeddedMongo"'
}

k8s/local/node-base.sh >&2
redis_packages=(redis-server redis-tools libjemalloc2 liblzf1 libssl3 libsystemd0 libatomic1 libhiredis0.14 liblua5.1-0 lua-bitop lua-cjson)
redis_version=$(apt-cache policy redis-server | awk '/Candidate:/ { print $2 }')
definition=$(sha256sum k8s/local/store-images.sh k8s/local/node-base.sh | sha256sum | cut -c 1-8)
[ -n "$redis_version" ] || fail 'apt does not know redis-server. Run: apt-get update'
sources=$(find tools/embedded-mongo/pom.xml tools/embedded-mongo/src -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-8)
image redis "$(sed 's/[^0-9.].*//; s/^[0-9]*://' <<<"${redis_version#*:}")-$definition"
image embedded-mongo "$sources-$definition"
