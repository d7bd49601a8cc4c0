#!/usr/bin/env bash
# Stops the local node and removes everything that it put on this machine, also its state unless KEEP=1 is set. Also works if the node's
# processes were killed.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
. ./processes.sh
. ./network.sh
PATH=$PATH:/usr/sbin:/sbin

[ -e "$STATE" ] || exit 0
[ "$(id -u)" = 0 ] || fail 'root started the local node. Run: sudo make cluster-down'
# up.sh already holds the lock when it calls this script
[ -n "${BULKHEAD_LOCKED:-}" ] || take_lock

# The kubelet stops first, because it restarts other processes. If the data is kept, pods get time to stop.
stop_daemon kubelet
stop_members "$([ -n "${KEEP:-}" ] && echo 20 || echo 0)" kubepods
for daemon in proxy scheduler controller-manager apiserver etcd containerd; do stop_daemon "$daemon"; done
stop_members 0 # orphans of containerd
for address in "$STATE"/containerd/state/io.containerd.runtime.v2.task/k8s.io/*/address; do
  # containerd would have removed this socket
  [ ! -e "$address" ] || rm -f "$(sed 's|^unix://||' "$address")"
done

awk -v state="$STATE/" 'index($2, state) == 1 { print $2 }' /proc/mounts | sort -r | while read -r folder; do umount "$folder"; done
remove_network
remove_control_group
rm -f /var/lib/cni/results/bulkhead-* /var/lib/kubelet/device-plugins/kubelet.sock
if [ -e "$STATE/new-folders" ]; then
  xargs -r -a "$STATE/new-folders" -I '{}' find '{}' -depth -type d -empty -delete 2>/dev/null || true
fi
if [ -n "${KEEP:-}" ]; then
  # addresses and sandboxes of the removed network
  rm -rf --one-file-system "$STATE"/{addresses,containerd/state}
else
  rm -rf --one-file-system "$STATE"
fi
KEEP=${KEEP:-} ./leftovers.sh
