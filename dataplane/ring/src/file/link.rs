//! Link types of capture files (the numbers of the LINKTYPE_ registry), and their names for
//! messages.

use crate::LinkType;

/// How frames of this link type are read, or `None` for one that is not.
pub(super) fn from_number(number: u32) -> Option<LinkType> {
    Some(match number {
        1 => LinkType::Ethernet,
        113 => LinkType::LinuxSll,
        276 => LinkType::LinuxSll2,
        // 12 and 14 are what DLT_RAW was on some systems; 228 and 229 name the IP version.
        12 | 14 | 101 | 228 | 229 => LinkType::RawIp,
        0 | 108 => LinkType::Null,
        _ => return None,
    })
}

/// Sentence for a link type that is not read.
pub(super) fn unsupported(number: u32) -> String {
    format!(
        "link type {number}{} cannot be decoded; Ethernet, Linux cooked v1 and v2, raw IP and \
         null/loopback can",
        match name(number) {
            "" => String::new(),
            name => format!(" ({name})"),
        }
    )
}

fn name(number: u32) -> &'static str {
    match number {
        6 => "token ring",
        7 => "ARCNET",
        8 => "SLIP",
        9 => "PPP",
        10 => "FDDI",
        50 => "PPP in HDLC framing",
        51 => "PPPoE",
        104 => "Cisco HDLC",
        105 => "IEEE 802.11",
        107 => "frame relay",
        119 => "IEEE 802.11 with Prism header",
        122 => "IP over Fibre Channel",
        127 => "IEEE 802.11 with radiotap header",
        138 => "IP over IEEE 1394",
        147..=162 => "private use",
        163 => "IEEE 802.11 with AVS header",
        187 | 201 => "Bluetooth HCI",
        189 | 220 | 249 => "USB",
        192 => "per-packet information",
        195 | 215 | 230 => "IEEE 802.15.4",
        227 => "CAN",
        239 => "netfilter log",
        240 => "netANALYZER",
        247 => "InfiniBand",
        252 => "Wireshark upper PDU export",
        253 => "netlink",
        _ => "",
    }
}
