//! More than an agent can take, for a while: the agent itself, with a server at the other end of its
//! connection and the sender of `network` at full speed on its wire. Each frame that was sent has to
//! be in a row of a flow or in a counter; and what is left undone comes back soon after.

use super::network::{Network, RECEIVES, cores};
use super::sink::{Arrived, Numbers};
use super::trial::Sent;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

const SERVER_PORT: u16 = 20_097;
const METRICS_PORT: u16 = 20_098;
/// Shards tell their numbers once a second.
const TOLD: Duration = Duration::from_millis(1500);
/// How long starting, or coming back to rest, may take before it is given up.
const PATIENCE: Duration = Duration::from_secs(20);
/// What the agent may need.
const MEMORY_MIB: u64 = 2048;

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Frames per second that the agent keeps up with, before and after.
    pub calm_rate: f64,
    /// Seconds of that, each time.
    pub calm_s: f64,
    /// Seconds of as many frames as the sender can make.
    pub flood_s: f64,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Frames per second while there were too many.
    pub flood_rate: f64,
    /// That by the rate before and after.
    pub times: f64,
    /// Frames sent in all.
    pub sent: u64,
    /// Frames that the agent took.
    pub received: u64,
    /// Frames that its ring had no room for.
    pub ring_full: u64,
    /// Frames that the interface dropped before.
    pub device: u64,
    /// Packets left out by whole flow.
    pub shed: u64,
    /// Rows of requests left out.
    pub requests_shed: u64,
    /// Flows that were not parsed.
    pub flows_unparsed: u64,
    /// What the server got.
    pub arrived: Arrived,
    /// Rows that it did not get, counted by the agent.
    pub rows_lost: u64,
    /// From the last frame of too many until nothing was left undone any more, milliseconds.
    pub recovered_ms: f64,
    /// Frames lost, rows and packets left out afterwards, at the calm rate.
    pub undone_after: u64,
    /// Most memory of the agent, rings included, MiB.
    pub memory_mib: f64,
    /// What it may need, MiB.
    pub memory_limit_mib: f64,
    /// Cores that it used meanwhile.
    pub cores: f64,
    /// What should not be.
    pub wrong: Vec<String>,
}

/// What the agent prints at its end.
#[derive(Deserialize)]
struct Stats {
    received: u64,
    dropped: Dropped,
    requests_shed: u64,
    flows_unparsed: u64,
    rows_lost: std::collections::BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Dropped {
    kernel: u64,
    decode: u64,
    shed: u64,
    handoff: u64,
}

/// The agent, built beside this program.
pub fn agent_program() -> Result<PathBuf, String> {
    let path = std::env::current_exe().map_err(|e| e.to_string())?.with_file_name("fathom-agent");
    let how = "cargo build --release -p fathom-dataplane";
    if path.is_file() { Ok(path) } else { Err(format!("no agent; {how} makes it")) }
}

/// The server, who is asked for the agent's numbers.
struct Sink {
    child: Child,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Sink {
    fn start(network: &Network) -> Result<Self> {
        let mut command = network.receiving(0, &std::env::current_exe()?);
        command.args(["sink", &SERVER_PORT.to_string(), &METRICS_PORT.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let mut answers = BufReader::new(child.stdout.take().context("no output")?).lines();
        ensure!(answers.next().transpose()?.as_deref() == Some("ready"), "no sink");
        Ok(Self { child, answers })
    }

    fn look(&mut self) -> Result<Numbers> {
        writeln!(self.child.stdin.as_mut().context("no input")?, "look")?;
        let line = self.answers.next().context("the sink is gone")??;
        Ok(serde_json::from_str(&line)?)
    }

    fn end(mut self) -> Result<Arrived> {
        drop(self.child.stdin.take());
        let line = self.answers.next().context("the sink is gone")??;
        self.child.wait()?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// Sum of a number over all its labels.
fn sum(numbers: &Numbers, name: &str) -> f64 {
    let of = |(n, v): (&String, &f64)| {
        let rest = n.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with('{')).then_some(*v)
    };
    numbers.iter().filter_map(of).sum()
}

/// The agent, and what it has said of keeping up.
struct Agent {
    child: Child,
    said: Receiver<(Instant, String)>,
    behind: bool,
    since: Instant,
    last: String,
}

impl Agent {
    fn start(network: &Network, program: &std::path::Path) -> Result<Self> {
        let mut command = network.receiving(cores() - 1, program);
        for setting in [
            format!("server.address=127.0.0.1:{SERVER_PORT}"),
            format!("metrics.listen=127.0.0.1:{METRICS_PORT}"),
            format!("capture.terminate={RECEIVES}"),
            "capture.interface=none".to_owned(),
            "agent.id=1".to_owned(),
            format!("limits.memory={MEMORY_MIB}MiB"),
        ] {
            command.args(["--set", &setting]);
        }
        command.args(["--stats", "--end-with-stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let lines = BufReader::new(child.stderr.take().context("no errors")?).lines();
        let (to, said) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if to.send((Instant::now(), line)).is_err() {
                    break;
                }
            }
        });
        let since = Instant::now();
        Ok(Self { child, said, behind: false, since, last: String::new() })
    }

    /// Takes in what it has said; false when it will say no more.
    fn listen(&mut self) -> bool {
        loop {
            match self.said.try_recv() {
                Ok((at, line)) => {
                    if line.contains("this core falls behind") {
                        (self.behind, self.since) = (true, at);
                    } else if line.contains("this core keeps up again") {
                        (self.behind, self.since) = (false, at);
                    }
                    self.last = line;
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn end(mut self) -> Result<Stats> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        let begun = Instant::now();
        while self.listen() && begun.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        ensure!(status.success(), "the agent: {status}: {}", self.last);
        serde_json::from_str(&self.last).with_context(|| format!("it said {:?}", self.last))
    }
}

/// Calm, too much, calm.
///
/// # Errors
/// A program that does not run; what is wrong with the counts is in the outcome.
pub fn run(network: &mut Network, program: &std::path::Path, load: Load) -> Result<Outcome> {
    let drops = network.device_drops()?;
    let mut sink = Sink::start(network)?;
    let mut agent = Agent::start(network, program)?;
    wait("the agent does not begin to capture", || {
        ensure!(agent.listen(), "the agent: {}", agent.last);
        Ok(sum(&sink.look()?, "fathom_agent_interfaces") > 0.0)
    })?;

    let before = network.send(load.calm_s, Some(load.calm_rate))?;
    let (cpu, begun) = (cpu_seconds(&mut sink)?, Instant::now());
    let flood = network.send(load.flood_s, None)?;
    let ended = Instant::now();
    let cores = (cpu_seconds(&mut sink)? - cpu) / begun.elapsed().as_secs_f64();
    wait("it does not keep up again", || {
        ensure!(agent.listen(), "the agent: {}", agent.last);
        Ok(!agent.behind)
    })?;
    let recovered_ms = agent.since.saturating_duration_since(ended).as_secs_f64() * 1e3;

    std::thread::sleep(TOLD);
    let rest = sink.look()?;
    let after = network.send(load.calm_s, Some(load.calm_rate))?;
    std::thread::sleep(TOLD);
    let last = sink.look()?;
    let undone = |n: &Numbers| {
        sum(n, "fathom_agent_requests_shed_total")
            + sum(n, "fathom_agent_packets_unparsed_total")
            + sum(n, "fathom_agent_packets_dropped_total")
    };

    let stats = agent.end()?;
    let arrived = sink.end()?;
    // In driver mode the interface counts what the socket dropped once more.
    let device = (network.device_drops()? - drops).saturating_sub(stats.dropped.kernel);
    let frames = |s: &Sent| s.sent;
    let mut out = Outcome {
        flood_rate: flood.sent as f64 / flood.seconds,
        times: flood.sent as f64 / flood.seconds / load.calm_rate,
        sent: [&before, &flood, &after].map(frames).iter().sum(),
        received: stats.received,
        ring_full: stats.dropped.kernel,
        device,
        shed: stats.dropped.shed,
        requests_shed: stats.requests_shed,
        flows_unparsed: stats.flows_unparsed,
        arrived,
        rows_lost: stats.rows_lost.values().sum(),
        recovered_ms,
        undone_after: (undone(&last) - undone(&rest)) as u64,
        memory_mib: sum(&last, "fathom_agent_memory_peak_bytes") / 1_048_576.0,
        memory_limit_mib: MEMORY_MIB as f64,
        cores,
        wrong: Vec::new(),
    };
    out.judge(stats.dropped.decode + stats.dropped.handoff);
    Ok(out)
}

fn cpu_seconds(sink: &mut Sink) -> Result<f64> {
    Ok(sum(&sink.look()?, "fathom_agent_cpu_seconds_total"))
}

fn wait(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !holds()? {
        ensure!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

impl Outcome {
    /// Whether each frame is somewhere, and things were given up in their order.
    fn judge(&mut self, not_in_flows: u64) {
        let accounted = self.received + self.ring_full + self.device;
        if self.sent != accounted {
            self.wrong.push(format!("{} frames sent, {accounted} accounted for", self.sent));
        }
        let in_flows = self.received - self.shed - not_in_flows;
        let packets = self.arrived.packets;
        if self.rows_lost == 0 && packets != in_flows {
            self.wrong.push(format!("{in_flows} packets captured, {packets} in rows of flows"));
        }
        if (self.shed > 0 && self.flows_unparsed == 0)
            || (self.flows_unparsed > 0 && self.requests_shed == 0)
        {
            self.wrong.push("packets or parsing were given up before rows of requests".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome() -> Outcome {
        Outcome {
            sent: 100,
            received: 70,
            ring_full: 20,
            device: 10,
            shed: 8,
            flows_unparsed: 3,
            requests_shed: 5,
            arrived: Arrived { packets: 60, ..Arrived::default() },
            ..Outcome::default()
        }
    }

    #[test]
    fn every_frame_is_somewhere() {
        let judged = |change: fn(&mut Outcome)| {
            let mut o = outcome();
            change(&mut o);
            o.judge(2);
            o.wrong.len()
        };
        assert_eq!(judged(|_| {}), 0);
        assert_eq!(judged(|o| o.device = 9), 1);
        assert_eq!(judged(|o| o.arrived.packets = 61), 1);
        // Rows that were lost are counted as rows: nothing can be said of their packets.
        assert_eq!(judged(|o| (o.arrived.packets, o.rows_lost) = (50, 4)), 0);
        assert_eq!(judged(|o| o.requests_shed = 0), 1);
        assert_eq!(judged(|o| o.flows_unparsed = 0), 1);
    }

    #[test]
    fn numbers_are_summed_over_their_labels() {
        let numbers: Numbers =
            [("a{x=\"1\"}", 2.0), ("a", 3.0), ("ab", 5.0)].map(|(n, v)| (n.to_owned(), v)).into();
        assert_eq!(sum(&numbers, "a"), 5.0);
    }
}
