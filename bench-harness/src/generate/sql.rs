//! MySQL and PostgreSQL in the text of their queries, and Kafka heartbeats and fetches: one request,
//! one answer, over connections that were opened properly.

use super::Maker;
use super::tcp::{CLIENT, CLOSE_FRAMES, SERVER, Tcp};

const STATEMENTS: [&str; 4] = [
    "SELECT id, name, price FROM items WHERE id = ",
    "UPDATE carts SET quantity = quantity + 1 WHERE id = ",
    "DELETE FROM sessions WHERE id = ",
    "SELECT count(*) FROM orders WHERE customer = ",
];

/// One turn of a conversation.
type Turn<'a> = (usize, &'a [u8]);

fn talk(m: &mut Maker, tcp: &mut Tcp, turns: &[Turn<'_>]) {
    for (from, bytes) in turns {
        let wait = if *from == CLIENT { m.rng.within(500_000, 10_000_000) } else { tcp.rtt_ns };
        tcp.send(&mut m.wire, *from, bytes, wait);
    }
    tcp.ack(&mut m.wire, CLIENT);
}

fn statement(m: &mut Maker) -> String {
    format!("{}{}", m.rng.pick(&STATEMENTS), m.rng.below(1_000_000))
}

/// A packet of MySQL.
fn packet(seq: u8, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u32).to_le_bytes();
    let mut out = vec![len[0], len[1], len[2], seq];
    out.extend_from_slice(body);
    out
}

/// Affected rows, insert id, status: autocommit, no warnings.
const MYSQL_OK: [u8; 7] = [0, 1, 0, 2, 0, 0, 0];

pub(super) fn mysql(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 3306);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let mut greeting = b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".to_vec();
    // Protocol 4.1, secure connection, plugin authentication, deprecated EOF.
    greeting.extend_from_slice(&[0x0f, 0xa2, 0xff, 2, 0, 0x08, 0x01, 21]);
    greeting.extend_from_slice(&[0; 10]);
    greeting.extend_from_slice(b"ijklmnopqrst\0mysql_native_password\0");
    let mut login = vec![0x0d, 0xa2, 0x08, 0, 0, 0, 0, 1, 45];
    login.extend_from_slice(&[0; 23]);
    login.extend_from_slice(b"shop\0\0shop\0mysql_native_password\0");
    let ok = packet(2, &MYSQL_OK);
    let turns: [Turn<'_>; 3] =
        [(SERVER, &packet(0, &greeting)), (CLIENT, &packet(1, &login)), (SERVER, &ok)];
    talk(m, &mut tcp, &turns);
    m.truth.mysql_queries += 1;
    while tcp.sent + CLOSE_FRAMES < packets {
        let mut query = vec![3];
        query.extend_from_slice(statement(m).as_bytes());
        let failed = m.rng.percent(2);
        let answer = if failed {
            &b"\xff\x7a\x04#42S02Table 'shop.items' doesn't exist"[..]
        } else {
            &MYSQL_OK
        };
        talk(m, &mut tcp, &[(CLIENT, &packet(0, &query)), (SERVER, &packet(1, answer))]);
        m.truth.mysql_queries += 1;
    }
    tcp.close(&mut m.wire);
    m.truth.flows.mysql += 1;
}

/// A message of PostgreSQL.
fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    out.extend_from_slice(body);
    out
}

pub(super) fn postgres(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 5432);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let parameters = b"\0\x03\0\0user\0shop\0database\0shop\0\0";
    let mut startup = (parameters.len() as u32 + 4).to_be_bytes().to_vec();
    startup.extend_from_slice(parameters);
    let mut welcome = tagged(b'R', &[0; 4]);
    welcome.extend_from_slice(&tagged(b'S', b"server_version\x0015.6\0"));
    welcome.extend_from_slice(&tagged(b'K', &[0, 0, 0, 9, 1, 2, 3, 4]));
    welcome.extend_from_slice(&tagged(b'Z', b"I"));
    talk(m, &mut tcp, &[(CLIENT, &startup), (SERVER, &welcome)]);
    m.truth.postgres_queries += 1;
    while tcp.sent + CLOSE_FRAMES < packets {
        let mut query = statement(m).into_bytes();
        query.push(0);
        let mut answer = if m.rng.percent(2) {
            tagged(b'E', b"SERROR\0C42P01\0Mrelation \"items\" does not exist\0\0")
        } else {
            tagged(b'C', b"UPDATE 1\0")
        };
        answer.extend_from_slice(&tagged(b'Z', b"I"));
        talk(m, &mut tcp, &[(CLIENT, &tagged(b'Q', &query)), (SERVER, &answer)]);
        m.truth.postgres_queries += 1;
    }
    tcp.close(&mut m.wire);
    m.truth.flows.postgres += 1;
}

pub(super) fn kafka(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 9092);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let sized = |body: &[u8]| {
        let mut out = (body.len() as u32).to_be_bytes().to_vec();
        out.extend_from_slice(body);
        out
    };
    let mut id = 1_u32;
    while tcp.sent + CLOSE_FRAMES < packets {
        // Heartbeat, version 0: group, generation, member; answered by an error code.
        let mut request = vec![0, 12, 0, 0];
        request.extend_from_slice(&id.to_be_bytes());
        request.extend_from_slice(b"\0\x06orders\0\x05group\0\0\0\x01\0\x08member-1");
        let mut answer = id.to_be_bytes().to_vec();
        answer.extend_from_slice(if m.rng.percent(2) { &[0, 27] } else { &[0, 0] });
        talk(m, &mut tcp, &[(CLIENT, &sized(&request)), (SERVER, &sized(&answer))]);
        m.truth.kafka_requests += 1;
        id += 1;
    }
    tcp.close(&mut m.wire);
    m.truth.flows.kafka += 1;
}
