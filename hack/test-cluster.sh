#!/usr/bin/env bash
# test-cluster.sh: tries cluster.sh and image.sh for real, in a state folder of its own, and compares the machine before
# and after: nothing may be left. Needs what the local cluster needs; no other local cluster may run.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
work="$(mktemp -d)"
export OCTOPOID_CLUSTER="${OCTOPOID_CLUSTER:-local}" OCTOPOID_STATE="$work/state"
export KUBECONFIG="$OCTOPOID_STATE/kubeconfig"
kubectl=""

say() { printf '%s\n' "== $*"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

clean_up() {
  "$here/cluster.sh" down >/dev/null 2>&1 || true
  rm -rf "$work"
}

# What a cluster could leave on a machine. Other people's work goes on meanwhile, so only what is like ours is listed.
snapshot() {
  echo "# mounts" && awk '{ print $5 }' /proc/self/mountinfo | sort
  echo "# interfaces" && ls /sys/class/net
  echo "# routes" && cat /proc/net/route
  echo "# firewall" && { { iptables-save 2>/dev/null | grep -v '^#'; cat /proc/net/ip_tables_names 2>/dev/null; } || true; }
  echo "# network namespaces" && { ls /run/netns 2>/dev/null || true; }
  echo "# cgroups" && find /sys/fs/cgroup -type d \( -name 'octopoid*' -o -name 'kubepods*' -o -name 'cri-*' \) | sort
  echo "# sysctls" && (cd /proc/sys && tail -n +1 vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops net/ipv4/ip_forward)
  echo "# folders" && { ls -d /run/containerd /run/netns /var/lib/{containerd,cni,kubelet} /var/log/{pods,containers} /opt/{cni,containerd} \
    /etc/{cni,containerd} /usr/libexec/kubernetes /var/run/kubernetes 2>/dev/null || true; }
  echo "# processes" && our_processes
}

our_processes() {
  local entry arguments mine
  mine="$(readlink /proc/self/ns/pid)"
  for entry in /proc/[0-9]*; do
    arguments="$(tr '\0' ' ' 2>/dev/null <"$entry/cmdline")" || continue
    if [[ $arguments == *"$OCTOPOID_STATE/"* || $arguments == *containerd-shim* ]]; then
      printf '%s\n' "$arguments"
    elif [[ $(readlink "$entry/ns/pid" 2>/dev/null || echo "$mine") != "$mine" ]]; then
      printf 'in another namespace: %s\n' "$arguments"
    fi
  done | cut -c1-150 | sort
}

expect_nothing_left() {
  [[ ! -e $OCTOPOID_STATE ]] || fail "$1: the state folder is left: $(find "$OCTOPOID_STATE" | head -n 5)"
  snapshot >"$work/after"
  diff "$work/before" "$work/after" || fail "$1: the machine differs from before"
  say "$1: nothing left"
}

up() {
  local started=$SECONDS
  "$here/cluster.sh" up || fail "up"
  say "up took $((SECONDS - started)) s"
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local deadline=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || fail "no $what"
    sleep 0.2
  done
}

job_manifest() {
  cat <<EOF
apiVersion: batch/v1
kind: Job
metadata: {name: trial}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 5
      securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      initContainers:
      - name: workspace
        image: octopoid-agent:demo
        imagePullPolicy: Never
        command: [sh, -c, 'echo from-init >/workspace/file && git clone -q file:///shared/trial.git /workspace/clone']
        securityContext: &restricted {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
        volumeMounts: &mounts
        - {name: workspace, mountPath: /workspace}
        - {name: tmp, mountPath: /tmp}
        - {name: shared, mountPath: /shared}
      containers:
      - name: agent
        image: octopoid-agent:demo
        imagePullPolicy: Never
        command:
        - sh
        - -euc
        - |
          cat /workspace/file
          echo "uid \$(id -u) seccomp \$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status) nnp \$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status) caps \$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)"
          if touch /root-is-writable 2>/dev/null; then echo "root is writable"; exit 1; fi
          cd /workspace/clone
          git -c user.name=a -c user.email=a@b commit -q --allow-empty -m trial
          git push -q origin HEAD:refs/heads/trial
          printf '{"outcome":"done"}' >/dev/termination-log
          sleep "\$SLEEP"
        env: [{name: SLEEP, value: "${1:-0}"}]
        securityContext: *restricted
        volumeMounts: *mounts
      volumes:
      - {name: workspace, emptyDir: {}}
      - {name: tmp, emptyDir: {}}
      - name: shared
        hostPath: {path: $OCTOPOID_STATE/shared}
EOF
}

job_succeeded() { [[ $("$kubectl" get job trial -o 'jsonpath={.status.succeeded}') == 1 ]]; }

no_pods() { [[ -z $("$kubectl" get pods -l job-name=trial -o name) ]]; }

delete_job_and_wait() {
  local started=$SECONDS
  "$kubectl" delete job trial --wait=false >/dev/null
  wait_for 30 "end of the Job's pod" no_pods
  say "the Job's pod went within $((SECONDS - started)) s"
}

pod_is_running() { [[ $("$kubectl" get pods -l job-name=trial -o 'jsonpath={.items[0].status.containerStatuses[0].state.running}') ]]; }

try_a_job() {
  local started=$SECONDS log message
  git init -q --bare "$OCTOPOID_STATE/shared/trial.git"
  chown -R 65532:65532 "$OCTOPOID_STATE/shared/trial.git"
  job_manifest | "$kubectl" apply --validate=false -f - >/dev/null
  wait_for 60 "completed Job" job_succeeded
  say "a restricted Job completed after $((SECONDS - started)) s"
  log="$("$kubectl" logs job/trial -c agent)"
  grep -qx 'from-init' <<<"$log" || fail "the Job's log: $log"
  grep -qx 'uid 65532 seccomp 2 nnp 1 caps 0000000000000000' <<<"$log" || fail "the Job is not confined: $log"
  message="$("$kubectl" get pods -l job-name=trial -o 'jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}')"
  [[ $message == '{"outcome":"done"}' ]] || fail "the termination message: $message"
  git -c safe.directory='*' -C "$OCTOPOID_STATE/shared/trial.git" rev-parse -q --verify refs/heads/trial >/dev/null || fail "no branch was pushed"
  delete_job_and_wait
}

try_exec() {
  local pod
  rm -rf "$OCTOPOID_STATE/shared/trial.git"
  git init -q --bare "$OCTOPOID_STATE/shared/trial.git"
  chown -R 65532:65532 "$OCTOPOID_STATE/shared/trial.git"
  job_manifest 600 | "$kubectl" apply --validate=false -f - >/dev/null
  wait_for 60 "running pod" pod_is_running
  pod="$("$kubectl" get pods -l job-name=trial -o 'jsonpath={.items[0].metadata.name}')"
  [[ $("$kubectl" exec "$pod" -c agent -- id -u) == 65532 ]] || fail "kubectl exec"
  say "kubectl exec works"
  # Both are for the shell in the pod.
  # shellcheck disable=SC2016
  local asks_api=': <"/dev/tcp/$KUBERNETES_SERVICE_HOST/$KUBERNETES_SERVICE_PORT"' way_out='grep -qE "^[^[:space:]]+[[:space:]]00000000" /proc/net/route'
  "$kubectl" exec "$pod" -c agent -- bash -c "$asks_api" || fail "pods do not reach the API server"
  ! "$kubectl" exec "$pod" -c agent -- bash -c "$way_out" 2>/dev/null || fail "pods have a way out"
  say "pods reach the API server and nothing beyond the node"
}

try_service_account_token() {
  "$kubectl" create --raw /api/v1/namespaces/default/serviceaccounts/default/token -f - <<<'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}' |
    grep -q '"token":"ey' || fail "TokenRequest"
}

# As Ctrl-C: the whole process group gets it. Job control, or a background process could not be interrupted.
interrupt_up_after() {
  local pid
  set -m
  "$here/cluster.sh" up >"$work/interrupted.log" 2>&1 &
  pid=$!
  set +m
  sleep "$1"
  kill -"$2" -- "-$pid" 2>/dev/null || fail "up was over before the interrupt"
  if wait "$pid"; then fail "the interrupted up claims success"; fi
  say "interrupted up after $1 s with $2"
}

main() {
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  kubectl="$("$here/kubernetes-binaries.sh" node)/kubectl"
  "$here/image.sh" agent
  snapshot >"$work/before"

  say "up, a Job, down"
  up
  "$here/image.sh" load octopoid-agent:demo
  try_service_account_token
  try_a_job
  "$here/cluster.sh" up 2>&1 | grep -q 'is up already' || fail "a second up"
  try_exec
  say "down, with a pod running"
  "$here/cluster.sh" down
  "$here/cluster.sh" down
  expect_nothing_left "down"

  if [[ $OCTOPOID_CLUSTER == local ]]; then
    for delay in 0.4 2 4 6; do
      interrupt_up_after "$delay" INT
      expect_nothing_left "interrupt after $delay s"
    done
    interrupt_up_after 4 KILL
    "$here/cluster.sh" down
    expect_nothing_left "kill -9 and down"

    up
    say "a killed component comes back"
    kill -KILL "$(pgrep -f "^[^ ]*kube-apiserver .*$OCTOPOID_STATE/" | head -n1)"
    up
    say "a killed node is replaced"
    kill -KILL "$(pgrep -f "^bash .*lib/node-init.sh $OCTOPOID_STATE/node" | head -n1)"
    up
    "$here/image.sh" load octopoid-agent:demo
    try_a_job
    "$here/cluster.sh" down
    expect_nothing_left "the last down"
  fi
  say "all passed"
}

main "$@"
