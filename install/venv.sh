#!/bin/bash
# A virtual environment with the hashed requirements of one kind.   usage: venv.sh FOLDER runtime|dev|bench
set -euo pipefail
folder=$1 kind=$2
. "$(dirname "$0")/apt.sh"

find_python() {
  local name
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    # run, not only looked up: a version manager's stand-in may be on PATH and refuse
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      echo "$name"; return
    fi
  done
  echo "no Python 3.11 to 3.13 found (python3 is $(python3 --version 2>/dev/null || echo missing)):" \
    "install one, or name it: make PYTHON=/path/to/python3.12" >&2
  return 1
}

if [ ! -x "$folder/bin/python" ]; then
  python=$(find_python)
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python's venv module is missing; Debian and Ubuntu have it as python3-venv"
    apt_install "python$version-venv" || apt_install python3-venv || {
      echo "make a virtual environment by hand in $folder, or install python3-venv, and run this again" >&2
      exit 1
    }
  fi
  echo "making a virtual environment in $folder with $("$python" --version)"
  rm -rf "$folder"
  "$python" -m venv "$folder"
fi

echo "installing $(grep -c '==' "requirements/$kind.txt") packages (requirements/$kind.txt, by hash)"
pip=("$folder/bin/python" -m pip --disable-pip-version-check --quiet)
if "${pip[@]}" install --progress-bar off --require-hashes -r requirements/installer.txt &&
  # in parallel: 6 s where pip takes 45
  "$folder/bin/uv" pip install --quiet --python "$folder/bin/python" --require-hashes -r "requirements/$kind.txt"; then
  :
else
  echo "uv could not (it does not read pip's settings of proxies and mirrors); once more with pip" >&2
  "${pip[@]}" install --progress-bar off --require-hashes -r "requirements/$kind.txt"
fi
"${pip[@]}" install --no-deps --no-build-isolation -e .
[ "$kind" = runtime ] || touch "$folder/.runtime" # dev and bench hold all of it
touch "$folder/.$kind"
