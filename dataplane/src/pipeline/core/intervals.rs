//! Seconds and minutes of flows: when their numbers become metrics, and when rows.

use super::Core;
use crate::flow::slab::NONE;
use crate::flow::table::{Flow, bit};
use crate::flow::tcp_state::CloseType;
use crate::flow::{Counts, Interval};
use crate::record;
use crate::record::l4::FlowFacts;

impl Core {
    /// The flow's running second is over: metrics and totals get its numbers.
    pub(super) fn tell_second(&mut self, id: u32, closed: Option<CloseType>) {
        let flow = &mut self.flows[id];
        let interval = &mut self.intervals[flow.interval];
        let counts = &interval.second;
        if closed.is_some() || !counts.is_empty() {
            let new = flow.is(bit::NEW) && interval.minute == NONE;
            let link = &self.links[flow.link];
            self.metrics.flow(&self.out.origin, flow, link, counts, new, closed);
        }
        flow.last_ns = interval.last_ns;
        for side in 0..2 {
            flow.total_packets[side] += u64::from(counts.traffic.packets[side]);
            flow.total_bytes[side] += counts.traffic.bytes[side];
        }
        interval.running = false;
    }

    /// A minute is over: its flows are owed a row each.
    pub(super) fn end_minute(&mut self, end_ns: u64) {
        debug_assert!(self.owed.is_empty(), "they were made before the second ended");
        self.owed.extend(self.in_minute.drain(..));
        self.owed_end_ns = end_ns;
    }

    /// Makes some of the rows that the end of a second or minute is owed.
    #[inline]
    pub(in crate::pipeline) fn owed_rows(&mut self) {
        if self.metrics.owes() || !self.owed.is_empty() {
            self.make_owed_rows(self.rows_at_a_time);
        }
    }

    /// Up to `most` of metrics, and as many of flows. All are made before the next second ends: a
    /// flow's minute is told from its running second only while that runs.
    #[cold]
    pub(super) fn make_owed_rows(&mut self, most: usize) {
        self.metrics.rows(&mut self.blocks, &self.out.origin, most);
        for _ in 0..most {
            let Some(id) = self.owed.pop_front() else { break };
            self.minute_row(id);
        }
    }

    fn minute_row(&mut self, id: u32) {
        let flow = &self.flows[id];
        if !flow.is(bit::LIVE) || flow.interval == NONE {
            return;
        }
        let interval = &mut self.intervals[flow.interval];
        if !std::mem::take(&mut interval.in_minute) {
            return;
        }
        let counts = self.take_minute(id);
        let flow = &mut self.flows[id];
        if !self.intervals[flow.interval].running {
            self.intervals.remove(flow.interval);
            flow.interval = NONE;
        }
        if !counts.is_empty() {
            self.flow_row(id, &counts, CloseType::ForcedReport, self.owed_end_ns);
            self.flows[id].bits &= !bit::NEW;
        }
    }

    /// What is to stand in the flow's next row: all but a second that runs.
    pub(super) fn take_minute(&mut self, id: u32) -> Counts {
        let interval = &mut self.intervals[self.flows[id].interval];
        let mut counts = Counts::default();
        if interval.minute != NONE {
            counts = self.minutes[interval.minute];
            self.minutes.remove(interval.minute);
            interval.minute = NONE;
        }
        if !interval.running {
            counts.merge(&interval.second);
            interval.second = Counts::default();
        }
        counts
    }

    pub(super) fn flow_row(&mut self, id: u32, counts: &Counts, close: CloseType, end_ns: u64) {
        let flow = &self.flows[id];
        let link = &self.links[flow.link];
        let facts = FlowFacts {
            flow,
            link,
            counts,
            sequences: self.tcp.sequences(flow.tcp),
            tunnels: (link.tunnel != NONE).then(|| &self.tunnels[link.tunnel]),
            close,
            end_ns,
        };
        record::l4::push(&mut self.blocks, &self.out.origin, &mut self.out.ids, &facts);
    }

    /// Gives the flow a running second, listed for its end.
    #[inline(always)]
    pub(super) fn ensure_interval(&mut self, id: u32) {
        let interval = self.flows[id].interval;
        if interval == NONE || !self.intervals[interval].running {
            self.begin_second(id);
        }
    }

    /// The first packet of a flow in a second.
    pub(super) fn begin_second(&mut self, id: u32) {
        let flow = &mut self.flows[id];
        self.in_second.push(id);
        if flow.interval == NONE {
            flow.interval = self.intervals.insert(Interval {
                last_ns: flow.last_ns,
                second: Counts::default(),
                minute: NONE,
                running: true,
                in_minute: false,
            });
            return;
        }
        let interval = &mut self.intervals[flow.interval];
        match interval.minute {
            NONE => interval.minute = self.minutes.insert(interval.second),
            minute => self.minutes[minute].merge(&interval.second),
        }
        interval.second = Counts::default();
        interval.running = true;
    }

    /// Packets of a side since the flow began.
    pub(super) fn packets(&self, flow: &Flow, side: usize) -> u64 {
        let running = match flow.interval {
            NONE => 0,
            i if self.intervals[i].running => self.intervals[i].second.traffic.packets[side],
            _ => 0,
        };
        flow.total_packets[side] + u64::from(running)
    }

    /// The flow ends in the middle of a minute: its last second is told, and what is left for its
    /// last row is answered.
    pub(super) fn end_interval(&mut self, id: u32, close: CloseType) -> Counts {
        let flow = &self.flows[id];
        if self.intervals[flow.interval].running {
            self.tell_second(id, Some(close));
        } else {
            let link = &self.links[flow.link];
            let counts = Counts::default();
            self.metrics.flow(&self.out.origin, flow, link, &counts, false, Some(close));
        }
        let counts = self.take_minute(id);
        let flow = &mut self.flows[id];
        self.intervals.remove(flow.interval);
        flow.interval = NONE;
        counts
    }
}
