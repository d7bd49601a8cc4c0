#!/usr/bin/env bash
# store-values.sh ARCHIVE: writes the chart values that select the stand-in in the archive (of store-images.sh) to
# .data/local/store-redis.yaml or .data/local/store-mongodb.yaml.
set -euo pipefail
cd "$(dirname "$0")/../.."

name=$(basename "$1" .tar)
mkdir -p .data/local
case $name in
  redis-*)
    cat >.data/local/store-redis.yaml <<VALUES
image: { repository: bulkhead.local/redis, tag: "${name#redis-}" }
runAsUser: 65532
persistence: { enabled: false }
VALUES
    ;;
  embedded-mongo-*)
    # It has no users, and the image has no mongosh to test it with.
    cat >.data/local/store-mongodb.yaml <<VALUES
image: { repository: bulkhead.local/embedded-mongo, tag: "${name#embedded-mongo-}" }
dataPath: /data
runAsUser: 65532
persistence: { enabled: false }
authentication: { enabled: false }
test: node -e 'require("node:net").connect(27017, process.env.STORE_HOST).on("connect", () => process.exit(0))'
VALUES
    ;;
  *)
    echo "store-values: $1 is no archive of k8s/local/store-images.sh" >&2
    exit 1
    ;;
esac
