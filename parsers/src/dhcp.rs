//! DHCP for IPv4 (RFC 2131, 2132): what clients ask for and which address they get, by the number of
//! the transaction. Before a client has an address its questions and the answers are different
//! flows, hence rows of one side each.

use crate::bytes::Reader;
use crate::datagram::{Datagrams, Whole};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Probe, ResponseStatus, Scratch,
};
use crate::radius::push_address;
use crate::registry::Options;

/// Where options begin: behind a header of 236 bytes and these four.
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const OPTIONS: usize = 240;

/// Options.
const HOST_NAME: u8 = 12;
const REQUESTED: u8 = 50;
const KIND: u8 = 53;
const SERVER: u8 = 54;
const WORDS: u8 = 56;
const VENDOR: u8 = 60;

/// Messages by their numbers, from 1 on, and whether servers send them.
const KINDS: [(&[u8], bool); 8] = [
    (b"DISCOVER", false),
    (b"OFFER", true),
    (b"REQUEST", false),
    (b"DECLINE", false),
    (b"ACK", true),
    (b"NAK", true),
    (b"RELEASE", false),
    (b"INFORM", false),
];

/// The parser of one flow.
pub type Dhcp = Whole<Leases>;

/// What of it is DHCP.
#[derive(Debug)]
pub struct Leases;

impl Dhcp {
    /// A parser.
    pub fn new(_options: &Options, _carrier: Carrier) -> Self {
        Self(Leases)
    }
}

/// The options of a datagram: number and value.
struct Choices<'a>(&'a [u8]);

impl<'a> Iterator for Choices<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while let [0, rest @ ..] = self.0 {
            self.0 = rest;
        }
        let [kind, len, rest @ ..] = self.0 else { return None };
        if *kind == 0xff {
            return None;
        }
        let (value, rest) = rest.split_at_checked(usize::from(*len))?;
        self.0 = rest;
        Some((*kind, value))
    }
}

fn kind(bytes: &[u8]) -> Option<(&'static [u8], bool)> {
    let options = bytes.get(OPTIONS..)?;
    let found = Choices(options).find(|(kind, _)| *kind == KIND)?.1;
    let [number] = found else { return None };
    usize::from(*number).checked_sub(1).and_then(|n| KINDS.get(n)).copied()
}

fn hardware_address(bytes: &[u8], out: &mut Vec<u8>) {
    let len = usize::from(bytes.get(2).copied().unwrap_or(0)).min(16);
    for (n, b) in bytes.get(28..28 + len).unwrap_or(b"").iter().enumerate() {
        if n > 0 {
            out.push(b':');
        }
        for digit in [b >> 4, b & 15] {
            out.push(b"0123456789abcdef"[usize::from(digit)]);
        }
    }
}

impl Datagrams for Leases {
    fn message<'a>(
        &mut self,
        _dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let (name, from_server) = kind(bytes)?;
        let mut header = Reader(bytes);
        header.take(4)?;
        let number = u64::from(header.u32()?);
        header.take(4)?;
        let [ours, yours] = [header.take(4)?, header.take(4)?];
        let [mut host, mut wanted, mut server, mut words, mut vendor]: [&[u8]; 5] = [b""; 5];
        for (kind, value) in Choices(&bytes[OPTIONS..]) {
            match kind {
                HOST_NAME => host = value,
                REQUESTED => wanted = value,
                SERVER => server = value,
                WORDS => words = value,
                VENDOR => vendor = value,
                _ => {}
            }
        }
        let out = &mut scratch.bytes;
        out.clear();
        let address = match from_server {
            true => yours,
            false if wanted.is_empty() => ours,
            false => wanted,
        };
        if address.iter().any(|b| *b != 0) {
            push_address(address, out);
        }
        let address = out.len();
        hardware_address(bytes, out);
        let hardware = out.len();
        push_address(server, out);
        let (address, rest) = out.split_at(address);
        let (hardware, server) = rest.split_at(hardware - address.len());
        let base = Message {
            pairing: Pairing::ById(number),
            request_id: Some(number),
            length: Some(bytes.len() as u64),
            attributes: [
                ("hardware_address", hardware),
                ("server", server),
                ("vendor_class", vendor),
                ("", b""),
            ],
            ..Message::default()
        };
        if from_server {
            let refused = name == b"NAK";
            let ok = if refused { ResponseStatus::ClientError } else { ResponseStatus::Ok };
            scratch.facts.clear();
            scratch.facts.attribute("answer", name);
            return Some(Message {
                kind: MessageKind::Response,
                status: ok,
                exception: if refused { words } else { b"" },
                result: address,
                facts: Some(&scratch.facts),
                ..base
            });
        }
        let is_told = matches!(name, b"DECLINE" | b"RELEASE");
        Some(Message {
            kind: if is_told { MessageKind::Single } else { MessageKind::Request },
            request_type: name,
            request_domain: host,
            request_resource: address,
            endpoint: name,
            ..base
        })
    }
}

/// Is this DHCP, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    let is_cookie = bytes.get(OPTIONS - 4..OPTIONS) == Some(&COOKIE[..]);
    match kind(bytes) {
        Some((_, from_server)) if is_cookie && bytes[0] == 1 + u8::from(from_server) => {
            let dir = if from_server { Direction::ToClient } else { Direction::ToServer };
            Probe::Certain(L7Protocol::Dhcp, dir)
        }
        _ => Probe::NotForUs,
    }
}
