//! Rows as one aligned line each, with the columns that people read.

use fathom_schema::enums::CLOSE_TYPE;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Turns the NDJSON that is written to it into lines for people.
pub(super) struct Lines<W> {
    out: W,
    pending: Vec<u8>,
    /// Tables whose head has been printed.
    headed: Vec<String>,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, pending: Vec::new(), headed: Vec::new() }
    }

    fn row(&mut self, line: &[u8]) -> io::Result<()> {
        let row: Map<String, Value> = serde_json::from_slice(line)?;
        let table = text(&row, "table");
        if !self.headed.contains(&table) {
            if let Some(head) = head(&table) {
                writeln!(self.out, "{head}")?;
            }
            self.headed.push(table.clone());
        }
        let line = match table.as_str() {
            "l7_flow_log" => request(&row),
            "l4_flow_log" => flow(&row),
            _ => other(&row),
        };
        writeln!(self.out, "{}", line.trim_end())
    }
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_slice();
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            self.row(&rest[..end])?;
            rest = &rest[end + 1..];
        }
        self.pending.extend_from_slice(rest);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn head(table: &str) -> Option<String> {
    match table {
        "l7_flow_log" => Some(format!(
            "L7 {:<26} {:<22} {:<22} {:<10} {:<8} {:>5} {:<12} {:>10}  REQUEST",
            "TIME (UTC)", "CLIENT", "SERVER", "PROTOCOL", "KIND", "CODE", "STATUS", "DURATION"
        )),
        "l4_flow_log" => Some(format!(
            "L4 {:<26} {:<22} {:<22} {:<8} {:>9} {:>9} {:>11} {:>11} {:>10}  {}",
            "START (UTC)",
            "CLIENT",
            "SERVER",
            "PROTO",
            "PKTS OUT",
            "PKTS IN",
            "BYTES OUT",
            "BYTES IN",
            "RTT",
            "CLOSE"
        )),
        _ => None,
    }
}

fn request(row: &Map<String, Value>) -> String {
    let mut words =
        vec![text(row, "request_type"), text(row, "request_domain"), text(row, "request_resource")];
    words.retain(|s| !s.is_empty());
    // A DNS request's domain and resource are the same name.
    words.dedup();
    format!(
        "L7 {:<26} {:<22} {:<22} {:<10} {:<8} {:>5} {:<12} {:>10}  {}",
        time(row, "start_time"),
        end(row, "ip_0", "client_port"),
        end(row, "ip_1", "server_port"),
        text(row, "l7_protocol"),
        text(row, "type"),
        text(row, "response_code"),
        text(row, "response_status"),
        micros(row, "response_duration"),
        words.join(" "),
    )
}

fn flow(row: &Map<String, Value>) -> String {
    format!(
        "L4 {:<26} {:<22} {:<22} {:<8} {:>9} {:>9} {:>11} {:>11} {:>10}  {}",
        time(row, "start_time"),
        end(row, "ip_0", "client_port"),
        end(row, "ip_1", "server_port"),
        text(row, "protocol"),
        text(row, "packet_tx"),
        text(row, "packet_rx"),
        text(row, "byte_tx"),
        text(row, "byte_rx"),
        micros(row, "rtt"),
        close(row),
    )
}

/// How a flow ended, in words.
fn close(row: &Map<String, Value>) -> String {
    let value = row.get("close_type").and_then(Value::as_u64).unwrap_or(0);
    CLOSE_TYPE.name_of(value).map_or_else(|| value.to_string(), str::to_owned)
}

/// Any other table: its name, then every column that says something.
fn other(row: &Map<String, Value>) -> String {
    let mut out = text(row, "table");
    for (name, value) in row {
        let blank = match value {
            Value::Null => true,
            Value::Number(n) => n.as_f64() == Some(0.0),
            Value::String(s) => s.is_empty() || name == "table",
            Value::Array(a) => a.is_empty(),
            _ => false,
        };
        if !blank {
            let _ = match (name.as_str(), value) {
                ("time", _) => write!(out, " time={}", time(row, "time").replace(' ', "T")),
                (_, Value::String(s)) => write!(out, " {name}={s}"),
                _ => write!(out, " {name}={value}"),
            };
        }
    }
    out
}

fn text(row: &Map<String, Value>, name: &str) -> String {
    match row.get(name) {
        None | Some(Value::Null) => String::new(),
        // What a peer sent is printed without its control characters: they could move the cursor.
        Some(Value::String(s)) => s.chars().map(|c| if c.is_control() { '.' } else { c }).collect(),
        Some(other) => other.to_string(),
    }
}

fn end(row: &Map<String, Value>, ip: &str, port: &str) -> String {
    let (ip, port) = (text(row, ip), text(row, port));
    if port == "0" {
        return ip;
    }
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}

/// A duration in microseconds, with a unit that fits.
fn micros(row: &Map<String, Value>, name: &str) -> String {
    match row.get(name).and_then(Value::as_u64) {
        None | Some(0) => "-".into(),
        Some(us) if us < 1_000 => format!("{us} us"),
        Some(us) if us < 1_000_000 => format!("{:.2} ms", us as f64 / 1e3),
        Some(us) => format!("{:.2} s", us as f64 / 1e6),
    }
}

/// Microseconds since the epoch as a date and time of day, UTC.
fn time(row: &Map<String, Value>, name: &str) -> String {
    let Some(us) = row.get(name).and_then(Value::as_i64) else { return "-".into() };
    let (seconds, us) = (us.div_euclid(1_000_000), us.rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02}.{us:06}")
}

/// Proleptic Gregorian date of a day number (0 is 1970-01-01): eras of 400 years that begin in
/// March, so that the leap day is a year's last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, wrap) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (year + era * 400 + wrap, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        // From date(1): `date -u -d @N +%F`.
        for (days, want) in [
            (0, (1970, 1, 1)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (19_782, (2024, 2, 29)),
            (19_783, (2024, 3, 1)),
            (20_779, (2026, 11, 22)),
            (-1, (1969, 12, 31)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), want, "day {days}");
        }
    }

    #[test]
    fn rows_are_whole_however_they_are_cut() {
        let ndjson = "{\"table\":\"l4_flow_log\",\"start_time\":1700000000123456,\
            \"ip_0\":\"10.0.0.1\",\"client_port\":5,\"ip_1\":\"::1\",\"server_port\":80,\
            \"protocol\":\"TCP\",\"packet_tx\":3,\"rtt\":1500}\n\
            {\"table\":\"x.1s\",\"time\":1700000000000000,\"byte\":7,\"zero\":0,\"tag\":\"a\\u001bb\"}\n";
        let mut whole = Vec::new();
        Lines::new(&mut whole).write_all(ndjson.as_bytes()).unwrap();
        let text = String::from_utf8(whole.clone()).unwrap();
        assert!(text.contains("2023-11-14 22:13:20.123456 10.0.0.1:5"), "{text}");
        assert!(text.contains("[::1]:80") && text.contains("1.50 ms"), "{text}");
        for cut in 0..ndjson.len() {
            let mut out = Vec::new();
            let mut lines = Lines::new(&mut out);
            lines.write_all(&ndjson.as_bytes()[..cut]).unwrap();
            lines.write_all(&ndjson.as_bytes()[cut..]).unwrap();
            assert_eq!(out, whole, "cut at {cut}");
        }
    }
}
