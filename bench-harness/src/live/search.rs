//! The highest rate at which nothing is lost.

use super::trial::Trial;
use anyhow::{Context, Result};

/// Runs of a search after the first.
const STEPS: u32 = 6;
/// It ends when what went well and what did not are this close.
const CLOSE: f64 = 1.04;
/// The next rate while none went well.
const DOWN: f64 = 0.8;

/// As fast as the sender can, then by halves between what went well and what did not.
///
/// # Errors
/// A run that cannot be, and one in which nothing arrives.
pub fn highest(
    trials: &mut Vec<Trial>,
    mut run: impl FnMut(Option<f64>) -> Result<Trial>,
) -> Result<Trial> {
    let first = run(None).context("as fast as the sender can")?;
    trials.push(first.clone());
    if first.loss() <= 0.0 {
        return Ok(first);
    }
    anyhow::ensure!(first.received > 0, "none of {} frames arrived", first.sent);
    let mut high = first.rate;
    // What got through while much was lost is near what can be done.
    let mut rate = first.received_rate().min(high * 0.98);
    let mut best: Option<Trial> = None;
    for _ in 0..STEPS {
        let trial = run(Some(rate))?;
        trials.push(trial.clone());
        if trial.loss() <= 0.0 {
            if best.as_ref().is_none_or(|b| b.rate < trial.rate) {
                best = Some(trial);
            }
        } else {
            high = high.min(rate);
        }
        let low = best.as_ref().map_or(0.0, |b| b.rate);
        if high < low * CLOSE {
            break;
        }
        rate = if low > 0.0 { f64::midpoint(low, high) } else { high * DOWN };
    }
    // Nothing went without loss: not even the slowest that was tried.
    Ok(best.unwrap_or(Trial { rate: 0.0, ..first }))
}

/// The first of `rates`, given as a falling row, at which nothing is lost, over a longer run.
///
/// # Errors
/// A run that cannot be.
pub fn holds(
    trials: &mut Vec<Trial>,
    rates: impl IntoIterator<Item = f64>,
    mut run: impl FnMut(Option<f64>) -> Result<Trial>,
) -> Result<Option<Trial>> {
    for rate in rates {
        let trial = run(Some(rate))?;
        trials.push(trial.clone());
        if trial.loss() <= 0.0 {
            return Ok(Some(trial));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A receiver that keeps up with so many frames per second.
    fn until(edge: f64) -> impl Fn(Option<f64>) -> Result<Trial> {
        move |rate| {
            let rate = rate.unwrap_or(2_000_000.0);
            Ok(Trial {
                rate,
                seconds: 1.0,
                sent: rate as u64,
                received: rate.min(edge) as u64,
                ..Trial::default()
            })
        }
    }

    #[test]
    fn finds_the_edge() {
        for edge in [350_000.0, 700_000.0, 1_900_000.0] {
            let best = highest(&mut Vec::new(), until(edge)).expect("runs");
            assert!((0.93 * edge..=edge).contains(&best.rate), "{edge}: {best:?}");
        }
        let best = highest(&mut Vec::new(), until(3_000_000.0)).expect("runs");
        assert_eq!(best.rate, 2_000_000.0);
    }

    #[test]
    fn a_long_run_steps_down_until_it_holds() {
        let mut trials = Vec::new();
        let rates = [900_000.0, 800_000.0, 600_000.0];
        let held = holds(&mut trials, rates, until(700_000.0)).expect("runs").expect("holds");
        assert_eq!((held.rate, trials.len()), (600_000.0, 3));
        assert!(holds(&mut trials, rates, until(1.0)).expect("runs").is_none());
    }
}
