//! The commands of OpenWire and their fields, as far as they are wanted.

use super::walk::{Found, Walk};
use crate::reader::Reader;

pub(super) const WIRE_FORMAT: u8 = 1;
pub(super) const KEEP_ALIVE: u8 = 10;
pub(super) const EXCEPTION: u8 = 31;

/// Properties of a message that are looked at.
const MAX_PROPERTIES: u32 = 64;

/// The name of a type of command.
pub(super) fn name(kind: u8) -> Option<&'static [u8]> {
    Some(match kind {
        1 => b"WireFormatInfo",
        2 => b"BrokerInfo",
        3 => b"ConnectionInfo",
        4 => b"SessionInfo",
        5 => b"ConsumerInfo",
        6 => b"ProducerInfo",
        7 => b"TransactionInfo",
        8 => b"DestinationInfo",
        9 => b"RemoveSubscriptionInfo",
        10 => b"KeepAliveInfo",
        11 => b"ShutdownInfo",
        12 => b"RemoveInfo",
        14 => b"ControlCommand",
        15 => b"FlushCommand",
        16 => b"ConnectionError",
        17 => b"ConsumerControl",
        18 => b"ConnectionControl",
        19 => b"ProducerAck",
        20 => b"MessagePull",
        21 => b"MessageDispatch",
        22 => b"MessageAck",
        23 => b"ActiveMQMessage",
        24 => b"ActiveMQBytesMessage",
        25 => b"ActiveMQMapMessage",
        26 => b"ActiveMQObjectMessage",
        27 => b"ActiveMQStreamMessage",
        28 => b"ActiveMQTextMessage",
        29 => b"ActiveMQBlobMessage",
        30 => b"Response",
        31 => b"ExceptionResponse",
        32 => b"DataResponse",
        33 => b"DataArrayResponse",
        34 => b"IntegerResponse",
        65 => b"PartialCommand",
        66 => b"PartialLastCommand",
        90 => b"MessageDispatchNotification",
        _ => return None,
    })
}

pub(super) fn is_answer(kind: u8) -> bool {
    matches!(kind, 30..=34)
}

/// What was found in a command.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told<'a> {
    pub(super) destination: Found<'a>,
    pub(super) broker: &'a [u8],
    pub(super) correlation: &'a [u8],
    pub(super) properties: &'a [u8],
    pub(super) exception: &'a [u8],
}

impl Told<'_> {
    /// Fields stood where they should, and where there is a destination, it was found.
    pub(super) fn is_plausible(&self, kind: u8) -> bool {
        match self.destination {
            Found::Plain(name) | Found::New(_, name) => {
                !name.is_empty() && name.iter().all(|b| *b >= b' ')
            }
            Found::Known(_) => true,
            Found::Nothing => !matches!(kind, 5 | 6 | 8 | 20..=29),
        }
    }
}

/// Reads a command as far as its fields stand where they should.
pub(super) fn read<'a>(kind: u8, mut walk: Walk<'a>) -> Told<'a> {
    let mut told = Told::default();
    let _ = fields(kind, &mut walk, &mut told);
    told
}

fn fields<'a>(kind: u8, w: &mut Walk<'a>, told: &mut Told<'a>) -> Option<()> {
    match kind {
        // A broker and its address.
        2 => {
            w.cached()?;
            told.broker = w.text()?.unwrap_or(b"");
        }
        // A consumer, whether it only browses, what from.
        5 => {
            w.cached()?;
            w.flag()?;
            told.destination = w.cached()?;
        }
        // Whose, and what to or from.
        6 | 8 | 20 => {
            w.cached()?;
            told.destination = w.cached()?;
        }
        16 if w.flag()? => {
            w.text()?;
            told.exception = w.text()?.unwrap_or(b"");
        }
        21 => {
            w.cached()?;
            told.destination = w.cached()?;
            let outer = told.destination;
            if matches!(w.enter_message()?, 23..=29) {
                let _ = message(w, told);
            }
            told.destination = outer;
        }
        22 => told.destination = w.cached()?,
        23..=29 => message(w, told)?,
        _ => {}
    }
    Some(())
}

fn message<'a>(w: &mut Walk<'a>, told: &mut Told<'a>) -> Option<()> {
    // Producer, destination, transaction, first destination, id, first transaction.
    w.cached()?;
    told.destination = w.cached()?;
    w.cached()?;
    w.cached()?;
    w.nested()?;
    w.cached()?;
    // Group, place in it, correlation.
    w.text()?;
    w.int()?;
    told.correlation = w.text()?.unwrap_or(b"");
    // Whether it is kept, until when, priority.
    w.flag()?;
    w.long()?;
    w.byte()?;
    // Where to answer, when it was sent, type.
    w.nested()?;
    w.long()?;
    w.text()?;
    w.bytes()?;
    told.properties = w.bytes()?;
    Some(())
}

/// Texts among the properties (org.apache.activemq.util.MarshallingSupport).
pub(super) fn properties<'a>(bytes: &'a [u8], mut each: impl FnMut(&'a [u8], &'a [u8])) {
    let mut r = Reader(bytes);
    let Some(count) = r.u32() else { return };
    for _ in 0..count.min(MAX_PROPERTIES) {
        let (Some(name), Some(kind)) = (r.text16(), r.u8()) else { return };
        let skipped = match kind {
            0 => Some(&b""[..]),
            1 | 2 => r.take(1),
            3 | 4 => r.take(2),
            5 | 8 => r.take(4),
            6 | 7 => r.take(8),
            9 => match r.text16() {
                Some(value) => {
                    each(name, value);
                    continue;
                }
                None => return,
            },
            10 | 13 => r.text32(),
            _ => None,
        };
        if skipped.is_none() {
            return;
        }
    }
}
