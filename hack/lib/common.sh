#!/usr/bin/env bash
# What the scripts in hack/ share: saying things, the cache, and Debian's packages without installing them.
# Sourced, never run.

# The per-user cache: everything in it can be deleted at any time and is made again.
octopoid_cache() {
  printf '%s\n' "${OCTOPOID_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/octopoid}"
}

# stdout belongs to each script's result, so all talk goes to stderr.
say() { printf '%s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# seconds_since START_SECONDS: for progress lines.
seconds_since() { printf '%s\n' "$((SECONDS - $1))"; }

require_commands() {
  local command missing=()
  for command in "$@"; do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  ((${#missing[@]} == 0)) || die "needed and not on PATH: ${missing[*]}"
}

require_bookworm() {
  local codename=""
  # shellcheck disable=SC1091  # a file of the machine
  [[ -r /etc/os-release ]] && codename="$(. /etc/os-release && printf '%s' "${ID:-} ${VERSION_CODENAME:-}")"
  [[ $codename == "debian bookworm" ]] ||
    die "$1 can only be built on Debian 12 (bookworm): set KUBEBUILDER_ASSETS to a folder that holds the Kubernetes binaries"
}

# private_apt DIR COMMAND...: apt-get with its own lists and cache below DIR. The machine's sources are read, with
# source packages switched on; nothing of the machine is written, so it needs neither root nor a fresh `apt-get update`.
private_apt() {
  local dir="$1" program=apt-get
  shift
  [[ $1 == policy || $1 == show || $1 == depends ]] && program=apt-cache
  "$program" -q \
    -o Dir::Etc::sourcelist="$dir/apt/sources.list" -o Dir::Etc::sourceparts="$dir/apt/sources.d" \
    -o Dir::State::Lists="$dir/apt/lists" -o Dir::Cache="$dir/apt/cache" \
    -o APT::Sandbox::User="" -o APT::Update::Post-Invoke::= "$@"
}

# Copies the machine's sources, adds their source packages, and reads the lists.
prepare_private_apt() {
  local dir="$1" file
  mkdir -p "$dir"/apt/{sources.d,lists/partial,cache/archives/partial}
  : >"$dir/apt/sources.list"
  if [[ -r /etc/apt/sources.list ]]; then
    sed -n 's/^deb[[:space:]]\(.*\)/deb \1\ndeb-src \1/p' /etc/apt/sources.list >"$dir/apt/sources.list"
  fi
  for file in /etc/apt/sources.list.d/*.list; do
    [[ -r $file ]] && sed -n 's/^deb[[:space:]]\(.*\)/deb \1\ndeb-src \1/p' "$file" >"$dir/apt/sources.d/${file##*/}"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -r $file ]] && sed 's/^Types:.*/Types: deb deb-src/' "$file" >"$dir/apt/sources.d/${file##*/}"
  done
  # Without this, unreachable sources are only a warning, and the lists stay empty.
  private_apt "$dir" -o APT::Update::Error-Mode=any update
}

# unpack_debian_packages DIR ROOT PACKAGE...: downloads packages (without their dependencies) by the private apt in
# DIR and unpacks them into ROOT. Unpacked and not installed: no service starts and the machine stays as it is.
unpack_debian_packages() {
  local dir="$1" root="$2" deb
  shift 2
  # Each step says itself that it matters: callers that test the outcome switch errexit off.
  mkdir -p "$dir/debs" "$root" || return
  (cd "$dir/debs" && private_apt "$dir" download "$@") || return
  for deb in "$dir"/debs/*.deb; do
    dpkg-deb -x "$deb" "$root" || return
  done
  rm -rf "$dir/debs"
}

# with_lock NAME COMMAND...: one at a time per user and name. The lock dies with its holder.
with_lock() {
  local file
  file="$(octopoid_cache)/locks/$1"
  shift
  mkdir -p "${file%/*}"
  (
    exec 8>"$file"
    flock -n 8 || { say "waiting for another ${0##*/} (lock $file)"; flock 8; }
    "$@"
  )
}

# debian_root NAME PACKAGE...: prints a folder of the cache with these packages unpacked; made once.
debian_root() {
  local root
  root="$(octopoid_cache)/debian/$1-$(printf '%s\n' "${@:2}" | sha256sum | cut -c1-8)"
  [[ -d $root ]] || with_lock "debian-$1" make_debian_root "$root" "${@:2}" || return
  printf '%s\n' "$root"
}

make_debian_root() {
  local root="$1" build log
  shift
  [[ ! -d $root ]] || return 0
  require_bookworm "what is needed from Debian's packages ($*)"
  require_commands apt-get dpkg-deb tar flock
  mkdir -p "${root%/*}"
  log="$root.log"
  build="$(mktemp -d "$root.XXXXXX")"
  # shellcheck disable=SC2064  # this function's value, now
  trap "rm -rf '$build'" EXIT
  say "unpacking Debian packages into the cache: $*"
  if ! { prepare_private_apt "$build" && unpack_debian_packages "$build" "$build/root" "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "could not fetch Debian's packages (log: $log)"
  fi
  mv -T "$build/root" "$root"
}

# What runs containers on a machine without an engine; prints its folder.
node_root() {
  debian_root node containerd runc containernetworking-plugins libseccomp2 busybox-static redir
}

library_path() { printf '%s\n' "$1/usr/lib/$(uname -m)-linux-gnu:$1/lib/$(uname -m)-linux-gnu"; }

repository_root() { (cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P); }

state_dir() {
  local dir="${OCTOPOID_STATE:-$(repository_root)/.cluster}"
  readlink -m "$dir"
}

# A name for what must be unique per state folder outside of it: cgroups, containers, locks.
cluster_id() { printf 'octopoid-%s\n' "$(printf '%s' "$1" | sha256sum | cut -c1-8)"; }

docker_answers() { command -v docker >/dev/null && docker info >/dev/null 2>&1; }

# cluster_mode STATE: the running cluster's mode, else the wanted one.
cluster_mode() {
  local wanted="${OCTOPOID_CLUSTER:-auto}" running=""
  [[ ! -r $1/mode ]] || running="$(<"$1/mode")"
  case "$wanted" in
    auto)
      if [[ -n $running ]]; then
        wanted="$running"
      elif docker_answers; then
        wanted=k3s
      else
        wanted=local
      fi
      ;;
    local | k3s | kubeconfig) ;;
    *) die "OCTOPOID_CLUSTER is '$wanted': use auto, local, k3s or kubeconfig" ;;
  esac
  [[ -z $running || $running == "$wanted" ]] ||
    die "OCTOPOID_CLUSTER is '$wanted', but $1 holds a '$running' cluster: run 'hack/cluster.sh down' first"
  printf '%s\n' "$wanted"
}

# node_init_pids NODE_DIR: the processes of lib/node-init.sh for this folder, found by command line and not by a pid
# file: a file can be lost or name a stranger.
node_init_pids() {
  local entry arguments
  for entry in /proc/[0-9]*; do
    mapfile -d '' -t arguments 2>/dev/null <"$entry/cmdline" || continue
    [[ ${arguments[1]:-} == */lib/node-init.sh && ${arguments[2]:-} == "$1" ]] && printf '%s\n' "${entry##*/}"
  done
  return 0
}

# node_init_pid NODE_DIR: the one of them that is process 1 of the node's namespace.
node_init_pid() {
  local pid
  for pid in $(node_init_pids "$1"); do
    if grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$pid/status" 2>/dev/null; then
      printf '%s\n' "$pid"
      return
    fi
  done
  return 1
}

# in_node NODE_DIR COMMAND...: runs a command as the node sees the machine (its mounts and processes).
in_node() {
  local pid
  pid="$(node_init_pid "$1")" || die "the local node is not running"
  shift
  nsenter --target "$pid" --mount --pid -- "$@"
}

# write_image_archive FILE NAME ROOT_DIR ENTRYPOINT_JSON: a one-layer image as docker-archive, without any engine.
write_image_archive() {
  local file="$1" name="$2" root="$3" entrypoint="$4" dir layer architecture
  dir="$(mktemp -d "$file.XXXXXX")"
  architecture="$(dpkg --print-architecture)"
  tar -C "$root" --owner=0 --group=0 --numeric-owner --sort=name --mtime=@0 -cf "$dir/layer.tar" .
  layer="$(sha256sum "$dir/layer.tar" | cut -d' ' -f1)"
  cat >"$dir/config.json" <<EOF
{"architecture":"$architecture","os":"linux","config":{"Entrypoint":$entrypoint,"WorkingDir":"/"},
 "rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created_by":"octopoid"}]}
EOF
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]\n' "$name" >"$dir/manifest.json"
  tar -C "$dir" -cf "$dir/image.tar" config.json manifest.json layer.tar
  mv "$dir/image.tar" "$file"
  rm -rf "$dir"
}
