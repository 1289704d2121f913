//! What stands in for AF_XDP in a build without it: the same names, so that callers are the same,
//! and one clear error.

use std::os::fd::RawFd;
use std::path::PathBuf;

use super::{Config, Counts, DeviceCounters, XdpError, inline};
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

/// A bump in the wire that cannot be.
#[derive(Debug)]
pub enum Bridge {}

/// Its tap.
#[derive(Debug)]
pub enum Tap {}

/// Says that this build has no AF_XDP.
///
/// # Errors
/// Always [`XdpError::NotBuilt`].
pub fn open_inline(_: &inline::Config) -> Result<(Bridge, Vec<Tap>), Error> {
    Err(XdpError::NotBuilt.into())
}

impl Bridge {
    /// How frames are forwarded, in three words.
    pub fn kind(&self) -> String {
        match *self {}
    }

    /// What was chosen, and why not something better.
    pub fn choices(&self) -> &[String] {
        match *self {}
    }

    /// What a person should know, if anything.
    pub fn notes(&self) -> &[String] {
        match *self {}
    }

    /// Forwarding has ended.
    pub fn ended(&self) -> bool {
        match *self {}
    }

    /// Everything that is counted.
    pub fn counts(&self) -> [inline::Counts; 2] {
        match *self {}
    }

    /// Takes the programs off.
    ///
    /// # Errors
    /// None: there is no such value.
    pub fn dismantle(self) -> Result<(), Error> {
        match self {}
    }

    /// Where the programs are pinned.
    pub fn pins(&self) -> Vec<PathBuf> {
        match *self {}
    }
}

impl Tap {
    /// Frames that a filter kept from being read.
    pub fn filtered(&self) -> u64 {
        match *self {}
    }
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

/// A source of which there is no value.
macro_rules! never {
    ($source:ty) => {
        impl Source for $source {
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
    };
}

never!(Xdp);
never!(Tap);
