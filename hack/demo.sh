#!/usr/bin/env bash
# demo.sh: from nothing to a dozen tasks done by real pods. Safe to repeat; `make cluster-down` removes all of it.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

readonly NAMESPACE=octopoid-demo
readonly PATIENCE=300 # seconds for a dozen tasks that take three each, on a slow machine

root="$(repository_root)"
state="$(state_dir)"
kubectl=kubectl

heading() { printf '\n== %s\n' "$*"; }

k() { "$kubectl" --kubeconfig="$state/kubeconfig" --namespace="$NAMESPACE" "$@"; }

find_kubectl() {
  command -v kubectl >/dev/null || kubectl="$("$root/hack/kubernetes-binaries.sh" control-plane)/kubectl"
}

# --validate=false: a server older than 1.25 does not know validation rules (CEL), and kubectl would refuse to send them.
install_crds() {
  k apply --validate=false -f "$root/crds" >/dev/null
  k wait --for=condition=Established --timeout=60s -f "$root/crds" >/dev/null
}

# A bare repository with one commit, on the node by a hostPath, writable by the agents' user.
make_repository() {
  local repository="$state/shared/repositories/notebook.git" work
  [[ ! -d $repository ]] || return 0
  # Made aside and moved into its place whole, below what `cluster.sh down` removes: an interrupt leaves nothing half done.
  work="$state/shared/repositories.new"
  rm -rf "$work"
  git -c init.defaultBranch=main init --quiet "$work/tree"
  printf '# Notebook\n' >"$work/tree/README.md"
  git -C "$work/tree" add README.md
  git -C "$work/tree" -c user.name=demo -c user.email=demo@octopoid.invalid commit --quiet --message "Begin the notebook"
  # Writable by all, whoever the agents are here: so that whoever runs `down` can remove what they have written.
  git clone --quiet --bare --config core.sharedRepository=0777 "$work/tree" "$work/notebook.git"
  chmod -R a+rwX "$work/notebook.git"
  mkdir -p "${repository%/*}"
  mv "$work/notebook.git" "$repository"
  rm -rf "$work"
}

# Namespace, pool and tasks; tasks of an earlier demo go first, so that there is something to see.
apply_demo() {
  k get namespace "$NAMESPACE" >/dev/null 2>&1 || k create namespace "$NAMESPACE" >/dev/null
  k delete agenttasks --all --wait=true >/dev/null
  sed "s#@SHARED@#$state/shared#g" "$root/examples/demo/pool.yaml" | k apply --validate=false -f -
  k apply --validate=false -f "$root/examples/demo/tasks.yaml"
}

# One line whenever something has changed.
watch_progress() {
  local started=$SECONDS line last="" states
  while true; do
    states="$(k get agenttasks -o 'jsonpath={range .items[*]}{.status.state}{"\n"}{end}')"
    line="$(printf '%s\n' "$states" | awk '{ n[$1]++ } END {
      printf "waiting %d, running %d, done %d, failed %d", n["incoming"], n["claimed"], n["done"], n["failed"] }')"
    line+=" | $(k get agentblueprint implementer -o 'jsonpath={.status.state}{": "}{.status.message}')"
    [[ $line == "$last" ]] || printf '%4d s  %s\n' "$((SECONDS - started))" "$line"
    last="$line"
    # The pool's status follows the tasks' within a second.
    printf '%s\n' "$states" | grep -qvE '^(done|failed)$' || [[ $line != *"| Idle:"* ]] || break
    ((SECONDS - started < PATIENCE)) || {
      k get agenttasks,pods
      tail -n 20 "$state/operator.log" >&2
      die "the tasks are not done after $PATIENCE s"
    }
    sleep 0.5
  done
  [[ $states != *failed* ]] || die "a task has failed: kubectl describe agenttasks says why"
}

show_results() {
  heading "kubectl get agentblueprints,agenttasks"
  k get agentblueprints,agenttasks
  heading "kubectl logs -l octopoid.dev/task=titles"
  k logs --selector octopoid.dev/task=titles --all-containers --tail=-1
  heading "the branches in the repository"
  git --git-dir="$state/shared/repositories/notebook.git" -c safe.directory='*' for-each-ref --format='%(refname:short)  %(subject)' refs/heads
}

say_what_next() {
  cat <<EOF

What next:
  export KUBECONFIG=$state/kubeconfig
  kubectl -n $NAMESPACE scale agentblueprint/implementer --replicas=5     # one number changes the pool
  kubectl -n $NAMESPACE create -f - <<'TASK'                              # one more task
apiVersion: octopoid.dev/v1alpha1
kind: AgentTask
metadata: {generateName: note-}
spec: {repository: notebook, prompt: "write note.md: hello"}
TASK
  kubectl -n $NAMESPACE get agenttasks,jobs,pods
  make cluster-down                                                       # removes everything
EOF
}

main() {
  require_commands dotnet git awk
  heading "a cluster"
  "$root/hack/cluster.sh" up
  find_kubectl
  heading "the agents' image"
  "$root/hack/image.sh" agent
  "$root/hack/image.sh" load octopoid-agent:demo
  heading "CRDs and operator"
  install_crds
  "$root/hack/operator.sh" start
  heading "a repository, a blueprint and a dozen tasks"
  make_repository
  apply_demo
  heading "the pool at work"
  watch_progress
  show_results
  say_what_next
}

main
