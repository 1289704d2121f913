#!/bin/sh
# All tests of the workspace. Ends with "N passed, N failed, N skipped" over all suites.
# A test that this machine cannot run prints a line that begins with "SKIPPED" and passes.
set -u
cd "$(dirname "$0")/.."

# Binaries first: whole-system tests start them from the target directory.
cargo build --workspace --bins || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0

cargo xtask gen --check || status=1

cargo test --workspace --no-fail-fast -- --nocapture 2>&1 | tee "$log"
# `tee` hides the status: the summary lines tell.
grep -q '^test result: FAILED\|^error: \|could not compile' "$log" && status=1

if [ -d ../shared/captures ]; then
    cargo xtask conformance || status=1
else
    echo "SKIPPED: conformance captures (no ../shared/captures)"
fi

grep -ho 'SKIPPED.*' "$log" | sort | uniq -c | sed 's/^ *//; s/^/  /'
awk -v bad="$status" '
    /^test result:/ { for (i = 1; i < NF; i++) { if ($(i+1) == "passed;") p += $i; if ($(i+1) == "failed;") f += $i } }
    /SKIPPED/ { s++ }
    END { if (bad && !f) f = 1; printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$log"
exit "$status"
