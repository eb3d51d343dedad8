#!/usr/bin/env bash
# operator.sh start|stop: the operator as a process beside the cluster of cluster.sh, from the sources as they are.
#
# Its program and its log (operator.log) are in the state folder (OCTOPOID_STATE). `start` replaces one that runs.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

state="$(state_dir)"
program="$state/operator/Octopoid.Operator.dll"
log="$state/operator.log"

# Found by command line, which names the state folder: a pid file can be lost or name a stranger.
operator_pids() {
  local entry arguments
  for entry in /proc/[0-9]*; do
    mapfile -d '' -t arguments 2>/dev/null <"$entry/cmdline" || continue
    [[ ${arguments[1]:-} == "$program" ]] && printf '%s\n' "${entry##*/}"
  done
  return 0
}

stop() {
  local pids deadline=$((SECONDS + 15))
  pids="$(operator_pids)"
  # shellcheck disable=SC2086  # a list
  [[ -z $pids ]] || kill -TERM $pids 2>/dev/null || true
  while [[ -n $(operator_pids) ]]; do
    # shellcheck disable=SC2046
    ((SECONDS < deadline)) || kill -KILL $(operator_pids) 2>/dev/null || true
    sleep 0.1
  done
  rm -rf "${program%/*}" "$log"
  [[ ! -d $state ]] || rmdir --ignore-fail-on-non-empty "$state"
}

start() {
  local started=$SECONDS
  require_commands dotnet
  [[ -s $state/kubeconfig ]] || die "no cluster: run hack/cluster.sh up first"
  stop
  mkdir -p "$state"
  say "building the operator"
  dotnet publish "$(repository_root)/src/Octopoid.Operator" --configuration Release --output "${program%/*}" \
    --nologo --verbosity quiet -p:DebugType=none >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    die "the operator does not build"
  }
  # Port 0: any free one; nobody asks this process for its health.
  KUBECONFIG="$state/kubeconfig" ASPNETCORE_URLS=http://127.0.0.1:0 \
    setsid dotnet "$program" </dev/null >"$log" 2>&1 8>&- 9>&- &
  disown
  say "the operator runs, after $(seconds_since "$started") s (log: $log)"
}

case "${1:-}" in
  start | stop) "$1" ;;
  *) die "usage: ${0##*/} start|stop" ;;
esac
