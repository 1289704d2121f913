#!/bin/sh
# Fuzzes one target for a number of seconds with the stable toolchain, going on from the inputs
# found before: ./run.sh headers|http1|dns [SECONDS] [FOLDER FOR NEW INPUTS]
# Needs a C++ compiler. Exits with 1 when an input breaks the contract; it is then in `artifacts`.
set -eu
cd "$(dirname "$0")"
target=${1:?which target: headers or a folder of corpus/}
bin=protocol
[ "$target" != headers ] || bin=headers
export FATHOM_FUZZ="$target"
seconds=${2:-60}
found=${3:-target/corpus/$target}
out=${CARGO_TARGET_DIR:-target}
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1" \
    cargo build --quiet --release --target "$host" --target-dir "$out" --bin "$bin"
mkdir -p "$found" artifacts
exec "$out/$host/release/$bin" "$found" "corpus/$target" \
    -max_total_time="$seconds" -max_len=4096 -artifact_prefix=artifacts/ -print_final_stats=1
