//! What the data path found, read back out of the very frames it would send; and whether that is
//! what is in the capture. Speed only counts after this.

use crate::generate::Truth;
use anyhow::{Context, Result, anyhow};
use fathom_parsers::message::L7Protocol;
use fathom_schema::wire::{self, Columns};
use fathom_schema::{TABLES, TableDef, values};
use serde::Serialize;
use std::collections::BTreeMap;

const L4: &str = "l4_flow_log";
const L7: &str = "l7_flow_log";
/// `type` of a row with request and answer.
const SESSION: u8 = 2;
const NXDOMAIN: i32 = 3;

/// Ids of `l7_protocol`.
const HTTP: u8 = L7Protocol::Http as u8;
const REDIS: u8 = L7Protocol::Redis as u8;
const DNS: u8 = L7Protocol::Dns as u8;
const TLS: u8 = L7Protocol::Tls as u8;
const GRPC: u8 = L7Protocol::Grpc as u8;
const MYSQL: u8 = L7Protocol::MySql as u8;
const POSTGRES: u8 = L7Protocol::PostgreSql as u8;
const KAFKA: u8 = L7Protocol::Kafka as u8;

/// Rows, summed up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Whole exchanges by protocol.
    pub sessions: BTreeMap<u8, u64>,
    /// Rows with half an exchange.
    pub halves: u64,
    http_by_status: BTreeMap<i32, u64>,
    http_by_method: BTreeMap<String, u64>,
    dns_nxdomain: u64,
    flow_packets: u64,
    flow_bytes: u64,
    new_flows: u64,
    scratch: Vec<u8>,
}

/// One thing that is counted both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub what: String,
    /// In the capture.
    pub truth: u64,
    /// In the rows.
    pub found: u64,
}

impl Check {
    /// They are equal.
    pub fn passes(&self) -> bool {
        self.truth == self.found
    }
}

fn column<'a>(columns: &Columns<'a>, table: &'static TableDef, name: &str) -> Result<&'a [u8]> {
    let def = table.column(name).with_context(|| format!("no column {name} in {}", table.name))?;
    // A column that is not sent holds its default everywhere.
    Ok(columns.get(def).unwrap_or(&[]))
}

impl Found {
    /// Reads a sealed frame.
    ///
    /// # Errors
    /// A frame that the server would refuse.
    pub fn frame(&mut self, frame: &[u8]) -> Result<()> {
        let (head, body) =
            frame.split_first_chunk().context("a frame is shorter than its header")?;
        let header = wire::parse_header(head)?;
        wire::verify(&header, body)?;
        let mut scratch = std::mem::take(&mut self.scratch);
        let columns = wire::body(&header, body, &mut scratch)?;
        let table = columns.table();
        let known = TABLES.iter().find(|t| t.id == table.id).ok_or_else(|| anyhow!("no table"))?;
        *self.rows.entry(known.name).or_default() += columns.rows() as u64;
        match table.name {
            L4 => self.flows(&columns, table)?,
            L7 => self.exchanges(&columns, table)?,
            _ => {}
        }
        self.scratch = scratch;
        Ok(())
    }

    fn flows(&mut self, columns: &Columns<'_>, table: &'static TableDef) -> Result<()> {
        let sum =
            |name| Ok::<u64, anyhow::Error>(values::u64s(column(columns, table, name)?).sum());
        self.flow_packets += sum("packet_tx")? + sum("packet_rx")?;
        self.flow_bytes += sum("byte_tx")? + sum("byte_rx")?;
        let new = column(columns, table, "is_new_flow")?;
        self.new_flows += new.iter().map(|n| u64::from(*n)).sum::<u64>();
        Ok(())
    }

    fn exchanges(&mut self, columns: &Columns<'_>, table: &'static TableDef) -> Result<()> {
        let protocols = column(columns, table, "l7_protocol")?;
        let kinds = column(columns, table, "type")?;
        let codes = column(columns, table, "response_code")?;
        // Nullable: a byte for each row, then the values.
        let codes: Vec<i32> = match codes.len() {
            0 => vec![0; columns.rows()],
            _ => values::i32s(&codes[columns.rows()..]).collect(),
        };
        let mut methods = values::strings(column(columns, table, "request_type")?);
        for (row, code) in codes.into_iter().enumerate() {
            let protocol = protocols.get(row).copied().unwrap_or(0);
            let kind = kinds.get(row).copied().unwrap_or(0);
            let method = methods.next().unwrap_or_default();
            if kind != SESSION {
                self.halves += 1;
                continue;
            }
            *self.sessions.entry(protocol).or_default() += 1;
            match protocol {
                HTTP => {
                    *self.http_by_status.entry(code).or_default() += 1;
                    let method = String::from_utf8_lossy(method).into_owned();
                    *self.http_by_method.entry(method).or_default() += 1;
                }
                DNS => self.dns_nxdomain += u64::from(code == NXDOMAIN),
                _ => {}
            }
        }
        Ok(())
    }

    /// Compares with the truth. Protocols in `required` have to be found; others either as the
    /// truth says or not at all, which says that there is no parser for them.
    pub fn compare(&self, truth: &Truth, required: &[String]) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut check = |what: &str, truth, found| {
            checks.push(Check { what: what.to_owned(), truth, found });
        };
        check("packets in flow rows", truth.packets, self.flow_packets);
        check("bytes in flow rows", truth.bytes, self.flow_bytes);
        check("new flows", truth.flows.total, self.new_flows);
        let sessions = |id: u8| self.sessions.get(&id).copied().unwrap_or(0);
        for (name, id, want) in [
            ("http", HTTP, truth.http_requests),
            ("dns", DNS, truth.dns_queries),
            ("tls", TLS, truth.tls_hellos),
            ("redis", REDIS, truth.redis_commands),
            ("grpc", GRPC, truth.grpc_calls),
            ("mysql", MYSQL, truth.mysql_queries),
            ("postgres", POSTGRES, truth.postgres_queries),
            ("kafka", KAFKA, truth.kafka_requests),
        ] {
            let found = sessions(id);
            if truth.lossy {
                // What was lost cannot be found; nothing is made up either.
                check(
                    &format!("{name} transactions beyond the truth"),
                    0,
                    found.saturating_sub(want),
                );
            } else if found > 0 || required.iter().any(|r| r == name) {
                check(&format!("{name} transactions"), want, found);
            }
        }
        if truth.lossy {
            return checks;
        }
        if sessions(HTTP) > 0 {
            for (status, n) in &truth.http_by_status {
                let found = self.http_by_status.get(status).copied().unwrap_or(0);
                check(&format!("http answers {status}"), *n, found);
            }
            for (method, n) in &truth.http_by_method {
                let found = self.http_by_method.get(method).copied().unwrap_or(0);
                check(&format!("http {method}"), *n, found);
            }
        }
        if sessions(DNS) > 0 {
            check("dns names that do not exist", truth.dns_nxdomain, self.dns_nxdomain);
        }
        check("half exchanges", 0, self.halves);
        checks
    }

    /// Packets, new flows and bytes in the flow rows.
    pub fn totals(&self) -> (u64, u64, u64) {
        (self.flow_packets, self.new_flows, self.flow_bytes)
    }

    /// Whole exchanges by the protocol's name.
    pub fn by_protocol(&self) -> BTreeMap<String, u64> {
        let name = |id: u8| {
            let known = L7Protocol::ALL.iter().find(|p| **p as u8 == id);
            known.map_or_else(|| format!("protocol {id}"), |p| p.name().to_owned())
        };
        self.sessions.iter().map(|(id, n)| (name(*id), *n)).collect()
    }

    /// Whole exchanges of every protocol.
    pub fn transactions(&self) -> u64 {
        self.sessions.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{DNS, Found, HTTP};
    use crate::generate::Truth;

    fn failures(found: &Found, truth: &Truth, required: &[&str]) -> Vec<String> {
        let required: Vec<String> = required.iter().map(|r| (*r).to_owned()).collect();
        let checks = found.compare(truth, &required);
        checks.into_iter().filter(|c| !c.passes()).map(|c| c.what).collect()
    }

    #[test]
    fn what_is_missing_is_named() {
        let truth = Truth { dns_queries: 3, http_requests: 2, ..Truth::default() };
        let mut found = Found::default();
        assert_eq!(failures(&found, &truth, &[]), [] as [&str; 0]);
        assert_eq!(failures(&found, &truth, &["dns"]), ["dns transactions"]);
        found.sessions.insert(DNS, 3);
        found.sessions.insert(HTTP, 1);
        assert_eq!(failures(&found, &truth, &["dns"]), ["http transactions"]);
        found.sessions.insert(HTTP, 2);
        found.halves = 1;
        assert_eq!(failures(&found, &truth, &["dns", "http"]), ["half exchanges"]);
    }
}
