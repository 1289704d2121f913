//! Random numbers that are the same for the same seed everywhere: xoshiro256** (Blackman and
//! Vigna), seeded by splitmix64.

/// A generator.
#[derive(Clone, Debug)]
pub struct Rng([u64; 4]);

impl Rng {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        let mut s = seed;
        Self(std::array::from_fn(|_| {
            s = s.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (s ^ (s >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// From `low` to below `high`.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low)
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this chance in a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Exponentially distributed around `mean`.
    pub fn exponential(&mut self, mean: u64) -> u64 {
        (-(1.0 - self.unit()).ln() * mean as f64) as u64
    }

    /// Heavy-tailed (Lomax, exponent 2.2) and shifted, so that the least is 0.45.
    pub fn heavy(&mut self) -> f64 {
        (1.0 - self.unit()).powf(-1.0 / 2.2) - 1.0 + 0.45
    }

    /// Fills with random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
    }

    /// In random order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn spreads() {
        let mut r = Rng::new(1);
        let n = 20_000;
        let mean = (0..n).map(|_| r.unit()).sum::<f64>() / f64::from(n);
        assert!((0.49..0.51).contains(&mean), "{mean}");
        let mean = (0..n).map(|_| r.exponential(1000)).sum::<u64>() / n as u64;
        assert!((960..1040).contains(&mean), "{mean}");
        assert!((0..n).all(|_| (5..9).contains(&r.within(5, 9))));
    }

    #[test]
    fn known_values() {
        // The authors' C program with the same four words of state.
        let mut r = Rng([1, 2, 3, 4]);
        assert_eq!([r.bits(), r.bits(), r.bits()], [11520, 0, 1_509_978_240]);
    }
}
