#!/usr/bin/env bash
# Starts the local node, a Kubernetes cluster with one node: on Linux, as root, without Docker. Keeps a node that runs. If a part of it was
# killed, first stops the rest, then starts it again with its state.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
. ./processes.sh
. ./network.sh
PATH=$PATH:/usr/sbin:/sbin
DAEMONS=(etcd containerd apiserver controller-manager scheduler kubelet proxy)
export KUBECONFIG=$STATE/admin.kubeconfig
kubectl() { "$BIN/kubectl" --request-timeout=10s "$@"; }
# The kept state describes the node and pods before the stop, so only newer reports count.
node_is_ready() {
  local renewed
  renewed=$(kubectl get lease bulkhead --namespace kube-node-lease --output jsonpath='{.spec.renewTime}') &&
    [[ ! $renewed < $began ]] && kubectl wait --timeout=1s --for=condition=Ready node/bulkhead
}
pods_are_started_anew() {
  local times
  times=$(kubectl get pods --all-namespaces --output jsonpath='{.items[*].status.containerStatuses[*].state.running.startedAt}') || return 1
  for time in $times; do [[ ! $time < $began ]] || return 1; done
}
step() { printf 'cluster: %4d s  %s\n' "$((SECONDS - started))" "$1"; }

./preflight.sh
take_lock

./build.sh
./packages.sh
iptables -t nat -n -L >/dev/null 2>&1 || fail 'the kernel has no iptables with NAT, which Services need. Use a kernel with NAT, or set KUBECONFIG'
images=$(./images.sh)
./gateway-chart.sh >/dev/null

dead=()
for daemon in "${DAEMONS[@]}"; do is_running "$daemon" || dead+=("$daemon"); done
if [ ${#dead[@]} -eq 0 ] && kubectl wait --timeout=10s --for=condition=Ready node/bulkhead >/dev/null 2>&1; then
  say 'the local node already runs'
  # shellcheck disable=SC2086
  ./load-image.sh $images
  ./addons.sh
  exit 0
fi

started=$SECONDS
began=$(date -u +%FT%TZ)
resumed=
if [ -e "$STATE" ]; then
  resumed=1
  [ ${#dead[@]} -eq ${#DAEMONS[@]} ] || step "of a cluster that ran here these are gone: ${dead[*]}. Stopping the rest; its state is kept"
  KEEP=1 BULKHEAD_LOCKED=1 ./down.sh
elif [ -n "$(our_rules iptables filter)" ]; then
  fail 'another Kubernetes has iptables rules on this machine (iptables-save | grep KUBE-). Stop it, or set KUBECONFIG to its kubeconfig'
fi
taken=$(ss -Hltn 'sport = :6443 or sport = :2379 or sport = :2380 or sport = :10248 or sport = :10249 or sport = :10250 or sport = :10256' | awk '{ print $4 }' | xargs)
[ -z "$taken" ] || fail "another process listens on $taken, which the local node needs. To find it, run: ss -ltnp"

mkdir -p "$STATE"
chmod 700 "$STATE"
mkdir -p "$STATE"/{run,log,etcd,cni,containerd,kubelet}
rm -f "$STATE"/run/*.pid
keep_kernel_settings
# Folders that our processes create outside the state folder. down.sh removes them if they are new.
[ -e "$STATE/new-folders" ] || for folder in /run/containerd /var/lib/cni /var/lib/kubelet /var/log/containers; do
  [ -e "$folder" ] || echo "$folder"
done >"$STATE/new-folders"
./pki.sh "$NODE_ADDRESS"
for template in containerd.toml kubelet.yaml cni.conflist; do
  sed "s|@STATE@|$STATE|g; s|@BIN@|$BIN|; s|@PODS@|$PODS|; s|@NODE_ADDRESS@|$NODE_ADDRESS|; s|@DNS_ADDRESS@|$DNS_ADDRESS|" \
    "config/$template" >"$STATE/$template"
done
mv "$STATE/cni.conflist" "$STATE/cni/bulkhead.conflist"
# Inside a pod, a loopback address does not reach the name server of the node.
resolv=/etc/resolv.conf
[ ! -e /run/systemd/resolve/resolv.conf ] || resolv=/run/systemd/resolve/resolv.conf
sed '/^nameserver 127\./d' "$resolv" >"$STATE/resolv.conf"
sysctl --quiet -w net.ipv4.ip_forward=1
make_link
make_rules
make_control_group

pki=$STATE/pki
start containerd containerd --config "$STATE/containerd.toml"
# without fsync, a power cut may lose the state, which is acceptable for a test cluster
start etcd "$BIN/etcd" --data-dir "$STATE/etcd" --unsafe-no-fsync \
  --listen-client-urls https://127.0.0.1:2379 --advertise-client-urls https://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 \
  --cert-file "$pki/etcd.crt" --key-file "$pki/etcd.key" --client-cert-auth --trusted-ca-file "$pki/ca.crt"
start apiserver "$BIN/kube-apiserver" --bind-address "$NODE_ADDRESS" --advertise-address "$NODE_ADDRESS" --secure-port 6443 \
  --etcd-servers https://127.0.0.1:2379 --etcd-cafile "$pki/ca.crt" --etcd-certfile "$pki/etcd.crt" --etcd-keyfile "$pki/etcd.key" \
  --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
  --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key" --kubelet-certificate-authority "$pki/ca.crt" \
  --kubelet-preferred-address-types InternalIP --service-cluster-ip-range "$SERVICES" \
  --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged \
  --service-account-issuer https://kubernetes.default.svc.cluster.local \
  --service-account-key-file "$pki/service-accounts.pub" --service-account-signing-key-file "$pki/service-accounts.key" \
  --requestheader-client-ca-file "$pki/ca.crt" --requestheader-allowed-names front-proxy-client \
  --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
  --requestheader-extra-headers-prefix X-Remote-Extra- \
  --proxy-client-cert-file "$pki/front-proxy.crt" --proxy-client-key-file "$pki/front-proxy.key"
wait_for 30 containerd ctr --address "$STATE/run/containerd.sock" version
# shellcheck disable=SC2086
./load-image.sh $images >/dev/null
step 'images imported'
wait_for 90 'the API server' kubectl get --raw /readyz
step 'etcd and the API server answer'
start controller-manager "$BIN/kube-controller-manager" --kubeconfig "$pki/controller-manager.kubeconfig" --bind-address 127.0.0.1 \
  --flex-volume-plugin-dir "$STATE/kubelet/plugins" --leader-elect=false --use-service-account-credentials --service-account-private-key-file "$pki/service-accounts.key" \
  --root-ca-file "$pki/ca.crt" --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key"
start scheduler "$BIN/kube-scheduler" --kubeconfig "$pki/scheduler.kubeconfig" --bind-address 127.0.0.1 --leader-elect=false
start kubelet "$BIN/kubelet" --config "$STATE/kubelet.yaml" --kubeconfig "$pki/kubelet.kubeconfig" --root-dir "$STATE/kubelet" \
  --cert-dir "$pki" --hostname-override bulkhead --node-ip "$NODE_ADDRESS"
# only this machine may reach node ports
start proxy "$BIN/kube-proxy" --kubeconfig "$pki/proxy.kubeconfig" --hostname-override bulkhead --cluster-cidr "$PODS" \
  --proxy-mode iptables --nodeport-addresses "127.0.0.0/8,$NODE_ADDRESS/32" --healthz-bind-address 127.0.0.1:10256 \
  --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 --conntrack-tcp-timeout-close-wait 0
wait_for 60 'the node' node_is_ready
[ -z "$resumed" ] || wait_for 120 'what ran before' pods_are_started_anew
step 'the node is Ready'
./addons.sh
step 'CoreDNS, metrics-server and Envoy Gateway are ready'
