//! What the HTTP/1 parser can be told: trace headers by priority, endpoint depth.

use std::sync::Arc;

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

/// Plain settings; [`Options`] is their shared form.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which trace headers to read, best first. Of those beyond [`MAX_CUSTOM`] custom names the
    /// rest is ignored.
    pub trace_headers: Vec<TraceHeader>,
    /// How many path segments an endpoint keeps; 0 keeps the whole path.
    pub endpoint_segments: u8,
}

impl Default for Settings {
    fn default() -> Self {
        use TraceHeader::{B3, Sw3, Sw6, Sw8, Traceparent, UberTraceId, XB3};
        Self {
            trace_headers: vec![Traceparent, Sw8, Sw6, B3, XB3, UberTraceId, Sw3],
            endpoint_segments: 2,
        }
    }
}

/// Where a trace header's value is kept while a head is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Slot {
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

/// Slots in all: one per known header, and the custom ones.
pub(super) const SLOTS: usize = Slot::Custom as usize + MAX_CUSTOM;

#[derive(Debug)]
struct Inner {
    /// Slots to read, best first.
    order: Vec<u8>,
    /// Custom names in lower case with their colon.
    custom: Vec<Box<[u8]>>,
    endpoint_segments: u8,
}

/// Settings of all HTTP/1 parsers of a shard. Cloning shares them.
#[derive(Clone, Debug)]
pub struct Options(Arc<Inner>);

impl Options {
    pub(super) fn order(&self) -> &[u8] {
        &self.0.order
    }

    pub(super) fn custom(&self) -> &[Box<[u8]>] {
        &self.0.custom
    }

    pub(super) fn endpoint_segments(&self) -> u8 {
        self.0.endpoint_segments
    }
}

impl From<Settings> for Options {
    fn from(settings: Settings) -> Self {
        let mut custom: Vec<Box<[u8]>> = Vec::new();
        let mut order = Vec::new();
        for header in &settings.trace_headers {
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
        Self(Arc::new(Inner { order, custom, endpoint_segments: settings.endpoint_segments }))
    }
}

impl Default for Options {
    fn default() -> Self {
        Settings::default().into()
    }
}
