//! What becomes of the messages that a flow's parser finds: paired, counted, made rows.

use crate::flow::Interval;
use crate::flow::link::Link;
use crate::flow::service::{Endpoint, SCORE_L7, ServiceTable};
use crate::flow::table::{Flow, bit};
use crate::record::metric::Metrics;
use crate::record::{self, Blocks, RowIds};
use crate::session::{Exchange, FlowSessions, Seen, Sessions};
use crate::stream::{Expected, Origin, Sink};
use fathom_parsers::message::{
    Direction, L7Protocol, Message, MessageKind, ResponseStatus, TLS_RTT,
};
use fathom_parsers::packet::Addr;

/// What rows need besides the flow.
#[derive(Debug)]
pub(super) struct Out {
    pub(super) origin: record::Origin,
    pub(super) ids: RowIds,
    /// No rows of requests for now.
    pub(super) shed_requests: bool,
    /// Such rows left out so far.
    pub(super) requests_shed: u64,
}

/// Makes an exchange a row and counts it.
pub(super) fn emit(
    flow: &mut Flow,
    link: &Link,
    interval: &mut Interval,
    metrics: &mut Metrics,
    blocks: &mut Blocks,
    out: &mut Out,
    e: &Exchange<'_>,
) {
    let counts = &mut interval.second.l7;
    if let Some(answer) = &e.answer {
        flow.set(bit::ANSWERED);
        if let Some(request) = &e.request {
            let us = answer.at.at_ns.saturating_sub(request.at_ns) / 1000;
            counts.rrt.add(u32::try_from(us).unwrap_or(u32::MAX));
        }
    }
    if let Some(facts) = e.facts {
        let (names, values) = facts.metrics();
        if let Some(at) = names.iter().position(|name| *name == TLS_RTT) {
            counts.tls_rtt = counts.tls_rtt.max(values[at] as u32);
        }
    }
    match e.status {
        ResponseStatus::ClientError => counts.client_error += 1,
        ResponseStatus::ServerError => counts.server_error += 1,
        ResponseStatus::Timeout => counts.timeout += 1,
        _ => {}
    }
    if matches!(e.status, ResponseStatus::ClientError | ResponseStatus::ServerError) {
        flow.set(bit::ERRED);
    }
    metrics.exchange(&out.origin, flow, link, e);
    if out.shed_requests {
        out.requests_shed += 1;
        return;
    }
    record::l7::push(blocks, &out.origin, &mut out.ids, flow, link, e);
}

/// Where the messages of one flow go.
pub(super) struct Exchanges<'s> {
    pub(super) flow: &'s mut Flow,
    pub(super) link: &'s Link,
    pub(super) interval: &'s mut Interval,
    pub(super) services: &'s mut ServiceTable,
    pub(super) sessions: &'s mut Sessions,
    pub(super) list: &'s mut FlowSessions,
    pub(super) l7: u32,
    pub(super) metrics: &'s mut Metrics,
    pub(super) blocks: &'s mut Blocks,
    pub(super) out: &'s mut Out,
}

impl Exchanges<'_> {
    fn endpoint(&self, side: usize) -> Endpoint {
        Endpoint {
            ip: Addr(self.flow.key.ip[side]),
            port: self.flow.key.port[side],
            protocol: self.flow.key.protocol,
        }
    }
}

impl Sink for Exchanges<'_> {
    fn message(&mut self, protocol: L7Protocol, dir: Direction, m: &Message<'_>, at: Origin) {
        let protocol = match m.protocol {
            L7Protocol::Unknown => protocol,
            other => {
                self.flow.l7_protocol = other as u8;
                other
            }
        };
        let counts = &mut self.interval.second.l7;
        match m.kind {
            MessageKind::Request | MessageKind::Single => counts.request += 1,
            MessageKind::Response => counts.response += 1,
            MessageKind::Interim | MessageKind::End | MessageKind::Note => {}
        }
        let (flow, link, interval) = (&mut *self.flow, self.link, &mut *self.interval);
        let (metrics, blocks, out) = (&mut *self.metrics, &mut *self.blocks, &mut *self.out);
        let emit = |e: &Exchange<'_>| emit(flow, link, interval, metrics, blocks, out, e);
        if m.kind == MessageKind::End {
            self.sessions.end(self.list, dir, m, at, emit);
        } else {
            let seen = Seen { flow: self.l7, protocol, dir, at };
            self.sessions.message(self.list, m, seen, emit);
        }
    }

    fn detected(&mut self, protocol: L7Protocol) {
        self.flow.l7_protocol = protocol as u8;
        let (c, s) = (usize::from(self.flow.client), 1 - usize::from(self.flow.client));
        let (client, server) = (self.endpoint(c), self.endpoint(s));
        self.services.prove(server, client, SCORE_L7);
        self.services.heard(server, protocol);
        self.flow.direction_score = self.flow.direction_score.max(SCORE_L7);
    }

    fn unknown(&mut self) {
        let server = self.endpoint(1 - usize::from(self.flow.client));
        self.services.heard(server, L7Protocol::Unknown);
    }

    fn expected(&self) -> Expected {
        let server = self.endpoint(1 - usize::from(self.flow.client));
        let (protocol, worth) = self.services.speaks(&server);
        Expected { protocol, port: server.port, worth }
    }

    fn reversed(&mut self) {
        self.flow.client = 1 - self.flow.client;
        self.flow.state = self.flow.state.mirrored();
    }

    fn unreadable(&mut self, _dir: Direction) {
        self.interval.second.l7.parse_failed += 1;
    }

    fn missing(&mut self, dir: Direction, until: u32) {
        if dir == Direction::ToClient {
            self.list.answers_missing_until = Some(until);
        }
    }

    fn waiting(&self) -> bool {
        self.list.len > 0
    }
}
