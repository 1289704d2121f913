//! HTTP/1.0 and 1.1 (RFC 9112): the interface; the state machine follows.

use crate::message::{Direction, Message, Parser, Probe, Scratch, Step};

/// What the HTTP/1 parser can be told.
#[derive(Clone, Debug, Default)]
pub struct Options {}

/// One connection's parser.
#[derive(Debug)]
pub struct Http1 {}

impl Http1 {
    /// A parser at the start of a connection.
    pub fn new(_options: &Options) -> Self {
        Self {}
    }
}

pub(crate) fn probe(_bytes: &[u8], _dir_hint: Option<Direction>) -> Probe {
    Probe::NotForUs
}

impl Parser for Http1 {
    fn step<'a>(&mut self, _: Direction, _: &'a [u8], _: &'a mut Scratch) -> Step<'a> {
        Step::Lost
    }
    fn gap(&mut self, _: Direction, _: u64) -> bool {
        false
    }
    fn resync(&self, _: Direction, _: &[u8]) -> Option<usize> {
        None
    }
    fn finish(&mut self, _: Direction) -> Option<Message<'static>> {
        None
    }
}
