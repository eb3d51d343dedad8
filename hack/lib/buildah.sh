#!/usr/bin/env bash
# buildah.sh: images without a Docker engine: Debian's buildah, unpacked in the cache with its storage there too, and bases
# from Debian's packages. Sourced by image.sh, never run.

# What the base holds; libstdc++6 is for .NET programs that bring their own runtime.
readonly BASE_PACKAGES=(base-files bash ca-certificates coreutils dash diffutils findutils git grep gzip hostname libstdc++6 mawk
  openssh-client procps sed tar util-linux)
# What .NET's runtime needs, and no shell: much as Microsoft's chiseled images.
readonly RUNTIME_IMAGE=localhost/octopoid-runtime:latest
readonly RUNTIME_PACKAGES=(base-files ca-certificates libc6 libgcc-s1 libssl3 libstdc++6 zlib1g)
# Dependencies that only installing, or parts we do not use, would need: half of the size.
readonly LEFT_OUT='^(perl|libperl|liberror-perl|debconf|libdb5|libgdbm|passwd|adduser|dpkg|init-system-helpers)'

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
  # What a RUN may leave running must not hold our lock (8). For RUN it starts itself anew without our environment, so LD_LIBRARY_PATH would not do.
  ldconfig -X -C "$images/ld.so.cache" -f <(printf 'include /etc/ld.so.conf\n'; library_path "$root" | tr : '\n')
  # shellcheck disable=SC2016  # the inner shell's
  unshare --mount sh -ec 'mount --bind "$1" /etc/ld.so.cache; shift; exec "$@"' sh "$images/ld.so.cache" \
    env TMPDIR="$images/tmp" STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot \
    CONTAINERS_STORAGE_CONF="$images/storage.conf" CONTAINERS_CONF="$images/containers.conf" \
    CONTAINERS_REGISTRIES_CONF="$images/registries.conf" \
    "$root/usr/bin/buildah" --root "$images/storage" --runroot "$images/run" "$command" "${arguments[@]}" "$@" 8>&-
}

# build_with_buildah TAG CONTEXT DOCKERFILE ARGUMENT...
# vfs copies an image's whole tree for every layer: one layer per Dockerfile.
build_with_buildah() {
  local tag="$1" context="$2" dockerfile="$3" log="$images/build.log"
  shift 3
  mkdir -p "$images"
  if ! run_buildah build --pull-never --layers=false --format=docker "$@" -t "$tag" -f "$dockerfile" "$context" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "could not build $tag (log: $log)"
  fi
  run_buildah rmi --prune >/dev/null 2>&1 || true
}

has_image() { run_buildah inspect --type image "$1" >/dev/null 2>&1; }

# ---- bases, from Debian's packages ----

# make_with_buildah NAME IMAGE KEY DIRECTIVES FUNCTION: an image of what FUNCTION puts into a folder; once for each KEY.
make_with_buildah() {
  local name="$1" image="$2" key="$3" directives="$4" function="$5" made="$images/$1.made" log="$images/$1.log"
  buildah_root >/dev/null || exit 1
  [[ $(cat "$made" 2>/dev/null || true) != "$key" ]] || ! has_image "$image" || return 0
  require_bookworm "$image"
  say "making $image from Debian's packages (once)"
  mkdir -p "$images"
  work="$(mktemp -d "$images/$name.XXXXXX")"
  if ! "$function" "$work" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "could not make $image (log: $log)"
  fi
  printf 'FROM scratch\nCOPY . /\n%b' "$directives" >"$work/Dockerfile"
  build_with_buildah "$image" "$work/root" "$work/Dockerfile"
  printf '%s\n' "$key" >"$made"
  rm -rf "$work"
}

key_of() { printf '%s\n' "$@" | sha256sum | cut -c1-8; }

make_base_with_buildah() {
  make_with_buildah base "$BASE_IMAGE" "$(key_of "${BASE_PACKAGES[@]}" "$LEFT_OUT" 1)" \
    'ENV PATH=/usr/local/bin:/usr/bin:/bin\nCMD ["/bin/sh"]\n' make_base_root
}

# The shared runtimes are this machine's.
make_runtime_with_buildah() {
  make_with_buildah runtime "$RUNTIME_IMAGE" "$(key_of "${RUNTIME_PACKAGES[@]}" "$LEFT_OUT" "$(dotnet --list-runtimes)" 1)" \
    'ENV PATH=/usr/bin\n' make_runtime_root
}

# make_debian_tree DIR PACKAGE...: these and all of their dependencies, in DIR/root.
# Runs as the condition of an `if`, where errexit is off: every step says itself that it matters.
make_debian_tree() {
  local dir="$1" root="$1/root" deb name link
  shift
  prepare_private_apt "$dir" || return
  # Against an empty list of installed packages, apt names and fetches all dependencies.
  : >"$dir/status"
  private_apt "$dir" -o Dir::State::status="$dir/status" install --yes --download-only --no-install-recommends "$@" || return
  mkdir -p "$root"/{usr/bin,usr/sbin,usr/lib,usr/lib64,etc,home/agent,root,tmp,proc,sys,dev,run}
  for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
  for deb in "$dir"/apt/cache/archives/*.deb; do
    name="${deb##*/}"
    [[ ! $name =~ $LEFT_OUT ]] || continue
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink --no-same-owner || return
  done
  rm -rf "$root"/usr/share/{doc,man,info,locale,lintian,bash-completion,perl5,git-core/contrib} "$root"/var/{cache,lib/dpkg}
  # What the packages' install scripts would have done.
  mkdir -p "$root/etc/ssl/certs"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt" || return
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'agent:x:65532:65532:agent:/home/agent:/bin/sh' \
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'agent:x:65532:' 'nogroup:x:65534:' >"$root/etc/group"
  printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
  chown -R 65532:65532 "$root/home/agent"
  chmod 1777 "$root/tmp"
}

make_base_root() {
  local root="$1/root"
  make_debian_tree "$1" "${BASE_PACKAGES[@]}" || return
  ln -sf mawk "$root/usr/bin/awk"
  # It must work without anything of this machine; git wants /dev/null.
  mknod -m 666 "$root/dev/null" c 1 3
  chroot "$root" /bin/sh -c 'git --version && ssh -V && sed --version && bash --version && awk 1 /etc/passwd && setsid true && timeout 1 true' || return
  rm "$root/dev/null"
}

make_runtime_root() {
  local root="$1/root" sdk
  sdk="$(dotnet_root)" || return
  make_debian_tree "$1" "${RUNTIME_PACKAGES[@]}" || return
  rm -rf "$root"/usr/{bin,sbin}/* "$root/home/agent"
  mkdir -p "$root/usr/share/dotnet/shared"
  cp -r "$sdk"/{dotnet,host} "$root/usr/share/dotnet/" || return
  cp -r "$sdk"/shared/Microsoft.{NETCore,AspNetCore}.App "$root/usr/share/dotnet/shared/" || return
  ln -s ../share/dotnet/dotnet "$root/usr/bin/dotnet"
  chroot "$root" /usr/bin/dotnet --list-runtimes
}

dotnet_root() {
  local program
  program="$(command -v dotnet)" || return
  dirname "$(readlink -f "$program")"
}

# ---- the operator ----

# build_operator_with_buildah TAG ARGUMENT...: this machine's SDK is mounted into our base. The packages are restored here,
# by the NuGet settings of this machine, and mounted as well: the build asks no network.
build_operator_with_buildah() {
  local tag="$1" sdk packages bin
  shift
  make_base_with_buildah
  make_runtime_with_buildah
  sdk="$(dotnet_root)"
  dotnet restore "$repository/src/Octopoid.Operator" --verbosity quiet >&2
  packages="$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')"
  work="$(mktemp -d "$images/operator.XXXXXX")"
  mkdir "$work/bin"
  # The base has no ICU.
  printf '#!/bin/sh\nexport DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_NOLOGO=1\nexec %q "$@"\n' "$sdk/dotnet" >"$work/bin/dotnet"
  chmod +x "$work/bin/dotnet"
  build_with_buildah "$tag" "$repository" "$repository/Dockerfile" --build-arg SDK="$BASE_IMAGE" --build-arg RUNTIME="$RUNTIME_IMAGE" \
    --build-arg PACKAGES=/packages --volume "$sdk:$sdk:ro" --volume "$packages:/packages:ro" --volume "$work/bin:/usr/local/bin:ro" "$@"
  rm -rf "$work"
}
