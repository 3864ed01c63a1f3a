#!/bin/sh
# Install the Debian packages whose programs the tests run, unless they are there.
set -eu
list=$(dirname "$0")/debian-packages.txt

# Other systems and their users install the programs their own way, so the programs are what counts.
missing=
while read -r package; do
  program=${package%-light}
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || missing="$missing $package"
done <"$list"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  # The programs are wanted, not the services that their packages start (invoke-rc.d, RUNLEVEL).
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq
  # shellcheck disable=SC2086 # names without blanks, each a word of its own
  apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "the tests need programs that are not here; install them first:" >&2
  echo "  sudo apt-get install --no-install-recommends$missing" >&2
  exit 2
fi
