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
    /// 10^-n seconds.
    Decimal(u32),
    /// 2^-n seconds.
    Binary(u32),
}

impl Default for Clock {
    fn default() -> Self {
        Self { unit: Unit::Decimal(6), offset_seconds: 0 }
    }
}

impl Clock {
    /// Takes the value of if_tsresol: the upper bit says binary, the others the exponent.
    pub(super) fn set_resolution(&mut self, value: u8) {
        let exponent = u32::from(value & 0x7f);
        self.unit =
            if value & 0x80 == 0 { Unit::Decimal(exponent) } else { Unit::Binary(exponent) };
    }

    /// Nanoseconds since the Unix epoch; what does not fit is cut to the nearest that does.
    pub(super) fn nanoseconds(&self, time: u64) -> u64 {
        let time = u128::from(time);
        let since_offset = match self.unit {
            Unit::Decimal(n @ 0..=9) => time * 10u128.pow(9 - n),
            // Beyond 10^29 units per nanosecond no 64-bit time reaches one.
            Unit::Decimal(n) => 10u128.checked_pow(n - 9).map_or(0, |units| time / units),
            Unit::Binary(n) => (time * 1_000_000_000) >> n,
        };
        // At most 2^64 * 10^9, far from the end of i128.
        let total = since_offset as i128 + i128::from(self.offset_seconds) * 1_000_000_000;
        u64::try_from(total.max(0)).unwrap_or(u64::MAX)
    }
}
