//! Naming the protocol of a TCP flow by the first bytes of a turn.

use super::run::Run;
use super::{Origin, Sink, Verdict};
use crate::limits;
use fathom_parsers::message::{Carrier, Probe};
use fathom_parsers::registry::{self, Look};

impl<S: Sink> Run<'_, S> {
    /// Tries to name the protocol; true when a parser is in place.
    pub(super) fn detect(&mut self, side: usize, bytes: &[u8], origin: Origin) -> bool {
        let turn = self.flow.speaker != Some(side as u8);
        self.flow.speaker = Some(side as u8);
        let waiting = !self.flow.side[side].carry.is_empty();
        if !turn && !waiting {
            return false;
        }
        let hint = self.dir(side);
        self.flow.begin_probing(self.ports, self.sink);
        let look = Look {
            carrier: Carrier::Tcp,
            dir_hint: Some(hint),
            enabled: self.enabled,
            first: self.flow.first,
        };
        let probe = if waiting {
            let mut carry = std::mem::take(&mut self.flow.side[side].carry);
            let old = carry.len();
            carry.extend_from_slice(&bytes[..bytes.len().min(limits::PROBE_BYTES)]);
            let probe = registry::probe(&carry, look);
            carry.truncate(old);
            self.flow.side[side].carry = carry;
            probe
        } else {
            registry::probe(bytes, look)
        };
        match probe {
            Probe::Certain(protocol, dir) => {
                if dir != hint {
                    self.sink.reversed();
                    self.client = 1 - self.client;
                }
                self.flow.adopt(protocol, self.options, Carrier::Tcp, self.stats, self.sink);
                true
            }
            Probe::Unsure
                if self.flow.side[side].carry.len() + bytes.len() <= limits::PROBE_BYTES =>
            {
                self.keep_for_probe(side, bytes, origin);
                false
            }
            Probe::Unsure | Probe::NotForUs => {
                self.clear_carry(side);
                self.flow.attempts -= 1;
                if self.flow.attempts == 0 {
                    self.stats.unknown += 1;
                    self.sink.unknown();
                    self.verdict = Verdict::GiveUp;
                }
                false
            }
        }
    }

    fn keep_for_probe(&mut self, side: usize, bytes: &[u8], origin: Origin) {
        let first = self.flow.side[side].carry.is_empty();
        let earlier = self.flow.side[side].carry_origin;
        self.keep(side, bytes, origin);
        if !first {
            self.flow.side[side].carry_origin = earlier;
        }
    }
}
