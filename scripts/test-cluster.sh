#!/usr/bin/env bash
# Builds the next releases that the chosen parts of test/cluster upgrade to (ONLY chooses them), and runs the parts.
set -euo pipefail
cd "$(dirname "$0")/.."
node24=node_modules/node/bin/node

upgraded=$("$node24" test/cluster/upgraded-services.ts)
# shellcheck disable=SC2086 # names of services, one word each
[ -z "$upgraded" ] || NEXT=expand scripts/images/provide.sh $upgraded
exec "$node24" test/cluster/main.ts
