#!/usr/bin/env bash
# kubernetes-binaries.sh [control-plane|node]
#
# Prints one line: the folder that holds the Kubernetes binaries. Progress goes to stderr.
#   control-plane (default): etcd, kube-apiserver, kubectl
#   node: these and kube-controller-manager, kube-scheduler, kubelet
#
# Looked up in $KUBEBUILDER_ASSETS if that is set, else in the cache, else built once into the cache from Debian's
# source package, with Debian's own Go. Nothing is installed and root is not needed: packages are unpacked only.
set -euo pipefail

# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

readonly KUBERNETES_VERSION=1.20.2
readonly BUILD=3 # to be raised whenever the build's recipe changes, or caches keep what the old one made
readonly SOURCE_VERSION="1.20.5+really${KUBERNETES_VERSION}"
readonly SOURCE_DATE=2021-01-13T13:20:00Z
readonly IMPORT_PATH=k8s.io/kubernetes

cache="$(octopoid_cache)/kubernetes"
bin="$cache/$KUBERNETES_VERSION-$BUILD/bin"
log="$cache/build.log"
build=""
child=""

wanted_binaries() {
  case "$1" in
    control-plane) printf '%s\n' etcd kube-apiserver kubectl ;;
    node) printf '%s\n' etcd kube-apiserver kubectl kube-controller-manager kube-scheduler kubelet ;;
    *) die "usage: ${0##*/} [control-plane|node]" ;;
  esac
}

# missing_from DIR NAME...: a dangling link counts as missing.
missing_from() {
  local dir="$1" name
  shift
  for name in "$@"; do
    [[ -x $dir/$name ]] || printf '%s\n' "$name"
  done
}

link_kubectl_from_path() {
  local kubectl
  kubectl="$(command -v kubectl)" || return 0
  mkdir -p "$bin"
  ln -sfn "$(readlink -f "$kubectl")" "$bin/kubectl"
}

# Runs a step in its own process group with its output in the log: an interrupt then stops it at once, compilers too.
step() {
  local what="$1" started=$SECONDS status=0
  shift
  say "  $what ..."
  printf '\n== %s\n' "$what" >>"$log"
  setsid nice bash -c 'set -euo pipefail; "$@"' step "$@" >>"$log" 2>&1 9>&- &
  child=$!
  wait "$child" || status=$?
  child=""
  ((status == 0)) || fail_with_log "$what"
  say "  $what: $(seconds_since "$started") s"
}

fail_with_log() {
  say "---- the end of $log"
  tail -n 30 "$log" >&2
  say "----"
  die "could not build the Kubernetes binaries: '$1' failed"
}

clean_up() {
  if [[ -n $child ]]; then
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  [[ -z $build ]] || rm -rf "$build"
}

fetch_packages() {
  local names=("$@")
  prepare_private_apt "$build"
  unpack_debian_packages "$build" "$build/root" "${names[@]}"
}

fetch_source() {
  local tree="$build/go/src/$IMPORT_PATH" patch
  mkdir -p "$build/source" "$tree"
  (cd "$build/source" && private_apt "$build" source --download-only kubernetes)
  tar -xzf "$build/source/kubernetes_$SOURCE_VERSION.orig.tar.gz" -C "$tree" --strip-components=1
  tar -xJf "$build/source/kubernetes_$SOURCE_VERSION"-*.debian.tar.xz -C "$tree"
  # What dpkg-source would do; its package is not worth a dependency.
  while read -r patch; do
    [[ -z $patch || $patch == \#* ]] && continue
    echo "patch $patch"
    "$build/root/usr/bin/patch" -d "$tree" -p1 --batch --forward --no-backup-if-mismatch <"$tree/debian/patches/${patch%% *}"
  done <"$tree/debian/patches/series"
  # The vendored reflect2 is older than Go 1.18: with it the API server crashes at the first custom resource.
  rm -rf "$tree/vendor/github.com/modern-go/reflect2"
  cp -r "$build/root/usr/share/gocode/src/github.com/modern-go/reflect2" "$tree/vendor/github.com/modern-go/"
  # Compiled by Go 1.18 or newer, this takes an empty string for no value, and refuses it in every custom resource.
  local validator
  for validator in "$tree"/vendor/{github.com/go-openapi,k8s.io/kube-openapi/pkg/validation}/validate/type.go; do
    sed -i 's/data == nil || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data))/data == nil/' "$validator"
    grep -q 'if data == nil {' "$validator"
  done
  # kubelet looks for a Docker engine five times, a second apart, before it does anything else.
  local factory="$tree/vendor/github.com/google/cadvisor/container/docker/factory.go"
  sed -i 's/rootDirRetryPeriod time.Duration = 1000 /rootDirRetryPeriod time.Duration = 10 /' "$factory"
  grep -q 'rootDirRetryPeriod time.Duration = 10 ' "$factory"
}

# The API server's OpenAPI definitions are not part of the source tree.
generate_openapi() {
  local tree="$build/go/src/$IMPORT_PATH" packages
  cd "$tree"
  go build -o "$build/openapi-gen" "$IMPORT_PATH/vendor/k8s.io/kube-openapi/cmd/openapi-gen"
  packages="$(
    grep -rl --include='*.go' --exclude='zz_generated*' '^// *+k8s:openapi-gen=' pkg cmd plugin staging/src/k8s.io |
      grep -v '/testdata/' | xargs -n1 dirname | sort -u |
      sed -e 's#^staging/src/#vendor/#' -e "s#^#$IMPORT_PATH/#"
  )"
  echo "OpenAPI packages: $(wc -l <<<"$packages")"
  "$build/openapi-gen" --logtostderr -i "$(paste -sd, <<<"$packages")" -p "$IMPORT_PATH/pkg/generated/openapi" \
    -O zz_generated.openapi -o "$build/go/src" -h hack/boilerplate/boilerplate.generatego.txt -r "$build/openapi-report"
}

compile() {
  local names=("$@") packages=() name flags="" where
  for where in vendor/k8s.io/component-base/version vendor/k8s.io/client-go/pkg/version; do
    flags+=" -X $IMPORT_PATH/$where.gitVersion=v$KUBERNETES_VERSION"
    flags+=" -X $IMPORT_PATH/$where.gitMajor=${KUBERNETES_VERSION%%.*} -X $IMPORT_PATH/$where.gitMinor=20"
    flags+=" -X $IMPORT_PATH/$where.gitTreeState=archive -X $IMPORT_PATH/$where.buildDate=$SOURCE_DATE"
  done
  for name in "${names[@]}"; do packages+=("$IMPORT_PATH/cmd/$name"); done
  cd "$build/go/src/$IMPORT_PATH"
  mkdir -p "$build/bin"
  go build -trimpath -ldflags "-s -w$flags" -o "$build/bin/" "${packages[@]}"
}

use_go_from_build() {
  export GOROOT="$build/root/usr/lib/go-1.19" GOPATH="$build/go" GOCACHE="$build/go-cache" GOTMPDIR="$build/tmp" TMPDIR="$build/tmp"
  export GO111MODULE=off GOFLAGS="" CGO_ENABLED=0 PATH="$build/root/usr/lib/go-1.19/bin:$PATH"
  unset GOOS GOARCH GOBIN
  mkdir -p "$build/tmp"
}

# build_into_cache NAME...
build_into_cache() {
  local packages=() programs=() name
  for name in "$@"; do
    case "$name" in
      etcd) packages+=(etcd-server) ;;
      *) programs+=("$name") ;;
    esac
  done
  ((${#programs[@]} == 0)) || packages+=(golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev patch)

  require_bookworm "the Kubernetes binaries ($*)"
  require_commands apt-get dpkg-deb tar xz flock setsid
  rm -rf "$cache"/build.??????
  build="$(mktemp -d "$cache/build.XXXXXX")"
  date -u '+%Y-%m-%dT%H:%M:%SZ' >"$log"
  export build SOURCE_VERSION KUBERNETES_VERSION SOURCE_DATE IMPORT_PATH
  export -f say die private_apt prepare_private_apt unpack_debian_packages fetch_packages fetch_source generate_openapi compile

  say "Kubernetes $KUBERNETES_VERSION: making ${*} (once; about five minutes on two cores; log: $log)"
  step "fetching Debian's packages" fetch_packages "${packages[@]}"
  if ((${#programs[@]} > 0)); then
    use_go_from_build
    step "fetching and patching the source" fetch_source
    if [[ " ${programs[*]} " == *" kube-apiserver "* ]]; then
      step "generating the OpenAPI definitions" generate_openapi
    fi
    step "compiling ${programs[*]}" compile "${programs[@]}"
  fi
  [[ ! -x $build/root/usr/bin/etcd ]] || { mkdir -p "$build/bin" && cp "$build/root/usr/bin/etcd" "$build/bin/etcd"; }

  mkdir -p "$bin"
  for name in "$@"; do
    mv -f "$build/bin/$name" "$bin/$name"
  done
}

main() {
  local set_name="${1:-control-plane}" wanted=() missing=()
  mapfile -t wanted < <(wanted_binaries "$set_name")
  ((${#wanted[@]} > 0)) || exit 2

  if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
    mapfile -t missing < <(missing_from "$KUBEBUILDER_ASSETS" "${wanted[@]}")
    ((${#missing[@]} == 0)) || die "KUBEBUILDER_ASSETS is set to $KUBEBUILDER_ASSETS, which lacks: ${missing[*]}"
    printf '%s\n' "$KUBEBUILDER_ASSETS"
    return
  fi

  mapfile -t missing < <(missing_from "$bin" "${wanted[@]}")
  if ((${#missing[@]} > 0)); then
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock -n 9 || { say "waiting for another build of the Kubernetes binaries"; flock 9; }
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    [[ -x $bin/kubectl ]] || link_kubectl_from_path
    mapfile -t missing < <(missing_from "$bin" "${wanted[@]}")
    ((${#missing[@]} == 0)) || build_into_cache "${missing[@]}"
  fi
  printf '%s\n' "$bin"
}

main "$@"
