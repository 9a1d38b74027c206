#!/bin/bash
# Makes a virtual environment.   usage: venv.sh FOLDER   (PYTHON=… names the Python to use)
set -euo pipefail
folder=$1
. "$(dirname "$0")/apt.sh"
[ -x "$folder/bin/python" ] && exit 0

for python in ${PYTHON:-python3 python3.13 python3.12 python3.11} none; do
  # run it, do not only look it up: a version manager's stand-in on PATH may refuse to run
  "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && break
done
if [ "$python" = none ]; then
  echo "no Python 3.11 to 3.13 was found (python3 is $(python3 --version 2>&1 || true)):" \
    "install one, or name it: make PYTHON=/path/to/python3.12" >&2
  exit 1
fi

if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  echo "Python's venv module is missing; on Debian and Ubuntu it is the package python3-venv"
  apt_install "python$version-venv" || apt_install python3-venv || {
    echo "install python3-venv, or make a virtual environment in $folder, and run this again" >&2
    exit 1
  }
fi
echo "making a virtual environment in $folder with $("$python" --version)"
rm -rf "$folder"
"$python" -m venv "$folder"
