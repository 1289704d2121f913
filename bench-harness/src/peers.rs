//! Other programs on the same file, same core, same run: what each costs per packet, and whether it
//! counted the same, without which its speed says nothing.
//!
//! Every program, ours and the floor too, runs as a process of its own and is charged all of its
//! CPU time but that of a run over a capture of one packet: what starting it takes is not what a
//! packet takes. Turns go round all programs, so that a slow moment of the machine meets them all.

mod counts;
mod programs;

pub use counts::Frames;
use programs::{Call, PROGRAMS};

use crate::child;
use crate::folder::Folder;
use crate::interval::Interval;
use anyhow::{Context, Result};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// A program that took this long has had turns enough.
const LONG: Duration = Duration::from_secs(60);
/// Our name in the list, and the floor's.
const OURS: &str = "fathom";
const FLOOR: &str = "floor";

/// One program's result.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// What it makes of a packet.
    pub does: String,
    /// CPU time per packet.
    pub ns: Interval,
    /// By ours, turn by turn.
    pub by_ours: Option<Interval>,
    /// CPU time of starting it, milliseconds.
    pub start_ms: f64,
    /// Largest resident size, MiB.
    pub rss_mib: f64,
    /// What it counted.
    pub counts: programs::Counts,
    /// Whether that is what is in the file, or why not.
    pub verdict: Verdict,
}

/// What counts say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It counts nothing.
    #[default]
    None,
    /// The same as ours, in the way that is said.
    Agrees(String),
    /// Another number.
    Differs(String),
    /// It could not be run.
    Failed(String),
}

/// All programs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// What is in the file.
    pub frames: Frames,
    /// By program, the cheapest first.
    pub peers: Vec<Peer>,
    /// Those that are not installed, with their packages.
    pub missing: Vec<(String, String)>,
}

struct Runner {
    name: String,
    does: String,
    program: String,
    halves: bool,
    command: Command,
    turns: Vec<f64>,
    spent: Duration,
    peer: Peer,
}

enum Command {
    /// This program again.
    Own(&'static str, usize),
    Other(&'static programs::Program),
}

impl Runner {
    fn run(&mut self, file: &str, core: usize) -> Result<f64> {
        let folder = Folder::new()?;
        let call = Call { file, folder: folder.path(), program: &self.program };
        let command = match &self.command {
            Command::Own(word, flows) => vec![
                self.program.clone(),
                (*word).to_owned(),
                file.to_owned(),
                "--flows-max".to_owned(),
                flows.to_string(),
            ],
            Command::Other(p) => (p.command)(&call)?,
        };
        let begun = Instant::now();
        let ran = child::run(&command, core, folder.path())?;
        self.spent += begun.elapsed();
        self.peer.rss_mib = self.peer.rss_mib.max(ran.rss_bytes as f64 / 1_048_576.0);
        if let Command::Other(p) = &self.command {
            self.peer.counts = (p.counts)(&call, &ran);
        }
        match self.command {
            // What is least is the work itself: its file is in memory already.
            Command::Own(FLOOR, _) => {
                let said: serde_json::Value = serde_json::from_str(&ran.out)?;
                Ok(said["cpu_ns"].as_f64().context("the floor did not say what it took")?)
            }
            _ => Ok(ran.cpu_ns),
        }
    }
}

/// Runs ours, the floor and every program that is installed over `file`, `repeat` turns; with
/// `only`, those of these names.
///
/// # Errors
/// A file that cannot be read, or a data path that fails over it.
pub fn run(file: &Path, repeat: usize, only: Option<&[String]>) -> Result<Outcome> {
    let file = file.canonicalize().with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.to_str().context("a name that other programs can be told")?;
    let mut out = Outcome { frames: Frames::of(&file)?, ..Outcome::default() };
    let flows_max = flows_max(out.frames.frames);
    let ours = counts::ours(&file, flows_max)?;
    let tiny = Folder::new()?.keep("one.pcap");
    crate::write(&tiny.path, &one_packet())?;
    let core = std::thread::available_parallelism().map_or(1, usize::from) - 1;
    // The table of the floor is as large as it must be.
    let flows = ours.flows.map_or(1, |n| n as usize);
    let mut runners = runners([flows_max, flows], only, &mut out.missing)?;
    let start = |r: &mut Runner| r.run(&tiny.path.to_string_lossy(), core);
    runners.retain_mut(|r| {
        // The first run also brings the program into memory.
        let begun = start(r).and_then(|_| start(r));
        match begun {
            Ok(ns) => r.peer.start_ms = ns / 1e6,
            Err(why) => {
                eprintln!("{}: {why:#}", r.name);
                r.peer.verdict = Verdict::Failed(format!("{why:#}"));
                let peer = Peer { name: r.name.clone(), does: r.does.clone(), ..r.peer.clone() };
                out.peers.push(peer);
            }
        }
        r.peer.verdict == Verdict::None
    });
    let frames = out.frames.frames.max(1) as f64;
    for _ in 0..repeat.max(1) {
        for r in &mut runners {
            if r.spent > LONG && !r.turns.is_empty() {
                continue;
            }
            let ns = r.run(name, core).with_context(|| r.name.clone());
            match ns {
                Ok(ns) => r.turns.push((ns - r.peer.start_ms * 1e6).max(0.0) / frames),
                Err(why) => r.peer.verdict = Verdict::Failed(format!("{why:#}")),
            }
        }
    }
    let own = runners.iter().find(|r| r.name == OURS).map(|r| r.turns.clone()).unwrap_or_default();
    for mut r in runners {
        r.peer.ns = Interval::of(&r.turns);
        match (&r.command, r.name.as_str()) {
            (Command::Own(..), OURS) => r.peer.counts = ours.clone(),
            _ => r.peer.by_ours = Some(Interval::of_ratios(&r.turns, &own)),
        }
        if !matches!(r.peer.verdict, Verdict::Failed(_)) {
            r.peer.verdict = judge(&r.peer.counts, &ours, &out.frames, r.halves);
        }
        out.peers.push(Peer { name: r.name, does: r.does, ..r.peer });
    }
    out.peers.sort_by(|a, b| a.ns.value.total_cmp(&b.ns.value));
    Ok(out)
}

/// Flows that a capture of so many frames may have, within reason.
pub fn flows_max(frames: u64) -> usize {
    (frames as usize).clamp(64 * 1024, 4 << 20)
}

fn one_packet() -> Vec<u8> {
    use crate::generate::{BEGIN_S, Ends, Truth, Wire};
    let mut wire = Wire::with_capacity(1);
    let ends = Ends { ip: [[10, 0, 0, 1], [10, 0, 0, 2]], port: [40000, 4000] };
    wire.udp(BEGIN_S * 1_000_000_000, 0, &ends, &[0; 18]);
    wire.into_pcap(&mut Truth::default())
}

fn runners(
    [flows_max, flows]: [usize; 2],
    only: Option<&[String]>,
    missing: &mut Vec<(String, String)>,
) -> Result<Vec<Runner>> {
    let me = std::env::current_exe()?.to_string_lossy().into_owned();
    let runner = |name: &str, does: &str, program: String, halves, command| Runner {
        name: name.to_owned(),
        does: does.to_owned(),
        program,
        halves,
        command,
        turns: Vec::new(),
        spent: Duration::ZERO,
        peer: Peer::default(),
    };
    let does = "flows, every transaction of every protocol it knows, metrics, sealed rows";
    let mut list = vec![
        runner(OURS, does, me.clone(), false, Command::Own("drive", flows_max)),
        runner(
            FLOOR,
            "headers and one table access, of a file in memory; nothing else",
            me,
            false,
            Command::Own(FLOOR, flows),
        ),
    ];
    for p in PROGRAMS {
        if only.is_some_and(|only| !only.iter().any(|o| o == p.name)) {
            continue;
        }
        match programs::find(p.executable) {
            Some(path) => {
                let path = path.to_string_lossy().into_owned();
                list.push(runner(p.name, p.does, path, p.halves, Command::Other(p)));
            }
            None => missing.push((p.name.to_owned(), p.package.to_owned())),
        }
    }
    Ok(list)
}

/// Holds a program's counts against ours and against what is in the file.
fn judge(c: &programs::Counts, ours: &programs::Counts, frames: &Frames, halves: bool) -> Verdict {
    let (mut agree, mut differ) = (Vec::new(), Vec::new());
    if let Some(n) = c.packets {
        match n {
            n if Some(n) == ours.packets => agree.push("packets".to_owned()),
            n if n == frames.ip_frames => agree.push("packets that are IP".to_owned()),
            n => differ.push(format!("{n} packets of {}", frames.frames)),
        }
    }
    if let (Some(n), Some(want)) = (c.flows, ours.flows) {
        match n {
            n if n == want => agree.push("flows".to_owned()),
            n if halves && n <= 2 * want && n > want => {
                agree.push(format!("flows ({n}, one for each direction)"));
            }
            n => differ.push(format!("{n} flows, ours are {want}")),
        }
    }
    if let Some(n) = c.bytes {
        let f = frames;
        // Without link header, or of IP alone without padding.
        let known = [
            (f.bytes, "bytes"),
            (f.bytes.saturating_sub(14 * f.frames), "bytes (link headers left out)"),
            (f.ip_bytes, "bytes (of IP)"),
            (f.bytes + 4 * f.frames, "bytes (with check sequences)"),
        ];
        match known.iter().find(|k| k.0 == n) {
            Some((_, how)) => agree.push((*how).to_owned()),
            None => differ.push(format!("{n} bytes of {}", f.bytes)),
        }
    }
    match (agree.is_empty(), differ.is_empty()) {
        (true, true) => Verdict::None,
        (_, true) => Verdict::Agrees(agree.join(", ")),
        (true, false) => Verdict::Differs(differ.join(", ")),
        (false, false) => {
            Verdict::Differs(format!("{}; agrees: {}", differ.join(", "), agree.join(", ")))
        }
    }
}

impl Peer {
    fn says(&self) -> String {
        let n: Vec<String> =
            self.counts.transactions.iter().map(|(p, n)| format!("{n} {p}")).collect();
        let verdict = match &self.verdict {
            Verdict::None => "counts nothing".to_owned(),
            Verdict::Agrees(_) if self.name == OURS => "every packet is in a row".to_owned(),
            Verdict::Agrees(how) => format!("agrees: {how}"),
            Verdict::Differs(how) => format!("differs: {how}"),
            Verdict::Failed(why) => format!("failed: {why}"),
        };
        if n.is_empty() { verdict } else { format!("{verdict}; logged {}", n.join(", ")) }
    }
}

impl Outcome {
    /// One page for people.
    pub fn page(&self, file: &Path) -> String {
        let f = &self.frames;
        let mut t = String::new();
        // Writing into a string cannot fail.
        let _ = writeln!(
            t,
            "{}: {} frames, mean {:.0} bytes\n\n{:<14} {:>24} {:>16} {:>8} {:>9}  says",
            file.display(),
            f.frames,
            f.bytes as f64 / f.frames.max(1) as f64,
            "program",
            "ns per packet",
            "by fathom",
            "MiB",
            "start ms"
        );
        for p in &self.peers {
            let ns = format!("{:.1} ({:.1}..{:.1})", p.ns.value, p.ns.low, p.ns.high);
            let by = p.by_ours.map(|i| format!("{:.2}", i.value)).unwrap_or_default();
            let _ = writeln!(
                t,
                "{:<14} {ns:>24} {by:>16} {:>8.0} {:>9.0}  {}",
                p.name,
                p.rss_mib,
                p.start_ms,
                p.says()
            );
            let _ = writeln!(t, "{:14} {}", "", p.does);
        }
        for (name, package) in &self.missing {
            let _ = writeln!(t, "{name:<14} not installed (package {package}; ci/get-peers.sh)");
        }
        t
    }

    /// What must not be: our rows that do not account for every frame.
    pub fn failed(&self, packets: u64) -> Vec<String> {
        let ours = self.peers.iter().find(|p| p.name == OURS);
        let found = ours.and_then(|p| p.counts.packets).unwrap_or(0);
        let mut failed = Vec::new();
        if found != packets {
            failed.push(format!("packets in rows: {packets} in the capture, {found} in the rows"));
        }
        failed
    }

    /// What readers should know of the others.
    pub fn notes(&self) -> Vec<String> {
        let peers = self.peers.iter().filter(|p| p.name != FLOOR);
        let said = peers.map(|p| format!("{} ({}): {}", p.name, p.does, p.says()));
        let missing =
            self.missing.iter().map(|(n, p)| format!("{n} is not installed (package {p})"));
        said.chain(missing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Frames, Verdict, judge};
    use crate::peers::programs::Counts;

    #[test]
    fn counts_agree_or_the_difference_is_named() {
        let frames = Frames { frames: 10, bytes: 1000, ip_frames: 9, ip_bytes: 800 };
        let counts = |packets, flows, bytes| Counts {
            packets: Some(packets),
            flows: Some(flows),
            bytes: Some(bytes),
            ..Counts::default()
        };
        let ours = counts(10, 4, 1000);
        let judge = |c, halves| judge(&c, &ours, &frames, halves);
        assert_eq!(
            judge(counts(10, 4, 860), false),
            Verdict::Agrees("packets, flows, bytes (link headers left out)".into())
        );
        let halves = judge(counts(9, 8, 800), true);
        assert!(
            matches!(&halves, Verdict::Agrees(how) if how.contains("one for each")),
            "{halves:?}"
        );
        let wrong = judge(counts(7, 8, 800), false);
        assert!(matches!(&wrong, Verdict::Differs(how) if how.starts_with("7 packets of 10")));
        assert_eq!(judge(Counts::default(), false), Verdict::None);
    }
}
