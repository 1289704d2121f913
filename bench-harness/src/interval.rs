//! Medians with the interval in which the true one lies: two ranks of the sorted turns, which need
//! no assumption about how a noisy machine's times are distributed.

use serde::{Deserialize, Serialize};

/// How sure the interval is, when there are turns enough.
const CONFIDENCE: f64 = 0.9;

/// A median of several turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The median.
    pub value: f64,
    /// The true one is hardly below this.
    pub low: f64,
    /// Nor above this.
    pub high: f64,
    /// Turns.
    pub turns: usize,
}

impl Interval {
    /// Of the values of all turns; zeros without any. From five turns on the interval covers the
    /// true median nine times in ten or more; with fewer it is all that was seen.
    pub fn of(values: &[f64]) -> Self {
        let mut v = values.to_vec();
        v.sort_by(f64::total_cmp);
        let n = v.len();
        if n == 0 {
            return Self::default();
        }
        let value = if n % 2 == 1 { v[n / 2] } else { f64::midpoint(v[n / 2 - 1], v[n / 2]) };
        let rank = rank(n);
        Self { value, low: v[rank], high: v[n - 1 - rank], turns: n }
    }

    /// Of what each turn's two values make of each other: the machine's slow moments are in both.
    pub fn of_ratios(over: &[f64], under: &[f64]) -> Self {
        let ratios: Vec<f64> =
            over.iter().zip(under).map(|(a, b)| a / b.max(f64::MIN_POSITIVE)).collect();
        Self::of(&ratios)
    }

    /// The same in another unit.
    #[must_use]
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "of the server's rows"))]
    pub fn times(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            low: self.low * factor,
            high: self.high * factor,
            turns: self.turns,
        }
    }

    /// Whether both can be of the same thing.
    pub fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

/// The largest rank from either end between which the median lies with [`CONFIDENCE`].
fn rank(n: usize) -> usize {
    // Outside of ranks r and n-1-r when r or fewer of n fair coins show heads, on either side.
    let (mut outside, mut way) = (0.0, 0.5_f64.powi(n as i32));
    let mut r = 0;
    for k in 0..n / 2 {
        outside += 2.0 * way;
        if outside > 1.0 - CONFIDENCE {
            break;
        }
        r = k;
        way *= (n - k) as f64 / (k + 1) as f64;
    }
    r
}

#[cfg(test)]
mod tests {
    use super::{Interval, rank};

    #[test]
    fn ranks_of_the_tables() {
        // Conover, Practical Nonparametric Statistics, quantile 0.5: 90 % of 5 turns are all of
        // them, of 8 from the second, of 11 from the third, of 20 from the sixth.
        assert_eq!([1, 3, 5, 7, 8, 11, 20].map(rank), [0, 0, 0, 0, 1, 2, 5]);
    }

    #[test]
    fn median_lies_inside() {
        let i = Interval::of(&[5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(i, Interval { value: 3.0, low: 1.0, high: 5.0, turns: 5 });
        assert_eq!(Interval::of(&[1.0, 2.0]).value, 1.5);
        assert_eq!(Interval::of(&[]), Interval::default());
        let r = Interval::of_ratios(&[2.0, 9.0, 4.0], &[1.0, 3.0, 4.0]);
        assert_eq!((r.value, r.low, r.high), (2.0, 1.0, 3.0));
        assert!(
            r.meets(&i) && !r.meets(&Interval::of(&[0.5])) && !i.meets(&r.times(4.0).times(2.0))
        );
    }
}
