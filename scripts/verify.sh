#!/usr/bin/env bash
# Runs every check that needs no stack, though one fails, then names those that failed with what mends each.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
ran=0

# check NPM_SCRIPT WHAT_MENDS_IT
check() {
  ran=$((ran + 1))
  npm run --silent "$1" || failed+=("$(printf '  %-10s %s' "$1" "$2")")
}

check types 'change the code where tsc says so'
check lint 'make format'
check imports 'change the imports as it says'
check unused 'npx knip --fix removes unused exports and dependencies; the rest as it says'
check generated 'make generate'
check versions 'raise the version that it names'
check contracts 'change the need, the handler or the reason that it names, and make generate'
check lock 'change package-lock.json as it says'
check charts 'change the chart as it says'

[ ${#failed[@]} -eq 0 ] && exit 0
printf '\n%s\n' "verify: ${#failed[@]} of $ran checks failed:" >&2
printf '%s\n' "${failed[@]}" >&2
exit 1
