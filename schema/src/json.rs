//! Rows as newline-delimited JSON: what `fathom replay` and `fathom-agent --stdout` print.
//!
//! One object per row: `table` first, then every column that was sent or that an agent fills, by
//! its name. Enumerations print as names, times as microseconds since the epoch, addresses as
//! text; what is absent is null. Rows with addresses also get `ip` (`ip_0`, `ip_1`): the address
//! of whichever family the row is about.

mod text;

use crate::def::{ColumnDef, EnumDef, Format, Source, TableDef, Type};
use crate::values::{self, Strings};
use crate::wire::Columns;
use std::net::{Ipv4Addr, Ipv6Addr};
use text::{key, number, string};

/// Appends all rows, one object per line.
///
/// `columns` are the rows of `table`: `columns.table()` is what is used when the two disagree.
pub fn write_rows(table: &TableDef, columns: &Columns<'_>, out: &mut Vec<u8>) {
    debug_assert_eq!(table.id, columns.table().id, "the columns are those of the table");
    let table = columns.table();
    let mut cells: Vec<Cell<'_>> = Vec::with_capacity(table.columns.len());
    for def in table.columns {
        let data = columns.get(def);
        if data.is_some() || def.source == Source::Agent {
            cells.push(Cell::new(def, data, columns.rows()));
        }
    }
    let pairs = address_pairs(table, columns);

    for row in 0..columns.rows() {
        out.extend_from_slice(b"{\"table\":");
        string(out, table.name.as_bytes());
        for pair in &pairs {
            key(out, pair.name);
            pair.write(out, row);
        }
        for cell in &mut cells {
            key(out, cell.def.name);
            cell.write(out, row);
        }
        out.extend_from_slice(b"}\n");
    }
}

/// An IPv4 and an IPv6 column that are one address.
struct AddressPair<'a> {
    name: &'static str,
    is_ipv4: Option<&'a [u8]>,
    ip4: Option<&'a [u8]>,
    ip6: Option<&'a [u8]>,
}

fn address_pairs<'a>(table: &TableDef, columns: &Columns<'a>) -> Vec<AddressPair<'a>> {
    let data = |name: &str| table.column(name).and_then(|c| columns.get(c));
    [("ip", "ip4", "ip6"), ("ip_0", "ip4_0", "ip6_0"), ("ip_1", "ip4_1", "ip6_1")]
        .into_iter()
        .filter(|(_, ip4, _)| table.column(ip4).is_some())
        .map(|(name, ip4, ip6)| AddressPair {
            name,
            is_ipv4: data("is_ipv4"),
            ip4: data(ip4),
            ip6: data(ip6),
        })
        .collect()
}

impl AddressPair<'_> {
    fn write(&self, out: &mut Vec<u8>, row: usize) {
        if self.is_ipv4.is_some_and(|d| d[row] != 0) {
            ipv4(out, self.ip4.map_or(0, |d| u32_at(d, row)));
        } else {
            ipv6(out, self.ip6.map_or([0; 16], |d| ipv6_at(d, row)));
        }
    }
}

/// One column while its rows are printed from the first to the last.
struct Cell<'a> {
    def: &'static ColumnDef,
    values: Values<'a>,
}

enum Values<'a> {
    /// Not sent: the default in every row.
    Default,
    Fixed(&'a [u8]),
    Strings(Strings<'a>),
    /// Flags, then values.
    Nullable(&'a [u8], &'a [u8]),
    /// Ends, then values.
    Arrays(&'a [u8], &'a [u8]),
    StringArrays(&'a [u8], Strings<'a>),
    /// Ends, keys, values.
    Maps(&'a [u8], &'a [u8], &'a [u8]),
}

impl<'a> Cell<'a> {
    fn new(def: &'static ColumnDef, data: Option<&'a [u8]>, rows: usize) -> Self {
        let values = match data {
            None => Values::Default,
            Some(data) => match def.ty {
                Type::String | Type::LowCardinalityString => Values::Strings(values::strings(data)),
                Type::NullableUInt8
                | Type::NullableUInt64
                | Type::NullableInt32
                | Type::NullableInt64 => {
                    let (nulls, values) = data.split_at(rows);
                    Values::Nullable(nulls, values)
                }
                Type::ArrayUInt16 | Type::ArrayFloat64 => {
                    let (ends, values) = data.split_at(rows * 8);
                    Values::Arrays(ends, values)
                }
                Type::ArrayString | Type::ArrayLowCardinalityString => {
                    let (ends, items) = data.split_at(rows * 8);
                    Values::StringArrays(ends, values::strings(items))
                }
                Type::MapUInt16UInt64 => {
                    let (ends, items) = data.split_at(rows * 8);
                    let count = values::u64s(ends).next_back().unwrap_or(0) as usize;
                    let (keys, values) = items.split_at(count * 2);
                    Values::Maps(ends, keys, values)
                }
                _ => Values::Fixed(data),
            },
        };
        Self { def, values }
    }

    fn write(&mut self, out: &mut Vec<u8>, row: usize) {
        match &mut self.values {
            Values::Default => default(out, self.def),
            Values::Fixed(data) => fixed(out, self.def, data, row),
            Values::Strings(texts) => string(out, texts.next().unwrap_or_default()),
            Values::Nullable(nulls, data) => {
                if nulls[row] != 0 {
                    out.extend_from_slice(b"null");
                } else {
                    fixed(out, self.def, data, row);
                }
            }
            Values::Arrays(ends, data) => {
                list(out, span(ends, row), |out, i| fixed(out, self.def, data, i));
            }
            Values::StringArrays(ends, texts) => {
                list(out, span(ends, row), |out, _| string(out, texts.next().unwrap_or_default()));
            }
            Values::Maps(ends, keys, counts) => {
                out.push(b'{');
                for (n, i) in span(ends, row).enumerate() {
                    if n > 0 {
                        out.push(b',');
                    }
                    out.push(b'"');
                    number(out, u16_at(keys, i));
                    out.extend_from_slice(b"\":");
                    number(out, u64_at(counts, i));
                }
                out.push(b'}');
            }
        }
    }
}

fn list(
    out: &mut Vec<u8>,
    items: std::ops::Range<usize>,
    mut item: impl FnMut(&mut Vec<u8>, usize),
) {
    out.push(b'[');
    for (n, i) in items.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        item(out, i);
    }
    out.push(b']');
}

/// Items of an array in a row.
fn span(ends: &[u8], row: usize) -> std::ops::Range<usize> {
    let from = if row == 0 { 0 } else { u64_at(ends, row - 1) };
    from as usize..u64_at(ends, row) as usize
}

fn default(out: &mut Vec<u8>, def: &ColumnDef) {
    match def.ty {
        Type::NullableUInt8 | Type::NullableUInt64 | Type::NullableInt32 | Type::NullableInt64 => {
            out.extend_from_slice(b"null");
        }
        Type::String | Type::LowCardinalityString => out.extend_from_slice(b"\"\""),
        Type::ArrayUInt16
        | Type::ArrayFloat64
        | Type::ArrayString
        | Type::ArrayLowCardinalityString => out.extend_from_slice(b"[]"),
        Type::MapUInt16UInt64 => out.extend_from_slice(b"{}"),
        _ => fixed(out, def, &[0; 16], 0),
    }
}

/// The value number `i` of a column, an array or a nullable of fixed width.
fn fixed(out: &mut Vec<u8>, def: &ColumnDef, data: &[u8], i: usize) {
    match def.ty {
        Type::UInt8 | Type::NullableUInt8 => unsigned(out, def, u64::from(data[i])),
        Type::UInt16 | Type::ArrayUInt16 => unsigned(out, def, u64::from(u16_at(data, i))),
        Type::UInt32 => unsigned(out, def, u64::from(u32_at(data, i))),
        Type::UInt64 | Type::NullableUInt64 => unsigned(out, def, u64_at(data, i)),
        Type::Int32 | Type::NullableInt32 => number(out, u32_at(data, i) as i32),
        Type::Int64 | Type::NullableInt64 | Type::DateTime64Micros => {
            number(out, u64_at(data, i) as i64);
        }
        Type::DateTime => number(out, u64::from(u32_at(data, i)) * 1_000_000),
        Type::Float64 | Type::ArrayFloat64 => text::float(out, f64::from_bits(u64_at(data, i))),
        Type::Ipv4 => ipv4(out, u32_at(data, i)),
        Type::Ipv6 => ipv6(out, ipv6_at(data, i)),
        Type::String
        | Type::LowCardinalityString
        | Type::ArrayString
        | Type::ArrayLowCardinalityString
        | Type::MapUInt16UInt64 => {} // these have no fixed width
    }
}

fn unsigned(out: &mut Vec<u8>, def: &ColumnDef, value: u64) {
    if def.format == Format::Mac {
        text::mac(out, value);
        return;
    }
    match def.enum_.filter(|e| !e.prints_number).and_then(|e: &EnumDef| e.name_of(value)) {
        Some(name) => string(out, name.as_bytes()),
        None => number(out, value),
    }
}

fn ipv4(out: &mut Vec<u8>, address: u32) {
    text::quoted(out, Ipv4Addr::from_bits(address));
}

fn ipv6(out: &mut Vec<u8>, address: [u8; 16]) {
    text::quoted(out, Ipv6Addr::from(address));
}

fn at<const N: usize>(data: &[u8], i: usize) -> [u8; N] {
    data.as_chunks::<N>().0[i]
}

fn u16_at(data: &[u8], i: usize) -> u16 {
    u16::from_le_bytes(at(data, i))
}

fn u32_at(data: &[u8], i: usize) -> u32 {
    u32::from_le_bytes(at(data, i))
}

fn u64_at(data: &[u8], i: usize) -> u64 {
    u64::from_le_bytes(at(data, i))
}

fn ipv6_at(data: &[u8], i: usize) -> [u8; 16] {
    at(data, i)
}
