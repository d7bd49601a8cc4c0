#!/usr/bin/env bash
# jaeger.sh: runs Jaeger beside the stack of PORT_BASE until Ctrl-C, with its traces in memory. Builds Jaeger first if it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

. k8s/local/versions.sh
base=${PORT_BASE:-4000}
jaeger=$(tool jaeger)
export OTLP_PORT=$((base + 293)) JAEGER_PORT=$((base + 294)) GOMEMLIMIT=1GiB
say() { printf 'jaeger: %s\n' "$1"; }
say "traces at http://127.0.0.1:$JAEGER_PORT, spans to http://127.0.0.1:$OTLP_PORT"
say "start the stack with: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$OTLP_PORT OTEL_TRACES_SAMPLER_ARG=1 make up"
exec "$jaeger" --config k8s/jaeger.yaml
