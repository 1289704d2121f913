//! Names of record types, opcodes and response codes (IANA "Domain Name System Parameters").

pub(super) const NOTIFY: u16 = 4;
pub(super) const UPDATE: u16 = 5;

pub(super) const A: u16 = 1;
pub(super) const NS: u16 = 2;
pub(super) const CNAME: u16 = 5;
pub(super) const SOA: u16 = 6;
pub(super) const PTR: u16 = 12;
pub(super) const MX: u16 = 15;
pub(super) const TXT: u16 = 16;
pub(super) const AAAA: u16 = 28;
pub(super) const SRV: u16 = 33;
pub(super) const DNAME: u16 = 39;
pub(super) const OPT: u16 = 41;
pub(super) const SVCB: u16 = 64;
pub(super) const HTTPS: u16 = 65;
pub(super) const IXFR: u16 = 251;
pub(super) const AXFR: u16 = 252;

/// The name of a record or query type; empty when it has none.
#[inline]
pub(super) fn type_name(code: u16) -> &'static [u8] {
    match code {
        A => b"A",
        AAAA => b"AAAA",
        NS => b"NS",
        3 => b"MD",
        4 => b"MF",
        CNAME => b"CNAME",
        SOA => b"SOA",
        7 => b"MB",
        8 => b"MG",
        9 => b"MR",
        10 => b"NULL",
        11 => b"WKS",
        PTR => b"PTR",
        13 => b"HINFO",
        14 => b"MINFO",
        MX => b"MX",
        TXT => b"TXT",
        17 => b"RP",
        18 => b"AFSDB",
        19 => b"X25",
        20 => b"ISDN",
        21 => b"RT",
        22 => b"NSAP",
        23 => b"NSAP-PTR",
        24 => b"SIG",
        25 => b"KEY",
        26 => b"PX",
        27 => b"GPOS",
        29 => b"LOC",
        30 => b"NXT",
        SRV => b"SRV",
        35 => b"NAPTR",
        36 => b"KX",
        37 => b"CERT",
        38 => b"A6",
        DNAME => b"DNAME",
        OPT => b"OPT",
        42 => b"APL",
        43 => b"DS",
        44 => b"SSHFP",
        45 => b"IPSECKEY",
        46 => b"RRSIG",
        47 => b"NSEC",
        48 => b"DNSKEY",
        49 => b"DHCID",
        50 => b"NSEC3",
        51 => b"NSEC3PARAM",
        52 => b"TLSA",
        53 => b"SMIMEA",
        55 => b"HIP",
        59 => b"CDS",
        60 => b"CDNSKEY",
        61 => b"OPENPGPKEY",
        62 => b"CSYNC",
        63 => b"ZONEMD",
        SVCB => b"SVCB",
        HTTPS => b"HTTPS",
        99 => b"SPF",
        104 => b"NID",
        105 => b"L32",
        106 => b"L64",
        107 => b"LP",
        108 => b"EUI48",
        109 => b"EUI64",
        249 => b"TKEY",
        250 => b"TSIG",
        IXFR => b"IXFR",
        AXFR => b"AXFR",
        253 => b"MAILB",
        254 => b"MAILA",
        255 => b"ANY",
        256 => b"URI",
        257 => b"CAA",
        258 => b"AVC",
        259 => b"DOA",
        260 => b"AMTRELAY",
        32768 => b"TA",
        32769 => b"DLV",
        _ => b"",
    }
}

/// Can a message that is DNS have this type? Beyond the registered ones only the private range.
pub(super) fn is_plausible_type(code: u16) -> bool {
    matches!(code, 65280..=65534) || !type_name(code).is_empty()
}

/// The top bit is mDNS's own (RFC 6762 5.4 and 10.2).
pub(super) fn is_plausible_class(class: u16) -> bool {
    matches!(class & 0x7fff, 1 | 3 | 4 | 254 | 255)
}

/// The name of a response code, as resolvers print it.
pub(super) fn rcode_name(code: u16) -> &'static [u8] {
    match code {
        0 => b"NOERROR",
        1 => b"FORMERR",
        2 => b"SERVFAIL",
        3 => b"NXDOMAIN",
        4 => b"NOTIMP",
        5 => b"REFUSED",
        6 => b"YXDOMAIN",
        7 => b"YXRRSET",
        8 => b"NXRRSET",
        9 => b"NOTAUTH",
        10 => b"NOTZONE",
        11 => b"DSOTYPENI",
        16 => b"BADVERS",
        17 => b"BADKEY",
        18 => b"BADTIME",
        19 => b"BADMODE",
        20 => b"BADNAME",
        21 => b"BADALG",
        22 => b"BADTRUNC",
        23 => b"BADCOOKIE",
        _ => b"RESERVED",
    }
}
