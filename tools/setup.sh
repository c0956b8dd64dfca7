#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tools/setup.sh [run|test|bench|kernel|all]: installs the Debian packages that are missing for that
# purpose, and puts the release archives of the subprojects into subprojects/packagecache/.
# What is there already is neither installed nor fetched again.
set -euo pipefail
set -f # the names below are not to be taken for file patterns
export LC_ALL=C # what apt says is read below
cd "$(dirname "$0")/.."
purpose=${1:-all}

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# One line a package: `a|b` means that either name serves, a leading `?` that lull does without.
build_packages='clang-19 lld-19 llvm-19 g++ meson ninja-build|ninja ?ccache pkg-config|pkgconf
  python3 libssl-dev ca-certificates'
run_packages='redis-tools|valkey-tools'
test_packages='libclang-rt-19-dev clang-format-19 git util-linux ?relacy-dev ?spin
  ?strace ?valgrind ?gdb ?openssl ?nftables ?iproute2 libbenchmark-dev'
bench_packages='libbenchmark-dev ?liburcu-dev ?libck-dev ?libcds-dev ?libasio-dev ?libuv1-dev ?fio
  ?python3-matplotlib ?valgrind'
kernel_packages='qemu-system-x86 busybox-static e2fsprogs'
case $purpose in
  run) packages="$build_packages $run_packages" ;;
  test) packages="$build_packages $run_packages $test_packages" ;;
  bench) packages="$build_packages $run_packages $bench_packages" ;;
  kernel) packages="$kernel_packages" ;;
  all) packages="$build_packages $run_packages $test_packages $bench_packages $kernel_packages" ;;
  *) fail "there is no set of packages called $purpose; known: run, test, bench, kernel, all" ;;
esac

# As a package; or as a program of that name, which may come from elsewhere.
is_installed() {
  [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ||
    command -v "$1" >/dev/null
}
can_be_installed() {
  local candidate
  candidate=$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p')
  [ -n "$candidate" ] && [ "$candidate" != '(none)' ]
}
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Prints those entries of $packages of which no alternative is installed.
missing_entries() {
  local entry name
  for entry in $packages; do
    for name in $(tr '|' ' ' <<<"${entry#\?}"); do
      if is_installed "$name"; then continue 2; fi
    done
    printf '%s\n' "$entry"
  done | sort -u
}

# Sets `chosen` to the names to install and `unknown` to the entries that apt does not know.
choose() {
  local entry name
  chosen='' unknown=''
  for entry in $1; do
    for name in $(tr '|' ' ' <<<"${entry#\?}"); do
      if can_be_installed "$name"; then chosen="$chosen $name"; continue 2; fi
    done
    unknown="$unknown $entry"
  done
}

# A machine that was just started often upgrades itself and holds apt's locks for minutes: apt waits
# for dpkg's lock when it is told to, but never for that of the package lists.
lock_limit_s=600
read_lists() {
  local said deadline=$((SECONDS + lock_limit_s))
  until said=$(as_root env LC_ALL=C apt-get --quiet update 2>&1); do
    printf '%s\n' "$said" >>build/setup.log
    if [[ $said != *'Could not get lock'* ]] || ((SECONDS >= deadline)); then return 1; fi
    say 'another apt is at the package lists; waiting for it to end'
    sleep 10
  done
}
apt_install() {
  # shellcheck disable=SC2086
  as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive \
    apt-get --quiet --yes --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=$lock_limit_s install $chosen 2>&1 |
    tee -a build/setup.log |
    awk '/^(Get:|Fetched|Setting up)/ || (/^Waiting/ && !waits++) { printf "  %s\n", $0; fflush() }'
}

# Nothing can be installed, for what $2 says. That ends it unless lull does without what is missing.
go_on_without() {
  local needed
  needed=$(sed '/^?/d' <<<"$1" | tr '\n' ' ')
  [ -z "$needed" ] || fail "these are missing: $needed; $2"
  say "skipped, for they are optional: $(tr -d '?' <<<"$1" | tr '\n' ' '); $2"
}

install_packages() {
  local missing=$1 entry
  if ! command -v apt-get >/dev/null; then
    go_on_without "$missing" 'without apt-get, install them by hand'
    return
  fi
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    go_on_without "$missing" 'call as root, or install sudo'
    return
  fi
  : >build/setup.log
  choose "$missing"
  if [ -n "$unknown" ]; then
    say 'reading the package lists (apt-get update)'
    read_lists ||
      say 'apt-get update failed in part (build/setup.log); going on with the lists that are here'
    choose "$missing"
  fi
  for entry in $unknown; do
    case $entry in
      \?*) say "skipped: ${entry#\?} is not in this machine's archives; it is optional" ;;
      *) fail "$entry is not in this machine's package archives. lull is built on Debian 12 and 13;
       elsewhere install what serves as $entry by hand and call again" ;;
    esac
  done
  [ -n "$chosen" ] || return 0
  say "installing:$chosen"
  if apt_install; then return; fi
  say 'that failed; reading the package lists anew (apt-get update) for a second try'
  read_lists || true
  if ! apt_install; then
    tail -n 15 build/setup.log >&2
    fail "apt-get install failed; its last lines are above, all of it in build/setup.log.
       Mend what they name (network, disk space, a lock held by another apt) and call again"
  fi
}

# The server behind Debian's redis-tools is redis-check-rdb under another name. Taking it from
# there, not from the package redis-server, starts no service and takes no port on this machine.
provide_redis_server() {
  local inner
  if command -v redis-server >/dev/null || command -v valkey-server >/dev/null; then return; fi
  if [ -x build/tools/redis-server ]; then return; fi
  for inner in redis-check-rdb valkey-check-rdb; do
    inner=$(command -v "$inner") || continue
    mkdir -p build/tools
    ln -sf "$inner" build/tools/redis-server
    if build/tools/redis-server --version >/dev/null 2>&1; then return; fi
    rm build/tools/redis-server
  done
  say 'skipped: no redis-server here; benchmarks do without the comparison with redis'
}

mkdir -p build
marker=build/.skipped-packages-$purpose
if command -v dpkg-query >/dev/null; then
  missing=$(missing_entries)
  if [ -n "$missing" ] && [ "$(cat "$marker" 2>/dev/null)" != "$missing" ]; then
    install_packages "$missing"
    missing_entries >"$marker"
  fi
elif [ "$(cat "$marker" 2>/dev/null)" != "assumed: $packages" ]; then
  say "no dpkg-query is here to ask, so these, or what serves as they, are taken to be installed:
      $(tr -s ' \n?' ' ' <<<"$packages")"
  printf 'assumed: %s\n' "$packages" >"$marker"
fi
provide_redis_server
python3 tools/fetch_archives.py || fail 'the release archives above are missing'
