//! Redis (RESP2 and RESP3), and what speaks like it: a streaming parser for both directions.
//!
//! A command is an array of strings, or a line of words (`command.rs` reads both and hides
//! values); an answer is a line, a string or a nested array (`reply.rs`), of which only the front
//! is read and the rest skipped by count (`resp.rs`). Answers come in the order of the commands,
//! at any depth. What breaks that rule is told apart: pushes and messages of channels are rows
//! of their own, further confirmations of one SUBSCRIBE belong to the first, MONITOR's lines and
//! replication's stream are skipped, commands under CLIENT REPLY OFF have no answer.
//! `detect.rs` tells Redis from anything else.

mod command;
mod detect;
mod reply;
mod resp;
mod table;

pub(crate) use detect::probe;

use crate::message::{Carrier, Direction, Message, MessageKind, Parser, Scratch, Step};
use crate::registry::Options;
use command::Effect;
use reply::Front;
use resp::{Half, Place, Walk};

/// Bytes of a command or answer that are read; what is beyond them is skipped by count. A row
/// keeps as much.
const WINDOW: usize = 4 * 1024;

/// SUBSCRIBE commands of several channels that may wait for their confirmations.
const MAX_CONFIRMING: usize = 6;

/// Whether the server answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Replies {
    #[default]
    On,
    /// CLIENT REPLY SKIP: not the next command.
    SkipNext,
    Off,
}

/// How many confirmations each waiting SUBSCRIBE gets.
#[derive(Debug, Default)]
struct Confirming {
    waiting: [u16; MAX_CONFIRMING],
    len: u8,
    /// Of the one that was answered last.
    left: u16,
}

impl Confirming {
    fn push(&mut self, channels: usize) {
        if let Some(place) = self.waiting.get_mut(usize::from(self.len)) {
            *place = u16::try_from(channels).unwrap_or(u16::MAX);
            self.len += 1;
        }
    }

    /// A confirmation came: is it the first of its command?
    fn is_first(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        if self.len > 0 {
            self.left = self.waiting[0].saturating_sub(1);
            self.waiting.rotate_left(1);
            self.len -= 1;
        }
        true
    }
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Redis {
    to_server: Half,
    to_client: Half,
    /// Commands without an answer so far.
    outstanding: u32,
    confirming: Confirming,
    replies: Replies,
    /// Some SUBSCRIBE was sent: arrays may be messages.
    subscribes: bool,
    /// MONITOR was sent: lines come unasked.
    monitors: bool,
    /// PSYNC was sent: behind its answer comes another protocol.
    replicates: bool,
    /// A command came after the place among the answers was lost.
    asked: bool,
    hide: bool,
}

impl Redis {
    /// A parser at the start of a command and an answer.
    pub fn new(options: &Options, _carrier: Carrier) -> Self {
        Self {
            to_server: Half::default(),
            to_client: Half::default(),
            outstanding: 0,
            confirming: Confirming::default(),
            replies: Replies::default(),
            subscribes: false,
            monitors: false,
            replicates: false,
            asked: false,
            hide: options.literals.hidden(),
        }
    }

    fn half(&mut self, dir: Direction) -> &mut Half {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lose(&mut self, dir: Direction) {
        self.half(dir).lose();
        if dir == Direction::ToClient {
            self.asked = false;
            // Most likely the next answer belongs to the newest command: few clients pipeline.
            self.outstanding = self.outstanding.min(1);
            self.confirming = Confirming::default();
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.lose(dir);
        Step::Lost
    }

    /// Goes on inside a message whose front was read.
    fn rest<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let half = self.half(dir);
        match half.walk(bytes) {
            Walk::Inside(0) => Step::More,
            Walk::Inside(used) => Step::Skip { used },
            Walk::End(used) => {
                let length = Some(half.counted);
                half.place = Place::Start;
                if !std::mem::take(&mut half.reports_end) {
                    // A gap may have taken all that was left.
                    return if used > 0 {
                        Step::Skip { used }
                    } else {
                        self.step(dir, bytes, scratch)
                    };
                }
                let message = Message { kind: MessageKind::End, length, ..Message::default() };
                Step::Message { used, message }
            }
            Walk::Bad => self.lost(dir),
        }
    }

    fn command<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let read = match command::read(bytes, false, self.hide, &mut scratch.bytes) {
            command::Read::Command(read) => read,
            command::Read::Nothing(used) => return Step::Skip { used },
            command::Read::Short => return Step::More,
            command::Read::Bad => return self.lost(Direction::ToServer),
        };
        let kind = self.asks(&read);
        let mut end_follows = false;
        if let Some((elements, left)) = read.open {
            end_follows = kind == MessageKind::Request;
            self.to_server.begin(elements, left, read.used, end_follows);
        }
        let length = read.open.is_none().then_some(read.used as u64);
        let message = Message { length, end_follows, ..read.message(kind, &scratch.bytes) };
        Step::Message { used: read.used, message }
    }

    /// What a command does to the connection, and whether it will be answered.
    #[inline]
    fn asks(&mut self, read: &command::Command) -> MessageKind {
        self.asked = true;
        let silent = self.replies != Replies::On || self.replicates;
        if self.replies == Replies::SkipNext {
            self.replies = Replies::On;
        }
        let mut kind = if silent { MessageKind::Single } else { MessageKind::Request };
        if read.effect != Effect::None {
            kind = self.effect(read, kind);
        }
        if kind == MessageKind::Request {
            self.outstanding = self.outstanding.saturating_add(1);
        }
        kind
    }

    #[cold]
    fn effect(&mut self, read: &command::Command, kind: MessageKind) -> MessageKind {
        match read.effect {
            Effect::None => {}
            Effect::Subscribe => {
                self.subscribes = true;
                self.confirming.push(read.arguments.max(1));
            }
            Effect::Monitor => self.monitors = true,
            Effect::Replicate => self.replicates = true,
            Effect::RepliesOn => {
                self.replies = Replies::On;
                return MessageKind::Request;
            }
            Effect::RepliesOff => {
                self.replies = Replies::Off;
                return MessageKind::Single;
            }
            Effect::RepliesSkip => {
                if self.replies == Replies::On {
                    self.replies = Replies::SkipNext;
                }
                return MessageKind::Single;
            }
        }
        kind
    }

    fn reply<'a>(&mut self, bytes: &'a [u8], scratch: &'a mut Scratch, cut: bool) -> Step<'a> {
        // A master sends these to keep a waiting replica alive.
        let blank = bytes.iter().take_while(|b| **b == b'\n').count();
        if blank > 0 {
            return Step::Skip { used: blank };
        }
        let named = self.subscribes || self.outstanding == 0;
        let read = match reply::read(bytes, cut, named, self.hide, &mut scratch.bytes) {
            reply::Read::Reply(read) => read,
            reply::Read::Short => return Step::More,
            reply::Read::Bad => return self.lost(Direction::ToClient),
        };
        let reports = match read.front {
            Front::Command => return Step::Done,
            Front::Push => true,
            Front::Line if self.monitors && self.outstanding == 0 => false,
            Front::Confirmation if self.outstanding == 0 || !self.confirming.is_first() => false,
            Front::Line | Front::Text | Front::Confirmation => {
                self.outstanding = self.outstanding.saturating_sub(1);
                if self.replicates && self.outstanding == 0 {
                    self.to_client.place = Place::Ignored;
                }
                true
            }
        };
        let answers = reports && read.front != Front::Push;
        let mut end_follows = false;
        if let Some((elements, left)) = read.open
            && self.to_client.place != Place::Ignored
        {
            end_follows = answers && elements > 0;
            self.to_client.begin(elements, left, read.used, end_follows);
        }
        let used = read.used;
        if !reports {
            return Step::Skip { used };
        }
        if !answers {
            return Step::Message { used, message: read.push(&scratch.bytes) };
        }
        Step::Message { used, message: Message { end_follows, ..read.answer(bytes) } }
    }
}

impl Parser for Redis {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        match self.half(dir).place {
            Place::Start if dir == Direction::ToServer => self.command(bytes, scratch),
            Place::Start => self.reply(bytes, scratch, false),
            Place::Rest => self.rest(dir, bytes, scratch),
            Place::Ignored => Step::Skip { used: bytes.len() },
            Place::Adrift => Step::Lost,
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        let at_start = self.half(dir).place == Place::Start;
        let message = if !at_start {
            None
        } else if dir == Direction::ToServer {
            match command::read(bytes, true, self.hide, &mut scratch.bytes) {
                command::Read::Command(read) => {
                    Some(read.message(self.asks(&read), &scratch.bytes))
                }
                _ => None,
            }
        } else {
            match self.reply(bytes, scratch, true) {
                Step::Message { message, .. } => Some(Message { end_follows: false, ..message }),
                _ => None,
            }
        };
        self.lose(dir);
        message
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if self.half(dir).gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let half = self.half(dir);
        let in_array = half.in_array;
        let at = match dir {
            Direction::ToServer => detect::find_command(bytes)?,
            // Elements of an array look like answers: only a new command tells that it is over.
            Direction::ToClient if in_array && !self.asked => return None,
            Direction::ToClient => detect::begins_reply(bytes).then_some(0)?,
        };
        *self.half(dir) = Half::default();
        Some(at)
    }
}
