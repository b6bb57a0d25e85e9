#!/bin/sh
# Write requirements/*.lock from pyproject.toml: every version fixed, every file by its hash, no address of an index.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check uv
compile() {
    output=$1
    shift
    "$folder/bin/uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --no-annotate --output-file "$output" "$@"
}
compile requirements/run.lock --group build
# The first lock constrains the second, so that tests run what is run.
compile requirements/dev.lock --group build --group dev --constraint requirements/run.lock
