//! What stands in for AF_XDP in a build without it: the same names, so that callers are the same,
//! and one clear error.

use std::os::fd::RawFd;

use super::{Config, Counts, DeviceCounters, XdpError};
use crate::{Batch, Counters, Error, Interface, Source};

/// A source that cannot be: there is no value of this type.
#[derive(Debug)]
pub enum Xdp {}

/// Says that this build has no AF_XDP.
///
/// # Errors
/// Always [`XdpError::NotBuilt`].
pub fn open(_: &Config) -> Result<Vec<Xdp>, Error> {
    Err(XdpError::NotBuilt.into())
}

impl Xdp {
    /// Which queue of its interface.
    pub fn queue(&self) -> u32 {
        match *self {}
    }

    /// What was chosen when the interface was opened, and why not something better.
    pub fn choices(&self) -> &[String] {
        match *self {}
    }

    /// What a person should know about how this source was opened, if anything.
    pub fn notes(&self) -> &[String] {
        match *self {}
    }

    /// How frames are received, in three words.
    pub fn kind(&self) -> String {
        match *self {}
    }

    /// Everything that is counted about this queue.
    pub fn counts(&self) -> Counts {
        match *self {}
    }

    /// What the device itself counts.
    pub fn device_counters(&self) -> DeviceCounters {
        match *self {}
    }
}

impl Source for Xdp {
    fn acquire(&mut self, _: usize) -> Result<Batch<'_>, Error> {
        match *self {}
    }

    fn release(&mut self) {
        match *self {}
    }

    fn readiness(&self) -> Option<RawFd> {
        match *self {}
    }

    fn finished(&self) -> bool {
        match *self {}
    }

    fn counters(&mut self) -> Counters {
        match *self {}
    }

    fn interfaces(&self) -> &[Interface] {
        match *self {}
    }

    fn describe(&self) -> String {
        match *self {}
    }
}
