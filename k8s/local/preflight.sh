#!/usr/bin/env bash
# Prints in one line why the local node can't run on this machine, and exits with 1. Prints nothing if it can run.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh

[ "$(uname)" = Linux ] || fail "the local node needs Linux, and no Docker engine answers for kind. Start Docker, or set KUBECONFIG"
[ "$(id -u)" = 0 ] || fail 'the local node needs root, and no Docker engine answers for kind. Run: sudo make cluster, start Docker, or set KUBECONFIG'

grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null ||
  fail 'the kernel has no overlayfs, which containers need. Use a kernel with overlayfs, or set KUBECONFIG'
[ -e /sys/fs/cgroup/cgroup.controllers ] || grep -q '^cgroup /sys/fs/cgroup/pids ' /proc/mounts ||
  fail 'no control groups are mounted at /sys/fs/cgroup. Mount them (systemd does so; or: apt-get install cgroupfs-mount), or set KUBECONFIG'
[ -w /sys/fs/cgroup ] || fail '/sys/fs/cgroup is read-only, as in an unprivileged container. Run it outside the container, or set KUBECONFIG'
awk '$1 == "memory" && $4 == 1 { found = 1 } END { exit !found }' /proc/cgroups ||
  grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null ||
  fail 'the kernel has no memory controller. Start it with cgroup_enable=memory, or set KUBECONFIG'
