//! Which output formats survive being sent in pieces.
//!
//! The engine formats every chunk of a streamed result (65 k rows or so) as if it
//! were a whole result. Rows without a frame can simply follow each other. A header
//! can be recognised and cut from every chunk but the first. For everything else
//! (JSON, Parquet, Arrow, Pretty, ...) the whole result is formed in the engine's
//! memory, under a memory limit of its own, before the first byte is sent.

/// How a SELECT's result gets to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Chunks follow each other as they are.
    Concatenate,
    /// The header of every chunk but the first is cut off.
    CutHeader(Header),
    /// The result is formed as a whole; its size is bounded by a memory limit.
    Whole,
}

/// Forms of a repeated header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// That many lines; a line break inside a name is escaped.
    Lines(u8),
    /// That many CSV records; a line break inside a name is quoted.
    CsvRecords(u8),
    /// A count, then that many lists of strings, all with varint lengths.
    Binary(u8),
}

/// Decides by the format's name (ClickHouse takes it in any case) and by words of
/// the statement and settings that change how chunks look.
pub fn delivery(format: &str, statement: &[u8], settings: &[(String, String)]) -> Delivery {
    let delivery = by_name(format);
    let mentions = |word: &str| {
        let in_statement =
            statement.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()));
        in_statement || settings.iter().any(|(name, _)| name == word)
    };
    match delivery {
        // Totals and extremes come as chunks of their own with other framing.
        Delivery::CutHeader(_) if mentions("totals") || mentions("extremes") => Delivery::Whole,
        Delivery::Concatenate if mentions("output_format_json_array_of_rows") => Delivery::Whole,
        other => other,
    }
}

fn by_name(format: &str) -> Delivery {
    let name = format.to_ascii_lowercase();
    match name.as_str() {
        "native"
        | "rowbinary"
        | "tabseparated"
        | "tsv"
        | "tabseparatedraw"
        | "tsvraw"
        | "raw"
        | "csv"
        | "tskv"
        | "jsoneachrow"
        | "jsonlines"
        | "ndjson"
        | "jsonstringseachrow"
        | "jsoncompacteachrow"
        | "jsoncompactstringseachrow"
        | "lineasstring"
        | "rawblob"
        | "msgpack"
        | "bsoneachrow"
        | "null" => return Delivery::Concatenate,
        _ => {}
    }
    let (base, parts) = if let Some(base) = name.strip_suffix("withnamesandtypes") {
        (base, 2)
    } else if let Some(base) = name.strip_suffix("withnames") {
        (base, 1)
    } else {
        return Delivery::Whole;
    };
    match base {
        "tabseparated" | "tsv" | "jsoncompacteachrow" | "jsoncompactstringseachrow" => {
            Delivery::CutHeader(Header::Lines(parts))
        }
        "csv" => Delivery::CutHeader(Header::CsvRecords(parts)),
        "rowbinary" => Delivery::CutHeader(Header::Binary(parts)),
        _ => Delivery::Whole,
    }
}

impl Header {
    /// Length of the header at the front of a chunk; `None` if it is not complete.
    pub fn length(self, chunk: &[u8]) -> Option<usize> {
        match self {
            Self::Lines(n) => records(chunk, n, false),
            Self::CsvRecords(n) => records(chunk, n, true),
            Self::Binary(lists) => {
                let (columns, mut at) = varint(chunk)?;
                for _ in 0..columns.checked_mul(u64::from(lists))? {
                    let (length, size) = varint(chunk.get(at..)?)?;
                    at = at.checked_add(size)?.checked_add(usize::try_from(length).ok()?)?;
                }
                (at <= chunk.len()).then_some(at)
            }
        }
    }
}

fn records(chunk: &[u8], count: u8, quotes: bool) -> Option<usize> {
    let (mut quoted, mut left) = (false, count);
    for (at, byte) in chunk.iter().enumerate() {
        match byte {
            // A doubled quote inside a name toggles twice.
            b'"' if quotes => quoted = !quoted,
            b'\n' if !quoted => {
                left -= 1;
                if left == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    None
}

/// Cuts the repeated header from the chunks of one result.
#[derive(Default)]
pub struct Cutter {
    first: Option<Vec<u8>>,
}

impl Cutter {
    /// Where the chunk's own bytes start. `None` if the chunk does not begin with
    /// the header of the first one: then the result cannot be put together.
    pub fn start(&mut self, header: Header, chunk: &[u8]) -> Option<usize> {
        match &self.first {
            None => {
                let length = header.length(chunk)?;
                self.first = Some(chunk[..length].to_vec());
                Some(0)
            }
            Some(first) => chunk.starts_with(first).then_some(first.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(delivery("jsonEachRow", b"", &[]), Delivery::Concatenate);
        assert_eq!(delivery("CSVWithNames", b"", &[]), Delivery::CutHeader(Header::CsvRecords(1)));
        assert_eq!(
            delivery("RowBinaryWithNamesAndTypes", b"", &[]),
            Delivery::CutHeader(Header::Binary(2))
        );
        for whole in ["JSON", "Parquet", "ArrowStream", "Pretty", "Values", "TSVRawWithNames", "x"]
        {
            assert_eq!(delivery(whole, b"", &[]), Delivery::Whole, "{whole}");
        }
        assert_eq!(delivery("CSVWithNames", b"... With Totals", &[]), Delivery::Whole);
        let rows = [("output_format_json_array_of_rows".to_owned(), "1".to_owned())];
        assert_eq!(delivery("JSONEachRow", b"", &rows), Delivery::Whole);
    }

    #[test]
    fn headers_are_measured() {
        assert_eq!(Header::Lines(2).length(b"a\tb\nInt\tInt\n1\t2\n"), Some(12));
        assert_eq!(Header::Lines(1).length(b"no end"), None);
        assert_eq!(Header::CsvRecords(1).length(b"\"a\n\"\"b\",\"c\"\n1,2\n"), Some(12));
        assert_eq!(Header::Binary(2).length(b"\x01\x01a\x06String\x010"), Some(10));
        assert_eq!(Header::Binary(1).length(b"\x02\x01a\x05b"), None);
        assert_eq!(Header::Binary(2).length(b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), None);
    }

    #[test]
    fn the_cutter_keeps_one_header_and_refuses_another() {
        let mut cutter = Cutter::default();
        let h = Header::CsvRecords(1);
        assert_eq!(cutter.start(h, b"\"a\"\n1\n"), Some(0));
        assert_eq!(cutter.start(h, b"\"a\"\n2\n"), Some(4));
        assert_eq!(cutter.start(h, b"\"b\"\n2\n"), None);
    }
}
