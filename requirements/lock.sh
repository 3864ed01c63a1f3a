#!/bin/sh
# Resolve dev.in, then cut the smaller sets out of it, so that one version of a package serves all.
set -eu
compile() {
  pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@"
}
compile --upgrade -o dev.txt dev.in
for set in demo runtime; do
  printf -- '-c dev.txt\n-r %s.in\n' "$set" > "constrained-$set.in"
  compile -o "$set.txt" "constrained-$set.in"
  rm "constrained-$set.in"
done
