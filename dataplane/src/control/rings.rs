//! How large packet rings are: kernel memory that cannot be swapped, so it has a bound whatever
//! interfaces appear.

use fathom_ring::limits as ring_limits;

use super::roles::Role;
use crate::config::Config;
use crate::limits;

/// Memory that the rings have.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Bytes of all rings that are open.
    pub(super) taken: usize,
}

impl Budget {
    /// Bytes of one ring of an interface that takes `rings` of them, while `interfaces` are wanted
    /// in all.
    ///
    /// Those that are there at the start share half of the budget; each that comes later gets a
    /// part of what is left, so that there is always some left. A port that is there for nothing
    /// else comes first.
    pub(super) fn share(
        &self,
        config: &Config,
        role: Role,
        rings: usize,
        interfaces: usize,
    ) -> Result<usize, String> {
        if config.ring_bytes > 0 {
            let room = config.memory_limit == 0
                || self.taken + config.ring_bytes * rings <= config.memory_limit as usize;
            return room.then_some(config.ring_bytes).ok_or_else(full);
        }
        let budget = config.ring_budget();
        let left = budget.saturating_sub(self.taken) / rings.max(1);
        let bytes = match role {
            Role::Terminate => (left / 2).min(limits::PORT_SHARE_MAX),
            Role::Observe => {
                let fair = budget / 2 / interfaces.max(1) / rings.max(1);
                fair.max(ring_limits::RING_MIN).min(left / 4).min(limits::RING_SHARE_MAX)
            }
        };
        // The next power of two below.
        let bytes = (bytes + 1).next_power_of_two() / 2;
        if bytes < ring_limits::RING_MIN { Err(full()) } else { Ok(bytes) }
    }
}

fn full() -> String {
    "the memory for packet rings is used up; raise limits.memory, or name fewer interfaces in \
     capture.interface"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use fathom_settings::{Settings, Sources};

    use super::*;
    use crate::config::PROGRAM;

    fn config(pairs: &[(&str, &str)]) -> Config {
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let sources = Sources { pairs: &pairs, ..Sources::default() };
        Config::from_settings(&Settings::load(&PROGRAM, sources).unwrap()).unwrap()
    }

    #[test]
    fn however_many_interfaces_come_the_budget_holds() {
        for limit in ["64MiB", "512MiB", "16GiB"] {
            for (shards, at_start) in [(1, 1), (2, 3), (4, 1), (8, 20), (64, 2)] {
                let config = config(&[("limits.memory", limit)]);
                let mut budget = Budget::default();
                let mut sizes = Vec::new();
                for n in 0..1000_usize {
                    let role = if n % 7 == 0 { Role::Terminate } else { Role::Observe };
                    match budget.share(&config, role, shards, at_start.max(n)) {
                        Ok(bytes) => {
                            assert!(bytes >= ring_limits::RING_MIN && bytes.is_power_of_two());
                            budget.taken += bytes * shards;
                            sizes.push(bytes);
                        }
                        Err(why) => assert!(why.contains("limits.memory"), "{why}"),
                    }
                    assert!(budget.taken <= config.ring_budget(), "{limit} {shards} {n}");
                }
                let enough = config.ring_budget() >= shards * 16 * ring_limits::RING_MIN;
                assert!(!enough || sizes.len() > at_start.min(3), "{limit} {shards}: {sizes:?}");
            }
        }
    }

    #[test]
    fn one_interface_on_a_large_machine_gets_a_large_ring() {
        let large = config(&[("limits.memory", "2GiB")]);
        assert_eq!(Budget::default().share(&large, Role::Observe, 2, 1), Ok(64 << 20));
        assert_eq!(Budget::default().share(&config(&[]), Role::Terminate, 2, 5), Ok(64 << 20));
        assert_eq!(Budget::default().share(&config(&[]), Role::Terminate, 1, 5), Ok(128 << 20));
        let fixed = config(&[("capture.ring_bytes", "3MiB")]);
        assert_eq!(Budget { taken: 1 << 40 }.share(&fixed, Role::Observe, 4, 9), Ok(3 << 20));
        let tight = config(&[("capture.ring_bytes", "3MiB"), ("limits.memory", "8MiB")]);
        assert!(Budget { taken: 4 << 20 }.share(&tight, Role::Terminate, 2, 1).is_err());
    }
}
