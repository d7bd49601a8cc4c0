#!/usr/bin/env bash
# Installs the system's packages that a cluster of our own needs and this machine lacks. Takes a moment when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh

missing=()
needs() { command -v "$1" >/dev/null || missing+=("$2"); }
needs containerd containerd
needs runc runc
needs iptables iptables
needs ip iproute2
needs sysctl procps
needs openssl openssl
needs jq jq
needs catatonit catatonit # it is the pause image
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null ||
  fail "missing: ${missing[*]}. Install them with your system's package manager, or set KUBECONFIG to a cluster that runs"
say "apt-get install ${missing[*]}"
apt_get() { timeout 600 env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }
apt_get update || fail 'apt-get update failed: see above'
apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null || fail "apt-get install ${missing[*]} failed: see above"
# The package starts a containerd of the system's own, which nobody asked for; ours has its own socket and state.
if [[ " ${missing[*]} " == *' containerd '* ]] && [ -d /run/systemd/system ]; then
  systemctl disable --quiet --now containerd
fi
