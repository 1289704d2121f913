//! Prepared statements of one connection: what an EXECUTE runs is what a PREPARE said.

/// Statements that are remembered; the oldest makes room.
const MAX_STATEMENTS: usize = 32;
/// Bytes of fingerprints that are remembered.
const MAX_TEXT: usize = 8 * 1024;
/// Bytes of one.
const MAX_ONE: usize = 1024;

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// `None` until the server has answered.
    id: Option<u32>,
    parameters: u16,
    operation: &'static [u8],
    len: u16,
    table: u16,
}

/// What is known of a prepared statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    /// Its fingerprint.
    pub(crate) text: &'a [u8],
    /// Its verb.
    pub(crate) operation: &'static [u8],
    /// Its table.
    pub(crate) table: &'a [u8],
    /// How many parameters it has, once answered.
    pub(crate) parameters: u16,
}

/// The statements of a connection. Nothing is allocated before the first one.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    entries: Vec<Entry>,
    /// Fingerprint and table of each entry, in their order.
    text: Vec<u8>,
}

impl Statements {
    /// A statement is being prepared.
    pub(crate) fn prepare(&mut self, text: &[u8], operation: &'static [u8], table: &[u8]) {
        let text = &text[..text.len().min(MAX_ONE)];
        let table = &table[..table.len().min(MAX_ONE)];
        while self.entries.len() >= MAX_STATEMENTS
            || self.text.len() + text.len() + table.len() > MAX_TEXT
        {
            self.remove(0);
        }
        let (len, table_len) = (text.len() as u16, table.len() as u16);
        self.entries.push(Entry { id: None, parameters: 0, operation, len, table: table_len });
        self.text.extend_from_slice(text);
        self.text.extend_from_slice(table);
    }

    /// The server named the statement that was asked for first.
    pub(crate) fn prepared(&mut self, id: u32, parameters: u16) {
        self.close(id);
        if let Some(e) = self.entries.iter_mut().find(|e| e.id.is_none()) {
            (e.id, e.parameters) = (Some(id), parameters);
        }
    }

    /// What is known by one number is known by another from here on.
    pub(crate) fn rename(&mut self, from: u32, to: u32) {
        self.close(to);
        if let Some(e) = self.entries.iter_mut().find(|e| e.id == Some(from)) {
            e.id = Some(to);
        }
    }

    /// The server refused it.
    pub(crate) fn refused(&mut self) {
        if let Some(at) = self.entries.iter().position(|e| e.id.is_none()) {
            self.remove(at);
        }
    }

    /// Nobody knows any more which statements are being prepared.
    pub(crate) fn forget_unanswered(&mut self) {
        while let Some(at) = self.entries.iter().position(|e| e.id.is_none()) {
            self.remove(at);
        }
    }

    /// The statement is no more.
    pub(crate) fn close(&mut self, id: u32) {
        if let Some(at) = self.entries.iter().position(|e| e.id == Some(id)) {
            self.remove(at);
        }
    }

    /// By its number; `None` for the newest.
    pub(crate) fn get(&self, id: Option<u32>) -> Option<Known<'_>> {
        let at = match id {
            Some(_) => self.entries.iter().position(|e| e.id == id)?,
            None => self.entries.len().checked_sub(1)?,
        };
        let from = self.start(at);
        let e = &self.entries[at];
        let (text, rest) = self.text.get(from..)?.split_at_checked(usize::from(e.len))?;
        let table = rest.get(..usize::from(e.table))?;
        Some(Known { text, operation: e.operation, table, parameters: e.parameters })
    }

    fn start(&self, at: usize) -> usize {
        self.entries[..at].iter().map(Entry::bytes).sum()
    }

    fn remove(&mut self, at: usize) {
        if at >= self.entries.len() {
            return;
        }
        let from = self.start(at);
        let entry = self.entries.remove(at);
        self.text.drain(from..from + entry.bytes());
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        usize::from(self.len) + usize::from(self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &Statements, id: Option<u32>) -> Option<&[u8]> {
        s.get(id).map(|k| k.text)
    }

    #[test]
    fn prepared_answered_closed() {
        let mut s = Statements::default();
        s.prepare(b"select a", b"SELECT", b"t");
        s.prepare(b"insert b", b"INSERT", b"u");
        assert_eq!(text(&s, None), Some(&b"insert b"[..]));
        s.prepared(7, 2);
        s.prepared(8, 0);
        let known = s.get(Some(7)).unwrap();
        assert_eq!((known.text, known.table, known.parameters), (&b"select a"[..], &b"t"[..], 2));
        s.close(7);
        assert_eq!((text(&s, Some(7)), text(&s, Some(8))), (None, Some(&b"insert b"[..])));
        s.prepare(b"bad", b"", b"");
        s.refused();
        s.prepare(b"again", b"", b"");
        s.prepared(8, 1);
        assert_eq!(text(&s, Some(8)), Some(&b"again"[..]));
    }

    #[test]
    fn memory_is_bounded() {
        let mut s = Statements::default();
        for i in 0..1000 {
            s.prepare(&vec![b'x'; i * 7], b"", b"t");
            s.prepared(i as u32, 0);
            assert!(s.text.len() <= MAX_TEXT && s.entries.len() <= MAX_STATEMENTS);
            assert!(s.get(Some(i as u32)).is_some());
        }
    }
}
