#!/bin/bash
# Installs the hashed requirements of one kind, and the project, into a virtual environment.
# usage: packages.sh FOLDER runtime|dev|bench
set -euo pipefail
folder=$1 kind=$2
pip=("$folder/bin/python" -m pip --disable-pip-version-check --quiet)

echo "installing $(grep -c '==' "requirements/$kind.txt") packages (requirements/$kind.txt, by hash)"
if "${pip[@]}" install --progress-bar off --require-hashes -r requirements/installer.txt &&
  # uv installs in parallel: it takes 6 s where pip takes 45
  "$folder/bin/uv" pip install --quiet --python "$folder/bin/python" --require-hashes -r "requirements/$kind.txt"; then
  :
else
  echo "uv failed (it does not read pip's settings of proxies and mirrors); trying again with pip" >&2
  "${pip[@]}" install --progress-bar off --require-hashes -r "requirements/$kind.txt"
fi
"${pip[@]}" install --no-deps --no-build-isolation -e .
[ "$kind" = runtime ] || touch "$folder/.runtime" # dev and bench contain the runtime requirements
touch "$folder/.$kind"
