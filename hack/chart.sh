#!/usr/bin/env bash
# chart.sh template NAME [-n NS] [-f FILE] [--set K=V] [--kube-version V] [--api-versions X] [--show-only TEMPLATE] ...
# chart.sh lint [-f FILE] [--set K=V] ...
#
# Prints the chart's manifests, or looks it over. Helm does it where it is on PATH; else hack/chart, which renders as
# Helm does, built once into the cache with Debian's Go and libraries.
#
# chart.sh notes NAME ...: what Helm says after an install, or with --is-upgrade after an upgrade. hack/chart only.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

root="$(repository_root)"
chart="$root/charts/octopoid-operator"
source="$root/hack/chart"
# Its libraries without their dependencies: what these bring, Go needs to see.
readonly PACKAGES=(
  golang-1.19-go golang-1.19-src
  golang-github-masterminds-{sprig,semver,goutils}-dev golang-github-huandu-xstrings-dev golang-github-google-uuid-dev
  golang-github-imdario-mergo-dev golang-github-shopspring-decimal-dev golang-github-spf13-cast-dev
  golang-github-mitchellh-{copystructure,reflectwalk}-dev golang-golang-x-crypto-dev
  golang-k8s-sigs-yaml-dev golang-gopkg-yaml.v{2,3}-dev golang-github-xeipuuv-gojson{schema,reference,pointer}-dev
)

# renderer: prints the path of the program; made again whenever its source has changed.
renderer() {
  local program
  program="$(octopoid_cache)/chart/$(cat "$source"/*.go | sha256sum | cut -c1-12)/chart"
  [[ -x $program ]] || with_lock chart make_renderer "$program" || return
  printf '%s\n' "$program"
}

make_renderer() {
  local program="$1" go build
  [[ ! -x $program ]] || return 0
  go="$(debian_root chart "${PACKAGES[@]}")" || return
  mkdir -p "${program%/*}"
  build="$(mktemp -d "$(octopoid_cache)/chart/build.XXXXXX")"
  # shellcheck disable=SC2064  # this function's value, now
  trap "rm -rf '$build'" EXIT
  say "building the chart's renderer (once)"
  # In GOPATH mode a program is a folder anywhere, and its libraries are where Debian puts them.
  env -u GOOS -u GOARCH -u GOBIN GOROOT="$go/usr/lib/go-1.19" GOPATH="$go/usr/share/gocode" GO111MODULE=off GOFLAGS="" \
    CGO_ENABLED=0 GOCACHE="$build/cache" GOTMPDIR="$build" \
    "$go/usr/lib/go-1.19/bin/go" build -trimpath -o "$build/chart" "$source"/*.go >&2 || return
  mv "$build/chart" "$program"
}

main() {
  local command="${1:-}" program=""
  case "$command" in
    template | notes) (($# >= 2)) || die "usage: ${0##*/} $command NAME [OPTION...]" ;;
    lint) ;;
    *) die "usage: ${0##*/} template|notes NAME [OPTION...], or lint [OPTION...]" ;;
  esac
  if [[ $command == notes ]] || ! program="$(command -v helm)"; then
    program="$(renderer)" || die "the chart's renderer could not be built"
  fi
  case "$command" in
    template) exec "$program" template "$2" "$chart" "${@:3}" ;;
    notes) exec "$program" template "$2" "$chart" --notes "${@:3}" ;;
    lint) exec "$program" lint "$chart" "${@:2}" ;;
  esac
}

main "$@"
