//! What the server says to a command: one packet, or columns, rows and an end, any number of
//! times.

use super::command;
use super::wire::{FULL, Header, Reader};

/// Bytes of an error that are read.
const MAX_ERROR: usize = 1024;
/// Bytes of an OK packet that are read: two numbers, flags and warnings.
const MAX_OK: usize = 32;
/// More results of the same command follow (status flag).
const MORE_RESULTS: u16 = 0x0008;
/// The rows are to be fetched (status flag).
const CURSOR: u16 = 0x0040;
/// Of a progress report, which has the form of an error (MariaDB).
const PROGRESS: u16 = 0xffff;
/// An EOF packet is shorter.
const EOF_LEN: usize = 9;

/// Where in an answer the next packet is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At its first packet, or that of a further result.
    #[default]
    Head,
    /// This many descriptions of columns follow.
    Columns(u64),
    /// Behind them.
    Behind,
    /// Among rows, or descriptions that only an end marks off.
    Rows,
    /// This many descriptions of a prepared statement follow.
    Definitions(u64),
}

/// What an answer says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Verdict<'a> {
    /// Of a failure.
    pub(super) code: Option<u16>,
    pub(super) error: &'a [u8],
    pub(super) rows: Option<u64>,
    /// A prepared statement's number and how many parameters it takes.
    pub(super) statement: Option<(u32, u16)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Said<'a> {
    /// Nothing to report.
    Nothing,
    /// This is the answer, and all of it.
    Whole(Verdict<'a>),
    /// This begins the answer.
    Begins(Verdict<'a>),
    /// This ends it.
    Ends(Verdict<'a>),
}

/// The state of one answer.
#[derive(Debug, Default)]
pub(super) struct Answering {
    place: Place,
    /// The answer has begun.
    begun: bool,
    /// The last packet goes on in the next one.
    continued: bool,
    /// Bytes so far.
    pub(super) length: u64,
    rows: Option<u64>,
}

impl Answering {
    /// The next packet begins an answer.
    #[inline]
    pub(super) fn at_start(&self) -> bool {
        self.place == Place::Head && !self.begun
    }

    /// How much of a packet's payload has to be here; `None`: its first byte.
    #[inline]
    pub(super) fn needs(&self, payload: &[u8], len: usize) -> Option<usize> {
        if self.continued || len == 0 {
            return Some(0);
        }
        let most = match (*payload.first()?, self.place) {
            (0xff, _) => MAX_ERROR,
            (_, Place::Head) | (0xfe, _) => MAX_OK,
            _ => 1,
        };
        Some(most.min(len))
    }

    /// Takes a packet, of which `payload` is as much as is needed. `command` is what is being
    /// answered.
    #[inline]
    pub(super) fn packet<'a>(&mut self, command: u8, h: Header, payload: &'a [u8]) -> Said<'a> {
        self.length += (super::wire::HEADER + h.len) as u64;
        if std::mem::replace(&mut self.continued, h.len == FULL) {
            return Said::Nothing;
        }
        let Some(&first) = payload.first() else { return Said::Nothing };
        if self.at_start() && first == 0xfe && h.len < EOF_LEN && h.seq > 1 {
            // Behind the descriptions of a prepared statement; older clients want it so.
            self.length = 0;
            return Said::Nothing;
        }
        if first == 0xff {
            return self.error(payload);
        }
        match self.place {
            Place::Head => self.head(command, first, h, payload),
            Place::Columns(left) => {
                self.place = if left > 1 { Place::Columns(left - 1) } else { Place::Behind };
                Said::Nothing
            }
            Place::Behind if first == 0xfe && h.len == 5 => {
                self.place = Place::Rows;
                if status(payload, 3) & CURSOR != 0 { self.end() } else { Said::Nothing }
            }
            Place::Behind | Place::Rows if first == 0xfe && h.len < FULL => {
                let flags = if h.len < EOF_LEN { status(payload, 3) } else { ok(payload).1 };
                self.result_ends(flags)
            }
            Place::Behind | Place::Rows => {
                self.place = Place::Rows;
                Said::Nothing
            }
            // Between the two lists.
            Place::Definitions(_) if first == 0xfe && h.len < EOF_LEN => Said::Nothing,
            Place::Definitions(left @ 2..) => {
                self.place = Place::Definitions(left - 1);
                Said::Nothing
            }
            Place::Definitions(_) => self.end(),
        }
    }

    fn head<'a>(&mut self, command: u8, first: u8, h: Header, payload: &'a [u8]) -> Said<'a> {
        match (command, first) {
            (command::PREPARE, 0) if !self.begun => self.prepared(payload),
            (_, 0) => {
                let (rows, flags) = ok(payload);
                self.rows = Some(self.rows.unwrap_or(0).saturating_add(rows));
                self.result_ends(flags)
            }
            // The file that LOAD DATA LOCAL names is sent now; the answer comes behind it.
            (command::QUERY, 0xfb) => Said::Nothing,
            // The next step of an authentication.
            (command::CONNECT | command::CHANGE_USER, _) => Said::Nothing,
            (_, 0xfe) if h.len < EOF_LEN => self.result_ends(status(payload, 3)),
            (command::STATISTICS, _) => self.end(),
            (command::FETCH | command::FIELD_LIST, _) => {
                self.place = Place::Rows;
                self.begin()
            }
            _ => {
                let mut r = Reader(payload);
                let columns = r.number().unwrap_or(1);
                // MariaDB: a byte behind the number says whether descriptions follow.
                let described = r.0.first() != Some(&0);
                self.place = if described { Place::Columns(columns) } else { Place::Behind };
                self.begin()
            }
        }
    }

    fn prepared<'a>(&mut self, payload: &'a [u8]) -> Said<'a> {
        let mut r = Reader(payload.get(1..).unwrap_or(b""));
        let id = r.u32().unwrap_or(0);
        let columns = r.u16().unwrap_or(0);
        let parameters = r.u16().unwrap_or(0);
        let statement = Some((id, parameters));
        let left = u64::from(columns) + u64::from(parameters);
        if left == 0 {
            return self.finish(Verdict { statement, ..Verdict::default() });
        }
        self.place = Place::Definitions(left);
        self.begun = true;
        Said::Begins(Verdict { statement, ..Verdict::default() })
    }

    /// A result ends with these flags.
    fn result_ends<'a>(&mut self, flags: u16) -> Said<'a> {
        if flags & MORE_RESULTS == 0 {
            return self.end();
        }
        self.place = Place::Head;
        self.begin()
    }

    fn begin<'a>(&mut self) -> Said<'a> {
        if std::mem::replace(&mut self.begun, true) {
            Said::Nothing
        } else {
            Said::Begins(Verdict::default())
        }
    }

    fn end<'a>(&mut self) -> Said<'a> {
        let rows = self.rows;
        self.finish(Verdict { rows, ..Verdict::default() })
    }

    fn finish<'a>(&mut self, verdict: Verdict<'a>) -> Said<'a> {
        self.place = Place::Head;
        self.rows = None;
        if std::mem::take(&mut self.begun) { Said::Ends(verdict) } else { Said::Whole(verdict) }
    }

    fn error<'a>(&mut self, payload: &'a [u8]) -> Said<'a> {
        let mut r = Reader(&payload[1..]);
        let code = r.u16().unwrap_or(0);
        if code == PROGRESS {
            return Said::Nothing;
        }
        let error = match r.0 {
            [b'#', _, _, _, _, _, text @ ..] => text,
            text => text,
        };
        self.finish(Verdict { code: Some(code), error, ..Verdict::default() })
    }

    /// The next packet begins an answer, whatever this one was.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }
}

/// Rows changed, and flags, of an OK packet; also of one that ends rows.
fn ok(payload: &[u8]) -> (u64, u16) {
    let mut r = Reader(payload.get(1..).unwrap_or(b""));
    let rows = r.number().unwrap_or(0);
    let _ = r.number();
    (rows, r.u16().unwrap_or(0))
}

fn status(payload: &[u8], at: usize) -> u16 {
    payload.get(at..).and_then(|b| Reader(b).u16()).unwrap_or(0)
}
