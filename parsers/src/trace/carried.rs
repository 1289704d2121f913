//! Trace context in the name and value pairs of RPC and messaging: attachments, properties,
//! parameters. Beside the headers that HTTP knows, tracers of their own are common there.

use super::{Found, TraceOptions};
use crate::message::TraceContext;
use crate::text::trim;

/// Trace ids of tracers that use a name for each id: EagleEye, SOFATracer.
pub(crate) const OWN_TRACE: [&[u8]; 4] =
    [b"EagleEye-TraceID", b"sofaTraceId", b"rpc_trace_context.sofaTraceId", b"SOFA-TraceId"];
/// Their span ids, at the same places.
pub(crate) const OWN_SPAN: [&[u8]; 4] =
    [b"EagleEye-SpanID", b"sofaRpcId", b"rpc_trace_context.sofaRpcId", b"SOFA-RpcId"];
/// SOFATracer's ids in one value.
pub(crate) const SOFA_CONTEXT: &[u8] = b"new_rpc_trace_context";

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Carried<'a> {
    found: Found<'a>,
    own_trace: &'a [u8],
    own_span: &'a [u8],
    /// Span id of the caller's caller.
    pub(crate) parent_span: &'a [u8],
    x_request_id: &'a [u8],
    /// The address of the first client.
    pub(crate) client_ip: &'a [u8],
}

impl<'a> Carried<'a> {
    /// Notes a pair; others than those of tracing are ignored.
    #[inline]
    pub(crate) fn offer(&mut self, name: &[u8], value: &'a [u8], options: &TraceOptions) {
        if let Some(slot) = options.slot(name) {
            return self.found.set(slot, trim(value));
        }
        match name.len() {
            // The lengths of the names below.
            9..=12 | 15..=16 | 21 | 27..=29 => self.other(name, value),
            _ => {}
        }
    }

    fn other(&mut self, name: &[u8], value: &'a [u8]) {
        if OWN_TRACE.contains(&name) {
            self.own_trace = value;
        } else if OWN_SPAN.contains(&name) {
            self.own_span = value;
        } else if name == SOFA_CONTEXT {
            self.sofa(value);
        } else if name.eq_ignore_ascii_case(b"x-request-id") {
            self.x_request_id = trim(value);
        } else if name.eq_ignore_ascii_case(b"x-forwarded-for") {
            self.client_ip = crate::text::first_of_list(value);
        }
    }

    /// `tcid=...&spid=...&pspid=...&`: trace, span and parent.
    fn sofa(&mut self, value: &'a [u8]) {
        for pair in value.split(|b| *b == b'&') {
            let Some(at) = memchr::memchr(b'=', pair) else { continue };
            let value = &pair[at + 1..];
            match &pair[..at] {
                b"tcid" => self.own_trace = value,
                b"spid" => self.own_span = value,
                b"pspid" => self.parent_span = value,
                _ => {}
            }
        }
    }

    /// No trace was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.seen == 0 && self.own_trace.is_empty()
    }

    /// An id of the request that is none of a trace.
    pub(crate) fn request_id(&mut self, id: &'a [u8]) {
        if self.x_request_id.is_empty() {
            self.x_request_id = id;
        }
    }

    /// The ids of the best header. What has to be decoded is appended to `out`.
    #[inline]
    pub(crate) fn context(&self, options: &TraceOptions, out: &'a mut Vec<u8>) -> TraceContext<'a> {
        let mut context = self.found.context(self.x_request_id, options, out);
        if context.trace_id.is_empty() {
            context.trace_id = self.own_trace;
            context.span_id = self.own_span;
        } else if context.trace_id_2.is_empty() && context.trace_id != self.own_trace {
            context.trace_id_2 = self.own_trace;
        }
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(pairs: &[(&str, &'static str)]) -> [String; 4] {
        let options = TraceOptions::default();
        let mut carried = Carried::default();
        for (name, value) in pairs {
            carried.offer(name.as_bytes(), value.as_bytes(), &options);
        }
        let mut out = Vec::new();
        let c = carried.context(&options, &mut out);
        [c.trace_id, c.trace_id_2, c.span_id, c.x_request_id]
            .map(|t| String::from_utf8(t.to_vec()).unwrap())
    }

    #[test]
    fn ids_of_other_tracers() {
        assert_eq!(
            context(&[("EagleEye-TraceID", "t"), ("EagleEye-SpanID", "s"), ("X-Request-ID", "x")]),
            ["t", "", "s", "x"]
        );
        assert_eq!(
            context(&[("new_rpc_trace_context", "tcid=a&spid=0.1&pspid=0&sample=true&")]),
            ["a", "", "0.1", ""]
        );
        assert_eq!(context(&[("b3", "a-b"), ("sofaTraceId", "z")]), ["a", "z", "b", ""]);
        assert_eq!(context(&[("unrelated", "z")]), ["", "", "", ""]);
    }
}
