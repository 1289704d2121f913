#!/bin/sh
# Fuzzes every parser, one after the other, going on from the inputs found before:
# `fuzz.sh [SECONDS OF EACH]`. Inputs that break the contract are left in parsers/fuzz/artifacts.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=${1:-60}

broken=0
for folder in parsers/fuzz/corpus/*/; do
    target=$(basename "$folder")
    if sh parsers/fuzz/run.sh "$target" "$seconds" >parsers/fuzz/target/"$target".log 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' parsers/fuzz/target/"$target".log)
        echo "$target: $runs inputs, nothing found"
    else
        broken=$((broken + 1))
        echo "$target: FAILED, see parsers/fuzz/target/$target.log"
    fi
done
[ "$broken" = 0 ]
