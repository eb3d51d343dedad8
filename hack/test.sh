#!/usr/bin/env bash
# test.sh: builds everything and runs every test: pure ones, those on a real API server, those on a real node.
#
# Ends with one line, `N passed, N failed, N skipped`. Skipped tests are listed with their reasons; those that failed, once more before that line.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

root="$(repository_root)"
results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT

passed=0 failed=0 skipped=0

# How long a project may take, more than twice what the longest does: one that hangs must not keep the others' counts from being told.
limit=30m

# run_project FOLDER: its own output, then its counts added up. A run that ends without counts has failed.
run_project() {
  local folder="$1" name="${1##*/}" log status=0 total errors fails skips
  log="$results/$name.log"
  say "== $name (after $((SECONDS / 60)) min $((SECONDS % 60)) s)"
  set +e +o pipefail
  timeout --kill-after=30 "$limit" dotnet run --no-build --project "$folder" -- -noLogo -noColor 2>&1 | tee "$log" | grep -vE '^ *(Discover|Start|Finish)'
  status="${PIPESTATUS[0]}"
  set -e -o pipefail
  read -r total errors fails skips < <(sed -nE \
    's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$log" | tail -n 1) || true
  if [[ -z ${total:-} || $total == 0 ]]; then
    say "error: $name ended with status $status and told no counts"
    failed=$((failed + 1))
    return
  fi
  [[ $status == 0 || $((fails + errors)) != 0 ]] || fails=1
  failed=$((failed + fails + errors))
  skipped=$((skipped + skips))
  passed=$((passed + total - fails - skips))
  grep -E '\[FAIL\] *$' "$log" || true
}

# The failures once more, each with its message: between thousands of lines nobody finds them, and many a log keeps its end alone.
repeat_failures() {
  local log
  for log in "$results"/*.log; do
    awk -v project="$(basename "$log" .log)" '
      /\[FAIL\] *$/ { failing = 1; lines = 0; print "== " project }
      /^ *=== / || (failing && !/\[FAIL\] *$/ && /^ {0,4}[^ ]/) { failing = 0 }
      failing && lines++ < 25 { print substr($0, 1, 300) }' "$log"
  done
}

# Forges' tokens in the tests begin as real ones do. None may be seen in what any test, or an operator that a test shows, has said.
check_secrets() {
  if grep -hE '(ghp|ghs)_[A-Za-z0-9]{8,}' "$results"/*.log >&2; then
    say "error: a token is in the output"
    failed=$((failed + 1))
  else
    passed=$((passed + 1))
  fi
}

# How fast it is beside a bare loop, for information alone: a number that depends on the machine fails nothing. `make bench` has them all.
tell_ratios() {
  say "== For information (not optimised; docs/performance.md)"
  dotnet run --no-build --project "$root/tests/Octopoid.Benchmarks" -- latency || say "the benchmark has failed"
}

# What some tests look for on PATH, where the machine has none: a second shell for the agents' scripts, and their linter.
bring_tools() {
  local tools
  command -v shellcheck >/dev/null && command -v busybox >/dev/null && return
  tools="$(debian_root tools busybox-static shellcheck)" || return 0
  export PATH="$PATH:$tools/bin:$tools/usr/bin"
}

main() {
  require_commands dotnet git
  bring_tools
  # Built first, once and with its progress on the terminal: tests that wait for it in silence look as if they hung.
  local binaries=node
  ! docker_answers || binaries=control-plane
  "$root/hack/kubernetes-binaries.sh" "$binaries" >/dev/null
  "$root/hack/chart.sh" lint >/dev/null
  dotnet build "$root/Octopoid.Operator.sln" --nologo --verbosity quiet
  for project in "$root"/tests/*.Tests; do
    run_project "$project"
  done
  tell_ratios
  check_secrets
  repeat_failures
  printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0))
}

main
