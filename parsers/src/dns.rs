//! DNS (RFC 1035) over UDP and TCP: the interface; the state machine follows.

use crate::message::{Direction, Message, Parser, Probe, Scratch, Step};

/// One connection's parser.
#[derive(Debug)]
pub struct Dns {}

impl Dns {
    /// A parser at the start of a connection.
    pub fn new(_is_datagram: bool) -> Self {
        Self {}
    }
}

pub(crate) fn probe_datagram(_bytes: &[u8]) -> Probe {
    Probe::NotForUs
}

impl Parser for Dns {
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

pub(crate) fn probe_stream(_bytes: &[u8]) -> Probe {
    Probe::NotForUs
}
