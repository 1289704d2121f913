//! The store process against its promises, with the real engine in it.
//!
//! Without the engine every test here says so and passes: run `ci/get-engine.sh`.

mod clients;
mod data;
mod harness;
mod http;
mod life;
mod reader;
