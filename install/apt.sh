# This file is sourced.  `apt_install PACKAGE…` installs packages through apt-get, as root or with sudo, and does
# not start their services.  It fails with a message if there is no apt-get, no right to use it, or no such package.

apt_install() {
  local root=()
  if [ "${NO_APT:-}" = 1 ]; then
    echo "NO_APT=1 is set: apt-get is not called for $*" >&2; return 1
  elif ! command -v apt-get >/dev/null; then
    echo "this system has no apt-get: install by hand: $*" >&2; return 1
  elif [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "this user is not root and there is no sudo: as root, run: apt-get install $*" >&2; return 1
    fi
    root=(sudo)
    [ -t 0 ] || root+=(-n) # without a terminal nobody can type a password
  fi
  echo "installing with apt-get: $*"
  (
    flock 9 # one at a time: make installs the environment and the servers in parallel
    _quietly _without_services "${root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c '
      lists=/var/lib/apt/lists
      [ -n "$(find $lists -maxdepth 1 -name "*Packages*" -mmin -60 -print -quit)" ] || apt-get -qq update
      apt-get -qq install -y --no-install-recommends "$@"' apt "$@"
  ) 9>"${TMPDIR:-/tmp}/quaymark-apt.$(id -u).lock" </dev/null
}

_quietly() { # shows the output of a command only if it fails
  local output status=0
  output=$("$@" 2>&1) || { status=$?; echo "$output" | tail -20 >&2; }
  return $status
}

_without_services() { # Debian starts a service when it installs it; quaymark starts its own, on its own ports
  local policy=/usr/sbin/policy-rc.d root=()
  [ "$1" = sudo ] && root=(sudo)
  if [ -e $policy ]; then
    "$@"
    return
  fi
  (
    trap '"${root[@]}" rm -f '$policy EXIT
    printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
    "${root[@]}" chmod 755 $policy
    "$@"
  )
}
