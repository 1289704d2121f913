//! What becomes of the messages that a flow's parser finds: paired, counted, made rows.

use crate::flow::Interval;
use crate::flow::service::{Endpoint, SCORE_L7, ServiceTable};
use crate::flow::table::Flow;
use crate::record::metric::Metrics;
use crate::record::{self, Blocks, RowIds};
use crate::session::{Exchange, FlowSessions, Sessions};
use crate::stream::{Origin, Sink};
use fathom_parsers::message::{Direction, L7Protocol, Message, MessageKind, ResponseStatus};
use fathom_parsers::packet::Addr;

/// What rows need besides the flow.
#[derive(Debug)]
pub(super) struct Out {
    pub(super) origin: record::Origin,
    pub(super) ids: RowIds,
}

/// Makes an exchange a row and counts it.
pub(super) fn emit(
    flow: &mut Flow,
    interval: &mut Interval,
    metrics: &mut Metrics,
    blocks: &mut Blocks,
    out: &mut Out,
    e: &Exchange<'_>,
) {
    let counts = &mut interval.second.l7;
    if let Some(answer) = &e.answer {
        flow.l7_responses = flow.l7_responses.saturating_add(1);
        if let Some(request) = &e.request {
            let us = answer.at.at_ns.saturating_sub(request.at_ns) / 1000;
            counts.rrt.add(u32::try_from(us).unwrap_or(u32::MAX));
        }
    }
    match e.status {
        ResponseStatus::ClientError => counts.client_error += 1,
        ResponseStatus::ServerError => counts.server_error += 1,
        ResponseStatus::Timeout => counts.timeout += 1,
        _ => {}
    }
    if matches!(e.status, ResponseStatus::ClientError | ResponseStatus::ServerError) {
        flow.l7_errors = flow.l7_errors.saturating_add(1);
    }
    metrics.exchange(&out.origin, flow, e);
    record::l7::push(blocks, &out.origin, &mut out.ids, flow, e);
}

/// Where the messages of one flow go.
pub(super) struct Exchanges<'s> {
    pub(super) flow: &'s mut Flow,
    pub(super) interval: &'s mut Interval,
    pub(super) services: &'s mut ServiceTable,
    pub(super) sessions: &'s mut Sessions,
    pub(super) list: &'s mut FlowSessions,
    pub(super) l7: u32,
    pub(super) metrics: &'s mut Metrics,
    pub(super) blocks: &'s mut Blocks,
    pub(super) out: &'s mut Out,
}

impl Sink for Exchanges<'_> {
    fn message(&mut self, protocol: L7Protocol, dir: Direction, m: &Message<'_>, at: Origin) {
        let counts = &mut self.interval.second.l7;
        match m.kind {
            MessageKind::Request | MessageKind::Single => counts.request += 1,
            MessageKind::Response => counts.response += 1,
            MessageKind::Interim | MessageKind::End => {}
        }
        let (flow, interval) = (&mut *self.flow, &mut *self.interval);
        let (metrics, blocks, out) = (&mut *self.metrics, &mut *self.blocks, &mut *self.out);
        let emit = |e: &Exchange<'_>| emit(flow, interval, metrics, blocks, out, e);
        if m.kind == MessageKind::End {
            self.sessions.end(self.list, dir, m, emit);
        } else {
            self.sessions.message(self.list, self.l7, protocol, m, at, emit);
        }
    }

    fn detected(&mut self, protocol: L7Protocol) {
        self.flow.l7_protocol = protocol as u8;
        let (c, s) = (usize::from(self.flow.client), 1 - usize::from(self.flow.client));
        let end = |side: usize| Endpoint {
            ip: Addr(self.flow.key.ip[side]),
            port: self.flow.key.port[side],
            protocol: self.flow.key.protocol,
        };
        self.services.prove(end(s), end(c), SCORE_L7);
        self.flow.direction_score = self.flow.direction_score.max(SCORE_L7);
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
