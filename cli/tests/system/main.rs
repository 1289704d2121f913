//! The whole system: real programs, the real engine, real kills. Each test skips loudly where
//! the machine lacks what it needs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod captures;
mod deaths;
mod host;
mod losses;
mod processes;
mod traffic;
mod wire;
