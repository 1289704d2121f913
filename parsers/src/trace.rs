//! Trace context, whichever protocol carries it: trace and span ids of the formats in use, taken
//! by the configured priority. Parsers offer headers, properties or attachments by name to a
//! [`Found`] and ask it for the [`TraceContext`] of the message in the end.

pub(crate) mod carried;
mod options;

pub use options::{MAX_CUSTOM, TraceHeader, TraceOptions};

use crate::message::TraceContext;
use crate::text::{base64_digit, trim};
pub(crate) use carried::{Carried, OWN_SPAN, OWN_TRACE};
pub(crate) use options::{SLOTS, Slot};

/// The longest text decoded from one Base64 field. SkyWalking's ids have about 60 bytes.
const MAX_DECODED: usize = 512;

/// Values of the trace headers of one message.
#[derive(Debug, Default)]
pub struct Found<'a> {
    seen: u16,
    values: [&'a [u8]; SLOTS],
}

/// An id: as it stands in the header, or decoded into scratch.
#[derive(Clone, Copy)]
enum Text<'a> {
    Wire(&'a [u8]),
    Scratch(usize, usize),
}

impl Text<'_> {
    const NONE: Self = Text::Wire(b"");
}

impl<'a> Found<'a> {
    #[inline]
    pub(crate) fn set(&mut self, slot: usize, value: &'a [u8]) {
        self.seen |= 1 << slot;
        self.values[slot] = value;
    }

    /// Notes a header of any carrier; others than trace headers are ignored.
    #[inline]
    pub fn offer(&mut self, name: &[u8], value: &'a [u8], options: &TraceOptions) {
        if let Some(slot) = options.slot(name) {
            self.set(slot, trim(value));
        }
    }

    fn get(&self, slot: usize) -> Option<&'a [u8]> {
        (self.seen & 1 << slot != 0).then(|| self.values[slot])
    }

    /// The ids of the best header, and the trace id of the next best that has another one. What
    /// has to be decoded is appended to `out`.
    #[inline]
    pub fn context(
        &self,
        x_request_id: &'a [u8],
        options: &TraceOptions,
        out: &'a mut Vec<u8>,
    ) -> TraceContext<'a> {
        if self.seen == 0 {
            return TraceContext { x_request_id, ..TraceContext::default() };
        }
        self.best(x_request_id, options, out)
    }

    fn best(
        &self,
        x_request_id: &'a [u8],
        options: &TraceOptions,
        out: &'a mut Vec<u8>,
    ) -> TraceContext<'a> {
        let mut first: Option<(Text<'a>, Text<'a>)> = None;
        let mut second = Text::NONE;
        for &slot in options.order() {
            let slot = usize::from(slot);
            let Some((trace, span)) = self.get(slot).and_then(|v| self.ids(slot, v, out)) else {
                continue;
            };
            match first {
                None => first = Some((trace, span)),
                Some((best, _)) if resolve(best, out) != resolve(trace, out) => {
                    second = trace;
                    break;
                }
                Some(_) => {}
            }
        }
        let (trace, span) = first.unwrap_or((Text::NONE, Text::NONE));
        let out: &'a [u8] = out;
        TraceContext {
            trace_id: resolve(trace, out),
            trace_id_2: resolve(second, out),
            span_id: resolve(span, out),
            x_request_id,
        }
    }

    /// Trace and span id of one header; `None` when it holds no trace id.
    fn ids(&self, slot: usize, value: &'a [u8], out: &mut Vec<u8>) -> Option<(Text<'a>, Text<'a>)> {
        use Text::{Scratch, Wire};
        const TRACEPARENT: usize = Slot::Traceparent as usize;
        const SW8: usize = Slot::Sw8 as usize;
        const SW6: usize = Slot::Sw6 as usize;
        const SW3: usize = Slot::Sw3 as usize;
        const UBER: usize = Slot::UberTraceId as usize;
        const B3: usize = Slot::B3 as usize;
        const X_B3: usize = Slot::XB3Trace as usize;
        let ids = match slot {
            TRACEPARENT => {
                // W3C Trace Context 3.2: version, trace id, parent span id, flags.
                let mut fields = value.split(|&b| b == b'-').skip(1);
                let (trace, span) = (fields.next()?, fields.next()?);
                if trace.len() != 32 || trace.iter().all(|&b| b == b'0') {
                    return None;
                }
                (Wire(trace), Wire(span))
            }
            SW8 | SW6 => {
                // Sample flag, trace id, segment id, span number, ...; the ids in Base64.
                let mut fields = value.split(|&b| b == b'-').skip(1);
                let trace = decode(fields.next()?, out)?;
                let (segment, number) = (fields.next().unwrap_or(b""), fields.next());
                let span = match (decode(segment, out), number) {
                    (Some((start, end)), Some(number)) if number.len() <= 20 => {
                        out.push(b'-');
                        out.extend_from_slice(number);
                        Scratch(start, end + 1 + number.len())
                    }
                    _ => Text::NONE,
                };
                (Scratch(trace.0, trace.1), span)
            }
            SW3 => {
                // Segment id, span number, ..., the trace id in the eighth of nine fields.
                let mut fields = value.split(|&b| b == b'|');
                let (segment, number) = (fields.next()?, fields.next()?);
                let trace = fields.nth(5)?;
                let trace = trace.strip_prefix(b"#").unwrap_or(trace);
                let start = out.len();
                out.extend_from_slice(&segment[..segment.len().min(MAX_DECODED)]);
                out.push(b'-');
                out.extend_from_slice(&number[..number.len().min(20)]);
                (Wire(trace), Scratch(start, out.len()))
            }
            UBER => {
                // Trace id, span id, parent span id, flags; the colons may be percent-encoded.
                let (trace, rest) = split_colon(value);
                let (span, _) = split_colon(rest);
                (Wire(trace), Wire(span))
            }
            B3 => {
                // Trace id, span id, sampled, parent; a lone flag carries no context.
                let mut fields = value.split(|&b| b == b'-');
                let trace = fields.next()?;
                (Wire(trace), Wire(fields.next()?))
            }
            X_B3 => {
                let span = self.get(Slot::XB3Span as usize).unwrap_or(b"");
                (Wire(value), Wire(span))
            }
            _ => (Wire(value), Text::NONE),
        };
        (!resolve(ids.0, out).is_empty()).then_some(ids)
    }
}

fn resolve<'t>(text: Text<'t>, scratch: &'t [u8]) -> &'t [u8] {
    match text {
        Text::Wire(text) => text,
        Text::Scratch(start, end) => &scratch[start..end],
    }
}

fn split_colon(value: &[u8]) -> (&[u8], &[u8]) {
    for (i, &b) in value.iter().enumerate() {
        if b == b':' {
            return (&value[..i], &value[i + 1..]);
        }
        if value[i..].len() >= 3 && value[i..i + 3].eq_ignore_ascii_case(b"%3a") {
            return (&value[..i], &value[i + 3..]);
        }
    }
    (value, b"")
}

/// Decodes Base64 (RFC 4648, both alphabets, padding optional) to the end of `out`; returns
/// where it stands. Text that is no Base64 gives `None` and leaves `out` alone.
fn decode(text: &[u8], out: &mut Vec<u8>) -> Option<(usize, usize)> {
    let text = trim(text);
    let digits = text.strip_suffix(b"==").or(text.strip_suffix(b"=")).unwrap_or(text);
    if digits.is_empty() || digits.len() % 4 == 1 || digits.len() > MAX_DECODED / 3 * 4 {
        return None;
    }
    let start = out.len();
    for group in digits.chunks(4) {
        let mut bits = 0u32;
        for &b in group {
            let Some(six) = base64_digit(b) else {
                out.truncate(start);
                return None;
            };
            bits = bits << 6 | six;
        }
        bits <<= 6 * (4 - group.len());
        let [_, a, b, c] = bits.to_be_bytes();
        out.extend_from_slice(&[a, b, c][..group.len() - 1]);
    }
    Some((start, out.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(headers: &[(Slot, &[u8])]) -> [String; 3] {
        let mut found = Found::default();
        for &(slot, value) in headers {
            found.set(slot as usize, value);
        }
        let mut out = Vec::new();
        let c = found.context(b"", &TraceOptions::default(), &mut out);
        [c.trace_id, c.trace_id_2, c.span_id].map(|t| String::from_utf8(t.to_vec()).unwrap())
    }

    #[test]
    fn each_format() {
        let t = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            context(&[(Slot::Traceparent, t)]),
            ["4bf92f3577b34da6a3ce929d0e0e4736", "", "00f067aa0ba902b7"]
        );
        assert_eq!(
            context(&[(Slot::Traceparent, b"00-00000000000000000000000000000000-1-0")]),
            ["", "", ""]
        );
        assert_eq!(context(&[(Slot::Sw8, b"1-YS5iLmM=-ZC5l-7-x-y")]), ["a.b.c", "", "d.e-7"]);
        assert_eq!(context(&[(Slot::Sw6, b"1-YS5iLmM=-ZC5l-7-x-y")]), ["a.b.c", "", "d.e-7"]);
        assert_eq!(context(&[(Slot::Sw8, b"1-*-ZC5l-7")]), ["", "", ""]);
        assert_eq!(
            context(&[(Slot::Sw3, b"1.2.3|4|5|5|#h:1|#/e|#/p|6.7.8|1")]),
            ["6.7.8", "", "1.2.3-4"]
        );
        assert_eq!(context(&[(Slot::UberTraceId, b"aa:bb:cc:1")]), ["aa", "", "bb"]);
        assert_eq!(context(&[(Slot::UberTraceId, b"aa%3Abb%3acc%3A1")]), ["aa", "", "bb"]);
        assert_eq!(context(&[(Slot::B3, b"aa-bb-1-cc")]), ["aa", "", "bb"]);
        assert_eq!(context(&[(Slot::B3, b"0")]), ["", "", ""]);
        assert_eq!(context(&[(Slot::XB3Trace, b"aa"), (Slot::XB3Span, b"bb")]), ["aa", "", "bb"]);
        assert_eq!(context(&[(Slot::XB3Span, b"bb")]), ["", "", ""]);
    }

    #[test]
    fn priority_and_second_trace() {
        let t = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(
            context(&[
                (Slot::UberTraceId, b"zz:y:0:1"),
                (Slot::Sw8, b"1-YQ==-Yg==-3"),
                (Slot::Traceparent, t)
            ]),
            ["4bf92f3577b34da6a3ce929d0e0e4736", "a", "00f067aa0ba902b7"]
        );
        assert_eq!(
            context(&[(Slot::B3, b"aa-bb"), (Slot::XB3Trace, b"aa"), (Slot::UberTraceId, b"q:r")]),
            ["aa", "q", "bb"]
        );
    }

    #[test]
    fn base64() {
        let mut out = Vec::new();
        for (text, plain) in [("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob")] {
            let (a, b) = decode(text.as_bytes(), &mut out).unwrap();
            assert_eq!(&out[a..b], plain.as_bytes());
        }
        let before = out.len();
        assert!(decode(b"Zm9vY", &mut out).is_none() && decode(b"Zm9v*A==", &mut out).is_none());
        assert_eq!(out.len(), before);
    }
}
