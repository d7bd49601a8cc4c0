#!/usr/bin/env bash
# Lists what a stopped node left on this machine, and exits with 1 if there is anything. With KEEP=1, its state may exist.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
. ./processes.sh
. ./network.sh
PATH=$PATH:/usr/sbin:/sbin

left() { sed "s|^|$1: |"; }
found=$(
  members | left 'process in the control group'
  grep -lzxF -f <(echo "$STATE/run/containerd.sock") /proc/[0-9]*/cmdline 2>/dev/null | left 'process of its containerd'
  for root in $(control_group_roots); do find "$root/$CONTROL_GROUP" -maxdepth 0 2>/dev/null; done | left 'control group'
  awk -v state="$STATE/" 'index($2, state) == 1 { print $2 }' /proc/mounts | left mount
  for program in iptables ip6tables; do
    for table in filter nat mangle; do our_rules "$program" "$table"; done
  done | left rule
  ip -oneline address | grep -F -e " $NODE_ADDRESS/" -e " ${PODS%.*}." | left address
  ip route show table all | grep -F -e "$NODE_ADDRESS" -e "${PODS%.*}." -e "$SERVICES" | left route
  [ ! -e "/sys/class/net/$LINK" ] || echo "link: $LINK"
  [ -n "${KEEP:-}" ] || [ ! -e "$STATE" ] || echo "folder: $STATE"
) || true
[ -n "$found" ] || exit 0
printf 'cluster: the stopped node left this behind:\n%s\n' "$found" >&2
exit 1
