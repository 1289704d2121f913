#!/bin/sh
# Options for `cargo build`: none where everything can be built, fewer features where the tools for
# one are missing and could not be installed. Says so on stderr.
set -eu

missing=
command -v "${CLANG:-clang}" >/dev/null 2>&1 || missing="$missing clang"
command -v m4 >/dev/null 2>&1 || missing="$missing m4"
for header in libelf.h zlib.h; do
    printf '#include <%s>\n' "$header" | cc -E - >/dev/null 2>&1 || missing="$missing $header"
done
if [ -n "$missing" ]; then
    echo "build: without AF_XDP, because these are missing:$missing" >&2
    echo "build: on Debian: sudo apt-get install clang m4 libelf-dev zlib1g-dev" >&2
    echo "--no-default-features"
else
    echo "build: with AF_XDP" >&2
fi
