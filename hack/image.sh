#!/usr/bin/env bash
# image.sh: container images for the cluster of cluster.sh, with or without a Docker engine.
#
#   image.sh base                                   makes localhost/octopoid-base:latest, once
#   image.sh build TAG CONTEXT_DIR [DOCKERFILE]     builds (the Dockerfile's ARG BASE gets that base)
#   image.sh load TAG                               makes it known to the running cluster's node
#   image.sh agent                                  builds octopoid-agent:demo
#
# Without an engine: Debian's buildah, unpacked in the cache with its storage there too. It pulls nothing: a Dockerfile
# can start FROM the base, from an image built before, or from scratch. Building needs root there.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

readonly BASE_IMAGE=localhost/octopoid-base:latest
readonly AGENT_IMAGE=octopoid-agent:demo
# What the base holds; libstdc++6 is for .NET programs that bring their own runtime.
readonly BASE_PACKAGES=(base-files bash ca-certificates coreutils dash diffutils findutils git grep gzip hostname libstdc++6 mawk
  openssh-client procps sed tar util-linux)
# Dependencies that only installing, or parts we do not use, would need: half of the size.
readonly LEFT_OUT='^(perl|libperl|liberror-perl|debconf|libdb5|libgdbm|passwd|adduser|dpkg|init-system-helpers)'

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
images="$(octopoid_cache)/images"
state="$(state_dir)"
work=""

clean_up() { [[ -z $work ]] || rm -rf "$work"; }

use_docker() {
  [[ ${OCTOPOID_CLUSTER:-auto} != local ]] && docker_answers
}

# ---- buildah ----

buildah_root() {
  debian_root buildah buildah libgpgme11 libassuan0 libgpg-error0 libdevmapper1.02.1 libsubid4 libseccomp2
}

# Everything that buildah would look up in /etc and /var is given, so that nothing of the machine is read or written.
run_buildah() {
  local root command="$1" arguments=()
  shift
  ((EUID == 0)) || die "without a Docker engine, images can only be built as root"
  root="$(buildah_root)" || exit 1
  mkdir -p "$images"/{storage,run,tmp}
  printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >"$images/policy.json"
  : >"$images/registries.conf"
  printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$images/storage" "$images/run" >"$images/storage.conf"
  : >"$images/containers.conf"
  case "$command" in
    build | push) arguments=(--signature-policy "$images/policy.json") ;;
  esac
  env LD_LIBRARY_PATH="$(library_path "$root")" TMPDIR="$images/tmp" STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot \
    CONTAINERS_STORAGE_CONF="$images/storage.conf" CONTAINERS_CONF="$images/containers.conf" \
    CONTAINERS_REGISTRIES_CONF="$images/registries.conf" \
    "$root/usr/bin/buildah" --root "$images/storage" --runroot "$images/run" "$command" "${arguments[@]}" "$@"
}

# vfs copies an image's whole tree for every layer: one layer per Dockerfile.
build_with_buildah() {
  local tag="$1" context="$2" dockerfile="$3" log="$images/build.log"
  mkdir -p "$images"
  if ! run_buildah build --pull-never --layers=false --format=docker --build-arg BASE="$BASE_IMAGE" \
    -t "$tag" -f "$dockerfile" "$context" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "could not build $tag (log: $log)"
  fi
  run_buildah rmi --prune >/dev/null 2>&1 || true
}

# ---- the base, from Debian's packages ----

base_key() { printf '%s\n' "${BASE_PACKAGES[@]}" "$LEFT_OUT" 1 | sha256sum | cut -c1-8; }

make_base_with_buildah() {
  local made="$images/base.made" log="$images/base.log"
  buildah_root >/dev/null || exit 1
  [[ $(cat "$made" 2>/dev/null || true) != "$(base_key)" ]] || ! run_buildah inspect --type image "$BASE_IMAGE" >/dev/null 2>&1 ||
    return 0
  require_bookworm "the base image"
  say "making $BASE_IMAGE from Debian's packages (once)"
  mkdir -p "$images"
  work="$(mktemp -d "$images/base.XXXXXX")"
  if ! make_base_root "$work" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "could not make the base image (log: $log)"
  fi
  printf 'FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin:/usr/bin:/bin\nCMD ["/bin/sh"]\n' >"$work/Dockerfile"
  build_with_buildah "$BASE_IMAGE" "$work/root" "$work/Dockerfile"
  base_key >"$made"
}

# Runs as the condition of an `if`, where errexit is off: every step says itself that it matters.
make_base_root() {
  local dir="$1" root="$1/root" deb name link
  prepare_private_apt "$dir" || return
  # Against an empty list of installed packages, apt names and fetches all dependencies.
  : >"$dir/status"
  private_apt "$dir" -o Dir::State::status="$dir/status" install --yes --download-only --no-install-recommends "${BASE_PACKAGES[@]}" || return
  mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,etc,home/agent,root,tmp,proc,sys,dev,run}
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  for deb in "$dir"/apt/cache/archives/*.deb; do
    name="${deb##*/}"
    [[ ! $name =~ $LEFT_OUT ]] || continue
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink --no-same-owner || return
  done
  rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,bash-completion,perl5,git-core/contrib} "$root"/var/{cache,lib/dpkg}
  # What the packages' install scripts would have done.
  ln -sf mawk "$root/usr/bin/awk"
  mkdir -p "$root/etc/ssl/certs"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt" || return
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'agent:x:65532:65532:agent:/home/agent:/bin/sh' \
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'agent:x:65532:' 'nogroup:x:65534:' >"$root/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
  chown -R 65532:65532 "$root/home/agent"
  chmod 1777 "$root/tmp"
  # It must work without anything of this machine; git wants /dev/null.
  mknod -m 666 "$root/dev/null" c 1 3
  chroot "$root" /bin/sh -c 'git --version && ssh -V && sed --version && bash --version && awk 1 /etc/passwd && setsid true && timeout 1 true' || return
  rm "$root/dev/null"
}

# ---- commands ----

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
    build_with_buildah "$tag" "$context" "$dockerfile"
  fi
  say "built $tag in $(seconds_since "$started") s"
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
    agent:1) build "$AGENT_IMAGE" "$here/images/agent" ;;
    build:3 | build:4) build "${@:2}" ;;
    load:2) load "$2" ;;
    *) die "usage: ${0##*/} base | agent | build TAG CONTEXT_DIR [DOCKERFILE] | load TAG" ;;
  esac
}

# One at a time: buildah's storage and the base are shared.
with_lock images main "$@"
