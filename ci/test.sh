#!/bin/sh
# All tests of the workspace. Ends with "N passed, N failed, N skipped" over all suites, whatever
# happens: a stage that takes longer than its limit is ended and counts as one failed test.
# A test that this machine cannot run prints a line that begins with "SKIPPED" and passes.
set -u
cd "$(dirname "$0")/.." || exit 1

# Property tests try the same cases in each run, so that one that fails was broken by the change at
# hand. `make fuzz` looks for new ones.
export PROPTEST_RNG_SEED="${PROPTEST_RNG_SEED:-1}"

log=$(mktemp)
part=$(mktemp)
broken=0
running=

# `stage LIMIT COMMAND...` shows what the command says and keeps it in the log. Not through a pipe:
# a process that outlives the stage would hold it open. The command has its own process group, so
# that `timeout` reaches all of it.
stage() {
    limit=$1
    shift
    : >"$part"
    timeout --kill-after=30s "$limit" "$@" >"$part" 2>&1 </dev/null &
    running=$!
    tail -n +1 -f --pid="$running" "$part"
    wait "$running"
    status=$?
    running=
    cat "$part" >>"$log"
    case $status in
    0) ;;
    124 | 137) echo "FAILED: \"$*\" was ended after $limit" && broken=$((broken + 1)) ;;
    *) echo "FAILED: \"$*\" ended with $status" && broken=$((broken + 1)) ;;
    esac
    return "$status"
}

# The count, at every end of this script.
# shellcheck disable=SC2317 # called by the trap
finish() {
    [ -n "$running" ] && kill "$running" && cat "$part" >>"$log"
    grep -ho 'SKIPPED.*' "$log" | sort | uniq -c | sed 's/^ *//; s/^/  /'
    awk -v broken="$broken" '
        /^test result:/ { for (i = 1; i < NF; i++) { if ($(i+1) == "passed;") p += $i; if ($(i+1) == "failed;") f += $i } }
        /SKIPPED/ { s++ }
        END { if (f < broken) f = broken; printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }' "$log"
    status=$?
    rm -f "$log" "$part"
    trap - EXIT
    exit "$status"
}
trap finish EXIT
trap 'broken=$((broken + 1)); exit 1' INT TERM HUP

# Binaries first: whole-system tests start them from the target directory.
stage 35m cargo build --workspace --bins || exit 1
stage 5m cargo xtask gen --check
stage 40m cargo test --workspace --features fathom-bench/slow-decode --no-fail-fast -- --nocapture
# Instructions per packet, of an optimised build of the data path alone.
stage 15m cargo run --release --package fathom-bench --no-default-features -- instructions

if [ -d ../shared/captures ]; then
    stage 8m cargo xtask conformance
else
    echo "SKIPPED: conformance captures (no ../shared/captures)" | tee -a "$log"
fi
exit 0
