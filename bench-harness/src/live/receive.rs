//! The two programs of a run: the agent's whole path on a live source, and the paced sender.

use anyhow::Result;
use std::path::Path;

/// How to receive.
#[derive(clap::Args, Clone, Debug)]
pub struct Receive {
    /// Interface of this network namespace.
    pub interface: String,
    /// `xdp` or `packet`.
    pub way: String,
    /// Seconds.
    pub seconds: f64,
    /// Where the XDP program runs: `driver` or `generic`.
    #[arg(default_value = "driver")]
    pub mode: String,
    /// An empty ring is looked at again after this.
    #[arg(long, default_value_t = 100)]
    pub pause_us: u64,
}

/// Receives, and runs all of the data path over it. Prints `ready`, then one JSON object.
///
/// # Errors
/// An interface or a kernel that does not allow it.
#[cfg(feature = "live")]
pub fn receive(r: &Receive) -> Result<()> {
    use fathom_ring::{af_packet, xdp};
    match r.way.as_str() {
        "xdp" => {
            let mode = if r.mode == "generic" { xdp::Mode::Generic } else { xdp::Mode::Driver };
            let interface = r.interface.clone();
            let config =
                xdp::Config { interface, mode, ring_frames: RING_FRAMES, ..xdp::Config::default() };
            agent(&mut xdp::open(&config)?.remove(0), r)
        }
        "packet" => {
            let interface = r.interface.clone();
            agent(&mut af_packet::open(&af_packet::Config { interface, ..Default::default() })?, r)
        }
        other => anyhow::bail!("no way to receive is called {other}; there are xdp and packet"),
    }
}

/// As many as the bare loop has.
#[cfg(feature = "live")]
const RING_FRAMES: u32 = 32_768;

#[cfg(feature = "live")]
fn agent(source: &mut impl fathom_ring::Source, r: &Receive) -> Result<()> {
    use crate::drive::{BATCH, Sealer, config};
    use fathom_dataplane::pipeline::Pipeline;
    use std::time::{Duration, Instant};
    const SECOND_NS: u64 = 1_000_000_000;
    let mut pipeline = Pipeline::new(config(256 * 1024));
    let mut sealer = Sealer::new();
    println!("ready");
    let before = crate::clock::thread_cpu_ns();
    let end = Instant::now() + Duration::from_secs_f64(r.seconds);
    let (mut last_ns, mut sealed_s, mut turn) = (0, 0, 0_u64);
    loop {
        let batch = source.acquire(BATCH)?;
        let n = batch.len();
        if n > 0 {
            last_ns = batch.frame(n - 1).time_ns;
            pipeline.batch(&batch, None, |_| false);
        }
        source.release();
        turn += 1;
        let second = last_ns / SECOND_NS;
        if second != sealed_s || pipeline.blocks_mut().any_full() {
            sealed_s = second;
            sealer.seal(pipeline.blocks_mut())?;
        }
        if n == 0 {
            std::thread::sleep(source.pause().unwrap_or(Duration::from_micros(r.pause_us)));
        }
        if (n == 0 || turn % 64 == 0) && Instant::now() > end {
            break;
        }
    }
    pipeline.flush_all(last_ns);
    sealer.seal(pipeline.blocks_mut())?;
    let cpu_ns = crate::clock::thread_cpu_ns() - before;
    let c = source.counters();
    let json = serde_json::json!({
        "received": c.received,
        "dropped": c.dropped_kernel + c.dropped_xdp + c.dropped_corrupt,
        "cpu_ns_per_frame": cpu_ns as f64 / c.received.max(1) as f64,
        "rows": sealer.sealed.rows,
    });
    println!("{json}");
    Ok(())
}

/// What a sender is told on its standard input, a line each: seconds, and frames per second or 0 for
/// as fast as the interface takes them.
pub type Order = (f64, f64);

/// Sends the first frames of a capture again and again, from inside the kernel. With an order it
/// does that once; without, it says `loaded` and takes orders from its standard input. Prints one
/// JSON object for each.
///
/// # Errors
/// An interface or a kernel that does not allow it.
#[cfg(feature = "live")]
pub fn blast(interface: &str, file: &Path, order: Option<Order>) -> Result<()> {
    use fathom_ebpf::blast::{Blaster, FRAME_MAX, FRAME_MIN};
    use fathom_ring::{Source, file, interfaces};
    /// Frames whose addresses change each time around, so that flows go on coming.
    const TURNS: u32 = 65_536;
    const FRAMES: usize = 65_536;
    let mut source = file::open(file)?;
    let mut frames: Vec<Vec<u8>> = Vec::new();
    while frames.len() < FRAMES {
        let batch = source.acquire(64)?;
        if batch.is_empty() {
            break;
        }
        let data = (0..batch.len()).map(|i| batch.frame(i).data);
        let fits = data.filter(|d| (FRAME_MIN..=FRAME_MAX).contains(&d.len()));
        frames.extend(fits.map(<[u8]>::to_vec));
        source.release();
    }
    frames.truncate(FRAMES);
    let table: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
    let mut blaster = Blaster::load(interfaces::find(interface)?.index, TURNS, &table)?;
    if let Some(order) = order {
        return send(&mut blaster, order);
    }
    println!("loaded");
    for line in std::io::stdin().lines() {
        let line = line?;
        let (seconds, rate) = line.split_once(' ').unwrap_or((&line, "0"));
        send(&mut blaster, (seconds.parse()?, rate.parse()?))?;
    }
    Ok(())
}

#[cfg(feature = "live")]
fn send(blaster: &mut fathom_ebpf::blast::Blaster, (seconds, rate): Order) -> Result<()> {
    use std::time::{Duration, Instant};
    /// A call sets up its pages anew: few of them, but not so few that a ring is full after one.
    const BURST: u32 = 2048;
    let before = blaster.sent().frames;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs_f64(seconds) {
        blaster.send(if rate > 0.0 { BURST } else { 65_536 })?;
        if rate > 0.0 {
            let sent = (blaster.sent().frames - before) as f64;
            let due = Duration::from_secs_f64((sent / rate).min(2.0 * seconds));
            if let Some(ahead) = due.checked_sub(begun.elapsed()) {
                std::thread::sleep(ahead);
            }
        }
    }
    let (sent, took) = (blaster.sent().frames - before, begun.elapsed().as_secs_f64());
    println!("{}", serde_json::json!({ "sent": sent, "seconds": took }));
    Ok(())
}

/// Cannot, in this build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "live"))]
pub fn receive(_: &Receive) -> Result<()> {
    anyhow::bail!("built without the feature `live`")
}

/// Cannot, in this build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "live"))]
pub fn blast(_: &str, _: &Path, _: Option<Order>) -> Result<()> {
    anyhow::bail!("built without the feature `live`")
}
