//! Per-second metrics: `network`, `network_map`, `application`, `application_map`.
//!
//! Each second's flow reports and exchanges are summed by the pair of ends they are about, seen
//! from the client. When the second is over each pair becomes a row of a map table, and the pairs
//! of each end together a row of a one-ended table ("tx" is what that end sent): so what happens
//! often pays for one look-up, not for three.

mod endpoints;
mod ends;
mod key;
mod meters;
mod rows;
mod sketch;

use super::{Blocks, Origin};
use crate::flow::link::Link;
use crate::flow::table::Flow;
use crate::flow::tcp_state::CloseType;
use crate::flow::{Counts, L7Counts, Report};
use crate::session::{Exchange, Text};
use endpoints::Endpoints;
use ends::Ends;
use fathom_parsers::message::ResponseStatus;
use key::{Key, View};
use meters::{Meters, Place, Sums};
use sketch::{Sketch, Sketches};

/// Sums over flows; side 0 is the client's.
#[derive(Clone, Debug, Default)]
struct NetMeter {
    report: Report,
    new_flow: u32,
    closed_flow: u32,
    flow_load: u32,
    closes: [u32; CloseType::FinishByClientReset as usize + 1],
    /// Some connection ended otherwise than by FIN.
    ended_badly: bool,
    direction_score: u8,
}

impl Sums for NetMeter {
    fn merge(&mut self, o: &Self, _: &mut Sketches) {
        self.report.merge(&o.report);
        self.new_flow += o.new_flow;
        self.flow_load += o.flow_load;
        self.closed_flow += o.closed_flow;
        if o.ended_badly {
            self.ended_badly = true;
            for (mine, theirs) in self.closes.iter_mut().zip(o.closes) {
                *mine += theirs;
            }
        }
        self.direction_score = self.direction_score.max(o.direction_score);
    }

    fn coarse(pair: &Key, view: View) -> Key {
        pair.without_service(view)
    }
}

/// Sums over exchanges.
#[derive(Clone, Debug, Default)]
struct AppMeter {
    counts: L7Counts,
    sketch: Sketch,
    direction_score: u8,
}

impl Sums for AppMeter {
    fn merge(&mut self, o: &Self, sketches: &mut Sketches) {
        self.counts.merge(&o.counts);
        self.direction_score = self.direction_score.max(o.direction_score);
        sketches.merge(&mut self.sketch, o.sketch);
    }

    fn coarse(pair: &Key, view: View) -> Key {
        pair.without_endpoint(view)
    }
}

/// The sums of one second.
#[derive(Debug, Default)]
struct Second {
    net: Meters<NetMeter>,
    net_ends: Ends<NetMeter>,
    app: Meters<AppMeter>,
    app_ends: Ends<AppMeter>,
    sketches: Sketches,
    endpoints: Endpoints,
}

impl Second {
    fn is_empty(&self) -> bool {
        self.net.is_empty() && self.app.is_empty()
    }

    fn clear(&mut self) {
        self.net.clear();
        self.net_ends.clear();
        self.app.clear();
        self.app_ends.clear();
        self.sketches.clear();
        self.endpoints.forget_if_many();
    }
}

/// Which rows of a second are next.
#[derive(Clone, Copy, Debug)]
enum Next {
    Pair(usize),
    End(usize),
    AppPair(usize),
    AppEnd(usize),
}

/// Sums of the running second, and those of the one before, whose rows are made a few at a time:
/// all at once would keep a busy shard from its packets for longer than its ring lasts.
#[derive(Debug, Default)]
pub struct Metrics {
    running: Second,
    over: Second,
    /// The second that is over, and how far its rows are made.
    told: Option<(u32, Next)>,
    /// Keys folded into a coarser one because there were too many.
    pub folded: u64,
}

impl Metrics {
    /// Nothing was added since the last row.
    pub fn is_empty(&self) -> bool {
        self.told.is_none() && self.running.is_empty()
    }

    /// Nothing was added in the running second.
    pub fn is_quiet(&self) -> bool {
        self.running.is_empty()
    }

    /// Rows of the second before are still to be made.
    pub fn owes(&self) -> bool {
        self.told.is_some()
    }

    /// Adds a flow's second.
    pub fn flow(
        &mut self,
        origin: &Origin,
        flow: &Flow,
        link: &Link,
        counts: &Counts,
        new: bool,
        closed: Option<CloseType>,
    ) {
        let key = Key::of(origin, flow, link);
        let add = |m: &mut NetMeter| {
            counts.add_to(&mut m.report, usize::from(flow.client));
            m.direction_score = m.direction_score.max(flow.direction_score);
            m.flow_load += 1;
            m.new_flow += u32::from(new);
            if let Some(close) = closed {
                m.closed_flow += 1;
                let normal = matches!(close, CloseType::Finish | CloseType::ForcedReport);
                if flow.key.protocol == fathom_parsers::packet::ip_proto::TCP && !normal {
                    m.ended_badly = true;
                    m.closes[close as usize] += 1;
                }
            }
        };
        let Second { net, net_ends, .. } = &mut self.running;
        match net.at(&key) {
            Place::Own(m) => add(m),
            Place::Full => {
                self.folded += 1;
                add(net.forced(&key.without_service(View::Folded)));
                for view in View::ENDS {
                    add(net_ends.at(&key, view, &mut self.folded));
                }
            }
        }
    }

    /// Adds an exchange.
    pub fn exchange(&mut self, origin: &Origin, flow: &Flow, link: &Link, e: &Exchange<'_>) {
        let name = e.text(Text::Endpoint);
        let Second { app, app_ends, sketches, endpoints, .. } = &mut self.running;
        let endpoint = endpoints.number(name);
        self.folded += u64::from(endpoint == 0 && !name.is_empty());
        let key = Key { endpoint, l7_protocol: e.protocol as u8, ..Key::of(origin, flow, link) };
        let mut counts = L7Counts {
            request: u32::from(e.request.is_some()),
            response: u32::from(e.answer.is_some()),
            client_error: u32::from(e.status == ResponseStatus::ClientError),
            server_error: u32::from(e.status == ResponseStatus::ServerError),
            timeout: u32::from(e.status == ResponseStatus::Timeout),
            ..L7Counts::default()
        };
        let duration = match (e.request, e.answer) {
            (Some(q), Some(a)) => Some(a.at.at_ns.saturating_sub(q.at_ns) / 1000),
            _ => None,
        };
        if let Some(d) = duration {
            counts.rrt.add(u32::try_from(d).unwrap_or(u32::MAX));
        }
        let mut add = |m: &mut AppMeter| {
            m.counts.merge(&counts);
            m.direction_score = m.direction_score.max(flow.direction_score);
            if let Some(us) = duration {
                sketches.add(&mut m.sketch, sketch::bucket(us), 1);
            }
        };
        match app.at(&key) {
            Place::Own(m) => add(m),
            Place::Full => {
                self.folded += 1;
                add(app.forced(&key.without_endpoint(View::Folded)));
                for view in View::ENDS {
                    add(app_ends.at(&key, view, &mut self.folded));
                }
            }
        }
    }

    /// The running second, which is `second`, is over: [`Self::rows`] makes its rows.
    pub fn end(&mut self, blocks: &mut Blocks, origin: &Origin, second: u32) {
        self.rows(blocks, origin, usize::MAX);
        if !self.running.is_empty() {
            std::mem::swap(&mut self.running, &mut self.over);
            self.told = Some((second, Next::Pair(0)));
        }
    }

    /// Makes up to `most` rows of the second that is over.
    pub fn rows(&mut self, blocks: &mut Blocks, origin: &Origin, most: usize) {
        let Self { over, told, folded, .. } = self;
        let Some((second, next)) = told else { return };
        let at = rows::At { origin, second: *second };
        let Second { net, net_ends, app, app_ends, sketches, endpoints } = over;
        for _ in 0..most {
            match next {
                Next::Pair(i) => match net.pair(*i) {
                    Some((key, m)) => {
                        rows::network(blocks, &at, key, m);
                        net_ends.add(net, *i, sketches, folded);
                        *i += 1;
                    }
                    None => *next = Next::End(0),
                },
                Next::End(i) => match net_ends.end(*i, net) {
                    Some((key, m)) => {
                        rows::network(blocks, &at, key, m);
                        *i += 1;
                    }
                    None => *next = Next::AppPair(0),
                },
                Next::AppPair(i) => match app.pair(*i) {
                    Some((key, m)) => {
                        rows::application(blocks, &at, key, m, sketches, endpoints);
                        app_ends.add(app, *i, sketches, folded);
                        *i += 1;
                    }
                    None => *next = Next::AppEnd(0),
                },
                Next::AppEnd(i) => match app_ends.end(*i, app) {
                    Some((key, m)) => {
                        rows::application(blocks, &at, key, m, sketches, endpoints);
                        *i += 1;
                    }
                    None => {
                        over.clear();
                        *told = None;
                        return;
                    }
                },
            }
        }
    }
}
