#!/bin/sh
# Print the path of a Python 3.11 to 3.14 that runs and can make venvs; without one, say what to install and fail.
# $PYTHON goes first, then the one that the venvs stand on. A pyenv shim may exist and not run, so each is tried.
usable='import sys, ensurepip, venv, ctypes, ssl; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
for candidate in ${PYTHON:+"$PYTHON"} .venv/bin/python python3 python3.13 python3.12 python3.14 python3.11 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-4]*/bin/python3 /opt/homebrew/bin/python3.1[1-4] /usr/local/bin/python3.1[1-4]; do
  if "$candidate" -c "$usable" >/dev/null 2>&1; then
    "$candidate" -c 'import sys; print(sys._base_executable)'
    exit 0
  fi
done
echo "No Python 3.11 to 3.14 with venv was found: install one (Debian: apt install python3 python3-venv; macOS:" \
  "brew install python@3.13), or name it: make PYTHON=/path/to/python3.13 ..." >&2
exit 1
