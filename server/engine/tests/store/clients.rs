//! Clients that other people wrote.

use clickhouse::{Client, Compression};

use crate::harness::{native, store_or_skip};

#[tokio::test]
async fn the_official_crate_works_unchanged() {
    let store = store_or_skip!();
    store.database("official").await;
    for compression in [Compression::None, Compression::Lz4] {
        let client = Client::default()
            .with_url(&store.endpoint.url)
            .with_user(&store.endpoint.user)
            .with_password(&store.endpoint.password)
            .with_database("official")
            .with_compression(compression);
        client.query("DROP TABLE IF EXISTS t SYNC").execute().await.unwrap();
        client
            .query("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
            .execute()
            .await
            .unwrap();

        let block =
            native(1000, &[("a", "UInt64", (0..1000u64).flat_map(u64::to_le_bytes).collect())]);
        let mut insert = client.insert_formatted_with("INSERT INTO t FORMAT Native");
        // In two pieces, as a writer with a bounded buffer would.
        let (front, back) = block.split_at(700);
        insert.send(bytes::Bytes::copy_from_slice(front)).await.unwrap();
        insert.send(bytes::Bytes::copy_from_slice(back)).await.unwrap();
        insert.end().await.unwrap();

        let sum: u64 = client.query("SELECT sum(a) FROM t").fetch_one().await.unwrap();
        assert_eq!(sum, 499_500);
        let rows: Vec<u64> = client
            .query("SELECT a FROM t WHERE a < {n:UInt64} AND a > ? ORDER BY a")
            .param("n", 4)
            .bind(1)
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(rows, [2, 3]);
        let many: Vec<u64> =
            client.query("SELECT number FROM numbers(500000)").fetch_all().await.unwrap();
        assert_eq!(many.len(), 500_000);
        let setting: u64 = client
            .query("SELECT toUInt64(getSetting('max_threads'))")
            .with_setting("max_threads", "3")
            .fetch_one()
            .await
            .unwrap();
        assert_eq!(setting, 3);
        let error = client.query("SELECT * FROM absent").execute().await.unwrap_err().to_string();
        assert!(error.contains("Code: 60.") && error.contains("UNKNOWN_TABLE"), "{error}");
        // A failure in the middle of a result is seen as one.
        let late = "SELECT number + throwIf(number = 3000000) FROM numbers(4000000)";
        let error = client.query(late).fetch_all::<u64>().await.unwrap_err().to_string();
        assert!(error.contains("Code: 395."), "{error}");
    }
}

#[tokio::test]
async fn curl_works() {
    let store = store_or_skip!();
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: curl is not installed");
        return;
    }
    let curl = async |args: Vec<String>| {
        let output =
            tokio::process::Command::new("curl").arg("-sS").args(args).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let user = format!("{}:{}", store.endpoint.user, store.endpoint.password);
    let url = &store.endpoint.url;
    let arg = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    assert_eq!(curl(arg(&[&format!("{url}/ping")])).await, "Ok.\n");
    assert_eq!(curl(arg(&["-u", &user, url, "-d", "SELECT 1 + 1"])).await, "2\n");
    assert_eq!(
        curl(arg(&["-u", &user, "-G", url, "--data-urlencode", "query=SELECT 3"])).await,
        "3\n"
    );

    store.database("by_curl").await;
    store.sql("CREATE TABLE by_curl.t (a UInt64) ENGINE = MergeTree ORDER BY a").await.good();
    // More than a megabyte: curl asks with `Expect: 100-continue` first.
    let file = tempfile::NamedTempFile::new().unwrap();
    let numbers: String = (0..400_000u32).map(|n| format!("{n}\n")).collect();
    std::fs::write(file.path(), numbers).unwrap();
    let insert = format!("{url}/?query=INSERT%20INTO%20by_curl.t%20FORMAT%20CSV");
    let data = format!("@{}", file.path().display());
    assert_eq!(curl(arg(&["-u", &user, &insert, "--data-binary", &data])).await, "");
    // The same in pieces of unknown total.
    let chunked =
        ["-u", &user, "-H", "Transfer-Encoding: chunked", &insert, "--data-binary", &data];
    assert_eq!(curl(arg(&chunked)).await, "");
    assert_eq!(
        store.sql("SELECT count(), sum(a) FROM by_curl.t").await.good(),
        "800000\t159999600000\n"
    );
    // An error is read although much of the body is still to be sent.
    let bad = format!("{url}/?query=INSERT%20INTO%20by_curl.t%20FORMAT%20Native");
    let text = curl(arg(&["-u", &user, &bad, "--data-binary", &data])).await;
    assert!(text.starts_with("Code: "), "{text}");
}
