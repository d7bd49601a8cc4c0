#!/usr/bin/env bash
# Says why no cluster of our own can run on this machine, in one line, and exits 1; says nothing where one can.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh

[ "$(uname)" = Linux ] || fail "a cluster of our own runs on Linux only, and no Docker engine answers here for kind. Start Docker, or set KUBECONFIG"
[ "$(id -u)" = 0 ] || fail 'a cluster of our own is run by root, and no Docker engine answers here for kind. Run: sudo make cluster, start Docker, or set KUBECONFIG'

grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
  fail 'the kernel has no overlayfs, which containers stand on. Run on a kernel that has it, or set KUBECONFIG'
[ -e /sys/fs/cgroup/cgroup.controllers ] || grep -q '^cgroup /sys/fs/cgroup/pids ' /proc/mounts ||
  fail 'no control groups are mounted at /sys/fs/cgroup. Mount them (systemd does so; or: apt-get install cgroupfs-mount), or set KUBECONFIG'
[ -w /sys/fs/cgroup ] || fail '/sys/fs/cgroup is read-only, as in a container without privileges. Run on the machine itself, or set KUBECONFIG'
awk '$1 == "memory" && $4 == 1 { found = 1 } END { exit !found }' /proc/cgroups ||
  grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null ||
  fail 'the kernel has no memory controller. Start it with cgroup_enable=memory, or set KUBECONFIG'
