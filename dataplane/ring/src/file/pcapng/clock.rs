//! An interface's clock: the options if_tsresol and if_tsoffset, and time in nanoseconds.

/// Units and origin of an interface's timestamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    unit: Unit,
    /// Seconds to add.
    pub(super) offset_seconds: i64,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    /// So many nanoseconds (10^-n seconds, n up to 9).
    Nanoseconds(u64),
    /// So many to a nanosecond (10^-n seconds, n above 9).
    PerNanosecond(u128),
    /// 2^-n seconds.
    Binary(u32),
}

impl Default for Clock {
    fn default() -> Self {
        Self { unit: Unit::Nanoseconds(1000), offset_seconds: 0 }
    }
}

impl Clock {
    /// Takes the value of if_tsresol: the upper bit says binary, the others the exponent.
    pub(super) fn set_resolution(&mut self, value: u8) {
        let exponent = u32::from(value & 0x7f);
        self.unit = match (value & 0x80 != 0, exponent) {
            (true, n) => Unit::Binary(n),
            (false, n @ 0..=9) => Unit::Nanoseconds(10u64.pow(9 - n)),
            // More than 10^38 to a nanosecond: no 64-bit time reaches one.
            (false, n) => Unit::PerNanosecond(10u128.checked_pow(n - 9).unwrap_or(u128::MAX)),
        };
    }

    /// Nanoseconds since the Unix epoch; what does not fit is cut to the nearest that does.
    #[inline]
    pub(super) fn nanoseconds(&self, time: u64) -> u64 {
        // What nearly every file has.
        if let Unit::Nanoseconds(unit) = self.unit
            && self.offset_seconds == 0
        {
            return time.saturating_mul(unit);
        }
        let time = u128::from(time);
        let since_offset = match self.unit {
            Unit::Nanoseconds(unit) => time * u128::from(unit),
            Unit::PerNanosecond(units) => time / units,
            Unit::Binary(n) => (time * 1_000_000_000) >> n,
        };
        // At most 2^64 * 10^9, far from the end of i128.
        let total = since_offset as i128 + i128::from(self.offset_seconds) * 1_000_000_000;
        u64::try_from(total.max(0)).unwrap_or(u64::MAX)
    }
}
