//! One block into a table. The one request whose body is large, so the store may well refuse it
//! while it is still being sent; what it says then is worth more than that the connection broke.

use std::error::Error;
use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use clickhouse::error::Error as ClientError;
use fathom_schema::TableDef;

use super::{Store, StoreError};

/// An external server has this long to answer an insert before the batch is tried again. Longer
/// than any merge-bound pause seen, shorter than a TCP connection's own give-up.
const INSERT_TIMEOUT: Duration = Duration::from_secs(120);

/// Partitions one insert may reach over. A capture of some weeks does reach over hundreds; beyond
/// this times are made up, and each partition would be a file set of its own in the store.
const INSERT_PARTITIONS: &str = "1000";

/// A block is sent in pieces of this size: between two of them an answer is noticed. ClickHouse's
/// own clients compress as much at a time.
const PIECE: usize = 1 << 20;

impl Store {
    /// Inserts one Native block that has these columns of a table, in this order. A block with a
    /// token that was inserted before is not stored
    /// again, so any failure may be answered by repeating the call.
    ///
    /// # Errors
    /// [`StoreError::is_retryable`] says whether the same block may be taken later.
    pub async fn insert_native(
        &self,
        table: &TableDef,
        columns: &[&str],
        body: Bytes,
        token: &str,
    ) -> Result<(), StoreError> {
        let outcome = self.send(table, columns, body, token).await;
        if outcome.as_ref().is_err_and(StoreError::is_for_migrations) {
            self.shared.missing.store(true, Ordering::Relaxed);
        }
        outcome
    }

    async fn send(
        &self,
        table: &TableDef,
        columns: &[&str],
        mut body: Bytes,
        token: &str,
    ) -> Result<(), StoreError> {
        let client = self.shared.clients.writer()?;
        // Names come from the schema; none needs escaping inside backquotes.
        let sql =
            format!("INSERT INTO {} (`{}`) FORMAT Native", table.sql_name(), columns.join("`, `"));
        let mut insert = client
            .insert_formatted_with(sql)
            .with_setting("insert_deduplication_token", token)
            .with_setting("insert_deduplicate", "1")
            // The block is the batch already; waiting for more would break the token's meaning.
            .with_setting("async_insert", "0")
            .with_setting("max_partitions_per_insert_block", INSERT_PARTITIONS)
            .with_timeouts(Some(INSERT_TIMEOUT), Some(INSERT_TIMEOUT));
        while !body.is_empty() {
            let piece = body.split_to(body.len().min(PIECE));
            match insert.send(piece).await {
                Ok(()) => {}
                // The request is over, so nothing is cut short by asking how it ended.
                Err(closed @ ClientError::Network(_)) => {
                    insert.end().await.map_err(refused)?;
                    return Err(refused(closed));
                }
                Err(other) => return Err(other.into()),
            }
        }
        insert.end().await.map_err(refused)
    }
}

fn refused(error: ClientError) -> StoreError {
    let broke = matches!(&error, ClientError::Network(cause) if broke(cause.as_ref()));
    match StoreError::from(error) {
        StoreError::Unreachable(why) if broke => StoreError::Cut(why),
        other => other,
    }
}

/// Whether there was a connection, and the store ended it.
fn broke(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let http = error.downcast_ref::<hyper::Error>();
        if matches!(
            io,
            Some(
                ErrorKind::BrokenPipe
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::UnexpectedEof
            )
        ) || http.is_some_and(hyper::Error::is_incomplete_message)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener};

    use super::*;
    use crate::store::{External, Target, Trouble};

    /// What an insert of `len` bytes gives when the store reads little of it, writes `answer` and
    /// hangs up.
    async fn hung_up_on(len: usize, answer: &'static str) -> StoreError {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let store = tokio::task::spawn_blocking(move || {
            let mut stream = listener.accept().unwrap().0;
            stream.read_exact(&mut [0; 4096]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            if !answer.is_empty() {
                // A store that still gets its answer through.
                stream.shutdown(Shutdown::Write).unwrap();
                while stream.read(&mut [0; 65536]).is_ok_and(|n| n > 0) {}
            }
        });
        let external = External { url, user: "u".into(), password: "p".into(), reader: None };
        let target = Store::open(Target::External(external)).unwrap();
        let body = Bytes::from(vec![7; len]);
        let table = &fathom_schema::l7_flow_log::TABLE;
        let error = target.insert_native(table, &["time"], body, "token").await.unwrap_err();
        store.await.unwrap();
        error
    }

    #[tokio::test]
    async fn what_the_store_said_is_read_although_it_did_not_read_all() {
        let answer = "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n\
                      Code: 241. DB::Exception: Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)";
        let error = hung_up_on(64 << 20, answer).await;
        assert_eq!(error.trouble(), Some(Trouble::Memory), "{error:?}");
    }

    #[tokio::test]
    async fn a_store_that_hangs_up_in_the_middle_is_told_from_one_that_is_not_there() {
        assert!(matches!(hung_up_on(64 << 20, "").await, StoreError::Cut(_)));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{free}");
        let external = External { url, user: "u".into(), password: "p".into(), reader: None };
        let store = Store::open(Target::External(external)).unwrap();
        let table = &fathom_schema::l7_flow_log::TABLE;
        let error = store.insert_native(table, &["time"], Bytes::from("x"), "token").await;
        assert!(matches!(error, Err(StoreError::Unreachable(_))), "{error:?}");
    }
}
