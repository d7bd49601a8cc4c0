#!/usr/bin/env bash
# Builds the next releases for the upgrades that ONLY chooses, and runs the chosen parts of test/cluster.
set -euo pipefail
cd "$(dirname "$0")/.."
node24=node_modules/node/bin/node

upgraded=$("$node24" test/cluster/upgraded-services.ts)
# shellcheck disable=SC2086 # names of services, one word each
[ -z "$upgraded" ] || NEXT=expand scripts/images/provide.sh $upgraded
exec "$node24" test/cluster/main.ts
