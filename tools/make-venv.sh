#!/bin/sh
# Make the virtual environment $1 with the interpreter $2, or say what is missing for it.
set -eu
venv=$1
python=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "valetkey needs Python 3.11 or later; name one: make PYTHON=/path/to/python3.12" >&2
  exit 2
}
[ -x "$venv/bin/python" ] && exit 0

# Debian and Ubuntu ship ensurepip in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq "$version-venv" >/dev/null
  else
    echo "$python has no ensurepip; install it first: sudo apt-get install $version-venv" >&2
    exit 2
  fi
fi
"$python" -m venv "$venv"
