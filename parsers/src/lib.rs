//! Pure functions from bytes to meaning.

pub mod message;
pub mod packet;
