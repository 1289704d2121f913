//! What the numbers of TLS are called.

use super::ciphers::CIPHERS;
use crate::message::{Direction, ResponseStatus};

/// Puts the name of a cipher suite into `out`.
pub(crate) fn cipher(number: u16, out: &mut Vec<u8>) {
    out.clear();
    match CIPHERS.binary_search_by_key(&number, |(n, _)| *n) {
        Ok(at) => {
            out.extend_from_slice(b"TLS_");
            out.extend_from_slice(CIPHERS[at].1.as_bytes());
        }
        Err(_) => unknown(number, out),
    }
}

/// A number without a name.
fn unknown(number: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0x");
    for shift in [12, 8, 4, 0] {
        out.push(b"0123456789abcdef"[usize::from(number >> shift & 15)]);
    }
}

/// A version of TLS or DTLS; empty when it is none.
pub(crate) const fn version(number: u16) -> &'static [u8] {
    match number {
        0x0300 => b"SSL 3.0",
        0x0301 | 0xfeff => b"1.0",
        0x0302 => b"1.1",
        0x0303 | 0xfefd => b"1.2",
        0x0304 | 0xfefc => b"1.3",
        // Drafts of TLS 1.3.
        0x7f00..=0x7fff => b"1.3 draft",
        _ => b"",
    }
}

/// Puts the name of a key exchange's group into `out` (IANA, "TLS Supported Groups").
pub(crate) fn group(number: u16, out: &mut Vec<u8>) {
    out.clear();
    let name = match number {
        0x0017 => "secp256r1",
        0x0018 => "secp384r1",
        0x0019 => "secp521r1",
        0x001a => "brainpoolP256r1",
        0x001b => "brainpoolP384r1",
        0x001c => "brainpoolP512r1",
        0x001d => "x25519",
        0x001e => "x448",
        0x001f => "brainpoolP256r1tls13",
        0x0020 => "brainpoolP384r1tls13",
        0x0021 => "brainpoolP512r1tls13",
        0x0029 => "curveSM2",
        0x0100 => "ffdhe2048",
        0x0101 => "ffdhe3072",
        0x0102 => "ffdhe4096",
        0x0103 => "ffdhe6144",
        0x0104 => "ffdhe8192",
        0x0200 => "MLKEM512",
        0x0201 => "MLKEM768",
        0x0202 => "MLKEM1024",
        0x11eb => "SecP256r1MLKEM768",
        0x11ec => "X25519MLKEM768",
        0x11ed => "SecP384r1MLKEM1024",
        0x6399 => "X25519Kyber768Draft00",
        _ => return unknown(number, out),
    };
    out.extend_from_slice(name.as_bytes());
}

/// Who closes, and says nothing else by it.
pub(crate) const CLOSE_NOTIFY: u8 = 0;
const INTERNAL_ERROR: u8 = 80;
const USER_CANCELED: u8 = 90;

/// An alert (IANA, "TLS Alerts").
pub(crate) const fn alert(number: u8) -> &'static [u8] {
    match number {
        CLOSE_NOTIFY => b"close_notify",
        10 => b"unexpected_message",
        20 => b"bad_record_mac",
        21 => b"decryption_failed",
        22 => b"record_overflow",
        30 => b"decompression_failure",
        40 => b"handshake_failure",
        41 => b"no_certificate",
        42 => b"bad_certificate",
        43 => b"unsupported_certificate",
        44 => b"certificate_revoked",
        45 => b"certificate_expired",
        46 => b"certificate_unknown",
        47 => b"illegal_parameter",
        48 => b"unknown_ca",
        49 => b"access_denied",
        50 => b"decode_error",
        51 => b"decrypt_error",
        52 => b"too_many_cids_requested",
        60 => b"export_restriction",
        70 => b"protocol_version",
        71 => b"insufficient_security",
        INTERNAL_ERROR => b"internal_error",
        86 => b"inappropriate_fallback",
        USER_CANCELED => b"user_canceled",
        100 => b"no_renegotiation",
        109 => b"missing_extension",
        110 => b"unsupported_extension",
        111 => b"certificate_unobtainable",
        112 => b"unrecognized_name",
        113 => b"bad_certificate_status_response",
        114 => b"bad_certificate_hash_value",
        115 => b"unknown_psk_identity",
        116 => b"certificate_required",
        120 => b"no_application_protocol",
        121 => b"ech_required",
        _ => b"alert",
    }
}

/// Whose fault an alert sent in `dir` says it is. Alerts are about what the other side sent, but
/// for those by which the sender gives up by itself.
pub(crate) const fn blame(number: Option<u8>, dir: Direction) -> ResponseStatus {
    let own = matches!(number, Some(CLOSE_NOTIFY | INTERNAL_ERROR | USER_CANCELED));
    match (dir, own) {
        (Direction::ToServer, true) | (Direction::ToClient, false) => ResponseStatus::ClientError,
        (Direction::ToServer, false) | (Direction::ToClient, true) => ResponseStatus::ServerError,
    }
}
