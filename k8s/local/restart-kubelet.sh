#!/usr/bin/env bash
# restart-kubelet.sh: kills the kubelet of the local node and starts it again with the same arguments, as after a crash.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
. ./processes.sh
PATH=$PATH:/usr/sbin:/sbin

take_lock 60
is_running kubelet || fail 'the local node does not run. Run: make cluster'
read -r id _ <"$STATE/run/kubelet.pid"
mapfile -d '' -t command <"/proc/$id/cmdline"
stop_daemon kubelet
start kubelet "${command[@]}"
