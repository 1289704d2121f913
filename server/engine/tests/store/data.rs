//! Tables, inserts, and what is read back.

use crate::harness::{native, store_or_skip, string};

fn u64s(values: impl Iterator<Item = u64>) -> Vec<u8> {
    values.flat_map(u64::to_le_bytes).collect()
}

#[tokio::test]
async fn the_types_of_our_tables_go_in_as_native_and_come_back() {
    let store = store_or_skip!();
    store.database("types").await;
    store
        .sql(
            "CREATE TABLE types.t (
                time DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
                start DateTime64(6, 'UTC') CODEC(Delta, LZ4),
                id UInt64 CODEC(T64, LZ4),
                ip4 IPv4, ip6 IPv6,
                domain LowCardinality(String) CODEC(ZSTD(1)),
                attributes Map(UInt16, UInt64),
                names Array(String),
                error Nullable(UInt8)
            ) ENGINE = MergeTree PARTITION BY toStartOfHour(time) ORDER BY (id, time)
            TTL time + INTERVAL 50 YEAR
            SETTINGS non_replicated_deduplication_window = 1000",
        )
        .await
        .good();

    let mut domains = Vec::new();
    // LowCardinality: version, flags with the index width, keys, rows, indexes.
    domains.extend(1u64.to_le_bytes());
    domains.extend((1u64 << 9 | 1 << 10).to_le_bytes());
    domains.extend(2u64.to_le_bytes());
    string(&mut domains, "");
    string(&mut domains, "example.com");
    domains.extend(2u64.to_le_bytes());
    domains.extend([1u8, 0]);
    let mut map = u64s([1, 3].into_iter());
    map.extend([7u16, 8, 9].into_iter().flat_map(u16::to_le_bytes));
    map.extend(u64s([70, 80, 90].into_iter()));
    let mut names = u64s([2, 2].into_iter());
    string(&mut names, "it's");
    string(&mut names, "\u{e9}\n\0");
    let block = native(
        2,
        &[
            (
                "time",
                "DateTime('UTC')",
                [1_700_000_000u32, 1_700_003_600].map(u32::to_le_bytes).concat(),
            ),
            (
                "start",
                "DateTime64(6, 'UTC')",
                [1_700_000_000_123_456i64, 0].map(i64::to_le_bytes).concat(),
            ),
            ("id", "UInt64", u64s([5, u64::MAX].into_iter())),
            ("ip4", "IPv4", [0x0a00_0001u32, 0].map(u32::to_le_bytes).concat()),
            ("ip6", "IPv6", [[0xfdu8; 16], [0; 16]].concat()),
            ("domain", "LowCardinality(String)", domains),
            ("attributes", "Map(UInt16, UInt64)", map),
            ("names", "Array(String)", names),
            ("error", "Nullable(UInt8)", vec![0, 1, 4, 0]),
        ],
    );
    let answer = store.insert("INSERT INTO types.t FORMAT Native", &[], block).await;
    answer.good();
    assert!(answer.header("X-ClickHouse-Summary").contains("\"written_rows\":\"2\""));

    let rows =
        store.sql("SELECT * FROM types.t ORDER BY id FORMAT JSONCompactEachRow").await.good();
    assert_eq!(
        rows,
        concat!(
            r#"["2023-11-14 22:13:20", "2023-11-14 22:13:20.123456", 5, "10.0.0.1", "#,
            r#""fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd", "example.com", {"7":70}, ["it's","é\n\u0000"], 4]"#,
            "\n",
            r#"["2023-11-14 23:13:20", "1970-01-01 00:00:00.000000", 18446744073709551615, "0.0.0.0", "::", "", "#,
            r#"{"8":80,"9":90}, [], null]"#,
            "\n"
        )
    );
}

#[tokio::test]
async fn a_token_stores_a_batch_once_in_views_as_well() {
    let store = store_or_skip!();
    store.database("once").await;
    for sql in [
        "CREATE TABLE once.t (k UInt64, n UInt64) ENGINE = MergeTree ORDER BY k
         SETTINGS non_replicated_deduplication_window = 1000",
        "CREATE TABLE once.sums (k UInt64, n UInt64) ENGINE = SummingMergeTree ORDER BY k
         SETTINGS non_replicated_deduplication_window = 1000",
        "CREATE MATERIALIZED VIEW once.v TO once.sums AS SELECT k % 2 AS k, sum(n) AS n FROM once.t GROUP BY k",
    ] {
        store.sql(sql).await.good();
    }
    let block =
        native(3, &[("k", "UInt64", u64s(0..3)), ("n", "UInt64", u64s([10, 20, 30].into_iter()))]);
    let counts = async || {
        store
            .sql("SELECT (SELECT count() FROM once.t), (SELECT sum(n) FROM once.sums)")
            .await
            .good()
    };
    for (token, then) in
        [("a-1", "3\t60\n"), ("a-1", "3\t60\n"), ("a-2", "6\t120\n"), ("a-2", "6\t120\n")]
    {
        let more = [("insert_deduplication_token", token), ("database", "once")];
        store.insert("INSERT INTO t FORMAT Native", &more, block.clone()).await.good();
        assert_eq!(counts().await, then, "{token}");
    }
}

#[tokio::test]
async fn inserts_come_in_every_form() {
    let store = store_or_skip!();
    store.database("forms").await;
    store
        .sql("CREATE TABLE forms.t (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
        .await
        .good();
    let total = async || store.sql("SELECT count(), sum(a), max(s) FROM forms.t").await.good();

    store.insert("INSERT INTO forms.t FORMAT CSV", &[], "1,x\n2,y\n").await.good();
    store.sql("INSERT INTO forms.t (a, s) FORMAT JSONEachRow\n{\"a\":3,\"s\":\"z\"}").await.good();
    store.sql("INSERT INTO forms.t VALUES (4, 'it''s'), (5, concat('a', 'b'))").await.good();
    store.insert("INSERT INTO forms.t VALUES", &[], "(6, 'v')").await.good();
    store
        .insert("INSERT INTO forms.t SETTINGS max_threads = 1 FORMAT TSV", &[], "7\tw\n")
        .await
        .good();
    store.sql("INSERT INTO forms.t SELECT 8, 'zz'").await.good();
    let named = [("param_a", "9"), ("param_s", "q")];
    store.with(&named, "INSERT INTO forms.t SELECT {a:UInt64}, {s:String}").await.good();
    assert_eq!(total().await, "9\t45\tzz\n");

    // What fails stores nothing, and says why.
    let bad = store.insert("INSERT INTO forms.t FORMAT CSV", &[], "10,x\nnot a number,y\n").await;
    assert_eq!((bad.status.as_u16(), bad.code()), (400, 27), "{}", bad.text());
    assert_eq!(store.insert("INSERT INTO forms.no FORMAT CSV", &[], "1\n").await.code(), 60);
    assert_eq!(store.insert("INSERT INTO forms.t FORMAT Nope", &[], "1\n").await.code(), 73);
    assert_ne!(store.insert("INSERT INTO forms.t FORMAT Native", &[], "garbage").await.code(), 0);
    assert_eq!(total().await, "9\t45\tzz\n");
}

#[tokio::test]
async fn a_large_body_streams_in_and_packed_bodies_unpack() {
    let store = store_or_skip!();
    store.database("large").await;
    store.sql("CREATE TABLE large.t (a UInt64) ENGINE = MergeTree ORDER BY a").await.good();
    let block = native(500_000, &[("a", "UInt64", u64s(0..500_000))]);
    let mut packed = Vec::new();
    fathom_engine::framing::compress(&block, &mut packed);

    store.insert("INSERT INTO large.t FORMAT Native", &[], block.clone()).await.good();
    store
        .insert("INSERT INTO large.t FORMAT Native", &[("decompress", "1")], packed.clone())
        .await
        .good();
    let sum = "SELECT count(), sum(a) FROM large.t";
    assert_eq!(store.sql(sum).await.good(), "1000000\t249999500000\n");

    // One flipped bit: refused, nothing stored.
    let middle = packed.len() / 2;
    packed[middle] ^= 4;
    let bad =
        store.insert("INSERT INTO large.t FORMAT Native", &[("decompress", "1")], packed).await;
    assert_eq!((bad.status.as_u16(), bad.code()), (400, 271), "{}", bad.text());
    assert_eq!(store.sql(sum).await.good(), "1000000\t249999500000\n");

    let answer =
        store.with(&[("compress", "1")], "SELECT a FROM large.t ORDER BY a FORMAT RowBinary").await;
    answer.good();
    let (mut decoder, mut out) = (fathom_engine::framing::Decoder::default(), Vec::new());
    decoder.push(&answer.body, &mut out).unwrap();
    decoder.finish().unwrap();
    assert_eq!(out.len(), 8_000_000);
    assert!(answer.body.len() < out.len());
}

#[tokio::test]
async fn a_client_that_vanishes_while_inserting_stores_nothing() {
    use tokio::io::AsyncWriteExt;
    let store = store_or_skip!();
    store.database("vanish").await;
    store.sql("CREATE TABLE vanish.t (a UInt64) ENGINE = MergeTree ORDER BY a").await.good();
    let address = store.endpoint.url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /?query=INSERT+INTO+vanish.t+FORMAT+CSV HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: {}\r\n\
         X-ClickHouse-Key: {}\r\nContent-Length: 1000000\r\n\r\n",
        store.endpoint.user, store.endpoint.password
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all("1\n".repeat(100_000).as_bytes()).await.unwrap();
    drop(stream);
    // The insert is over when the table can be dropped and made anew with nothing in it.
    let running = "SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO vanish%'";
    while store.sql(running).await.good() != "0\n" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(store.sql("SELECT count() FROM vanish.t").await.good(), "0\n");
}

#[tokio::test]
async fn dictionaries_are_refreshed_when_their_lifetime_has_passed() {
    let store = store_or_skip!();
    store.database("names").await;
    for sql in [
        "CREATE TABLE names.src (id UInt64, name String, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY id",
        "INSERT INTO names.src VALUES (1, 'old', 1)",
        "CREATE DICTIONARY names.d (id UInt64, name String) PRIMARY KEY id
         SOURCE(CLICKHOUSE(QUERY 'SELECT id, name FROM names.src FINAL'))
         LIFETIME(MIN 1 MAX 1) LAYOUT(FLAT())",
    ] {
        store.sql(sql).await.good();
    }
    let name = "SELECT dictGet('names.d', 'name', 1::UInt64)";
    assert_eq!(store.sql(name).await.good(), "old\n");
    store.sql("INSERT INTO names.src VALUES (1, 'new', 2)").await.good();
    let deadline = std::time::Instant::now() + 6 * fathom_engine::limits::DICTIONARY_TICK;
    while store.sql(name).await.good() != "new\n" {
        assert!(std::time::Instant::now() < deadline, "the dictionary was not refreshed");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
