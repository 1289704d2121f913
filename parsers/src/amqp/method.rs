//! The methods of AMQP 0-9-1: what they are called, who sends them, and what they are about.

use crate::bytes::Reader;
use crate::message::{Direction, ResponseStatus};

/// Class and method in one number.
pub(super) type Id = u32;

pub(super) const fn id(class: u16, method: u16) -> Id {
    (class as u32) << 16 | method as u32
}

pub(super) const CONNECTION_OPEN: Id = id(10, 40);
pub(super) const CONNECTION_CLOSE: Id = id(10, 50);
pub(super) const CONNECTION_CLOSE_OK: Id = id(10, 51);
pub(super) const CHANNEL_OPEN: Id = id(20, 10);
pub(super) const CHANNEL_CLOSE: Id = id(20, 40);
pub(super) const CHANNEL_CLOSE_OK: Id = id(20, 41);
pub(super) const PUBLISH: Id = id(60, 40);
pub(super) const RETURN: Id = id(60, 50);
pub(super) const DELIVER: Id = id(60, 60);
pub(super) const GET_OK: Id = id(60, 71);
pub(super) const ACK: Id = id(60, 80);
pub(super) const NACK: Id = id(60, 120);
pub(super) const CONFIRM_SELECT: Id = id(85, 10);

/// What a method is in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An answer follows.
    Asks,
    /// Answers this method.
    Answers(Id),
    /// Stands alone.
    Alone,
}

/// Who sends a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Client,
    Server,
    Either,
}

/// A method.
#[derive(Clone, Copy, Debug)]
pub(super) struct Method {
    pub(super) id: Id,
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) from: Sender,
}

impl Method {
    pub(super) const fn dir(&self) -> Option<Direction> {
        match self.from {
            Sender::Client => Some(Direction::ToServer),
            Sender::Server => Some(Direction::ToClient),
            Sender::Either => None,
        }
    }
}

const fn method(class: u16, number: u16, name: &'static str, role: Role, from: Sender) -> Method {
    Method { id: id(class, number), name, role, from }
}

/// Every method, in the order of their numbers.
static METHODS: [Method; 67] = {
    use Role::{Alone, Answers, Asks};
    use Sender::{Client, Either, Server};
    [
        method(10, 10, "Connection.Start", Asks, Server),
        method(10, 11, "Connection.StartOk", Answers(id(10, 10)), Client),
        method(10, 20, "Connection.Secure", Asks, Server),
        method(10, 21, "Connection.SecureOk", Answers(id(10, 20)), Client),
        method(10, 30, "Connection.Tune", Asks, Server),
        method(10, 31, "Connection.TuneOk", Answers(id(10, 30)), Client),
        method(10, 40, "Connection.Open", Asks, Client),
        method(10, 41, "Connection.OpenOk", Answers(id(10, 40)), Server),
        method(10, 50, "Connection.Close", Asks, Either),
        method(10, 51, "Connection.CloseOk", Answers(id(10, 50)), Either),
        method(10, 60, "Connection.Blocked", Alone, Server),
        method(10, 61, "Connection.Unblocked", Alone, Server),
        method(10, 70, "Connection.UpdateSecret", Asks, Client),
        method(10, 71, "Connection.UpdateSecretOk", Answers(id(10, 70)), Server),
        method(20, 10, "Channel.Open", Asks, Client),
        method(20, 11, "Channel.OpenOk", Answers(id(20, 10)), Server),
        method(20, 20, "Channel.Flow", Asks, Either),
        method(20, 21, "Channel.FlowOk", Answers(id(20, 20)), Either),
        method(20, 40, "Channel.Close", Asks, Either),
        method(20, 41, "Channel.CloseOk", Answers(id(20, 40)), Either),
        method(30, 10, "Access.Request", Asks, Client),
        method(30, 11, "Access.RequestOk", Answers(id(30, 10)), Server),
        method(40, 10, "Exchange.Declare", Asks, Client),
        method(40, 11, "Exchange.DeclareOk", Answers(id(40, 10)), Server),
        method(40, 20, "Exchange.Delete", Asks, Client),
        method(40, 21, "Exchange.DeleteOk", Answers(id(40, 20)), Server),
        method(40, 30, "Exchange.Bind", Asks, Client),
        method(40, 31, "Exchange.BindOk", Answers(id(40, 30)), Server),
        method(40, 40, "Exchange.Unbind", Asks, Client),
        method(40, 51, "Exchange.UnbindOk", Answers(id(40, 40)), Server),
        method(50, 10, "Queue.Declare", Asks, Client),
        method(50, 11, "Queue.DeclareOk", Answers(id(50, 10)), Server),
        method(50, 20, "Queue.Bind", Asks, Client),
        method(50, 21, "Queue.BindOk", Answers(id(50, 20)), Server),
        method(50, 30, "Queue.Purge", Asks, Client),
        method(50, 31, "Queue.PurgeOk", Answers(id(50, 30)), Server),
        method(50, 40, "Queue.Delete", Asks, Client),
        method(50, 41, "Queue.DeleteOk", Answers(id(50, 40)), Server),
        method(50, 50, "Queue.Unbind", Asks, Client),
        method(50, 51, "Queue.UnbindOk", Answers(id(50, 50)), Server),
        method(60, 10, "Basic.Qos", Asks, Client),
        method(60, 11, "Basic.QosOk", Answers(id(60, 10)), Server),
        method(60, 20, "Basic.Consume", Asks, Client),
        method(60, 21, "Basic.ConsumeOk", Answers(id(60, 20)), Server),
        method(60, 30, "Basic.Cancel", Asks, Either),
        method(60, 31, "Basic.CancelOk", Answers(id(60, 30)), Either),
        method(60, 40, "Basic.Publish", Alone, Client),
        method(60, 50, "Basic.Return", Alone, Server),
        method(60, 60, "Basic.Deliver", Alone, Server),
        method(60, 70, "Basic.Get", Asks, Client),
        method(60, 71, "Basic.GetOk", Answers(id(60, 70)), Server),
        method(60, 72, "Basic.GetEmpty", Answers(id(60, 70)), Server),
        method(60, 80, "Basic.Ack", Alone, Either),
        method(60, 90, "Basic.Reject", Alone, Client),
        method(60, 100, "Basic.RecoverAsync", Alone, Client),
        method(60, 110, "Basic.Recover", Asks, Client),
        method(60, 111, "Basic.RecoverOk", Answers(id(60, 110)), Server),
        method(60, 120, "Basic.Nack", Alone, Either),
        method(85, 10, "Confirm.Select", Asks, Client),
        method(85, 11, "Confirm.SelectOk", Answers(id(85, 10)), Server),
        method(90, 10, "Tx.Select", Asks, Client),
        method(90, 11, "Tx.SelectOk", Answers(id(90, 10)), Server),
        method(90, 20, "Tx.Commit", Asks, Client),
        method(90, 21, "Tx.CommitOk", Answers(id(90, 20)), Server),
        method(90, 30, "Tx.Rollback", Asks, Client),
        method(90, 31, "Tx.RollbackOk", Answers(id(90, 30)), Server),
        // Behind all others, so that a search for more ends.
        method(u16::MAX, u16::MAX, "", Alone, Either),
    ]
};

/// The method that this number names.
pub(super) fn of(id: Id) -> Option<&'static Method> {
    let at = METHODS.binary_search_by_key(&id, |m| m.id).ok()?;
    Some(&METHODS[at]).filter(|m| !m.name.is_empty())
}

/// What a method is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arguments<'a> {
    pub(super) vhost: &'a [u8],
    pub(super) exchange: &'a [u8],
    pub(super) key: &'a [u8],
    pub(super) queue: &'a [u8],
    /// Why something was closed or returned, and which method was at fault.
    pub(super) code: u16,
    pub(super) text: &'a [u8],
    pub(super) fault: Id,
    /// A delivery's number, and whether all before it are meant too.
    pub(super) tag: u64,
    pub(super) multiple: bool,
    /// No answer is wanted.
    pub(super) no_wait: bool,
}

fn short<'a>(r: &mut Reader<'a>) -> Option<&'a [u8]> {
    let len = r.u8()?;
    r.take(usize::from(len))
}

/// Reads a method's arguments, as far as they are there.
pub(super) fn arguments(id: Id, bytes: &[u8]) -> Arguments<'_> {
    let mut a = Arguments::default();
    let _ = read(id, Reader(bytes), &mut a);
    a
}

fn read<'a>(id: Id, mut r: Reader<'a>, a: &mut Arguments<'a>) -> Option<()> {
    let bit = |r: &mut Reader<'a>, n: u8| r.u8().map(|bits| bits >> n & 1 == 1);
    match (id >> 16, id & 0xffff) {
        (10, 40) => a.vhost = short(&mut r)?,
        (10, 50) | (20, 40) => {
            a.code = r.u16()?;
            a.text = short(&mut r)?;
            a.fault = r.u32()?;
        }
        (10, 60) => a.text = short(&mut r)?,
        (40, 10 | 20) => {
            r.u16()?;
            a.exchange = short(&mut r)?;
            if id & 0xffff == 10 {
                short(&mut r)?;
            }
            let no_wait = if id & 0xffff == 10 { 4 } else { 1 };
            a.no_wait = bit(&mut r, no_wait)?;
        }
        (40, 30 | 40) => {
            r.u16()?;
            a.queue = short(&mut r)?;
            a.exchange = short(&mut r)?;
            a.key = short(&mut r)?;
            a.no_wait = bit(&mut r, 0)?;
        }
        (50, 10 | 30 | 40) | (60, 70) => {
            r.u16()?;
            a.queue = short(&mut r)?;
            let no_wait = match id & 0xffff {
                10 => 4,
                30 => 0,
                40 => 2,
                _ => return Some(()),
            };
            a.no_wait = bit(&mut r, no_wait)?;
        }
        (50, 11) => a.queue = short(&mut r)?,
        (50, 20 | 50) => {
            r.u16()?;
            a.queue = short(&mut r)?;
            a.exchange = short(&mut r)?;
            a.key = short(&mut r)?;
            if id & 0xffff == 20 {
                a.no_wait = bit(&mut r, 0)?;
            }
        }
        (60, 20) => {
            r.u16()?;
            a.queue = short(&mut r)?;
            short(&mut r)?;
            a.no_wait = bit(&mut r, 3)?;
        }
        (60, 30) => {
            short(&mut r)?;
            a.no_wait = bit(&mut r, 0)?;
        }
        (60, 40) => {
            r.u16()?;
            a.exchange = short(&mut r)?;
            a.key = short(&mut r)?;
        }
        (60, 50) => {
            a.code = r.u16()?;
            a.text = short(&mut r)?;
            a.exchange = short(&mut r)?;
            a.key = short(&mut r)?;
        }
        (60, 60 | 71) => {
            if id & 0xffff == 60 {
                short(&mut r)?;
            }
            a.tag = r.u64()?;
            r.u8()?;
            a.exchange = short(&mut r)?;
            a.key = short(&mut r)?;
        }
        (60, 80 | 90 | 120) => {
            a.tag = r.u64()?;
            a.multiple = bit(&mut r, 0)? && id & 0xffff != 90;
        }
        (85, 10) => a.no_wait = bit(&mut r, 0)?,
        _ => {}
    }
    Some(())
}

/// Whose fault a reply code is.
pub(super) fn status(code: u16) -> ResponseStatus {
    match code {
        0..=299 => ResponseStatus::Ok,
        320 | 506 | 540.. => ResponseStatus::ServerError,
        _ => ResponseStatus::ClientError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_stand_in_order() {
        assert!(METHODS.is_sorted_by_key(|m| m.id));
        assert_eq!(of(PUBLISH).unwrap().name, "Basic.Publish");
        assert_eq!(of(id(40, 51)).unwrap().role, Role::Answers(id(40, 40)));
        assert!(of(id(61, 1)).is_none() && of(u32::MAX).is_none());
    }
}
