//! The store process against its promises, with the real engine in it.
//!
//! Without the engine every test here says so and passes: run `ci/get-engine.sh`.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly too")]

mod clients;
mod data;
mod harness;
mod http;
mod life;
mod reader;
