//! Sends the frames of a capture file out of an interface, again and again, from inside the
//! kernel: `blast INTERFACE FILE SECONDS [FRAMES] [TURNS]`. Prints one JSON object. The sender of
//! the measurements of `receive`.

#![allow(clippy::print_stdout, reason = "an example talks on its standard output")]

use std::error::Error;
use std::time::{Duration, Instant};

use fathom_ebpf::blast::{Blaster, FRAME_MAX, FRAME_MIN};
use fathom_ring::{Source, file, interfaces};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [interface, path, seconds, rest @ ..] = &words[..] else {
        return Err("blast INTERFACE FILE SECONDS [FRAMES] [TURNS]".into());
    };
    let number = |at: usize, default: usize| {
        rest.get(at).map_or(Ok(default), |n| n.parse().map_err(|e| format!("{n}: {e}")))
    };
    let (limit, turns) = (number(0, 65_536)?, number(1, 65_536)?);
    let seconds: f64 = seconds.parse()?;
    let mut source = file::open(std::path::Path::new(path))?;
    let mut frames: Vec<Vec<u8>> = Vec::new();
    while frames.len() < limit {
        let batch = source.acquire(64)?;
        if batch.is_empty() {
            break;
        }
        let data = (0..batch.len()).map(|i| batch.frame(i).data);
        frames.extend(
            data.filter(|d| (FRAME_MIN..=FRAME_MAX).contains(&d.len())).map(<[u8]>::to_vec),
        );
        source.release();
    }
    frames.truncate(limit);
    let table: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
    let index = interfaces::find(interface)?.index;
    let mut blaster = Blaster::load(index, u32::try_from(turns)?, &table)?;
    println!("loaded {}", table.len());
    let (start, before) = (Instant::now(), cpu_ns());
    while start.elapsed() < Duration::from_secs_f64(seconds) {
        // Each call sets up its pages anew: few, large ones.
        blaster.send(65_536)?;
    }
    let (sent, took) = (blaster.sent(), start.elapsed().as_secs_f64());
    println!(
        "{{\"sent\":{},\"bytes\":{},\"seconds\":{took:.3},\"per_second\":{:.0},\"cpu_ns_per_frame\":{:.1}}}",
        sent.frames,
        sent.bytes,
        sent.frames as f64 / took,
        (cpu_ns() - before) as f64 / sent.frames.max(1) as f64
    );
    Ok(())
}

/// CPU time of this thread: making frames, and on virtual Ethernet all that the receiving side's
/// kernel does with them.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one live structure.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
}
