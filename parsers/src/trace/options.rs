//! Which trace headers are read, best first.

use std::sync::{Arc, LazyLock};

/// Trace headers other than the known ones that are looked for at most: each costs a comparison
/// per header line.
pub const MAX_CUSTOM: usize = 4;

/// A header that carries trace context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceHeader {
    /// W3C Trace Context.
    Traceparent,
    /// SkyWalking 8.
    Sw8,
    /// SkyWalking 6.
    Sw6,
    /// SkyWalking 3.
    Sw3,
    /// Jaeger.
    UberTraceId,
    /// Zipkin, one header.
    B3,
    /// Zipkin, `X-B3-TraceId` and `X-B3-SpanId`.
    XB3,
    /// Any other header: the whole value is the trace id.
    Custom(String),
}

impl TraceHeader {
    /// By header name, in any case.
    pub fn from_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "traceparent" => Self::Traceparent,
            "sw8" => Self::Sw8,
            "sw6" => Self::Sw6,
            "sw3" => Self::Sw3,
            "uber-trace-id" => Self::UberTraceId,
            "b3" => Self::B3,
            "x-b3-traceid" | "x-b3-spanid" => Self::XB3,
            other => Self::Custom(other.to_owned()),
        }
    }
}

/// Where a trace header's value is kept while a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Slot {
    Traceparent,
    Sw8,
    Sw6,
    Sw3,
    UberTraceId,
    B3,
    XB3Trace,
    XB3Span,
    Custom,
}

/// Names in small letters.
const KNOWN: &[(&[u8], Slot)] = &[
    (b"traceparent", Slot::Traceparent),
    (b"sw8", Slot::Sw8),
    (b"sw6", Slot::Sw6),
    (b"sw3", Slot::Sw3),
    (b"uber-trace-id", Slot::UberTraceId),
    (b"b3", Slot::B3),
    (b"x-b3-traceid", Slot::XB3Trace),
    (b"x-b3-spanid", Slot::XB3Span),
];

/// Slots in all: one per known header, and the custom ones.
pub(crate) const SLOTS: usize = Slot::Custom as usize + MAX_CUSTOM;

#[derive(Debug)]
struct Inner {
    /// Slots to read, best first.
    order: Vec<u8>,
    /// Custom names in lower case with their colon.
    custom: Vec<Box<[u8]>>,
}

/// Trace headers to read, best first, shared by all parsers of a shard. Cloning shares them.
#[derive(Clone, Debug)]
pub struct TraceOptions(Arc<Inner>);

impl TraceOptions {
    /// Reads `headers`, best first. Of those beyond [`MAX_CUSTOM`] custom names the rest is
    /// ignored.
    pub fn new(headers: &[TraceHeader]) -> Self {
        let mut custom: Vec<Box<[u8]>> = Vec::new();
        let mut order = Vec::new();
        for header in headers {
            let slot = match header {
                TraceHeader::Traceparent => Slot::Traceparent as u8,
                TraceHeader::Sw8 => Slot::Sw8 as u8,
                TraceHeader::Sw6 => Slot::Sw6 as u8,
                TraceHeader::Sw3 => Slot::Sw3 as u8,
                TraceHeader::UberTraceId => Slot::UberTraceId as u8,
                TraceHeader::B3 => Slot::B3 as u8,
                TraceHeader::XB3 => Slot::XB3Trace as u8,
                TraceHeader::Custom(name) if custom.len() < MAX_CUSTOM && !name.is_empty() => {
                    custom.push(format!("{}:", name.to_ascii_lowercase()).into_bytes().into());
                    Slot::Custom as u8 + (custom.len() - 1) as u8
                }
                TraceHeader::Custom(_) => continue,
            };
            if !order.contains(&slot) {
                order.push(slot);
            }
        }
        Self(Arc::new(Inner { order, custom }))
    }

    /// No trace header at all.
    pub(crate) fn none() -> &'static Self {
        static NONE: LazyLock<TraceOptions> = LazyLock::new(|| TraceOptions::new(&[]));
        &NONE
    }

    /// The slot of a header by its name, in any case.
    pub(crate) fn slot(&self, name: &[u8]) -> Option<usize> {
        let known = KNOWN.iter().find(|(n, _)| name.eq_ignore_ascii_case(n));
        known.map(|(_, slot)| *slot as usize).or_else(|| {
            let same = |c: &[u8]| c[..c.len() - 1].eq_ignore_ascii_case(name);
            let at = self.0.custom.iter().position(|c| same(c))?;
            Some(Slot::Custom as usize + at)
        })
    }

    /// Every name that is looked for, in small letters.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        let custom = self.0.custom.iter().map(|c| &c[..c.len() - 1]);
        KNOWN.iter().map(|(name, _)| *name).chain(custom)
    }

    pub(super) fn order(&self) -> &[u8] {
        &self.0.order
    }

    /// Custom names in lower case with their colon.
    pub(crate) fn custom(&self) -> &[Box<[u8]>] {
        &self.0.custom
    }
}

impl Default for TraceOptions {
    fn default() -> Self {
        use TraceHeader::{B3, Sw3, Sw6, Sw8, Traceparent, UberTraceId, XB3};
        Self::new(&[Traceparent, Sw8, Sw6, B3, XB3, UberTraceId, Sw3])
    }
}
