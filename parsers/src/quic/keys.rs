//! The keys of Initial packets, which follow from the id that the client chose for the server (RFC
//! 9001 5, RFC 9369 3.3): they keep out boxes in the middle that change things, not eyes.

use super::header::V2;
use crate::message::Direction;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::BlockCipherEncrypt;
use aes_gcm::{Aes128Gcm, Tag};
use hkdf::Hkdf;
use sha2::Sha256;

const SALT_V1: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad,
    0xcc, 0xbb, 0x7f, 0x0a,
];
const SALT_V2: [u8; 20] = [
    0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb,
    0xf9, 0xbd, 0x2e, 0xd9,
];

const TAG: usize = 16;

/// What one side's Initial packets are protected with.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    key: [u8; 16],
    iv: [u8; 12],
    header: [u8; 16],
}

/// `HKDF-Expand-Label` of TLS 1.3 (RFC 8446 7.1), without a context.
fn expand(secret: &Hkdf<Sha256>, label: &str, out: &mut [u8]) {
    let len = [0, out.len() as u8];
    let label_len = [6 + label.len() as u8];
    let info = [&len[..], &label_len, b"tls13 ", label.as_bytes(), &[0]];
    let made = secret.expand_multi_info(&info, out);
    debug_assert!(made.is_ok(), "a few bytes can always be made");
}

impl Keys {
    /// Those for what goes in `dir`, when the client sent its first packet to `id`.
    pub(super) fn new(version: u32, id: &[u8], dir: Direction) -> Self {
        let (salt, labels) = match version {
            V2 => (&SALT_V2, ["quicv2 key", "quicv2 iv", "quicv2 hp"]),
            _ => (&SALT_V1, ["quic key", "quic iv", "quic hp"]),
        };
        let initial = Hkdf::<Sha256>::new(Some(salt), id);
        let mut secret = [0; 32];
        let side = match dir {
            Direction::ToServer => "client in",
            Direction::ToClient => "server in",
        };
        expand(&initial, side, &mut secret);
        let mut keys = Self { key: [0; 16], iv: [0; 12], header: [0; 16] };
        // A secret has the length of a hash, so it always is one.
        if let Ok(secret) = Hkdf::<Sha256>::from_prk(&secret) {
            expand(&secret, labels[0], &mut keys.key);
            expand(&secret, labels[1], &mut keys.iv);
            expand(&secret, labels[2], &mut keys.header);
        }
        keys
    }

    /// Opens a packet whose number stands at `number`, in place. What is in it, when the packet is
    /// what its sender made.
    pub(super) fn open<'p>(&self, packet: &'p mut [u8], number: usize) -> Option<&'p [u8]> {
        let sample: [u8; 16] = packet.get(number + 4..number + 20)?.try_into().ok()?;
        let mut mask = sample.into();
        Aes128::new(&self.header.into()).encrypt_block(&mut mask);
        packet[0] ^= mask[0] & 0x0f;
        let number_len = usize::from(packet[0] & 3) + 1;
        let mut nonce = self.iv;
        for i in 0..number_len {
            packet[number + i] ^= mask[1 + i];
            // Numbers of Initial packets are small: none are left out.
            nonce[12 - number_len + i] ^= packet[number + i];
        }
        let (header, rest) = packet.split_at_mut_checked(number + number_len)?;
        let (payload, tag) = rest.split_at_mut_checked(rest.len().checked_sub(TAG)?)?;
        if cfg!(fuzzing) {
            self.unverified(&nonce, payload);
            return Some(payload);
        }
        let tag = <&Tag>::try_from(&*tag).ok()?;
        Aes128Gcm::new(&self.key.into())
            .decrypt_inout_detached(&nonce.into(), header, (&mut *payload).into(), tag)
            .ok()?;
        Some(payload)
    }

    /// The same without proof, so that what a fuzzer changes reaches the parser.
    fn unverified(&self, nonce: &[u8; 12], payload: &mut [u8]) {
        let cipher = Aes128::new(&self.key.into());
        for (i, block) in payload.chunks_mut(16).enumerate() {
            let mut counter = [0; 16];
            counter[..12].copy_from_slice(nonce);
            counter[12..].copy_from_slice(&(i as u32 + 2).to_be_bytes());
            let mut stream = counter.into();
            cipher.encrypt_block(&mut stream);
            block.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quic::header::V1;

    /// RFC 9001 A.1 and RFC 9369 A.1.
    #[test]
    fn the_examples_of_the_definitions() {
        let id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let client = Keys::new(V1, &id, Direction::ToServer);
        assert_eq!(hex(&client.key), "1f369613dd76d5467730efcbe3b1a22d");
        assert_eq!(hex(&client.iv), "fa044b2f42a3fd3b46fb255c");
        assert_eq!(hex(&client.header), "9f50449e04a0e810283a1e9933adedd2");
        let server = Keys::new(V1, &id, Direction::ToClient);
        assert_eq!(hex(&server.key), "cf3a5331653c364c88f0f379b6067e37");
        let client = Keys::new(V2, &id, Direction::ToServer);
        assert_eq!(hex(&client.key), "8b1a0bc121284290a29e0971b5cd045d");
        assert_eq!(hex(&client.header), "45b95e15235d6f45a6b19cbcb0294ba9");
    }
}
