//! The way to ClickHouse, against the real engine: migrations, inserts, deduplication, tags,
//! errors.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/engine.rs"]
mod engine;

use std::sync::Arc;
use std::time::Duration;

use engine::{Frame, LIMITS, ask};
use fathom_schema::{ColumnBlock, TABLES, application_1s, l4_flow_log, l7_flow_log, table};
use fathom_server::insert::{InsertError, insert_batch};
use fathom_server::store::migrate::{Retention, Ttl, migrate};
use fathom_server::store::{External, Store, StoreError, Target};
use fathom_server::tag::{Networks, Vpc};
use serde_json::json;

fn networks() -> Arc<Networks> {
    let cidrs = vec!["10.9.0.0/16".parse().unwrap()];
    Arc::new(Networks::new(&[Vpc { id: 5, name: "shop".into(), cidrs }]))
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_can_run_again_and_mend_what_is_missing() {
    if engine::missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = engine::open(folder.path()).await;

    let first = migrate(&store, &Retention::new()).await.unwrap();
    assert_eq!(first.created.len(), TABLES.len());
    assert!(first.ttl.is_empty() && first.columns.is_empty(), "{first:?}");
    let second = migrate(&store, &Retention::new()).await.unwrap();
    assert_eq!(second, fathom_server::store::migrate::Report::default());

    // A column an older version did not have, and a table nobody has.
    for sql in [
        "ALTER TABLE flow_log.l7_flow_log DROP COLUMN response_exception",
        "ALTER TABLE flow_metrics.`network.1s` DROP COLUMN retrans",
        "DROP TABLE fathom_system.agent",
    ] {
        store.execute(sql).await.unwrap();
    }
    let mended = migrate(&store, &Retention::from([(1, 24), (3, 24)])).await.unwrap();
    assert_eq!(mended.created, ["fathom_system.agent"]);
    assert_eq!(
        mended.columns,
        ["flow_log.l7_flow_log.response_exception", "flow_metrics.`network.1s`.retrans"]
    );
    // network.1s is kept 24 hours anyway.
    let ttl = |hours, expired| vec![Ttl { table: "flow_log.l4_flow_log".into(), hours, expired }];
    assert_eq!(mended.ttl, ttl(Some(24), 0));

    store
        .execute("INSERT INTO fathom_system.schema_version (table, version) VALUES ('flow_log.l4_flow_log', 999)")
        .await
        .unwrap();
    let newer = migrate(&store, &Retention::new()).await.unwrap();
    assert_eq!(newer.newer, ["flow_log.l4_flow_log"]);
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_kept_as_long_as_was_said_last() {
    if engine::missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = engine::migrated(folder.path()).await;
    let said = |hours| Retention::from([(l4_flow_log::TABLE.id, hours)]);
    let ttl = |hours, expired| vec![Ttl { table: "flow_log.l4_flow_log".into(), hours, expired }];

    // For ever: rows of 1970 and of the far future stay, also when the tables are merged.
    assert_eq!(migrate(&store, &said(0)).await.unwrap().ttl, ttl(Some(0), 0));
    let mut block = l4_flow_log::Block::new();
    let now = u32::try_from(unix_seconds()).unwrap();
    for time in [0, 1, 86_400, now - 40 * 3600, now - 3600, now, u32::MAX - (1 << 24)] {
        block.push(&l4_flow_log::Row { time, ..Default::default() });
    }
    let frame = Frame::of(&block, 1);
    let l4 = &l4_flow_log::TABLE;
    insert_batch(&store, &networks(), l4, &[frame.verified()], "old").await.unwrap();
    let count = "SELECT count() FROM flow_log.l4_flow_log";
    store.execute("OPTIMIZE TABLE flow_log.l4_flow_log FINAL").await.unwrap();
    assert_eq!(ask(&store, count).await, [json!([7])]);

    // Nothing said: nothing shortened.
    let plain = migrate(&store, &Retention::new()).await.unwrap();
    assert_eq!((plain.ttl, plain.kept), (vec![], ttl(Some(0), 0)));
    assert_eq!(ask(&store, count).await, [json!([7])]);

    // Shortened because somebody said so, who is told what goes.
    let shorter = migrate(&store, &said(48)).await.unwrap();
    assert_eq!((shorter.ttl, shorter.kept), (ttl(Some(48), 3), vec![]));
    let plain = migrate(&store, &Retention::new()).await.unwrap();
    assert_eq!((plain.ttl, plain.kept), (vec![], ttl(Some(48), 0)));
    store.execute("OPTIMIZE TABLE flow_log.l4_flow_log FINAL").await.unwrap();
    assert_eq!(ask(&store, count).await, [json!([4])]);

    // Somebody else's clause is left alone until another is asked for.
    store
        .execute("ALTER TABLE flow_log.l4_flow_log MODIFY TTL time + INTERVAL 9 DAY")
        .await
        .unwrap();
    let plain = migrate(&store, &Retention::new()).await.unwrap();
    assert_eq!((plain.ttl, plain.kept), (vec![], ttl(None, 0)));
    store.stop().await;
}

fn unix_seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// One insert reaches over many partitions: a capture of some weeks, or an agent whose clock jumps.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_over_many_partitions_is_stored_and_one_over_far_too_many_is_refused_for_good() {
    if engine::missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = engine::migrated(folder.path()).await;
    let table = &application_1s::TABLE;
    let hours = |count: u32| {
        let mut block = application_1s::Block::new();
        let now = u32::try_from(unix_seconds()).unwrap();
        for i in 0..count {
            let time = now - i * table.partition_hours * 3600;
            block.push(&application_1s::Row { time, request: 1, ..Default::default() });
        }
        Frame::of(&block, 1)
    };
    migrate(&store, &Retention::from([(table.id, 0)])).await.unwrap();
    let many = hours(250);
    for _ in 0..2 {
        insert_batch(&store, &networks(), table, &[many.verified()], "many").await.unwrap();
    }
    let count = "SELECT sum(request) FROM flow_metrics.`application.1s`";
    assert_eq!(ask(&store, count).await, [json!([250])]);

    let far = hours(5000);
    let refused = insert_batch(&store, &networks(), table, &[far.verified()], "far").await;
    match refused.unwrap_err() {
        InsertError::Store(error) => assert!(!error.is_retryable(), "{error}"),
        other => panic!("{other}"),
    }
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_become_tagged_rows_once() {
    if engine::missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = engine::migrated(folder.path()).await;
    let networks = networks();
    let l7 = table(2).unwrap();

    let mut a = l7_flow_log::Block::new();
    a.push(&l7_flow_log::Row {
        time: 1_800_000_000,
        start_time: 1_799_999_999_123_456,
        end_time: 1_800_000_000_000_001,
        is_ipv4: 1,
        ip4_0: [10, 9, 0, 1],
        ip4_1: [8, 8, 8, 8],
        flow_id: u64::MAX,
        l7_protocol: 20,
        server_port: 80,
        request_type: "GET",
        request_resource: "/it's/\\?q=\"ü\"",
        response_code: Some(404),
        request_id: None,
        response_duration: 1234,
        attribute_names: &["user_agent", ""],
        attribute_values: &["curl/8", "x"],
        metrics_values: &[1.5, -2.5],
        ..Default::default()
    });
    a.push(&l7_flow_log::Row {
        time: 1_800_000_001,
        ip6_0: std::net::Ipv6Addr::LOCALHOST.octets(),
        ip6_1: "2606:4700::1111".parse::<std::net::Ipv6Addr>().unwrap().octets(),
        pod_id_1: 77,
        gprocess_id_1: 88,
        request_type: "POST",
        ..Default::default()
    });
    // A frame whose columns are others.
    let mut b = l7_flow_log::Block::new();
    b.push(&l7_flow_log::Row {
        time: 1_800_000_002,
        is_ipv4: 1,
        ip4_0: [192, 168, 0, 1],
        ip4_1: [10, 0, 0, 1],
        gprocess_id_0: 99,
        response_exception: "no route",
        span_kind: Some(2),
        ..Default::default()
    });
    let frames = [Frame::of(&a, 1), Frame::of(&b, 2)];
    let verified: Vec<_> = frames.iter().map(Frame::verified).collect();
    for attempt in 0..3 {
        let rows = insert_batch(&store, &networks, l7, &verified, "file-2-0").await.unwrap();
        assert_eq!(rows, 3, "attempt {attempt}");
    }
    assert_eq!(ask(&store, "SELECT count() FROM flow_log.l7_flow_log").await, [json!([3])]);
    insert_batch(&store, &networks, l7, &verified[1..], "file-2-1").await.unwrap();
    assert_eq!(ask(&store, "SELECT count() FROM flow_log.l7_flow_log").await, [json!([4])]);

    let got = ask(
        &store,
        "SELECT toUnixTimestamp(time), toUnixTimestamp64Micro(start_time), toString(ip4_0), \
         toString(ip4_1), flow_id, l7_protocol, server_port, request_type, request_resource, \
         response_code, request_id, response_duration, attribute_names, attribute_values, \
         metrics_values, response_exception, span_kind, l7_protocol_str \
         FROM flow_log.l7_flow_log ORDER BY time LIMIT 1",
    );
    assert_eq!(
        got.await,
        [json!([
            1_800_000_000,
            1_799_999_999_123_456_u64,
            "10.9.0.1",
            "8.8.8.8",
            u64::MAX,
            20,
            80,
            "GET",
            "/it's/\\?q=\"ü\"",
            404,
            null,
            1234,
            ["user_agent", ""],
            ["curl/8", "x"],
            [1.5, -2.5],
            "",
            null,
            "HTTP"
        ])]
    );
    let got = ask(
        &store,
        "SELECT is_ipv4, toString(ip6_0), toString(ip6_1), response_exception, span_kind, \
         response_code FROM flow_log.l7_flow_log ORDER BY time LIMIT 2 OFFSET 1",
    );
    assert_eq!(
        got.await,
        [
            json!([0, "::1", "2606:4700::1111", "", null, null]),
            json!([1, "::", "::", "no route", 2, null])
        ]
    );
    let tags = |side: &str| {
        [
            "l3_epc_id",
            "auto_instance_type",
            "auto_instance_id",
            "auto_service_type",
            "auto_service_id",
            "tag_source",
        ]
        .map(|c| format!("{c}_{side}"))
        .join(", ")
    };
    let sql =
        |side| format!("SELECT {} FROM flow_log.l7_flow_log ORDER BY time LIMIT 3", tags(side));
    assert_eq!(
        ask(&store, &sql("0")).await,
        [
            json!([5, 255, 0, 255, 0, 8]),
            json!([1, 255, 0, 255, 0, 8]),
            json!([1, 120, 99, 120, 99, 9])
        ]
    );
    assert_eq!(
        ask(&store, &sql("1")).await,
        [
            json!([-2, 0, 0, 0, 0, 8]),
            json!([-2, 10, 77, 120, 88, 11]),
            json!([1, 255, 0, 255, 0, 8])
        ]
    );
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_sided_tables_and_large_batches() {
    if engine::missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = engine::migrated(folder.path()).await;
    let networks = networks();

    let mut block = application_1s::Block::new();
    block.push(&application_1s::Row {
        time: 1_800_000_000,
        is_ipv4: 1,
        ip4: [10, 9, 1, 1],
        request: 3,
        rrt_sum: 300,
        rrt_count: 2,
        rrt_max: 200,
        rrt_sketch: &[(100, 1), (200, 1)],
        endpoint: "/a",
        ..Default::default()
    });
    let frame = Frame::of(&block, 1);
    insert_batch(&store, &networks, table(5).unwrap(), &[frame.verified()], "t-5").await.unwrap();
    let got = ask(
        &store,
        "SELECT l3_epc_id, auto_service_type, rrt_sketch, endpoint FROM flow_metrics.`application.1s`",
    );
    assert_eq!(got.await, [json!([5, 255, {"100": 1, "200": 1}, "/a"])]);

    // Over several partitions, in several frames, one insert.
    let mut frames = Vec::new();
    let mut block = l4_flow_log::Block::new();
    let mut bytes = 0u64;
    for i in 0..150_000u32 {
        block.push(&l4_flow_log::Row {
            time: 1_800_000_000 + i,
            flow_id: u64::from(i),
            is_ipv4: 1,
            ip4_0: (0x0a00_0000 + i).to_be_bytes(),
            byte_tx: u64::from(i),
            close_type: (i % 7) as u8,
            ..Default::default()
        });
        bytes += u64::from(i);
        if block.rows() == 50_000 {
            frames.push(Frame::of(&block, frames.len() as u64 + 1));
            block.clear();
        }
    }
    let verified: Vec<_> = frames.iter().map(Frame::verified).collect();
    for _ in 0..2 {
        insert_batch(&store, &networks, table(1).unwrap(), &verified, "t-1").await.unwrap();
    }
    let got = ask(
        &store,
        "SELECT count(), sum(byte_tx), uniqExact(flow_id), uniqExact(_partition_id) > 2 FROM flow_log.l4_flow_log",
    );
    assert_eq!(got.await, [json!([150_000, bytes, 150_000, 1])]);
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_what_to_do() {
    if engine::missing() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = engine::migrated(folder.path()).await;
    let fail = async |sql: &str| match store.query(sql, None, "TSV", LIMITS) {
        Ok(answer) => answer.collect(1 << 20).await.expect_err(sql),
        Err(e) => e,
    };
    let syntax = fail("SELEC 1").await;
    assert!(matches!(syntax, StoreError::ClickHouse { code: 62, .. }), "{syntax}");
    assert!(!syntax.is_retryable());
    let unknown = fail("SELECT nothing FROM flow_log.l7_flow_log").await;
    assert!(matches!(unknown, StoreError::ClickHouse { code: 47, .. }), "{unknown}");
    assert!(matches!(
        fail("SELECT repeat('x', 1000) FROM numbers(10000)").await,
        StoreError::TooLarge(_)
    ));
    // The reader does not write, whatever it is told.
    for sql in
        ["INSERT INTO fathom_system.server (name) VALUES ('x')", "DROP TABLE flow_log.l7_flow_log"]
    {
        assert!(
            !fail(sql).await.is_retryable()
                || matches!(fail(sql).await, StoreError::ClickHouse { code: 164, .. })
        );
    }
    assert_eq!(ask(&store, "SELECT count() FROM fathom_system.server").await, [json!([0])]);
    // Data of the wrong shape is the data's fault.
    let body = bytes::Bytes::from_static(b"\x01\x01\x04time\x08DateTime\x00");
    let broken = store.insert_native(table(1).unwrap(), &["time"], body, "x").await.unwrap_err();
    assert!(!broken.is_retryable(), "{broken}");

    // The engine dies: what is asked meanwhile may be asked again, and then succeeds.
    let pid = store.pid().unwrap();
    std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    let mut failures = 0;
    let until = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        match store.ping().await {
            Ok(()) if failures > 0 || store.pid() != Some(pid) => break,
            Ok(()) => {}
            Err(e) => {
                assert!(e.is_retryable(), "{e}");
                failures += 1;
            }
        }
        assert!(std::time::Instant::now() < until, "the store does not come back");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_ne!(store.pid(), Some(pid));
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clickhouse_somewhere_is_used_in_the_same_way() {
    if engine::missing() {
        return;
    }
    // The store process is a ClickHouse server to whoever has its address and passwords.
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_fathom-server");
    let config = fathom_engine::Config::new(program, folder.path());
    let supervisor = fathom_engine::Supervisor::start(config).unwrap();
    let at = supervisor.ready().await.unwrap();
    let networks = networks();
    let mut block = l4_flow_log::Block::new();
    block.push(&l4_flow_log::Row { time: 1_800_000_000, is_ipv4: 1, ..Default::default() });
    let frame = Frame::of(&block, 1);
    let reader = (at.readonly_user.clone(), at.readonly_password.clone());
    for (round, reader) in [Some(reader), None].into_iter().enumerate() {
        let store = Store::open(Target::External(External {
            url: at.url.clone(),
            user: at.user.clone(),
            password: at.password.clone(),
            reader,
        }))
        .unwrap();
        assert!(!store.is_embedded());
        store.ready(Duration::from_secs(10)).await.unwrap();
        let report = migrate(&store, &Retention::new()).await.unwrap();
        assert_eq!(report.created.len(), if round == 0 { TABLES.len() } else { 0 });
        let frames = [frame.verified()];
        insert_batch(&store, &networks, table(1).unwrap(), &frames, "once").await.unwrap();
        let sql = "SELECT count(), any(l3_epc_id_0) FROM flow_log.l4_flow_log";
        assert_eq!(ask(&store, sql).await, [json!([1, 0])]);
        // Without a reader of its own, readonly = 1 is what keeps queries from writing.
        for sql in ["DROP TABLE flow_log.l4_flow_log", "SELECT 1 SETTINGS readonly = 0"] {
            let refused = store.query(sql, None, "TSV", LIMITS).unwrap().collect(1 << 20).await;
            assert!(
                matches!(refused, Err(StoreError::ClickHouse { code: 164, .. })),
                "{sql}: {refused:?}"
            );
        }
        store.stop().await;
    }
    let wrong = External {
        url: at.url.clone(),
        user: at.user.clone(),
        password: "wrong".into(),
        reader: None,
    };
    let store = Store::open(Target::External(wrong)).unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::ClickHouse { code: 516, .. })));
    supervisor.stop().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let external = External {
        url: "http://127.0.0.1:9".into(),
        user: "default".into(),
        password: String::new(),
        reader: None,
    };
    let store = Store::open(Target::External(external.clone())).unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(_)) && error.is_retryable(), "{error}");
    assert!(store.ready(Duration::from_millis(120)).await.is_err());
    let bad = External { url: "https://somewhere".into(), ..external };
    assert!(Store::open(Target::External(bad)).is_err());
}
