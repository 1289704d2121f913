//! Which protocol a flow speaks, and the one type that holds any parser. The stream stage calls
//! [`probe`] with a flow's first bytes and keeps an [`AnyParser`] from then on.
//!
//! Every protocol is one line of `registry!` at the end of this file. The lines are in the order
//! in which protocols are asked; a flow's first byte decides which are asked at all, and what the
//! server is known to speak, or else its port, decides who is asked first. Neither proves
//! anything: a protocol is only believed by its bytes.

use crate::literals::Literals;
use crate::message::{Carrier, Direction, L7Protocol, Message, Parser, Probe, Scratch, Step};
use crate::trace::TraceOptions;
use crate::{dns, http1, http2};

/// What parsers can be told, once for all flows. Cloning is cheap; give each shard its own.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Trace headers, wherever a protocol carries them.
    pub trace: TraceOptions,
    /// HTTP of any version.
    pub http: http1::Options,
    /// Whether the data in statements and commands reaches rows.
    pub literals: Literals,
}

/// With this many bytes [`probe`] always decides: a request line of the length servers accept.
pub const MAX_PROBE: usize = 8 * 1024;

/// What [`probe`] asks of each protocol: is it you, and which way do the bytes go?
type Ask = fn(&[u8], Option<Direction>) -> Probe;

/// What is known of a protocol without a flow.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What the parser is for.
    pub protocol: L7Protocol,
    /// Other protocols whose messages the parser finds too.
    pub also: &'static [L7Protocol],
    /// Ports that this protocol is usually found on: it is asked first there.
    pub ports: &'static [u16],
    ask: [Option<Ask>; Carrier::COUNT],
}

impl Entry {
    /// Is the protocol looked for in what `carrier` brings?
    pub const fn is_over(&self, carrier: Carrier) -> bool {
        self.ask[carrier as usize].is_some()
    }
}

/// A set of protocols to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enabled(u64);

impl Enabled {
    /// Every protocol this crate knows.
    pub const ALL: Self = Self(u64::MAX >> (u64::BITS as usize - ENTRIES.len()));
    /// None.
    pub const NONE: Self = Self(0);

    const fn bit(protocol: L7Protocol) -> u64 {
        match index(protocol) {
            Some(i) => 1 << i,
            None => 0,
        }
    }

    /// This set and `protocol`.
    #[must_use]
    pub const fn with(self, protocol: L7Protocol) -> Self {
        Self(self.0 | Self::bit(protocol))
    }

    /// This set without `protocol`.
    #[must_use]
    pub const fn without(self, protocol: L7Protocol) -> Self {
        Self(self.0 & !Self::bit(protocol))
    }

    /// Is `protocol` to be looked for?
    #[inline]
    pub const fn contains(self, protocol: L7Protocol) -> bool {
        self.0 & Self::bit(protocol) != 0
    }
}

impl AnyParser {
    /// The parser of what a connection speaks after this one's protocol said so.
    pub fn successor(&mut self, to: L7Protocol, options: &Options) -> Option<Self> {
        let mut next = Self::new(to, Carrier::Tcp, options)?;
        if let (Self::Http1(http), Self::WebSocket(socket)) = (self, &mut next) {
            socket.upgraded(http.take_upgrade());
        }
        Some(next)
    }
}

impl Default for Enabled {
    fn default() -> Self {
        Self::ALL
    }
}

/// Which protocol is asked first where a server's port is all that is known.
#[derive(Clone, Debug)]
pub struct PortHints(Vec<(u16, L7Protocol)>);

impl Default for PortHints {
    fn default() -> Self {
        let of = |e: &'static Entry| e.ports.iter().map(|p| (*p, e.protocol));
        let mut all: Vec<_> = ENTRIES.iter().flat_map(of).collect();
        all.sort_by_key(|(port, _)| *port);
        all.dedup_by_key(|(port, _)| *port);
        Self(all)
    }
}

impl PortHints {
    /// Says what is spoken on `port`, whatever is usual there.
    pub fn set(&mut self, port: u16, protocol: L7Protocol) {
        match self.0.binary_search_by_key(&port, |(p, _)| *p) {
            Ok(at) => self.0[at].1 = protocol,
            Err(at) => self.0.insert(at, (port, protocol)),
        }
    }

    /// What is usual on `port`.
    pub fn get(&self, port: u16) -> L7Protocol {
        let found = self.0.binary_search_by_key(&port, |(p, _)| *p);
        found.map_or(L7Protocol::Unknown, |at| self.0[at].1)
    }
}

/// How [`probe`] looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// What brought the bytes.
    pub carrier: Carrier,
    /// What the flow stage believes of the direction (a SYN was seen, a port scored); the
    /// answer's direction comes from the bytes and overrules it.
    pub dir_hint: Option<Direction>,
    /// What to look for.
    pub enabled: Enabled,
    /// What to ask first; `Unknown` for no preference.
    pub first: L7Protocol,
}

impl Look {
    /// For everything, in the usual order.
    pub const fn over(carrier: Carrier) -> Self {
        Self { carrier, dir_hint: None, enabled: Enabled::ALL, first: L7Protocol::Unknown }
    }
}

/// Tells the protocol of a flow by `bytes` that begin a segment or are one datagram.
///
/// [`Probe::Unsure`] is only answered for streams, and at most until [`MAX_PROBE`] bytes are
/// there.
#[inline]
pub fn probe(bytes: &[u8], look: Look) -> Probe {
    let stream = look.carrier == Carrier::Tcp;
    let Some(first) = bytes.first() else {
        return if stream { Probe::Unsure } else { Probe::NotForUs };
    };
    // Most protocols cannot begin with this byte: they are not asked.
    let mut left = FIRST[look.carrier as usize][usize::from(*first)] & look.enabled.0;
    let mut unsure = false;
    let preferred = Enabled::bit(look.first) & left;
    let mut next = if preferred != 0 { preferred } else { left };
    while left != 0 {
        let at = next.trailing_zeros() as usize;
        left &= !(1 << at);
        next = left;
        let Some(ask) = ENTRIES[at].ask[look.carrier as usize] else { continue };
        match ask(bytes, look.dir_hint) {
            Probe::NotForUs => {}
            Probe::Unsure => unsure = true,
            certain @ Probe::Certain(..) => return certain,
        }
    }
    if unsure && stream && bytes.len() < MAX_PROBE { Probe::Unsure } else { Probe::NotForUs }
}

/// How a flow holds a parser: most lie in the flow, large and rare ones behind a pointer.
macro_rules! held {
    (inline $parser:ty) => { $parser };
    (boxed $parser:ty) => { Box<$parser> };
    (new inline $parser:expr) => { $parser };
    (new boxed $parser:expr) => { Box::new($parser) };
}

/// Each line: variant, the protocol it parses (and others it finds), the parser, how a flow holds
/// it, per carrier who tells it from others and the first bytes by which that is worth asking,
/// and usual ports. Parsers have `fn new(&Options, Carrier) -> Self`.
macro_rules! registry {
    ($(
        $variant:ident: $protocol:ident $(+ $also:ident)*, $how:ident $parser:ty,
        $(tcp($tcp:path, $tcp_first:pat),)?
        $(udp($udp:path, $udp_first:pat),)?
        $(icmp($icmp:path, $icmp_first:pat),)?
        ports $ports:expr;
    )*) => {
        /// Any parser of this crate, without indirection but for the large ones.
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the variants are the protocols")]
        pub enum AnyParser {
            $($variant(held!($how $parser)),)*
        }

        #[allow(dead_code, reason = "only the numbers are wanted")]
        enum At { $($variant,)* }

        /// Every protocol that is looked for, in the order in which they are asked.
        pub static ENTRIES: [Entry; [$(L7Protocol::$protocol),*].len()] = [$(Entry {
            protocol: L7Protocol::$protocol,
            also: &[$(L7Protocol::$also),*],
            ports: &$ports,
            ask: {
                #[allow(unused_mut, reason = "a protocol may have no carrier yet")]
                let mut ask: [Option<Ask>; Carrier::COUNT] = [None; Carrier::COUNT];
                $(ask[Carrier::Tcp as usize] = Some($tcp);)?
                $(ask[Carrier::Udp as usize] = Some($udp);)?
                $(ask[Carrier::Icmp as usize] = Some($icmp);)?
                ask
            },
        },)*];

        /// By carrier and first byte: who is worth asking, a bit for each entry.
        static FIRST: [[u64; 256]; Carrier::COUNT] = {
            let mut table = [[0; 256]; Carrier::COUNT];
            let mut byte = 0;
            while byte < 256 {
                $(
                    $(if matches!(byte as u8, $tcp_first) {
                        table[Carrier::Tcp as usize][byte] |= 1 << At::$variant as u32;
                    })?
                    $(if matches!(byte as u8, $udp_first) {
                        table[Carrier::Udp as usize][byte] |= 1 << At::$variant as u32;
                    })?
                    $(if matches!(byte as u8, $icmp_first) {
                        table[Carrier::Icmp as usize][byte] |= 1 << At::$variant as u32;
                    })?
                )*
                byte += 1;
            }
            table
        };

        /// The place of a protocol's entry; that of a protocol found by another's parser is there.
        const fn index(protocol: L7Protocol) -> Option<u32> {
            match protocol {
                $(L7Protocol::$protocol => Some(At::$variant as u32),)*
                _ => None,
            }
        }

        impl AnyParser {
            /// A parser for one flow. `None` for a protocol that has none.
            pub fn new(protocol: L7Protocol, carrier: Carrier, options: &Options) -> Option<Self> {
                match protocol {
                    $(L7Protocol::$protocol => Some(Self::$variant(
                        held!(new $how <$parser>::new(options, carrier)),
                    )),)*
                    _ => None,
                }
            }

            /// What it parses.
            pub const fn protocol(&self) -> L7Protocol {
                match self {
                    $(Self::$variant(_) => L7Protocol::$protocol,)*
                }
            }
        }

        impl Parser for AnyParser {
            #[inline]
            fn step<'a>(
                &mut self,
                dir: Direction,
                bytes: &'a [u8],
                scratch: &'a mut Scratch,
            ) -> Step<'a> {
                match self {
                    $(Self::$variant(p) => p.step(dir, bytes, scratch),)*
                }
            }

            fn truncated<'a>(
                &mut self,
                dir: Direction,
                bytes: &'a [u8],
                scratch: &'a mut Scratch,
            ) -> Option<Message<'a>> {
                match self {
                    $(Self::$variant(p) => p.truncated(dir, bytes, scratch),)*
                }
            }

            fn gap(&mut self, dir: Direction, len: u64) -> bool {
                match self {
                    $(Self::$variant(p) => p.gap(dir, len),)*
                }
            }

            fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
                match self {
                    $(Self::$variant(p) => p.resync(dir, bytes),)*
                }
            }

            fn is_duplex(&self) -> bool {
                match self {
                    $(Self::$variant(p) => p.is_duplex(),)*
                }
            }

            fn finish<'a>(
                &mut self,
                dir: Direction,
                scratch: &'a mut Scratch,
            ) -> Option<Message<'a>> {
                match self {
                    $(Self::$variant(p) => p.finish(dir, scratch),)*
                }
            }
        }
    };
}

// Every flow with a known protocol holds one.
const _: () = assert!(size_of::<AnyParser>() <= 112);
const _: () = assert!(ENTRIES.len() <= u64::BITS as usize);

registry! {
    Http1: Http, inline http1::Http1,
        tcp(http1::probe, b'\r' | b'\n' | b'!'..=b'~'), ports [80, 8000, 8080, 8081, 3000, 5000];
    Http2: Http2 + Grpc + Triple, boxed http2::Http2,
        tcp(http2::probe, 0 | b'P'), ports [50051, 9090];
    WebSocket: WebSocket, boxed crate::websocket::WebSocket, ports [];
    Redis: Redis, inline crate::redis::Redis,
        tcp(crate::redis::probe, b'*' | b'+' | b'-' | b'A'..=b'Z'), ports [6379, 6380, 26379];
    Memcached: Memcached, inline crate::memcached::Memcached,
        tcp(crate::memcached::probe_stream, 0x80 | 0x81 | b'a'..=b'z' | b'S' | b'V'),
        udp(crate::memcached::probe_datagram, _), ports [11211];
    Postgres: PostgreSql, boxed crate::postgres::Postgres,
        tcp(crate::postgres::probe, 0 | b'1' | b'2' | b'A'..=b'Z' | b'n' | b't'), ports [5432, 6432];
    MySql: MySql, boxed crate::mysql::MySql,
        tcp(crate::mysql::probe, _), ports [3306, 4000, 33060];
    Dns: Dns, inline dns::Dns,
        tcp(dns::probe_stream, _), udp(dns::probe_datagram, _), ports [53, 5353, 5355];

    Tls: Tls, inline crate::tls::Tls,
        tcp(crate::tls::probe, 22 | 23), ports [443, 8443, 465, 636, 853, 993, 995];
    Quic: Quic, boxed crate::quic::Quic,
        udp(crate::quic::probe, 0xc0..=0xff), ports [443, 8443, 853];
    Dtls: Dtls, boxed crate::dtls::Dtls,
        udp(crate::dtls::probe, 22 | 23), ports [443, 5349, 5684];
    Ssh: Ssh, inline crate::ssh::Ssh,
        tcp(crate::ssh::probe, b'S'), ports [22, 2222];
    Dubbo: Dubbo, inline crate::dubbo::Dubbo, tcp(crate::dubbo::probe, 0xda), ports [20880];
    FastCgi: FastCgi, boxed crate::fastcgi::FastCgi, tcp(crate::fastcgi::probe, 1), ports [9000];
    SofaRpc: SofaRpc, inline crate::bolt::Bolt, tcp(crate::bolt::probe, 1 | 2), ports [12200];
    Brpc: Brpc, inline crate::brpc::Brpc, tcp(crate::brpc::probe, b'P'), ports [];
    Pulsar: Pulsar, boxed crate::pulsar::Pulsar, tcp(crate::pulsar::probe, 0), ports [6650];
    RocketMq: RocketMq, inline crate::rocketmq::RocketMq,
        tcp(crate::rocketmq::probe, 0), ports [9876, 10909, 10911];
    OpenWire: OpenWire, boxed crate::openwire::OpenWire, tcp(crate::openwire::probe, 0), ports [61616];
    Zmtp: Zmtp, boxed crate::zmtp::Zmtp, tcp(crate::zmtp::probe, 0xff), ports [5555];
    Tars: Tars, inline crate::tars::Tars, tcp(crate::tars::probe, 0..=8), ports [];
    Thrift: Thrift, inline crate::thrift::Thrift,
        tcp(crate::thrift::probe, 0..=16 | 0x80 | 0x82), ports [9090];
    Stomp: Stomp, inline crate::stomp::Stomp, tcp(crate::stomp::probe, b'A'..=b'Z'), ports [61613];
    Kafka: Kafka, inline crate::kafka::Kafka,
        tcp(crate::kafka::probe, 0..=7), ports [9092, 9093, 9094];
    MongoDb: MongoDb, inline crate::mongo::Mongo,
        tcp(crate::mongo::probe, _), ports [27017, 27018, 27019];
    Mqtt: Mqtt, inline crate::mqtt::Mqtt,
        tcp(crate::mqtt::probe, 0x10 | 0x30..=0x3d | 0x82 | 0xa2), ports [1883];
    Amqp: Amqp, inline crate::amqp::Amqp,
        tcp(crate::amqp::probe, 0..=3 | 8 | b'A'), ports [5672];
    Nats: Nats, inline crate::nats::Nats,
        tcp(crate::nats::probe, b'+' | b'-' | b'A'..=b'Z' | b'a'..=b'z'), ports [4222];

    Smtp: Smtp, inline crate::smtp::Smtp,
        tcp(crate::smtp::probe, b'2'..=b'5' | b'E' | b'H' | b'L' | b'M' | b'R' | b'e' | b'h' | b'l' | b'm'
            | b'r'), ports [25, 587, 2525, 24];
    Pop3: Pop3, inline crate::pop3::Pop3,
        tcp(crate::pop3::probe, b'+' | b'A' | b'C' | b'D' | b'R'..=b'U' | b'a' | b'c' | b'd' | b'r'..=b'u'),
        ports [110];
    Imap: Imap, inline crate::imap::Imap,
        tcp(crate::imap::probe, b'*' | b'A'..=b'Z' | b'a'..=b'z'), ports [143];
    Ftp: Ftp, inline crate::ftp::Ftp,
        tcp(crate::ftp::probe, b'2'..=b'4' | b'A' | b'E' | b'F' | b'M' | b'P' | b'S' | b'T' | b'a' | b'e' | b'f'
            | b'm' | b'p' | b's' | b't'), ports [21, 2121];

    Tds: Tds, inline crate::tds::Tds, tcp(crate::tds::probe, 1 | 3 | 4 | 14 | 16 | 18), ports [1433];
    Cassandra: Cassandra, boxed crate::cassandra::Cassandra,
        tcp(crate::cassandra::probe, 3..=5 | 0x83..=0x85), ports [9042];

    Ldap: Ldap, inline crate::ldap::Ldap, tcp(crate::ldap::probe, 0x30), ports [389, 3268];
    Radius: Radius, inline crate::radius::Radius,
        udp(crate::radius::probe, 1..=5 | 11..=13 | 40..=45), ports [1812, 1813, 3799];
    Dhcp: Dhcp, inline crate::dhcp::Dhcp, udp(crate::dhcp::probe, 1 | 2), ports [67, 68];
    Ntp: Ntp, inline crate::ntp::Ntp, udp(crate::ntp::probe, _), ports [123];
    Sip: Sip, inline crate::sip::Sip,
        tcp(crate::sip::probe_sip, b'A'..=b'U'), udp(crate::sip::probe_sip, b'A'..=b'U'), ports [5060];
    Rtsp: Rtsp, inline crate::sip::Rtsp, tcp(crate::sip::probe_rtsp, b'A'..=b'T'), ports [554, 8554];
    SomeIp: SomeIp, inline crate::someip::SomeIp,
        tcp(crate::someip::probe_stream, _), udp(crate::someip::probe_datagram, _), ports [30490, 30501, 30509];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_protocols() {
        for entry in &ENTRIES {
            assert!(Enabled::ALL.contains(entry.protocol));
            assert!(!Enabled::ALL.without(entry.protocol).contains(entry.protocol));
            assert_eq!(Enabled::NONE.with(entry.protocol).0.count_ones(), 1);
            let carriers = Carrier::ALL.iter().filter(|c| entry.is_over(**c));
            for carrier in carriers {
                let parser = AnyParser::new(entry.protocol, *carrier, &Options::default()).unwrap();
                assert_eq!(parser.protocol(), entry.protocol);
            }
        }
        assert!(!Enabled::ALL.contains(L7Protocol::Unknown));
        assert_eq!(Enabled::ALL.0.count_ones() as usize, ENTRIES.len());
    }

    #[test]
    fn ports_are_hints_that_a_user_may_set() {
        let mut hints = PortHints::default();
        assert_eq!(hints.get(53), L7Protocol::Dns);
        assert_eq!(hints.get(54), L7Protocol::Unknown);
        hints.set(54, L7Protocol::Http);
        hints.set(53, L7Protocol::Http);
        assert_eq!((hints.get(53), hints.get(54)), (L7Protocol::Http, L7Protocol::Http));
    }

    #[test]
    fn a_hint_is_no_proof() {
        let query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01";
        let look = Look { first: L7Protocol::Http, ..Look::over(Carrier::Udp) };
        assert_eq!(probe(query, look), Probe::Certain(L7Protocol::Dns, Direction::ToServer));
        let look = Look { first: L7Protocol::Dns, ..Look::over(Carrier::Tcp) };
        let get = b"GET / HTTP/1.1\r\n\r\n";
        assert_eq!(probe(get, look), Probe::Certain(L7Protocol::Http, Direction::ToServer));
        assert_eq!(probe(b"", look), Probe::Unsure);
        assert_eq!(probe(b"", Look::over(Carrier::Udp)), Probe::NotForUs);
    }
}
