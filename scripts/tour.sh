#!/usr/bin/env bash
# Runs the lines of the README's tour against a stack that runs, within five minutes. Fails with the first line that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

lines=$(awk '/^## A five-minute tour/ { tour = 1 } tour && code && /^```$/ { exit } tour && code { print } tour && /^```bash$/ { code = 1 }' README.md)
[ -n "$lines" ] || { echo 'tour: README.md has no tour' >&2 && exit 1; }
timeout 300 bash -euo pipefail -c "$lines"
echo 'tour: every line of it works'
