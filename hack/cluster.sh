#!/usr/bin/env bash
# cluster.sh up|down|status: a small Kubernetes cluster for the demo and the tests.
#
# OCTOPOID_CLUSTER picks which:
#   auto (default)  k3s where a Docker engine answers, else local
#   local           a real node on this machine (Debian 12, root): etcd, API server, controllers, scheduler, kubelet on containerd
#   k3s             a K3s container
#   kubeconfig      the cluster of the file named in OCTOPOID_KUBECONFIG; never any other
# OCTOPOID_STATE (default <repository>/.cluster) holds all of its files; `up` writes kubeconfig there. The folder
# `shared` in it has the same path on this machine and on the node: use it for hostPath volumes.
#
# `up` is safe to repeat: it leaves a healthy cluster alone and replaces a broken one. `down` works from any state.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

readonly K3S_IMAGE="${OCTOPOID_K3S_IMAGE:-rancher/k3s:v1.33.1-k3s1}"
readonly PAUSE_IMAGE=localhost/octopoid-pause:1
# What Kubernetes and containerd hard-code; bound into the state folder, and only in the node's own mount namespace.
readonly BOUND_PATHS=(/run/containerd /run/netns /var/lib/containerd /var/lib/cni /var/lib/kubelet /var/log/pods /var/log/containers)

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
state="$(state_dir)"
id="$(cluster_id "$state")"
node="$state/node"
# Beside the state folder and not in it: must outlive an `rm -r` of that folder.
made_directories="$(octopoid_cache)/clusters/$id.made-directories"
up_in_progress=""
child=""

# ---- local ----

port_is_free() {
  local hex
  printf -v hex '%04X' "$1"
  ! grep -qiE "^ *[0-9]+: [0-9A-F]+:$hex [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# free_port WANTED: it, or the next free one.
free_port() {
  local port="$1"
  until port_is_free "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port"
}

require_local_prerequisites() {
  local other
  ((EUID == 0)) || die "a local node needs root (mounts, cgroups): run this as root"
  require_commands openssl unshare nsenter setsid mount flock sha256sum
  [[ -d /sys/fs/cgroup ]] || die "a local node needs cgroups at /sys/fs/cgroup"
  other="$(other_node)"
  [[ -z $other ]] || die "another local node runs on this machine, from $other: one at a time"
}

# The service port and the bound paths exist once per machine.
other_node() {
  local entry arguments
  for entry in /proc/[0-9]*; do
    mapfile -d '' -t arguments 2>/dev/null <"$entry/cmdline" || continue
    if [[ ${arguments[1]:-} == */lib/node-init.sh && ${arguments[2]:-} != "$node" ]]; then
      printf '%s\n' "${arguments[2]}"
      return
    fi
  done
}

# Runs a long step so that an interrupt ends it at once; its stdout goes to FILE.
interruptible() {
  local file="$1" status=0
  shift
  # A process group of its own, to be ended as one: apt and its children outlive their shell otherwise.
  set -m
  "$@" >"$file" </dev/null 9>&- &
  child=$!
  set +m
  wait "$child" || status=$?
  child=""
  return "$status"
}

find_binaries() {
  mkdir -p "$node"
  interruptible "$node/bin-path" "$here/kubernetes-binaries.sh" node || exit 1
  interruptible "$node/root-path" node_root || exit 1
  bin="$(<"$node/bin-path")"
  root="$(<"$node/root-path")"
}

# certificate NAME SUBJECT USAGE [ALTERNATIVE_NAMES]
certificate() {
  local name="$1" subject="$2" usage="$3" names="${4:-}" extensions=()
  extensions=(-addext "extendedKeyUsage=$usage" -addext "basicConstraints=critical,CA:false")
  [[ -z $names ]] || extensions+=(-addext "subjectAltName=$names")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 365 -subj "$subject" \
    -CA "$node/pki/ca.crt" -CAkey "$node/pki/ca.key" "${extensions[@]}" \
    -keyout "$node/pki/$name.key" -out "$node/pki/$name.crt" 2>>"$node/log/openssl.log"
}

write_certificates() {
  mkdir -p "$node/pki"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 365 -subj /CN=octopoid-ca \
    -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature \
    -keyout "$node/pki/ca.key" -out "$node/pki/ca.crt" 2>>"$node/log/openssl.log"
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$node/pki/service-accounts.key" 2>>"$node/log/openssl.log"
  certificate apiserver /CN=kube-apiserver serverAuth \
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:$subnet.1"
  certificate kubelet-server /O=system:nodes/CN=system:node:localhost serverAuth DNS:localhost,IP:127.0.0.1
  certificate kubelet /O=system:nodes/CN=system:node:localhost clientAuth
  certificate admin /O=system:masters/CN=octopoid-admin clientAuth
  certificate apiserver-kubelet-client /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
  certificate kube-controller-manager /CN=system:kube-controller-manager clientAuth
  certificate kube-scheduler /CN=system:kube-scheduler clientAuth
}

# kubeconfig_for NAME: with everything inside, so that the file can be moved.
kubeconfig_for() {
  cat <<EOF
apiVersion: v1
kind: Config
clusters:
- name: octopoid
  cluster:
    server: https://127.0.0.1:$api_port
    certificate-authority-data: $(base64 -w0 <"$node/pki/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 <"$node/pki/$1.crt")
    client-key-data: $(base64 -w0 <"$node/pki/$1.key")
contexts:
- name: octopoid
  context: {cluster: octopoid, user: $1}
current-context: octopoid
EOF
}

write_kubeconfigs() {
  local name
  for name in admin kubelet kube-controller-manager kube-scheduler; do
    kubeconfig_for "$name" >"$node/$name.kubeconfig"
  done
}

choose_ports() {
  etcd_port="$(free_port 2379)"
  peer_port="$(free_port $((etcd_port + 1)))"
  api_port="$(free_port 6443)"
  kubelet_port="$(free_port 10250)"
}

# address_to_number ADDRESS; the same as /proc/net/route has it, read backwards.
address_to_number() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  printf '%s\n' $((a << 24 | b << 16 | c << 8 | d))
}

route_number() { printf '%s\n' $((16#${1:6:2}${1:4:2}${1:2:2}${1:0:2})); }

# subnet_is_free PREFIX: no route of the machine, but for the default one, leads there.
subnet_is_free() {
  local address destination mask
  address="$(address_to_number "$1.0")"
  while read -r destination mask; do
    [[ $mask == 00000000 ]] || (((address & $(route_number "$mask")) != $(route_number "$destination"))) || return 1
  done < <(awk 'NR > 1 { print $2, $8 }' /proc/net/route)
}

# Of the range that RFC 2544 sets aside for tests: nobody's network has it.
choose_subnet() {
  local third
  for third in {77..99}; do
    subnet="198.18.$third"
    ! subnet_is_free "$subnet" || return 0
  done
  die "no subnet for pods: routes of this machine lead to all of 198.18.77.0 to 198.18.99.255"
}

# Pods ask for the API server at the first service address, and at port 443 alone.
choose_service_port() {
  service_port=443
  port_is_free "$service_port" && return
  say "  port 443 is in use here: pods will not reach the API server (agents do not need to; an operator in a pod does)"
  service_port=""
}

# kubelet finds the node's address by the default route. A machine without one needs to be told.
choose_node_ip() {
  node_ip=""
  awk '$2 == "00000000" { found = 1 } END { exit !found }' /proc/net/route ||
    node_ip="$(hostname -I 2>/dev/null | awk '{ print $1 }')"
}

write_settings() {
  printf 'bin=%q\nroot=%q\netcd_port=%q\npeer_port=%q\napi_port=%q\nkubelet_port=%q\nnode_ip=%q\nsubnet=%q\nservice_port=%q\n' \
    "$bin" "$root" "$etcd_port" "$peer_port" "$api_port" "$kubelet_port" "$node_ip" "$subnet" "$service_port" >"$node/settings"
  printf 'library_path=%q\n' "$(library_path "$root")" >>"$node/settings"
  printf '%s\n' "${BOUND_PATHS[@]}" >"$node/bound-paths"
}

write_containerd_config() {
  local snapshotter=overlayfs
  # No overlay on an overlay (a development container).
  [[ $(stat -f -c %T "$node") != overlayfs ]] || snapshotter=native
  # restrict_oom_score_adj: without CAP_SYS_RESOURCE every sandbox dies otherwise.
  # disable_apparmor: it would load a profile into the machine's kernel.
  cat >"$node/containerd.toml" <<EOF
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE_IMAGE"
  restrict_oom_score_adj = true
  disable_apparmor = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$root/usr/lib/cni"
    conf_dir = "$node/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "$snapshotter"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "$root/usr/sbin/runc"
        SystemdCgroup = false
EOF
  write_network_config
}

# One subnet: the node's and the API server's address in it is the first, .1, services have the rest up to .63 (nothing
# serves them), pods what follows. No route out and no masquerading: pods reach this machine, each other only through it,
# and nothing beyond; no rule of the machine's firewall is touched.
write_network_config() {
  cat >"$node/network.json" <<EOF
{"cniVersion": "0.4.0", "name": "octopoid", "type": "ptp", "ipMasq": false,
 "ipam": {"type": "host-local", "ranges": [[{"subnet": "$subnet.0/24", "rangeStart": "$subnet.64"}]]}}
EOF
  printf '{"cniVersion": "0.4.0", "name": "octopoid", "plugins": [%s]}\n' "$(<"$node/network.json")" >"$node/cni/10-octopoid.conflist"
}

# clusterDNS: there is none; asking the pod's own loopback is refused at once instead of timing out.
# imageGC*: an image that was loaded by hand cannot be pulled again.
write_kubelet_config() {
  cat >"$node/kubelet.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: 127.0.0.1
port: $kubelet_port
readOnlyPort: 0
healthzPort: 0
tlsCertFile: $node/pki/kubelet-server.crt
tlsPrivateKeyFile: $node/pki/kubelet-server.key
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $node/pki/ca.crt}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
cgroupRoot: /$id
failSwapOn: false
enforceNodeAllocatable: []
evictionHard: {}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
makeIPTablesUtilChains: false
clusterDNS: [127.0.0.1]
clusterDomain: cluster.local
oomScoreAdj: 0
kubeAPIQPS: 100
kubeAPIBurst: 200
eventRecordQPS: 0
nodeStatusUpdateFrequency: 3s
volumePluginDir: $node/flex
EOF
}

cgroup_directories() {
  local controller
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    printf '/sys/fs/cgroup/%s\n' "$id"
    return
  fi
  for controller in /sys/fs/cgroup/*/; do
    [[ -L ${controller%/} ]] || printf '%s%s\n' "$controller" "$id"
  done
}

make_cgroups() {
  local directory
  while read -r directory; do mkdir -p "$directory"; done < <(cgroup_directories)
}

# The mount points must exist on the machine; those that we make are noted, to be removed again.
make_mount_points() {
  local path parent
  mkdir -p "${made_directories%/*}"
  for path in "${BOUND_PATHS[@]}"; do
    parent="${path%/*}"
    [[ -d $parent ]] || die "this machine has no $parent"
    [[ -d $path ]] && continue
    printf '%s\n' "$path" >>"$made_directories"
    mkdir "$path"
  done
}

start_node() {
  # --propagation slave: the node sees what the machine mounts, never the other way round.
  # Every descriptor is closed or replaced: the node must not hold the caller's terminal, pipe or lock.
  setsid unshare --pid --fork --mount --propagation slave bash "$here/lib/node-init.sh" "$node" \
    </dev/null >>"$node/log/node-init.log" 2>&1 8>&- 9>&- &
  disown
}

fail_up() {
  local name
  say "---- failed: $1"
  for name in "${@:2}"; do
    [[ -s $node/log/$name.log ]] || continue
    say "---- the end of $name's log"
    tail -n 15 "$node/log/$name.log" | cut -c1-400 >&2
  done
  say "----"
  die "the local cluster did not start"
}

# wait_until SECONDS WHAT LOG COMMAND...: fails early when a component ends.
wait_until() {
  local seconds="$1" what="$2" log="$3" started=$SECONDS
  shift 3
  say "  waiting for $what"
  until "$@" >/dev/null 2>&1; do
    [[ ! -s $node/exits ]] || fail_up "$(head -n1 "$node/exits")" "$(cut -d' ' -f1 <"$node/exits" | head -n1)"
    # unshare needs a moment to become our script.
    ((SECONDS - started < 3)) || [[ -n $(node_init_pids "$node") ]] || fail_up "the node's first process ended" node-init
    ((SECONDS - started < seconds)) || fail_up "no $what within $seconds s" node-init "$log"
    sleep 0.2
  done
}

local_kubectl() { "$bin/kubectl" --kubeconfig="$node/admin.kubeconfig" --request-timeout=5s "$@"; }

node_is_ready() {
  [[ $(local_kubectl get node localhost -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null) == True ]]
}

default_service_account_exists() { local_kubectl get serviceaccount default; }

load_pause_image() {
  local archive
  archive="$(octopoid_cache)/images/pause.tar"
  if [[ ! -s $archive ]]; then
    mkdir -p "$node/pause/bin" "${archive%/*}"
    cp "$root/bin/busybox" "$node/pause/bin/busybox"
    write_image_archive "$archive" "$PAUSE_IMAGE" "$node/pause" '["/bin/busybox","sleep","2147483647"]'
    rm -rf "$node/pause"
  fi
  in_node "$node" "$root/usr/bin/ctr" -n k8s.io images import "$archive" >"$node/log/pause-image.log" 2>&1 ||
    fail_up "the pause image could not be imported" pause-image containerd
}

local_is_healthy() {
  [[ -r $node/settings && -s $state/kubeconfig ]] && node_init_pid "$node" >/dev/null || return 1
  # shellcheck disable=SC1091
  . "$node/settings"
  local_kubectl get --raw /readyz >/dev/null 2>&1 && node_is_ready
}

# The node restarts its components by itself, so a living one gets a moment before it is replaced.
local_is_up() {
  local started=$SECONDS
  until local_is_healthy; do
    node_init_pid "$node" >/dev/null && [[ -s $state/kubeconfig ]] && ((SECONDS - started < 15)) || return 1
    sleep 0.5
  done
}

local_up() {
  local started=$SECONDS
  if local_is_up; then
    say "the local cluster is up already"
    return
  fi
  require_local_prerequisites
  if [[ -e $node ]] || [[ -n $(node_init_pids "$node") ]]; then
    say "replacing a broken local cluster"
    local_down
  fi
  up_in_progress=local
  mkdir -p "$state/shared" "$node"/{log,cni,flex,sysctl}
  printf 'local\n' >"$state/mode"
  find_binaries
  choose_ports
  choose_subnet
  choose_service_port
  choose_node_ip
  say "starting a local node (state: $state, logs: $node/log)"
  write_settings
  write_certificates
  write_kubeconfigs
  write_containerd_config
  write_kubelet_config
  make_mount_points
  make_cgroups
  start_node
  wait_until 30 "the API server" kube-apiserver local_kubectl get --raw /readyz
  wait_until 20 "containerd" containerd test -S "$node/bound/run/containerd/containerd.sock"
  load_pause_image
  wait_until 60 "the node to be Ready" kubelet node_is_ready
  wait_until 30 "the default service account" kube-controller-manager default_service_account_exists
  install -m 600 "$node/admin.kubeconfig" "$state/kubeconfig"
  up_in_progress=""
  say "the local cluster is up after $(seconds_since "$started") s (Kubernetes API at https://127.0.0.1:$api_port)"
}

# namespace_is_empty PID_NAMESPACE: no process is left in it. Unlike its name, a process keeps this until it is really gone.
namespace_is_empty() {
  local entry
  for entry in /proc/[0-9]*; do
    [[ $(readlink "$entry/ns/pid" 2>/dev/null || true) != "$1" ]] || return 1
  done
}

kill_node() {
  local pid pids pid_namespace="" deadline=$((SECONDS + 20))
  pid="$(node_init_pid "$node")" && pid_namespace="$(readlink "/proc/$pid/ns/pid" || true)"
  # Process 1 of the namespace: the kernel takes all others along.
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  pids="$(node_init_pids "$node")"
  # shellcheck disable=SC2086  # a list
  [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
  until [[ -z $(node_init_pids "$node") ]] && { [[ -z $pid_namespace ]] || namespace_is_empty "$pid_namespace"; }; do
    ((SECONDS < deadline)) || die "the node's processes do not end"
    sleep 0.1
  done
}

# The last process may still be dying, and writing, if it was not us who killed the node.
remove_node_directory() {
  local deadline=$((SECONDS + 10))
  until rm -rf --one-file-system "$node" 2>/dev/null; do
    ((SECONDS < deadline)) || die "cannot remove $node"
    sleep 0.2
  done
}

# The kernel removes the pods' interfaces a moment after their last process; with them go the routes to 198.18.77 to .99
# (hexadecimal, little-endian).
wait_for_interfaces_to_go() {
  local deadline=$((SECONDS + 15))
  while awk '$2 ~ /^[0-9A-F][0-9A-F](4[D-F]|5[0-9A-F]|6[0-3])12C6$/ && $8 == "FFFFFFFF" { found = 1 } END { exit !found }' /proc/net/route; do
    ((SECONDS < deadline)) || die "the pods' network interfaces do not go away"
    sleep 0.1
  done
}

remove_cgroups() {
  local directory deadline=$((SECONDS + 15))
  while read -r directory; do
    while [[ -d $directory ]]; do
      find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [[ ! -d $directory ]] || ((SECONDS < deadline)) || die "cgroup $directory cannot be removed"
      [[ ! -d $directory ]] || sleep 0.1
    done
  done < <(cgroup_directories)
}

remove_mount_points() {
  local path
  [[ -r $made_directories ]] || return 0
  while read -r path; do
    [[ ! -d $path ]] || rmdir "$path" 2>/dev/null || say "left alone, since it is not empty: $path"
  done <"$made_directories"
  rm -f "$made_directories"
  rmdir --ignore-fail-on-non-empty "${made_directories%/*}"
}

local_down() {
  kill_node
  wait_for_interfaces_to_go
  remove_cgroups
  remove_mount_points
  remove_node_directory
}

# ---- k3s ----

k3s_is_up() {
  [[ $(docker inspect -f '{{.State.Running}}' "$id" 2>/dev/null) == true && -s $state/kubeconfig ]] &&
    k3s_node_is_ready
}

k3s_node_is_ready() {
  docker exec "$id" kubectl get nodes --no-headers 2>/dev/null | grep -qw Ready
}

k3s_up() {
  local started=$SECONDS port
  docker_answers || die "OCTOPOID_CLUSTER=k3s, but no Docker engine answers 'docker info'"
  if k3s_is_up; then
    say "the K3s cluster is up already"
    return
  fi
  k3s_down
  up_in_progress=k3s
  mkdir -p "$state/shared"
  printf 'k3s\n' >"$state/mode"
  port="$(free_port 6443)"
  say "starting $K3S_IMAGE as container $id"
  interruptible /dev/null docker run -d --name "$id" --privileged --tmpfs /run --tmpfs /var/run \
    -p "127.0.0.1:$port:6443" -v "$state/shared:$state/shared" "$K3S_IMAGE" \
    server --disable=traefik,servicelb,metrics-server,local-storage --tls-san=127.0.0.1 || die "docker run failed"
  say "  waiting for the node to be Ready"
  until k3s_node_is_ready; do
    if ((SECONDS - started > 180)); then
      docker logs --tail 20 "$id" >&2 || true
      die "the K3s node is not Ready after 180 s"
    fi
    sleep 1
  done
  (umask 077 && docker exec "$id" cat /etc/rancher/k3s/k3s.yaml |
    sed "s#https://127.0.0.1:6443#https://127.0.0.1:$port#" >"$state/kubeconfig")
  up_in_progress=""
  say "the K3s cluster is up after $(seconds_since "$started") s"
}

k3s_down() {
  docker_answers || return 0
  [[ -z $(docker ps -aq --filter "name=^$id\$") ]] || docker rm --force --volumes "$id" >/dev/null
}

# ---- kubeconfig ----

kubeconfig_up() {
  local file="${OCTOPOID_KUBECONFIG:-}"
  [[ -n $file ]] || die "OCTOPOID_CLUSTER=kubeconfig: name the file in OCTOPOID_KUBECONFIG"
  [[ -r $file ]] || die "OCTOPOID_KUBECONFIG: cannot read $file"
  mkdir -p "$state"
  printf 'kubeconfig\n' >"$state/mode"
  ln -sfn "$(readlink -f "$file")" "$state/kubeconfig"
  say "using the cluster of $file; 'down' leaves it alone"
}

# ---- all ----

say_how_to_use() {
  say "use it with: export KUBECONFIG=$state/kubeconfig"
}

up() {
  case "$1" in
    local) local_up ;;
    k3s) k3s_up ;;
    kubeconfig) kubeconfig_up ;;
  esac
  say_how_to_use
}

# Whatever the recorded mode: what we made is found by its name, not by a note.
down() {
  local_down
  k3s_down
  # Only what is ours: the state folder may be somebody's.
  rm -rf --one-file-system "$state/kubeconfig" "$state/mode" "$state/shared"
  [[ ! -d $state ]] || rmdir --ignore-fail-on-non-empty "$state"
}

status() {
  local mode="none"
  [[ ! -r $state/mode ]] || mode="$(<"$state/mode")"
  say "state folder: $state"
  case "$mode" in
    local)
      if local_is_healthy; then
        say "local: up (Kubernetes API at https://127.0.0.1:$api_port)"
        [[ ! -s $node/exits ]] || { say "restarted components:" && sort "$node/exits" | uniq -c >&2; }
      else
        say "local: not healthy"
        return 3
      fi
      ;;
    k3s) if k3s_is_up; then say "k3s: up (container $id)"; else say "k3s: not healthy" && return 3; fi ;;
    kubeconfig) say "kubeconfig: $(readlink "$state/kubeconfig" || true)" ;;
    *) say "no cluster" && return 3 ;;
  esac
  say_how_to_use
}

on_exit() {
  local status=$?
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if [[ -n $up_in_progress ]]; then
    say "cleaning up"
    down
  fi
  exit "$status"
}

main() {
  local command="${1:-}" mode
  case "$command" in
    up | down | status) ;;
    *) die "usage: ${0##*/} up|down|status" ;;
  esac
  mode="$(cluster_mode "$state")" || [[ $command == down ]]
  if [[ $command == status ]]; then
    status
    return
  fi
  mkdir -p "$(octopoid_cache)/locks"
  exec 9>"$(octopoid_cache)/locks/$id"
  flock -n 9 || { say "waiting for another cluster.sh on $state" && flock 9; }
  trap on_exit EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  if [[ $command == up ]]; then
    up "$mode"
  else
    down
    say "the cluster is down"
  fi
}

main "$@"
