#!/bin/bash
# Whether every pinned package has a wheel for a platform, or needs none of its own: wheels.sh PYTHON VERSION MACHINE
# faust-streaming is built from its source, as pure Python; our own wheel is pure, too.
set -euo pipefail
python=$1 version=$2 machine=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
built=faust-streaming
# its lines, up to the next package, are left out
awk -v built="$built==" '/^[a-zA-Z0-9]/ { on = index($0, built) != 1 } on' requirements/runtime.txt >"$folder/requirements.txt"
platforms=()
for glibc in 17 28 34; do platforms+=(--platform "manylinux_2_${glibc}_$machine"); done
"$python" -m pip download --disable-pip-version-check --quiet --no-deps --require-hashes --only-binary=:all: \
  --python-version "$version" --implementation cp "${platforms[@]}" --platform "manylinux2014_$machine" \
  --requirement "$folder/requirements.txt" --dest "$folder/wheels"
echo "$machine, Python $version: $(find "$folder/wheels" -name '*.whl' | wc -l) wheels, and $built by its source"
