# Thin targets; the work is in ci/setup.sh, ci/*.sh and `cargo xtask`.
# Every target can be run again at once; set-up does only what is missing.

.PHONY: run setup build test check fuzz fuzz-long bench conformance clean

CARGO ?= cargo

## Install what is missing, build, and observe this host.
run: setup
	$(MAKE) build
	exec target/release/fathom up

## System packages (as root) and the embedded ClickHouse engine.
setup:
	@sh ci/setup.sh run

build:
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
	$(CARGO) build --release -p fathom-bench $$(sh ci/features.sh)
	$(CARGO) build --release -p fathom-ring --example receive || echo "bench: no bare receive loops: capture is skipped"
	$(CARGO) build --release -p fathom-dataplane || echo "bench: no agent: overload is skipped"
	target/release/fathom-bench run all

## The public captures beside this checkout, when they are there.
conformance:
	$(CARGO) xtask conformance

clean:
	$(CARGO) clean
