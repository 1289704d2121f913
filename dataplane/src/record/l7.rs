//! Rows of `flow_log.l7_flow_log`: one for each exchange.

use super::{Blocks, Origin, RowIds};
use crate::flow::link::Link;
use crate::flow::table::Flow;
use crate::session::{Exchange, Text};
use fathom_parsers::message::{Fact, L7Protocol, MAX_FACTS};
use std::borrow::Cow;

/// `type`: which halves of the exchange were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExchangeType {
    /// A request alone.
    Request = 0,
    /// An answer alone.
    Response = 1,
    /// Both.
    Session = 2,
}

/// Text of the wire as UTF-8, cut to the row's bound. Copies only what is not UTF-8 already.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.is_empty() {
        return Cow::Borrowed("");
    }
    let cut = &bytes[..bytes.len().min(crate::limits::TEXT_BYTES)];
    match std::str::from_utf8(cut) {
        Ok(s) => Cow::Borrowed(s),
        // Cut inside a character: what stands before it is whole.
        Err(e) if cut.len() < bytes.len() && e.error_len().is_none() => {
            String::from_utf8_lossy(&cut[..e.valid_up_to()])
        }
        Err(_) => String::from_utf8_lossy(cut),
    }
}

/// A text of an exchange, which is UTF-8 already in nearly all of them.
#[inline]
fn text<'a>(e: &Exchange<'a>, t: Text) -> Cow<'a, str> {
    match e.valid(t) {
        Some(text) => Cow::Borrowed(text),
        None => utf8(e.text(t)),
    }
}

const ATTRIBUTES: [Text; 4] =
    [Text::Attribute0, Text::Attribute1, Text::Attribute2, Text::Attribute3];

/// What stands in the arrays of a row, and in columns that few rows fill.
struct Extra<'a, const N: usize> {
    names: [&'a str; N],
    values: [Cow<'a, str>; N],
    len: usize,
    parent_span_id: Cow<'a, str>,
    app_service: Cow<'a, str>,
    app_instance: Cow<'a, str>,
    biz_code: Cow<'a, str>,
    biz_scenario: Cow<'a, str>,
    biz_response_code: Cow<'a, str>,
    version: Cow<'a, str>,
}

impl<'a, const N: usize> Extra<'a, N> {
    fn of(e: &'a Exchange<'_>) -> Self {
        const NONE: Cow<'_, str> = Cow::Borrowed("");
        let mut extra = Self {
            names: [""; N],
            values: [NONE; N],
            len: 0,
            parent_span_id: NONE,
            app_service: NONE,
            app_instance: NONE,
            biz_code: NONE,
            biz_scenario: NONE,
            biz_response_code: NONE,
            version: text(e, Text::Version),
        };
        for (i, name) in e.attributes.iter().enumerate() {
            extra.attribute(name, text(e, ATTRIBUTES[i]));
        }
        for (fact, text) in e.facts.iter().flat_map(|f| f.iter()) {
            match fact {
                Fact::Attribute(name) => extra.attribute(name, utf8(text)),
                Fact::ParentSpanId => extra.parent_span_id = utf8(text),
                Fact::AppService => extra.app_service = utf8(text),
                Fact::AppInstance => extra.app_instance = utf8(text),
                Fact::BizCode => extra.biz_code = utf8(text),
                Fact::BizScenario => extra.biz_scenario = utf8(text),
                Fact::BizResponseCode => extra.biz_response_code = utf8(text),
                Fact::Version => extra.version = utf8(text),
            }
        }
        extra
    }

    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) {
        if !name.is_empty() && !value.is_empty() && self.len < N {
            self.names[self.len] = name;
            self.values[self.len] = value;
            self.len += 1;
        }
    }
}

/// Appends the row.
pub fn push(
    blocks: &mut Blocks,
    origin: &Origin,
    ids: &mut RowIds,
    flow: &Flow,
    link: &Link,
    e: &Exchange<'_>,
) {
    // Few rows have more attributes than a message has room for.
    match e.facts {
        None => push_with::<4>(blocks, origin, ids, flow, link, e),
        Some(_) => push_with::<{ 4 + MAX_FACTS }>(blocks, origin, ids, flow, link, e),
    }
}

fn push_with<const N: usize>(
    blocks: &mut Blocks,
    origin: &Origin,
    ids: &mut RowIds,
    flow: &Flow,
    link: &Link,
    e: &Exchange<'_>,
) {
    let (c, s) = (usize::from(flow.client), 1 - usize::from(flow.client));
    let key = &flow.key;
    let (is_ip, is_ipv4) = (key.is_ip(), key.is_ipv4());
    let start_ns = e.request.or(e.answer.map(|a| a.at)).map_or(0, |o| o.at_ns);
    let end_ns = e.answer.map(|a| a.at).or(e.request).map_or(0, |o| o.at_ns).max(start_ns);
    let time = (end_ns / 1_000_000_000) as u32;
    let kind = match (e.request, e.answer) {
        (Some(_), None) if e.single => ExchangeType::Session,
        (Some(_), None) => ExchangeType::Request,
        (None, _) => ExchangeType::Response,
        (Some(_), Some(_)) => ExchangeType::Session,
    };
    let duration =
        if e.request.is_some() && e.answer.is_some() { (end_ns - start_ns) / 1000 } else { 0 };
    let text = |t: Text| text(e, t);
    // What a consumer is handed carries the trace of whoever sent it.
    let (trace_id, span_id) = match (e.text(Text::TraceId), e.text(Text::ResponseTraceId)) {
        (b"", [_, ..]) => (Text::ResponseTraceId, Text::ResponseSpanId),
        _ => (Text::TraceId, Text::SpanId),
    };
    let extra = Extra::<N>::of(e);
    let mut values = [""; N];
    for (shown, value) in values.iter_mut().zip(&extra.values[..extra.len]) {
        *shown = value;
    }
    blocks.l7_flow_log.push(|row| {
        row.time(time);
        row.agent_id(origin.agent_id);
        set_ip!(row, ip4_0, ip6_0, &key.ip[c], is_ip, is_ipv4);
        set_ip!(row, ip4_1, ip6_1, &key.ip[s], is_ip, is_ipv4);
        row.is_ipv4(u8::from(is_ipv4));
        row.protocol(key.protocol);
        row.server_port(key.port[s]);
        row.client_port(key.port[c]);
        row.l7_protocol(e.protocol as u8);
        row.observation_point(origin.point(flow, link).name());
        let (nic, nic_type) = origin.nic(key.interface);
        row.capture_nic(nic);
        row.capture_nic_type(nic_type);
        row.tunnel_type(key.tunnel);
        row.id(ids.next(time));
        row.start_time((start_ns / 1000) as i64);
        row.end_time((end_ns / 1000) as i64);
        row.flow_id(flow.flow_id);
        row.direction_score(flow.direction_score);
        row.version(&extra.version);
        row.type_(kind as u8);
        row.request_type(&text(Text::RequestType));
        row.request_domain(&text(Text::RequestDomain));
        row.request_resource(&text(Text::RequestResource));
        row.endpoint(&text(Text::Endpoint));
        row.request_id(e.request_id);
        row.request_length(e.request_length.map(|n| i64::try_from(n).unwrap_or(i64::MAX)));
        row.response_status(e.status as u8);
        row.response_code(e.answer.map_or(e.single_told.0, |a| a.code));
        row.response_exception(&text(Text::Exception));
        row.response_result(&text(Text::Result));
        row.response_length(
            e.answer
                .map_or(e.single_told.1, |a| a.length)
                .map(|n| i64::try_from(n).unwrap_or(i64::MAX)),
        );
        row.response_duration(duration);
        row.trace_id(&text(trace_id));
        row.trace_id_2(&text(Text::TraceId2));
        row.trace_id_index(match e.text(trace_id) {
            b"" => 0,
            id => xxhash_rust::xxh3::xxh3_64(id),
        });
        row.span_id(&text(span_id));
        row.x_request_id_0(&text(Text::XRequestId0));
        row.x_request_id_1(&text(Text::XRequestId1));
        row.http_proxy_client(&text(Text::ClientIp));
        row.req_tcp_seq(e.request.map_or(0, |o| o.seq));
        row.resp_tcp_seq(e.answer.map_or(0, |a| a.at.seq));
        row.captured_request_byte(e.request.map_or(0, |o| o.bytes));
        row.captured_response_byte(e.answer.map_or(0, |a| a.at.bytes));
        row.sql_affected_rows(e.answer.and_then(|a| a.affected_rows));
        row.is_async(u8::from(e.is_async));
        let encrypts = [L7Protocol::Tls, L7Protocol::Quic, L7Protocol::Dtls];
        row.is_tls(u8::from(encrypts.contains(&e.protocol)));
        row.attribute_names(&extra.names[..extra.len]);
        row.attribute_values(&values[..extra.len]);
        if let Some(facts) = e.facts {
            let (names, numbers) = facts.metrics();
            row.metrics_names(names);
            row.metrics_values(numbers);
            row.biz_type(facts.biz_type);
            row.parent_span_id(&extra.parent_span_id);
            row.app_service(&extra.app_service);
            row.app_instance(&extra.app_instance);
            row.biz_code(&extra.biz_code);
            row.biz_scenario(&extra.biz_scenario);
            row.biz_response_code(&extra.biz_response_code);
        }
    });
}
