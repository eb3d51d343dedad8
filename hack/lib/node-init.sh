#!/usr/bin/env bash
# node-init.sh NODE_DIR: process 1 of the local node; started by cluster.sh in its own PID and mount namespace.
#
# All that Kubernetes and containerd write to fixed places is bound to NODE_DIR here, out of the machine's sight. When
# this process is killed, the kernel ends every process of the node, and with them go its mounts, network namespaces and
# their interfaces: `down` needs nothing else to be exact from any half state.
set -euo pipefail

readonly node="$1"
bin="" root="" library_path="" etcd_port="" peer_port="" api_port="" node_ip="" subnet="" service_port=""
# shellcheck disable=SC1091  # written by cluster.sh
. "$node/settings"
log="$node/log"

isolate() {
  local path value
  mount -t proc proc /proc
  mount --make-rshared /
  while read -r path; do
    mkdir -p "$node/bound$path"
    mount --bind "$node/bound$path" "$path"
  done <"$node/bound-paths"
  # kubelet and the ptp plugin insist on these values. They see them, and the machine keeps its own.
  while read -r path value; do
    [[ -e /proc/sys/$path ]] || continue
    printf '%s\n' "$value" >"$node/sysctl/${path//\//.}"
    mount --bind "$node/sysctl/${path//\//.}" "/proc/sys/$path"
  done <<'EOF'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
net/ipv4/ip_forward 1
EOF
}

# keep_running NAME COMMAND...: restarts it whenever it ends. `up` reads the list of exits and gives up at the first.
keep_running() {
  local name="$1" status
  shift
  while true; do
    status=0
    "$@" >>"$log/$name.log" 2>&1 </dev/null || status=$?
    printf '%s ended with status %s\n' "$name" "$status" >>"$node/exits"
    sleep 1
  done
}

wait_for() {
  until "$@" >/dev/null 2>&1; do sleep 0.1; done
}

etcd_answers() { : <"/dev/tcp/127.0.0.1/$etcd_port"; }

api_answers() { "$bin/kubectl" --kubeconfig="$node/admin.kubeconfig" get --raw /readyz; }

run_etcd() {
  keep_running etcd "$bin/etcd" --data-dir="$node/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls="http://127.0.0.1:$etcd_port" --advertise-client-urls="http://127.0.0.1:$etcd_port" \
    --listen-peer-urls="http://127.0.0.1:$peer_port" --initial-advertise-peer-urls="http://127.0.0.1:$peer_port" \
    --initial-cluster="default=http://127.0.0.1:$peer_port"
}

run_api_server() {
  # Requests to the kubelet (logs, exec) go to the node's host name, which is localhost.
  keep_running kube-apiserver "$bin/kube-apiserver" --etcd-servers="http://127.0.0.1:$etcd_port" \
    --bind-address=127.0.0.1 --secure-port="$api_port" --advertise-address=127.0.0.1 --endpoint-reconciler-type=none \
    --tls-cert-file="$node/pki/apiserver.crt" --tls-private-key-file="$node/pki/apiserver.key" \
    --client-ca-file="$node/pki/ca.crt" \
    --kubelet-client-certificate="$node/pki/apiserver-kubelet-client.crt" \
    --kubelet-client-key="$node/pki/apiserver-kubelet-client.key" \
    --kubelet-certificate-authority="$node/pki/ca.crt" --kubelet-preferred-address-types=Hostname \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$node/pki/service-accounts.key" \
    --service-account-signing-key-file="$node/pki/service-accounts.key" \
    --service-cluster-ip-range="$subnet.0/26" --enable-priority-and-fairness=false
}

run_controller_manager() {
  keep_running kube-controller-manager "$bin/kube-controller-manager" --kubeconfig="$node/kube-controller-manager.kubeconfig" \
    --port=0 --secure-port=0 --leader-elect=false --use-service-account-credentials=true \
    --service-account-private-key-file="$node/pki/service-accounts.key" --root-ca-file="$node/pki/ca.crt" \
    --cluster-signing-cert-file="$node/pki/ca.crt" --cluster-signing-key-file="$node/pki/ca.key" \
    --flex-volume-plugin-dir="$node/flex"
}

run_scheduler() {
  keep_running kube-scheduler "$bin/kube-scheduler" --kubeconfig="$node/kube-scheduler.kubeconfig" \
    --port=0 --secure-port=0 --leader-elect=false
}

run_containerd() {
  keep_running containerd env LD_LIBRARY_PATH="$library_path" PATH="$root/usr/bin:$root/usr/sbin:$PATH" \
    "$root/usr/bin/containerd" --config "$node/containerd.toml" --log-level warn
}

run_kubelet() {
  # Without this variable kubelet 1.20 asks the cloud's metadata server for registry credentials.
  keep_running kubelet env AWS_EC2_METADATA_DISABLED=true "$bin/kubelet" --config="$node/kubelet.yaml" --kubeconfig="$node/kubelet.kubeconfig" \
    --hostname-override=localhost --container-runtime=remote \
    --container-runtime-endpoint=unix:///run/containerd/containerd.sock --cert-dir="$node/pki" \
    ${node_ip:+--node-ip="$node_ip"}
}

# The node's address in the pods' subnet comes with any pod's interface, and goes with it. A network namespace that is
# like a pod's, and as old as the node, holds it.
hold_node_address() {
  unshare --net sleep infinity &
  wait_for network_namespace_is_new "$!"
  CNI_COMMAND=ADD CNI_CONTAINERID=node CNI_NETNS="/proc/$!/ns/net" CNI_IFNAME=eth0 CNI_PATH="$root/usr/lib/cni" \
    "$root/usr/lib/cni/ptp" <"$node/network.json" >/dev/null
}

network_namespace_is_new() { [[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }

# What kube-proxy does on a real node, for the one service that matters here.
run_proxy() {
  [[ -n $service_port ]] || return 0
  keep_running proxy "$root/usr/bin/redir" -n "$subnet.1:$service_port" "127.0.0.1:$api_port"
}

main() {
  isolate
  hold_node_address
  run_proxy &
  run_etcd &
  run_containerd &
  wait_for etcd_answers
  run_api_server &
  wait_for test -S /run/containerd/containerd.sock
  wait_for api_answers
  run_controller_manager &
  run_scheduler &
  run_kubelet &
  wait
}

main
