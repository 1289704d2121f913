# Thin targets; the work is in ci/setup.sh, ci/*.sh and `cargo xtask`.
# Every target can be run again at once; set-up does only what is missing.

.PHONY: run setup build test check fuzz fuzz-long bench bench-full conformance clean

CARGO ?= cargo

## Install what is missing, build, and observe this host.
run: setup
	$(MAKE) build
	exec target/release/fathom up

## System packages (as root) and the embedded ClickHouse engine.
setup:
	@sh ci/setup.sh run

build:
	@test -x target/release/fathom || echo "build: the first build takes about 5 minutes on two cores, and fetches crates" >&2
	$(CARGO) build --release $$(sh ci/features.sh)

## Everything that can be tested on this machine; skips are printed.
test:
	@sh ci/setup.sh test
	@sh ci/test.sh

## Formatting, lints, generated files, house rules.
check:
	$(CARGO) xtask check

## A minute of new inputs for each parser; `fuzz-long` ten.
fuzz:
	@mkdir -p parsers/fuzz/target && sh ci/fuzz.sh 60
fuzz-long:
	@mkdir -p parsers/fuzz/target && sh ci/fuzz.sh 600

## Every number in docs/benchmarks.md.
bench:
	$(CARGO) build --release -p fathom-bench -p fathom-server $$(sh ci/features.sh)
	$(CARGO) build --release -p fathom-ring --example receive || echo "bench: no bare receive loops: capture is skipped"
	$(CARGO) build --release -p fathom-dataplane || echo "bench: no agent: overload is skipped"
	target/release/fathom-bench run all

## The same over 100 M rows, an hour and more; the store is kept, and a run that was broken off goes on.
bench-full:
	$(CARGO) build --release -p fathom-bench -p fathom-server $$(sh ci/features.sh)
	target/release/fathom-bench run all --scenarios perf/full

## The public captures beside this checkout, when they are there.
conformance:
	$(CARGO) xtask conformance

clean:
	$(CARGO) clean
