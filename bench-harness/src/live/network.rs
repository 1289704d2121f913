//! Two namespaces and a wire between them, a receiver in one, a sender in the other, a core each.

use super::trial::{Kind, Received, Sent, Trial, Who, trial};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Interface names in the two namespaces.
const SENDS: &str = "fbtx";
pub const RECEIVES: &str = "fbrx";
/// A receiver that is never told to end does so by itself.
const SECONDS_MAX: &str = "120";
/// Of an empty ring, microseconds until it is looked at again; the same for all.
const PAUSE_US: &str = "100";

/// Two namespaces that are gone at the end.
pub struct Network {
    names: [String; 2],
    /// The sender, who takes orders.
    sender: Option<Sender>,
}

struct Sender {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

fn ip(words: &[&str]) -> Result<()> {
    let out =
        Command::new("ip").args(words).output().context("cannot run ip (package iproute2)")?;
    let said = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success(), "ip {}: {}", words.join(" "), said.trim());
    Ok(())
}

/// The bare receive loops, built beside this program.
pub fn bare_program() -> std::result::Result<PathBuf, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let path = me.with_file_name("examples").join("receive");
    let how = "cargo build --release -p fathom-ring --example receive";
    if path.is_file() { Ok(path) } else { Err(format!("no bare receive loop; {how} makes it")) }
}

impl Network {
    /// Makes them, and a sender that sends the frames of `file`.
    ///
    /// # Errors
    /// What is missing, a right above all.
    pub fn new(file: &Path) -> Result<Self> {
        let id = std::process::id();
        let names = ["a", "b"].map(|n| format!("fathom-bench-{id}-{n}"));
        let mut all = Self { names, sender: None };
        let [a, b] = all.names.each_ref().map(String::as_str);
        ip(&["netns", "add", a])?;
        ip(&["netns", "add", b])?;
        for n in [a, b] {
            // No frames but the sender's.
            let quiet = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; \
                         echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6";
            let _ = Command::new("ip").args(["netns", "exec", n, "sh", "-c", quiet]).output();
            ip(&["-n", n, "link", "set", "lo", "up"])?;
        }
        ip(&[
            "link", "add", SENDS, "netns", a, "type", "veth", "peer", "name", RECEIVES, "netns", b,
        ])?;
        for (n, link) in [(a, SENDS), (b, RECEIVES)] {
            ip(&["-n", n, "link", "set", link, "arp", "off", "up"])?;
            // Without, the other end takes no frames of a program.
            let words = ["netns", "exec", n, "ethtool", "-K", link, "gro", "on"];
            ip(&words).context("ethtool (package ethtool)")?;
            // But no frame is to be joined to another: each is counted.
            ip(&["-n", n, "link", "set", link, "gro_max_size", "1"])?;
        }
        let mut command = all.inside(0, 0, &std::env::current_exe()?);
        command.args(["blast", SENDS]).arg(file).stdin(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().context("cannot run ip netns exec")?;
        let orders = child.stdin.take().context("no input")?;
        let mut answers = BufReader::new(child.stdout.take().context("no output")?).lines();
        let loaded = answers.next().transpose()?;
        all.sender = Some(Sender { child, orders, answers });
        ensure!(loaded.as_deref() == Some("loaded"), "there is no sender inside the kernel here");
        Ok(all)
    }

    fn inside(&self, which: usize, core: usize, program: &Path) -> Command {
        let mut c = Command::new("ip");
        c.args(["netns", "exec", &self.names[which], "taskset", "-c", &core.to_string()]);
        c.arg(program);
        c.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        c
    }

    /// A program on that core of the receiving namespace.
    pub fn receiving(&self, core: usize, program: &Path) -> Command {
        self.inside(1, core, program)
    }

    /// Frames that the receiving device dropped so far.
    pub fn device_drops(&self) -> Result<u64> {
        let path = format!("/sys/class/net/{RECEIVES}/statistics/rx_dropped");
        let out =
            Command::new("ip").args(["netns", "exec", &self.names[1], "cat", &path]).output()?;
        Ok(String::from_utf8_lossy(&out.stdout).trim().parse().unwrap_or(0))
    }

    /// One run; `rate` frames per second, or as fast as can be.
    pub fn run(
        &mut self,
        who: Who,
        kind: Kind,
        bare: &Path,
        seconds: f64,
        rate: Option<f64>,
    ) -> Result<Trial> {
        let drops = self.device_drops()?;
        let mut receiver = self.receiver(who, kind, bare)?;
        let sent = self.send(seconds, rate)?;
        let got: Received = end(&mut receiver, "the receiver")?;
        let device = self.device_drops()? - drops;
        Ok(trial(who, kind, &sent, &got, device))
    }

    fn receiver(&self, who: Who, Kind { way, mode }: Kind, bare: &Path) -> Result<Child> {
        let core = cores() - 1;
        let loops = |way: &str| {
            let mut c = self.inside(1, core, bare);
            c.args([RECEIVES, way, SECONDS_MAX, mode, PAUSE_US, "told"]);
            c
        };
        let mut command = match who {
            Who::Nothing => loops("nothing"),
            Who::Bare => loops(&format!("{way}-floor")),
            Who::Ring => loops(way),
            Who::Ours => {
                let mut c = self.inside(1, core, &std::env::current_exe()?);
                c.args(["receive", RECEIVES, way, SECONDS_MAX, mode, "--pause-us", PAUSE_US]);
                c.arg("--told");
                c
            }
        };
        let mut child =
            command.stdin(Stdio::piped()).spawn().context("cannot run ip netns exec")?;
        let out = child.stdout.as_mut().context("no output")?;
        let mut line = String::new();
        // Byte by byte: what follows is read by somebody else.
        let mut byte = [0];
        while out.read(&mut byte)? == 1 && byte[0] != b'\n' {
            line.push(char::from(byte[0]));
        }
        if line != "ready" {
            let mut why = String::new();
            child.stderr.take().context("no errors")?.read_to_string(&mut why)?;
            child.wait()?;
            bail!("the receiver did not start: {}", why.trim());
        }
        Ok(child)
    }

    /// Has the sender carry out an order, and waits for its end.
    pub fn send(&mut self, seconds: f64, rate: Option<f64>) -> Result<Sent> {
        let sender = self.sender.as_mut().context("no sender")?;
        writeln!(sender.orders, "{seconds} {}", rate.unwrap_or(0.0))?;
        sender.orders.flush()?;
        let answer = sender.answers.next().context("the sender is gone")??;
        serde_json::from_str(&answer).with_context(|| format!("the sender said {answer:?}"))
    }

    /// System calls per thousand packets of the agent's path; nothing without strace.
    pub fn syscalls(
        &mut self,
        kind: Kind,
        counts: &Path,
        seconds: f64,
        rate: f64,
    ) -> Result<Option<f64>> {
        let mut receiver = self.receiver(Who::Ours, kind, Path::new(""))?;
        let mut strace = Command::new("strace");
        strace.args(["-f", "-c", "-o"]).arg(counts).args(["-p", &receiver.id().to_string()]);
        let Ok(mut strace) = strace.stderr(Stdio::null()).stdout(Stdio::null()).spawn() else {
            let _: Received = end(&mut receiver, "the receiver")?;
            return Ok(None);
        };
        // strace has no way of saying that it is there.
        std::thread::sleep(Duration::from_millis(300));
        self.send(seconds, Some(rate))?;
        let got: Received = end(&mut receiver, "the receiver")?;
        strace.wait()?;
        let text = std::fs::read_to_string(counts).unwrap_or_default();
        let total = text.lines().find(|l| l.ends_with(" total"));
        // Seconds, usecs per call, calls, errors; the second may be left out.
        let calls = total.and_then(|l| {
            let n: Vec<&str> = l.split_ascii_whitespace().collect();
            n.iter().skip(2).find_map(|w| w.parse::<u64>().ok().filter(|n| *n > 0))
        });
        Ok(calls.map(|c| c as f64 / got.received.max(1) as f64 * 1000.0))
    }
}

/// Cores that there are; the last is the receiver's.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Tells it to end, waits for that, and reads the last line.
fn end<T: for<'a> Deserialize<'a>>(child: &mut Child, who: &str) -> Result<T> {
    drop(child.stdin.take());
    let out = BufReader::new(child.stdout.take().context("no output")?);
    let last = out.lines().map_while(Result::ok).last().unwrap_or_default();
    let mut why = String::new();
    child.stderr.take().context("no errors")?.read_to_string(&mut why)?;
    let status = child.wait()?;
    ensure!(status.success(), "{who}: {status}: {}", why.trim());
    serde_json::from_str(&last).with_context(|| format!("{who} said {last:?}"))
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(Sender { mut child, orders, .. }) = self.sender.take() {
            drop(orders);
            // It ends when no more orders can come.
            let _ = child.wait();
        }
        for name in &self.names {
            // One that was never made cannot be deleted.
            let _ = ip(&["netns", "delete", name]);
        }
    }
}
