//! The sender of a run: the first frames of a capture, again and again, from inside the kernel.

use anyhow::Result;
use std::path::Path;

/// What a sender is told on its standard input, a line each: seconds, and frames per second or 0 for
/// as fast as the interface takes them.
pub type Order = (f64, f64);

/// Sends the first frames of a capture. With an order it does that once; without, it says `loaded`
/// and takes orders from its standard input. Prints one JSON object for each.
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

/// Carries out one order. The CPU time of this thread holds, over virtual Ethernet, all that the
/// receiving side's kernel does with the frames.
#[cfg(feature = "live")]
fn send(blaster: &mut fathom_ebpf::blast::Blaster, (seconds, rate): Order) -> Result<()> {
    use std::time::Instant;
    /// Frames from which it is told how fast they go, and the fewest worth a call.
    const FIRST: f64 = 100_000.0;
    const FEW: f64 = 10_000.0;
    let before = blaster.sent().frames;
    let cpu = crate::clock::thread_cpu_ns();
    blaster.pace((rate > 0.0).then_some(rate))?;
    let begun = Instant::now();
    if rate > 0.0 {
        blaster.send((rate * seconds) as u32)?;
    } else {
        // Each call begins and ends with a pause: few calls, which end when it is time.
        let mut frames = FIRST;
        while frames >= FEW {
            blaster.send(frames as u32)?;
            let took = begun.elapsed().as_secs_f64();
            let per_second = (blaster.sent().frames - before) as f64 / took;
            frames = (per_second * (seconds - took)).min(f64::from(u32::MAX));
        }
    }
    let (sent, took) = (blaster.sent().frames - before, begun.elapsed().as_secs_f64());
    let cpu_ns = (crate::clock::thread_cpu_ns() - cpu) as f64 / sent.max(1) as f64;
    println!(
        "{}",
        serde_json::json!({ "sent": sent, "seconds": took, "cpu_ns_per_frame": cpu_ns })
    );
    Ok(())
}

/// Cannot, in this build.
///
/// # Errors
/// Always.
#[cfg(not(feature = "live"))]
pub fn blast(_: &str, _: &Path, _: Option<Order>) -> Result<()> {
    anyhow::bail!("built without the feature `live`")
}
