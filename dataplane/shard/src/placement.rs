//! Where shards run: CPU lists, how many threads, what they are called, who may stop them.

use std::fmt::Write as _;

use crate::{Error, StopToken, sys};

/// Which CPUs the shards of one set are pinned to, one shard per entry.
#[derive(Clone, Debug)]
pub struct Placement {
    pub(crate) cpus: Vec<usize>,
    pub(crate) pin: bool,
    pub(crate) name: String,
    pub(crate) stop: StopToken,
}

impl Placement {
    /// One pinned shard on every CPU this process may use.
    ///
    /// # Errors
    /// When the system does not say which CPUs those are, or no eventfd is left.
    pub fn all() -> Result<Self, Error> {
        Self::on(allowed()?)
    }

    /// One pinned shard on each CPU of a list such as `"0-3,5"`.
    ///
    /// # Errors
    /// A list that cannot be read, or a CPU this process may not use.
    pub fn parse(list: &str) -> Result<Self, Error> {
        let cpus = parse_cpu_list(list)?;
        let allowed = allowed()?;
        if let Some(&cpu) = cpus.iter().find(|cpu| !allowed.contains(cpu)) {
            return Err(Error::CpuNotAllowed { cpu, allowed: format_cpu_list(&allowed) });
        }
        Self::on(cpus)
    }

    /// `count` shards (at least one) on the first allowed CPUs, around again when there are fewer.
    ///
    /// # Errors
    /// As [`Placement::all`].
    pub fn count(count: usize) -> Result<Self, Error> {
        let allowed = allowed()?;
        Self::on(allowed.iter().copied().cycle().take(count.max(1)).collect())
    }

    fn on(cpus: Vec<usize>) -> Result<Self, Error> {
        let stop = StopToken::new()
            .map_err(|source| Error::Os { what: "making the stop signal", source })?;
        Ok(Self { cpus, pin: true, name: "fathom-shard".to_owned(), stop })
    }

    /// Lets the threads run on any CPU: for tests and simulation.
    #[must_use]
    pub fn unpinned(mut self) -> Self {
        self.pin = false;
        self
    }

    /// Names the threads `<name>-0`, `<name>-1`, ... instead of `fathom-shard-N`. The kernel
    /// shows the first 15 bytes.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Uses the caller's stop signal, so that a panic on a shard stops everything else too.
    #[must_use]
    pub fn stopped_by(mut self, stop: StopToken) -> Self {
        self.stop = stop;
        self
    }

    /// CPU of each shard.
    pub fn cpus(&self) -> &[usize] {
        &self.cpus
    }
}

fn allowed() -> Result<Vec<usize>, Error> {
    sys::allowed_cpus().map_err(|source| Error::Os { what: "asking for the allowed CPUs", source })
}

/// Reads a CPU list as the kernel writes them: `"0-3,5"`. Order is kept, repeats are dropped.
///
/// # Errors
/// Anything else, including the empty list.
pub fn parse_cpu_list(list: &str) -> Result<Vec<usize>, Error> {
    let bad = |why| Error::CpuList { list: list.to_owned(), why };
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| bad("not a number"));
    let mut cpus = Vec::new();
    for part in list.split(',') {
        let (first, last) = match part.split_once('-') {
            Some((first, last)) => (number(first)?, number(last)?),
            None => (number(part)?, number(part)?),
        };
        if first > last {
            return Err(bad("a range runs backwards"));
        }
        if last >= rustix::thread::CpuSet::MAX_CPU {
            return Err(bad("a CPU number is too large"));
        }
        for cpu in first..=last {
            if !cpus.contains(&cpu) {
                cpus.push(cpu);
            }
        }
    }
    Ok(cpus)
}

/// Writes CPUs the way [`parse_cpu_list`] reads them, runs joined.
pub(crate) fn format_cpu_list(cpus: &[usize]) -> String {
    let mut out = String::new();
    let mut i = 0;
    while i < cpus.len() {
        let first = cpus[i];
        let mut last = first;
        while i + 1 < cpus.len() && cpus[i + 1] == last + 1 {
            i += 1;
            last = cpus[i];
        }
        i += 1;
        let comma = if out.is_empty() { "" } else { "," };
        let written = if first == last {
            write!(out, "{comma}{first}")
        } else {
            write!(out, "{comma}{first}-{last}")
        };
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
    }
    out
}
