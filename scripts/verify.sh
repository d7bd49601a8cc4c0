#!/usr/bin/env bash
# Runs every check that needs no stack, even if one fails. Then lists the failed checks and how to fix each.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
ran=0

# check NPM_SCRIPT HOW_TO_FIX_IT
check() {
  ran=$((ran + 1))
  npm run --silent "$1" || failed+=("$(printf '  %-10s %s' "$1" "$2")")
}

check types 'change the code as tsc says'
check lint 'make format'
check imports 'change the imports that it lists'
check unused 'npx knip --fix removes unused exports and dependencies; change the rest yourself'
check generated 'make generate'
check versions 'raise the version that it lists'
check contracts 'change the need or the handler, and make generate'
check lock 'change package-lock.json as the message says'
check charts 'change the chart as the message says'

if [ ${#failed[@]} -eq 0 ]; then
  echo "verify: all $ran checks passed"
  exit 0
fi
printf '\n%s\n' "verify: ${#failed[@]} of $ran checks failed:" >&2
printf '%s\n' "${failed[@]}" >&2
exit 1
