#!/bin/sh
# Copies what `setup.py build` made to the stage's site-packages, without an egg: from build/lib, or from build/lib.PLATFORM
# where there is machine code, whatever this Python calls the platform.
# Usage: distutils-stage.sh PYTHON STAGE
# Runs in the source's folder, under POSIX shells: dash, ksh88, ksh93, busybox sh.
python=$1
stage=$2

# Python 2.5 has no sysconfig of its own, 3.12 no distutils.
site=$("$python" -c '
try:
    from sysconfig import get_path
    print(get_path("platlib"))
except ImportError:
    from distutils.sysconfig import get_python_lib
    print(get_python_lib(1))
') || exit 1
found=
for folder in build/lib build/lib.*; do
  [ -d "$folder" ] || continue
  found="$found $folder"
  mkdir -p "$stage$site" || exit 1
  cp -R "$folder/." "$stage$site" || exit 1
done
if [ -z "$found" ]; then
  echo "setup.py made neither build/lib nor build/lib.PLATFORM here: $(pwd)" >&2
  exit 1
fi
echo "copied$found to $site"
