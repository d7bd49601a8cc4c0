#!/usr/bin/env bash
# restart-kubelet.sh: ends the kubelet of the cluster of our own and starts it again as it was, as a crash of it would.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
. ./processes.sh
PATH=$PATH:/usr/sbin:/sbin

take_lock 60
is_running kubelet || fail 'no cluster of our own runs here. Run: make cluster'
read -r id _ <"$STATE/run/kubelet.pid"
mapfile -d '' -t command <"/proc/$id/cmdline"
stop_daemon kubelet
start kubelet "${command[@]}"
