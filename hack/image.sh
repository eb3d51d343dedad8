#!/usr/bin/env bash
# image.sh: container images for the cluster of cluster.sh, with or without a Docker engine.
#
#   image.sh base                                   makes localhost/octopoid-base:latest, once
#   image.sh build TAG CONTEXT_DIR [DOCKERFILE]     builds (the Dockerfile's ARG BASE gets that base)
#   image.sh load TAG                               makes it known to the running cluster's node
#   image.sh agent                                  builds octopoid-agent:demo
#   image.sh operator [TAG [VERSION]]               builds octopoid-operator:dev from the Dockerfile at the top; at once when
#                                                   neither sources nor SDK have changed
#
# Without an engine: Debian's buildah. It pulls nothing: a Dockerfile can start FROM the base, from an image built before, or
# from scratch. Building needs root there.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

readonly BASE_IMAGE=localhost/octopoid-base:latest
readonly AGENT_IMAGE=octopoid-agent:demo
readonly OPERATOR_IMAGE=octopoid-operator:dev

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
images="$(octopoid_cache)/images"
repository="$(repository_root)"
state="$(state_dir)"
work=""

# shellcheck source=lib/buildah.sh
. "$here/lib/buildah.sh"

clean_up() { [[ -z $work ]] || rm -rf "$work"; }

use_docker() {
  [[ ${OCTOPOID_CLUSTER:-auto} != local ]] && docker_answers
}

base() {
  if use_docker; then
    docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 || docker build --quiet -t "$BASE_IMAGE" "$here/images/base" >/dev/null
  else
    make_base_with_buildah
  fi
}

build() {
  local tag="$1" context="$2" dockerfile="${3:-$2/Dockerfile}" started=$SECONDS
  [[ -d $context ]] || die "no such folder: $context"
  [[ -r $dockerfile ]] || die "no such file: $dockerfile"
  base
  say "building $tag"
  if use_docker; then
    docker build --quiet --build-arg BASE="$BASE_IMAGE" -t "$tag" -f "$dockerfile" "$context" >/dev/null
  else
    build_with_buildah "$tag" "$context" "$dockerfile" --build-arg BASE="$BASE_IMAGE"
  fi
  say "built $tag in $(seconds_since "$started") s"
}

# All that the operator's image is made of, but for the commit that its label names.
operator_key() {
  (
    cd "$repository"
    printf '%s\n' "$1" "$(dotnet --version)"
    find Dockerfile .dockerignore .editorconfig BannedSymbols.txt Directory.*.props global.json src hack/lib/buildah.sh \
      -type d \( -name bin -o -name obj \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
  ) | sha256sum | cut -c1-16
}

operator() {
  local tag="${1:-$OPERATOR_IMAGE}" version="${2:-}" started=$SECONDS made arguments=()
  [[ -n $version ]] || version="$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$repository/Directory.Build.props")"
  arguments=(--build-arg VERSION="$version" --build-arg REVISION="$(git -C "$repository" rev-parse HEAD 2>/dev/null || true)")
  made="$images/${tag//[\/:]/-}.made"
  if use_docker; then
    docker build --quiet "${arguments[@]}" -t "$tag" "$repository" >/dev/null
  elif [[ $(cat "$made" 2>/dev/null || true) != "$(operator_key "$version")" ]] || ! has_image "$tag"; then
    say "building $tag"
    build_operator_with_buildah "$tag" "${arguments[@]}"
    operator_key "$version" >"$made"
  fi
  say "$tag is there after $(seconds_since "$started") s: $(image_size "$tag")"
}

image_size() {
  if use_docker; then
    docker image inspect -f '{{.Size}}' "$1" | awk '{ printf "%d MB\n", $1 / 1e6 }'
  else
    run_buildah images --json "$1" | sed -n 's/.*"size": "\([^"]*\)".*/\1/p'
  fi
}

load_into_local() {
  local tag="$1" root
  work="$(mktemp -d "${images}/load.XXXXXX")"
  if use_docker; then
    docker save -o "$work/image.tar" "$tag"
  else
    run_buildah push --quiet "$tag" "docker-archive:$work/image.tar:$tag" || die "no image $tag: build it first"
  fi
  root="$(node_root)"
  in_node "$state/node" "$root/usr/bin/ctr" -n k8s.io images import "$work/image.tar" >"$images/load.log" 2>&1 || {
    tail -n 5 "$images/load.log" >&2
    die "could not import $tag into the local node"
  }
}

load() {
  local tag="$1" mode started=$SECONDS
  mode="$(cluster_mode "$state")"
  mkdir -p "$images"
  case "$mode" in
    local) load_into_local "$tag" ;;
    k3s) docker save "$tag" | docker exec -i "$(cluster_id "$state")" ctr -n k8s.io images import - >/dev/null ;;
    kubeconfig) die "OCTOPOID_CLUSTER=kubeconfig: push $tag to a registry which that cluster reads" ;;
  esac
  say "loaded $tag in $(seconds_since "$started") s"
}

main() {
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  case "${1:-}:$#" in
    base:1) base ;;
    operator:[123]) operator "${@:2}" ;;
    agent:1) build "$AGENT_IMAGE" "$here/images/agent" ;;
    build:3 | build:4) build "${@:2}" ;;
    load:2) load "$2" ;;
    *) die "usage: ${0##*/} base | agent | operator [TAG [VERSION]] | build TAG CONTEXT_DIR [DOCKERFILE] | load TAG" ;;
  esac
}

# One at a time: buildah's storage and the base are shared.
with_lock images main "$@"
