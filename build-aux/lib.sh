# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The DotAgents Authors
# What build-aux/run and build-aux/check share. Sourced; the caller stands at the top of
# the tree. POSIX sh, so that a bare Debian can run it before anything is installed.
# shellcheck shell=sh

. build-aux/packages.sh

say () { printf '%s\n' "$*" >&2; }

die () {
  say "$0: $*"
  exit 1
}

# Only npm needs this Node: the tests run on the one pinned in tests/wire/package.json, because some
# of the clients there want a newer one than Debian 12 has. Any that npm runs on will do.
have_node () {
  command -v npm >/dev/null 2>&1 || return 1
  node_major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
  [ -n "$node_major" ] && [ "$node_major" -ge 18 ]
}

# Prints those of the packages named that are not installed.
missing_packages () {
  installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
              sed -n 's/^ii *//p')
  for package in "$@"; do
    case $package in
      nodejs | npm) have_node && continue ;;
    esac
    printf '%s\n' "$installed" | grep -qxF "$package" || printf '%s\n' "$package"
  done
  return 0
}

# Installs what the groups named lack. A stamp newer than the list says that nothing is missing, so
# that a second start asks dpkg nothing.
need_packages () {
  stamp=_build/.packages-$(printf '%s' "$*" | tr ' ' '-')
  [ "$stamp" -nt build-aux/packages.sh ] && return 0

  # shellcheck disable=SC2046 # one word a package
  set -- $(packages_of "$@")
  if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    say "This is not Debian or a system derived from it, so nothing can be installed from here."
    say "What Debian 12 calls these packages is needed; install your system's equivalents and build"
    say "with meson (README.md, \"Build by hand\"):"
    for package in "$@"; do
      package_list | awk -v p="$package" '$2 == p { $1 = ""; $2 = ""; sub(/^ +/, "");
                                          printf "  %-22s %s\n", p, $0 }' >&2
    done
    exit 1
  fi

  # shellcheck disable=SC2046
  set -- $(missing_packages "$@")
  if [ $# -gt 0 ]; then
    install_packages "$@"
    # shellcheck disable=SC2046
    set -- $(missing_packages "$@")
    [ $# -eq 0 ] || die "still missing after the installation: $*"
  fi
  mkdir -p _build
  : > "$stamp"
}

install_packages () {
  say "Installing from Debian, because this tree cannot be built, run or tested without:"
  for package in "$@"; do
    package_list | awk -v p="$package" '$2 == p { $1 = ""; $2 = ""; sub(/^ +/, "");
                                        printf "  %-22s %s\n", p, $0 }' >&2
  done
  as_root=
  if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    command -v sudo >/dev/null 2>&1 ||
      die "not root and no sudo here; as root, run: apt-get install --no-install-recommends $*"
  fi
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q update >&2 ||
    say "apt-get update failed; trying with the lists that are here"
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y \
    --no-install-recommends install "$@" </dev/null >&2 ||
    die "apt-get could not install: $*"
}

# configure FOLDER OPTION…: only when the folder is not configured already. Ninja itself configures
# again when a meson.build has changed.
configure () {
  folder=$1
  shift
  [ -f "$folder/build.ninja" ] && return 0
  rm -rf "$folder"
  quietly "meson could not configure $folder" meson setup "$@" "$folder"
}

build () {
  quietly "the build in $1 failed" ninja -C "$1"
}

# quietly WHAT-FAILED COMMAND…: stays silent unless it fails; even "no work to do" would be in the
# way of the program that is started afterwards.
quietly () {
  failure=$1
  shift
  "$@" >_build/build.log 2>&1 && return 0
  grep -v '^\[[0-9]*/[0-9]*\] ' _build/build.log >&2
  rm -f _build/.packages-*   # perhaps a package was removed since: look again next time
  die "$failure"
}

# The pinned peers of the wire tests and the Node they run on, from npm, exactly as the lock file
# says. That Node comes first in PATH from here on.
need_peers () {
  modules=tests/wire/node_modules
  if ! [ $modules/.package-lock.json -nt tests/wire/package-lock.json ]; then
    say "Fetching the clients that the wire tests use (tests/wire/package.json)"
    (cd tests/wire && npm ci --ignore-scripts --no-audit --no-fund </dev/null >&2) ||
      die "npm could not install the test clients"
    touch $modules/.package-lock.json
  fi
  use_pinned_node
}

# npm installs the one that fits this processor; where there is none the system's own is used.
use_pinned_node () {
  for folder in "$PWD"/tests/wire/node_modules/node-linux-*/bin; do
    [ -x "$folder/node" ] && PATH=$folder:$PATH
  done
  export PATH
}
