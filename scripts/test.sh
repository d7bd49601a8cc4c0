#!/usr/bin/env bash
# test.sh [SERVICE]: runs all tests, or those of one service. `npm test` and `make test` call it; npm puts mocha and Node 24 on the PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
  exec mocha 'test/**/*.test.ts' 'packages/*/test/**/*.test.ts' 'services/*/test/**/*.test.ts'
fi
if [ $# -gt 1 ] || [ ! -d "services/$1/test" ] || [[ $1 == */* ]]; then
  services=$(cd services && printf '%s\n' */ | tr -d '/' | paste -sd ' ')
  printf 'test: there is no service %s. Choose one of: %s\n' "$*" "$services" >&2
  exit 2
fi
exec mocha "services/$1/test/**/*.test.ts"
