#!/usr/bin/env bash
# Runs the commands of the README's tour on the running stack, for five minutes at most. Fails at the first command that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

lines=$(awk '/^## A five-minute tour/ { tour = 1 } tour && code && /^```$/ { exit } tour && code { print } tour && /^```bash$/ { code = 1 }' README.md)
[ -n "$lines" ] || { echo 'tour: README.md has no tour' >&2 && exit 1; }

# The stack must include the services that the tour calls, such as `orders` for $api/orders/orders.
read -ra called <<<"$(grep -o '\$api/[a-z]*' <<<"$lines" | sed 's|.*/||' | sort -u | tr '\n' ' ')"
node=node_modules/node/bin/node
"$node" -e '
  const { running, services } = JSON.parse(require("fs").readFileSync(0, "utf8"))
  const missing = process.argv.slice(1).filter(name => !services.some(({ service }) => service === name))
  const cure = running ? `Add them: make up SERVICES=${missing.join(",")}` : "Start it: make up DETACH=1"
  if (running && missing.length === 0) process.exit(0)
  console.error(`tour: ${running ? `this stack runs without ${missing.join(", ")}` : "no stack runs"}. ${cure}`)
  process.exit(1)
' -- "${called[@]}" < <("$node" packages/cli/bin/bulkhead.js status --json)

timeout 300 bash -euo pipefail -c "$lines"
echo 'tour: every line works'
