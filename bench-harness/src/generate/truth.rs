//! What a perfect tool finds in a capture.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Flows by what they speak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the names are the protocols")]
pub struct Flows {
    pub http: u64,
    pub dns: u64,
    pub tls: u64,
    pub redis: u64,
    pub http2: u64,
    pub mysql: u64,
    pub postgres: u64,
    pub kafka: u64,
    pub raw: u64,
    pub total: u64,
}

impl Flows {
    pub(super) fn sum(&self) -> u64 {
        self.http
            + self.dns
            + self.tls
            + self.redis
            + self.http2
            + self.mysql
            + self.postgres
            + self.kafka
            + self.raw
    }
}

/// Numbers written beside a capture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Truth {
    /// Frames.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Flows.
    pub flows: Flows,
    /// HTTP requests, every one of which is answered.
    pub http_requests: u64,
    /// The answers by status.
    pub http_by_status: BTreeMap<i32, u64>,
    /// The requests by method.
    pub http_by_method: BTreeMap<String, u64>,
    /// DNS queries, every one of which is answered.
    pub dns_queries: u64,
    /// Names that do not exist.
    pub dns_nxdomain: u64,
    /// TLS handshakes.
    pub tls_hellos: u64,
    /// Redis commands, every one of which is answered.
    pub redis_commands: u64,
    /// Answers that are errors.
    pub redis_errors: u64,
    /// gRPC calls, every one of which is answered.
    pub grpc_calls: u64,
    /// MySQL statements, every one of which is answered, and a log-in for each connection.
    pub mysql_queries: u64,
    /// The same of PostgreSQL.
    pub postgres_queries: u64,
    /// Kafka requests, every one of which is answered.
    pub kafka_requests: u64,
    /// Frames were lost before the capture: a perfect tool finds at most what is said here.
    pub lossy: bool,
    /// Mean length of a frame.
    pub mean_frame: f64,
    /// Seconds from the first frame to the last.
    pub span_s: f64,
}
