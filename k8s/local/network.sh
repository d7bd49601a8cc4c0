# Creates and removes the network link, the iptables rules and the kernel settings of the local node.
# shellcheck shell=bash disable=SC2034

NODE_ADDRESS=10.245.0.1
SERVICES=10.96.0.0/16
PODS=10.244.0.0/24
DNS_ADDRESS=10.96.0.10
LINK=bulkhead-node

# The kernel settings that the kubelet and kube-proxy change.
KERNEL_SETTINGS=(net.ipv4.ip_forward net.ipv4.conf.all.route_localnet vm.overcommit_memory vm.panic_on_oom kernel.panic
  kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes)

keep_kernel_settings() {
  local name
  [ -e "$STATE/kernel-settings" ] || for name in "${KERNEL_SETTINGS[@]}"; do
    echo "$name=$(sysctl -n "$name")"
  done >"$STATE/kernel-settings"
}

# Creates an address that works without a network and that no other machine has. It is on an empty bridge, because a kernel may lack `dummy`
# links.
make_link() {
  [ -e "/sys/class/net/$LINK" ] || ip link add "$LINK" type bridge
  ip address replace "$NODE_ADDRESS/32" dev "$LINK"
  ip link set "$LINK" up
  # Routes the addresses of services to the link without needing a network; kube-proxy's rules then change them. Each pod has a route of its
  # own. All other pod addresses are unreachable: otherwise a connection to a removed pod would leave the machine, and something else might
  # answer.
  ip route replace "$SERVICES" dev "$LINK"
  ip route replace unreachable "$PODS"
}

# Uses our own chains, so that down.sh finds them. Refuses service addresses that no service has.
make_rules() {
  iptables-restore --noflush <<END
*filter
:BULKHEAD-FORWARD - [0:0]
:BULKHEAD-OUTPUT - [0:0]
-A BULKHEAD-FORWARD -d $SERVICES -j REJECT
-A BULKHEAD-FORWARD -s $PODS -j ACCEPT
-A BULKHEAD-FORWARD -d $PODS -j ACCEPT
-A BULKHEAD-OUTPUT -d $SERVICES -j REJECT
COMMIT
*nat
:BULKHEAD-POSTROUTING - [0:0]
-A BULKHEAD-POSTROUTING -s $PODS ! -d $PODS -j MASQUERADE
COMMIT
END
  jump filter FORWARD
  jump filter OUTPUT
  jump nat POSTROUTING
}

jump() { iptables -w -t "$1" -C "$2" -j "BULKHEAD-$2" 2>/dev/null || iptables -w -t "$1" -A "$2" -j "BULKHEAD-$2"; }

# Lists our own rules and chains and those of the kubelet and of kube-proxy. Arguments: `iptables` or `ip6tables`, then the table.
our_rules() { "$1-save" -t "$2" 2>/dev/null | grep -E '(KUBE|BULKHEAD)-' || true; }

remove_rules() {
  local program table rules
  for program in iptables ip6tables; do
    for table in mangle nat filter; do
      rules=$(our_rules "$program" "$table")
      [ -n "$rules" ] || continue
      {
        echo "*$table"
        sed -nE 's/^(:(KUBE|BULKHEAD)-[^ ]+).*/\1 - [0:0]/p' <<<"$rules" # empties it
        sed -nE 's/^-A ((PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) .*)/-D \1/p' <<<"$rules"
        sed -nE 's/^:((KUBE|BULKHEAD)-[^ ]+).*/-X \1/p' <<<"$rules"
        echo COMMIT
      } | "$program-restore" --noflush
    done
  done
}

remove_network() {
  remove_rules
  [ ! -e "/sys/class/net/$LINK" ] || ip link delete "$LINK"
  [ -z "$(ip route show type unreachable "$PODS")" ] || ip route delete unreachable "$PODS"
  [ ! -e "$STATE/kernel-settings" ] || sysctl --quiet --load "$STATE/kernel-settings" >/dev/null
}
