#!/usr/bin/env bash
# Creates the keys, certificates and kubeconfigs of the local node in its state folder, once. $1 is the address of the API server and the
# node.
set -euo pipefail
cd "$(dirname "$0")"
. ./versions.sh
node_address=$1
umask 077
mkdir -p "$STATE/pki"
cd "$STATE/pki"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# certificate FILE GROUP NAME [SUBJECT_ALTERNATIVE_NAMES]
certificate() {
  key "$1"
  openssl req -new -key "$1.key" -subj "/O=$2/CN=$3" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$1.crt" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "${4:-DNS:$1}") 2>/dev/null
  rm "$1.csr"
}

# kubeconfig NAME FOLDER
kubeconfig() {
  cat >"$2/$1.kubeconfig" <<END
apiVersion: v1
kind: Config
clusters:
  - name: bulkhead
    cluster: { server: "https://$node_address:6443", certificate-authority-data: $(base64 -w 0 ca.crt) }
users:
  - name: $1
    user: { client-certificate-data: $(base64 -w 0 "$1.crt"), client-key-data: $(base64 -w 0 "$1.key") }
contexts:
  - name: bulkhead
    context: { cluster: bulkhead, user: $1 }
current-context: bulkhead
END
}

[ ! -e complete ] || exit 0
key ca
openssl req -x509 -new -key ca.key -subj /CN=kubernetes-ca -days 365 -out ca.crt
key service-accounts
openssl ec -in service-accounts.key -pubout -out service-accounts.pub 2>/dev/null
names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
certificate apiserver kubernetes kube-apiserver "$names,DNS:localhost,IP:127.0.0.1,IP:10.96.0.1,IP:$node_address"
certificate etcd kubernetes etcd IP:127.0.0.1
certificate front-proxy front-proxy front-proxy-client
certificate admin system:masters kubernetes-admin
certificate controller-manager system:kube-controller-manager system:kube-controller-manager
certificate scheduler system:kube-scheduler system:kube-scheduler
certificate kubelet system:nodes system:node:bulkhead "DNS:bulkhead,IP:$node_address"
certificate proxy system:node-proxier system:kube-proxy
for client in controller-manager scheduler kubelet proxy; do kubeconfig "$client" .; done
kubeconfig admin ..
touch complete
