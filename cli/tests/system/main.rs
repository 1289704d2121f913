//! The whole system: real programs, the real engine, real kills. Each test skips loudly where
//! the machine lacks what it needs.

mod host;
mod losses;
mod processes;
mod traffic;
