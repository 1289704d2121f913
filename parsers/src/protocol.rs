//! The application protocols by name and number: the one place where the values of `l7_protocol`
//! stand in the agent. A test compares them with `schema/enums.toml`.

macro_rules! protocols {
    ($($(#[$doc:meta])* $variant:ident = $id:literal $name:literal,)*) => {
        /// Application protocols with the ids stored in `l7_protocol`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum L7Protocol {
            $($(#[$doc])* $variant = $id,)*
        }

        impl L7Protocol {
            /// Every value, by id.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name that users, queries and settings know.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

protocols! {
    /// Nothing recognised (yet).
    #[default]
    Unknown = 0 "Unknown",
    /// Recognised as something that has no number of its own.
    Other = 1 "Other",
    /// HTTP/1.0 and 1.1.
    Http = 20 "HTTP",
    /// HTTP/2.
    Http2 = 21 "HTTP2",
    /// WebSocket, after the upgrade.
    WebSocket = 22 "WebSocket",
    /// Dubbo.
    Dubbo = 40 "Dubbo",
    /// gRPC over HTTP/2, and gRPC-Web.
    Grpc = 41 "gRPC",
    /// SofaRPC over Bolt.
    SofaRpc = 43 "SofaRPC",
    /// FastCGI.
    FastCgi = 44 "FastCGI",
    /// bRPC (baidu_std).
    Brpc = 45 "bRPC",
    /// Tars.
    Tars = 46 "Tars",
    /// SOME/IP.
    SomeIp = 47 "SomeIP",
    /// ISO 8583.
    Iso8583 = 48 "ISO8583",
    /// Dubbo 3 over HTTP/2.
    Triple = 49 "Triple",
    /// NetSign.
    NetSign = 50 "NetSign",
    /// Thrift.
    Thrift = 51 "Thrift",
    /// MySQL, MariaDB.
    MySql = 60 "MySQL",
    /// PostgreSQL.
    PostgreSql = 61 "PostgreSQL",
    /// Oracle TNS.
    Oracle = 62 "Oracle",
    /// Dameng.
    Dameng = 63 "Dameng",
    /// SQL Server.
    Tds = 64 "TDS",
    /// ClickHouse's native protocol.
    ClickHouse = 65 "ClickHouse",
    /// Redis.
    Redis = 80 "Redis",
    /// MongoDB.
    MongoDb = 81 "MongoDB",
    /// Memcached.
    Memcached = 82 "Memcached",
    /// Cassandra CQL.
    Cassandra = 83 "Cassandra",
    /// Kafka.
    Kafka = 100 "Kafka",
    /// MQTT.
    Mqtt = 101 "MQTT",
    /// AMQP 0-9-1 and 1.0.
    Amqp = 102 "AMQP",
    /// OpenWire.
    OpenWire = 103 "OpenWire",
    /// NATS.
    Nats = 104 "NATS",
    /// Pulsar.
    Pulsar = 105 "Pulsar",
    /// ZMTP.
    Zmtp = 106 "ZMTP",
    /// RocketMQ.
    RocketMq = 107 "RocketMQ",
    /// WebSphere MQ.
    WebSphereMq = 108 "WebSphereMQ",
    /// STOMP.
    Stomp = 109 "STOMP",
    /// DNS over UDP or TCP, mDNS, LLMNR.
    Dns = 120 "DNS",
    /// TLS.
    Tls = 121 "TLS",
    /// ICMP echo.
    Ping = 122 "Ping",
    /// QUIC.
    Quic = 123 "QUIC",
    /// DTLS.
    Dtls = 124 "DTLS",
    /// SSH.
    Ssh = 125 "SSH",
    /// A plugin's protocol.
    Custom = 127 "Custom",
    /// SMTP.
    Smtp = 140 "SMTP",
    /// IMAP.
    Imap = 141 "IMAP",
    /// POP3.
    Pop3 = 142 "POP3",
    /// FTP control.
    Ftp = 143 "FTP",
    /// LDAP.
    Ldap = 144 "LDAP",
    /// RADIUS.
    Radius = 145 "RADIUS",
    /// SIP.
    Sip = 146 "SIP",
    /// RTSP.
    Rtsp = 147 "RTSP",
    /// DHCP.
    Dhcp = 148 "DHCP",
    /// NTP.
    Ntp = 149 "NTP",
}

impl L7Protocol {
    /// By its name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs of the `l7_protocol` entry of `schema/enums.toml`.
    fn stored() -> Vec<(u8, String)> {
        let text = include_str!("../../schema/enums.toml");
        let entry = text.split("[[enum]]").find(|e| e.contains("name = \"l7_protocol\"")).unwrap();
        let values = &entry[entry.find("values").unwrap()..];
        let pairs = values.split('[').filter_map(|p| p.split_once("]")).map(|(p, _)| p);
        let pairs = pairs.filter_map(|p| p.split_once(','));
        pairs.map(|(id, n)| (id.trim().parse().unwrap(), n.trim().replace('"', ""))).collect()
    }

    #[test]
    fn the_same_as_in_the_schema() {
        let mine: Vec<_> =
            L7Protocol::ALL.iter().map(|p| (*p as u8, p.name().to_owned())).collect();
        let mut stored = stored();
        stored.sort();
        assert_eq!(mine, stored);
        assert_eq!(L7Protocol::from_name("grpc"), Some(L7Protocol::Grpc));
        assert_eq!(L7Protocol::from_name("gopher"), None);
    }
}
