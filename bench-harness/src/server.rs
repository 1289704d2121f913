//! What the server and the store cost: [`cost`] by row in memory, [`ingest`] over sockets with many
//! agents, [`asked`] when questions are put to it.

pub mod asked;
pub mod cost;
mod frames;
pub mod ingest;
mod whole;
