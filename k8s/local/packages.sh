#!/usr/bin/env bash
# Installs the system packages that the local node needs and this machine lacks. Fast if nothing is missing.
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
needs catatonit catatonit # the program of the pause image
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null ||
  fail "missing: ${missing[*]}. Install them with your system's package manager, or set KUBECONFIG to a running cluster"
say "apt-get install ${missing[*]}"
apt_get() { timeout 600 env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }
apt_get update || fail 'apt-get update failed: see above'
apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null || fail "apt-get install ${missing[*]} failed: see above"
# The package starts a system-wide containerd, which nobody needs. Ours has its own socket and state.
if [[ " ${missing[*]} " == *' containerd '* ]] && [ -d /run/systemd/system ]; then
  systemctl disable --quiet --now containerd
fi
