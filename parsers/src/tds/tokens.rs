//! The tokens that servers of TDS answer with. What rows hold is not read: tokens are followed up to
//! the description of columns, and what ended the answer is found at its end.

use super::request::{Little, push_text};
use crate::message::ResponseStatus;

const DONE: u8 = 0xfd;
const DONE_PROCEDURE: u8 = 0xfe;
const DONE_IN_PROCEDURE: u8 = 0xff;
const ERROR: u8 = 0xaa;

/// Bits of what ends a statement.
const MORE: u16 = 0x1;
const FAILED: u16 = 0x2;
const COUNTED: u16 = 0x10;
const ATTENTION: u16 = 0x20;
const ANY: u16 = 0x137;

/// Kinds of statements whose counts are rows that were changed.
const CHANGES: [u16; 4] = [0xc3, 0xc4, 0xc5, 0x117];

/// An error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Error<'a> {
    pub(super) number: i32,
    class: u8,
    text: &'a [u8],
}

impl Error<'_> {
    /// Up to 16 the user can mend it.
    pub(super) fn status(&self) -> ResponseStatus {
        if self.class <= 16 { ResponseStatus::ClientError } else { ResponseStatus::ServerError }
    }

    pub(super) fn text<'o>(&self, out: &'o mut Vec<u8>) -> &'o [u8] {
        let from = out.len();
        push_text(self.text, out);
        &out[from..]
    }
}

/// How it went, as far as the tokens say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome<'a> {
    pub(super) error: Option<Error<'a>>,
    pub(super) failed: bool,
    pub(super) rows: Option<u64>,
    /// A request to stop was heard.
    pub(super) attention: bool,
}

impl Outcome<'_> {
    fn done(&mut self, status: u16, command: u16, rows: u64) {
        self.failed |= status & FAILED != 0;
        self.attention |= status & ATTENTION != 0;
        if status & COUNTED != 0 && CHANGES.contains(&command) {
            self.rows = Some(self.rows.unwrap_or(0).saturating_add(rows));
        }
    }
}

/// Reads an error behind its token and length.
fn error(data: &[u8]) -> Option<Error<'_>> {
    let mut r = Little(data);
    let number = r.u32()? as i32;
    let _state = r.u8()?;
    let class = r.u8()?;
    let len = 2 * usize::from(r.u16()?);
    let text = r.take(len)?;
    (class <= 25).then_some(Error { number, class, text })
}

fn count(r: &mut Little<'_>, wide: bool) -> Option<u64> {
    if wide { r.u64() } else { r.u32().map(u64::from) }
}

/// The first packet of an answer, and whether it is the last too.
pub(super) fn whole(body: &[u8], wide: bool, is_last: bool) -> Outcome<'_> {
    let mut outcome = Outcome::default();
    let mut r = Little(body);
    if follow(&mut r, wide, &mut outcome).is_none() && is_last && !r.0.is_empty() {
        let end = last(r.0, wide);
        outcome.error = outcome.error.or(end.error);
        outcome.failed |= end.failed;
        outcome.attention |= end.attention;
        outcome.rows = end.rows.or(outcome.rows);
    }
    outcome
}

/// Follows tokens to the end, or to one that says nothing of its length (`None`).
fn follow<'a>(r: &mut Little<'a>, wide: bool, outcome: &mut Outcome<'a>) -> Option<()> {
    while !r.0.is_empty() {
        let before = *r;
        let Some(()) = token(r, wide, outcome) else {
            *r = before;
            return None;
        };
    }
    Some(())
}

fn token<'a>(r: &mut Little<'a>, wide: bool, outcome: &mut Outcome<'a>) -> Option<()> {
    match r.u8()? {
        DONE | DONE_PROCEDURE | DONE_IN_PROCEDURE => {
            let (status, command) = (r.u16()?, r.u16()?);
            outcome.done(status, command, count(r, wide)?);
        }
        ERROR => {
            let len = r.u16()?;
            let data = r.take(usize::from(len))?;
            // Later errors say what followed from the first.
            outcome.error = outcome.error.or_else(|| error(data));
        }
        // Information, changes of the environment, the login's acknowledgement, orders, ...
        0xab | 0xe3 | 0xad | 0xa9 | 0xa4 | 0xa5 | 0xed => {
            let len = r.u16()?;
            r.take(usize::from(len))?;
        }
        0xe4 | 0xee => {
            let len = r.u32()?;
            r.take(len as usize)?;
        }
        // What a procedure returned, an offset.
        0x79 | 0x78 => {
            r.take(4)?;
        }
        // Features that were agreed on.
        0xae => loop {
            if r.u8()? == 0xff {
                break;
            }
            let len = r.u32()?;
            r.take(len as usize)?;
        },
        _ => return None,
    }
    Some(())
}

/// The last packet of an answer: what ends it, and an error right before that.
pub(super) fn last(body: &[u8], wide: bool) -> Outcome<'_> {
    let mut outcome = Outcome::default();
    let len = if wide { 13 } else { 9 };
    let Some(at) = body.len().checked_sub(len) else { return outcome };
    let mut r = Little(&body[at..]);
    if let (Some(DONE | DONE_PROCEDURE), Some(status), Some(command), Some(rows)) =
        (r.u8(), r.u16(), r.u16(), count(&mut r, wide))
        && status & (MORE | !ANY) == 0
    {
        outcome.done(status, command, rows);
        if outcome.failed {
            outcome.error = error_before(body, at);
        }
        // A procedure's own count stands before it and what it returned.
        let inner = at.checked_sub(5 + len);
        if let Some(inner) = inner
            && body[inner] == DONE_IN_PROCEDURE
            && body[at - 5] == 0x79
        {
            let mut r = Little(&body[inner + 1..]);
            if let (Some(status), Some(command), Some(rows)) =
                (r.u16(), r.u16(), count(&mut r, wide))
            {
                outcome.done(status, command, rows);
            }
        }
    }
    outcome
}

/// The error that ends where `end` begins.
fn error_before(body: &[u8], end: usize) -> Option<Error<'_>> {
    memchr::memrchr_iter(ERROR, &body[..end]).find_map(|at| {
        let mut r = Little(&body[at + 1..end]);
        let len = r.u16()?;
        (usize::from(len) == r.0.len()).then(|| error(r.0))?
    })
}
