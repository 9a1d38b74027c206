# apt_install PACKAGE…: through apt-get as root or with sudo, without starting the packages' services.
# Sourced.  Fails, with a word why, where there is no apt-get, no right to use it, or no such package.

apt_install() {
  local root=()
  if [ "${NO_APT:-}" = 1 ]; then
    echo "NO_APT=1: not asking apt-get for $*" >&2; return 1
  elif ! command -v apt-get >/dev/null; then
    echo "no apt-get on this system: install by hand: $*" >&2; return 1
  elif [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "neither root nor sudo: as root, run: apt-get install $*" >&2; return 1
    fi
    root=(sudo)
    [ -t 0 ] || root+=(-n) # nobody could type a password
  fi
  echo "asking apt-get for: $*"
  (
    flock 9 # one at a time: the environment and the servers are got side by side
    _quietly _without_services "${root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c '
      lists=/var/lib/apt/lists
      [ -n "$(find $lists -maxdepth 1 -name "*Packages*" -mmin -60 -print -quit)" ] || apt-get -qq update
      apt-get -qq install -y --no-install-recommends "$@"' apt "$@"
  ) 9>"${TMPDIR:-/tmp}/quaymark-apt.$(id -u).lock" </dev/null
}

_quietly() { # what a command says, only if it fails
  local said status=0
  said=$("$@" 2>&1) || { status=$?; echo "$said" | tail -20 >&2; }
  return $status
}

_without_services() { # Debian starts a service as it installs it; ours are children, on our ports
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
