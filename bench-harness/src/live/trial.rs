//! What one run was told, and what came of it: each frame that was sent is received, or in the
//! counter of what became of it instead.

use serde::{Deserialize, Serialize};

/// Who receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize)]
pub enum Who {
    /// Nobody: the driver drops every frame, and only the sender is at work.
    Nothing,
    /// The least loop there can be.
    #[default]
    Bare,
    /// The same loop on our source.
    Ring,
    /// The whole agent path.
    Ours,
}

/// A kind of socket.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `xdp` or `packet`.
    pub way: &'static str,
    /// `driver` or `generic`.
    pub mode: &'static str,
}

/// Frames that were sent and not received, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Dropped by the socket because its ring was full.
    pub ring_full: u64,
    /// Dropped by the socket for another reason: no free chunk.
    pub socket: u64,
    /// Dropped by the interface, before any program or socket.
    pub device: u64,
    /// Left to the host by the XDP program.
    pub passed: u64,
}

impl Lost {
    /// All of them.
    pub fn sum(&self) -> u64 {
        self.ring_full + self.socket + self.device + self.passed
    }
}

/// What came of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Trial {
    /// Who received.
    pub who: Who,
    /// Frames per second that were sent.
    pub rate: f64,
    /// For so long.
    pub seconds: f64,
    /// Frames sent.
    pub sent: u64,
    /// Frames that the receiver was given.
    pub received: u64,
    /// The others.
    pub lost: Lost,
    /// Frames that the agent's XDP program saw; 0 where none counts.
    pub seen: u64,
    /// CPU time per packet of the receiving thread.
    pub cpu_ns: f64,
    /// The same of the sending thread: making the frame, and the receiving side's kernel.
    pub sender_ns: f64,
    /// The longest that the agent's path did not look at its ring, milliseconds.
    pub longest_ms: f64,
}

impl Trial {
    /// Share of frames that did not arrive.
    pub fn loss(&self) -> f64 {
        self.sent.saturating_sub(self.received) as f64 / self.sent.max(1) as f64
    }

    /// Frames that arrived, per second of sending.
    pub fn received_rate(&self) -> f64 {
        self.received as f64 / self.seconds.max(1e-9)
    }

    /// Frames that neither arrived nor were counted; negative: counted twice.
    pub fn uncounted(&self) -> i64 {
        self.sent as i64 - self.received as i64 - self.lost.sum() as i64
    }

    /// What is wrong with the counts, if anything.
    pub fn wrong(&self, name: &str) -> Option<String> {
        // The program's own count is a second witness.
        let unseen = self.seen > 0 && self.seen + self.lost.device != self.sent;
        (self.who != Who::Nothing && (self.uncounted() != 0 || unseen)).then(|| {
            let Self { who, sent, received, lost, seen, .. } = self;
            format!("{name}, {who:?}: {sent} sent, {seen} seen, {received} received, {lost:?}")
        })
    }
}

/// What a receiver prints.
#[derive(Deserialize)]
pub struct Received {
    /// Frames handed out.
    pub received: u64,
    /// Counters of its socket.
    dropped: u64,
    ring_full: u64,
    /// Frames that its XDP program saw; 0 where none counts.
    seen: u64,
    passed: u64,
    cpu_ns_per_frame: f64,
    #[serde(default)]
    longest_ms: f64,
}

/// What a sender prints.
#[derive(Deserialize)]
pub struct Sent {
    /// Frames.
    pub sent: u64,
    /// In so many seconds.
    pub seconds: f64,
    cpu_ns_per_frame: f64,
}

/// Puts together what both ends and the interface say of one run. In driver mode the interface
/// counts what the socket dropped once more.
pub fn trial(who: Who, kind: Kind, sent: &Sent, got: &Received, device: u64) -> Trial {
    let socket = got.dropped + got.ring_full;
    let device = match (who, kind.mode) {
        (Who::Nothing, _) => 0,
        (_, "driver") => device.saturating_sub(socket),
        _ => device,
    };
    Trial {
        who,
        rate: sent.sent as f64 / sent.seconds,
        seconds: sent.seconds,
        sent: sent.sent,
        received: got.received,
        lost: Lost { ring_full: got.ring_full, socket: got.dropped, device, passed: got.passed },
        seen: got.seen,
        cpu_ns: got.cpu_ns_per_frame,
        sender_ns: sent.cpu_ns_per_frame,
        longest_ms: got.longest_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(who: Who, mode: &'static str, device: u64) -> Trial {
        let sent = Sent { sent: 100, seconds: 2.0, cpu_ns_per_frame: 500.0 };
        let got = Received {
            received: 70,
            dropped: 15,
            ring_full: 5,
            seen: if who == Who::Ours { 92 } else { 0 },
            passed: 2,
            cpu_ns_per_frame: 100.0,
            longest_ms: 0.0,
        };
        trial(who, Kind { way: "xdp", mode }, &sent, &got, device)
    }

    #[test]
    fn every_frame_is_received_or_in_one_counter() {
        // In driver mode the interface counts the socket's 20 once more.
        let driver = one(Who::Ours, "driver", 28);
        assert_eq!(driver.lost, Lost { ring_full: 5, socket: 15, device: 8, passed: 2 });
        assert_eq!((driver.uncounted(), driver.wrong("x")), (0, None));
        assert_eq!(one(Who::Bare, "generic", 8).wrong("x"), None);
        // One too few, one too many, and one that the program did not see.
        for (mode, device) in [("driver", 27), ("driver", 29), ("generic", 7)] {
            let wrong = one(Who::Bare, mode, device).wrong("x").expect("not exact");
            assert!(wrong.starts_with("x, Bare: 100 sent"), "{wrong}");
        }
        let unseen = Trial { seen: 91, ..driver };
        assert!(unseen.wrong("x").is_some_and(|w| w.contains("91 seen")));
        assert_eq!((unseen.loss(), unseen.received_rate()), (0.3, 35.0));
    }
}
