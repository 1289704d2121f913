//! The agent's whole path on a live source: the receiver that is held against a bare loop.

use anyhow::Result;

/// How to receive.
#[derive(clap::Args, Clone, Debug)]
pub struct Receive {
    /// Interface of this network namespace.
    pub interface: String,
    /// `xdp` or `packet`.
    pub way: String,
    /// Seconds at most.
    pub seconds: f64,
    /// Where the XDP program runs: `driver` or `generic`.
    #[arg(default_value = "driver")]
    pub mode: String,
    /// An empty ring is looked at again after this.
    #[arg(long, default_value_t = 100)]
    pub pause_us: u64,
    /// Frames that the ring of AF_XDP holds.
    #[arg(long, default_value_t = 65_536)]
    pub ring_frames: u32,
    /// End when standard input is closed and the ring is empty.
    #[arg(long)]
    pub told: bool,
}

/// Receives, and runs all of the data path over it. Prints `ready`, then one JSON object.
///
/// # Errors
/// An interface or a kernel that does not allow it.
#[cfg(feature = "live")]
pub fn receive(r: &Receive) -> Result<()> {
    use fathom_ring::{Source, af_packet, xdp};
    let interface = r.interface.clone();
    let (got, dropped, more) = match r.way.as_str() {
        "xdp" => {
            let mode = if r.mode == "generic" { xdp::Mode::Generic } else { xdp::Mode::Driver };
            let ring_frames = r.ring_frames;
            let config = xdp::Config { interface, mode, ring_frames, ..xdp::Config::default() };
            let mut source = xdp::open(&config)?.remove(0);
            let got = agent(&mut source, r)?;
            let n = source.counts();
            let passed = n.program.own + n.program.foreign + n.program.unclaimed;
            (got, n.dropped, [n.ring_full, n.program.seen, passed])
        }
        "packet" => {
            let mut source =
                af_packet::open(&af_packet::Config { interface, ..Default::default() })?;
            let got = agent(&mut source, r)?;
            (got, source.counters().dropped_kernel, [0; 3])
        }
        other => anyhow::bail!("no way to receive is called {other}; there are xdp and packet"),
    };
    let [ring_full, seen, passed] = more;
    let json = serde_json::json!({
        "received": got.received,
        "dropped": dropped,
        "ring_full": ring_full,
        "seen": seen,
        "passed": passed,
        "cpu_ns_per_frame": got.cpu_ns as f64 / got.received.max(1) as f64,
        "rows": got.rows,
        "longest_ms": got.longest_ns as f64 / 1e6,
        "longest_batch_ms": got.steps_ns[0] as f64 / 1e6,
        "longest_seal_ms": got.steps_ns[1] as f64 / 1e6,
    });
    println!("{json}");
    Ok(())
}

/// What the data path did.
#[cfg(feature = "live")]
struct Got {
    received: u64,
    cpu_ns: u64,
    rows: u64,
    /// The longest time between two looks at the ring while frames came.
    longest_ns: u64,
    steps_ns: [u64; 2],
}

/// Raised when standard input is closed.
#[cfg(feature = "live")]
fn ends() -> std::sync::Arc<std::sync::atomic::AtomicBool> {
    use std::io::Read;
    use std::sync::atomic::{AtomicBool, Ordering};
    let told = std::sync::Arc::new(AtomicBool::new(false));
    let tell = std::sync::Arc::clone(&told);
    std::thread::spawn(move || {
        // An error is an end as well.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        tell.store(true, Ordering::Relaxed);
    });
    told
}

#[cfg(feature = "live")]
fn agent(source: &mut impl fathom_ring::Source, r: &Receive) -> Result<Got> {
    use crate::drive::{BATCH, Sealer, config};
    use fathom_dataplane::pipeline::Pipeline;
    use std::sync::atomic::Ordering;
    use std::time::{Duration, Instant};
    const SECOND_NS: u64 = 1_000_000_000;
    /// What the kernel holds back comes within this.
    const LATE: Duration = Duration::from_millis(300);
    let mut pipeline = Pipeline::new(config(256 * 1024));
    let mut sealer = Sealer::new();
    let told = r.told.then(ends);
    println!("ready");
    let before = crate::clock::thread_cpu_ns();
    let mut end = Instant::now() + Duration::from_secs_f64(r.seconds);
    let (mut last_ns, mut sealed_s, mut turn) = (0, 0, 0_u64);
    let (mut looked, mut longest) = (Instant::now(), Duration::ZERO);
    let mut ending = false;
    // The longest batch, with what came due in it, and the longest sealing.
    let mut steps = [Duration::ZERO; 2];
    loop {
        let batch = source.acquire(BATCH)?;
        let n = batch.len();
        let now = Instant::now();
        if n > 0 {
            longest = longest.max(now - looked);
            last_ns = batch.frame(n - 1).time_ns;
            pipeline.batch(&batch, None, |_| false);
            steps[0] = steps[0].max(now.elapsed());
        }
        looked = now;
        source.release();
        turn += 1;
        let second = last_ns / SECOND_NS;
        if second != sealed_s || pipeline.blocks_mut().any_full() {
            sealed_s = second;
            let begun = Instant::now();
            sealer.seal(pipeline.blocks_mut())?;
            steps[1] = steps[1].max(begun.elapsed());
        }
        if n == 0 {
            std::thread::sleep(source.pause().unwrap_or(Duration::from_micros(r.pause_us)));
        }
        if n == 0 || turn.is_multiple_of(64) {
            if !ending && told.as_ref().is_some_and(|t| t.load(Ordering::Relaxed)) {
                ending = true;
                end = end.min(now + LATE);
            }
            // Told to end, it leaves nothing in the ring.
            if now > end && (n == 0 || told.is_none()) {
                break;
            }
        }
    }
    pipeline.flush_all(last_ns);
    sealer.seal(pipeline.blocks_mut())?;
    let cpu_ns = crate::clock::thread_cpu_ns() - before;
    Ok(Got {
        received: source.counters().received,
        cpu_ns,
        rows: sealer.sealed.rows,
        longest_ns: longest.as_nanos() as u64,
        steps_ns: steps.map(|s| s.as_nanos() as u64),
    })
}

/// Cannot, in this build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "live"))]
pub fn receive(_: &Receive) -> Result<()> {
    anyhow::bail!("built without the feature `live`")
}
