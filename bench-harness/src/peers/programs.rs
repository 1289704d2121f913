//! The other programs: how each is called, and where in what it says its counts are.

use crate::child::Ran;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a program counted in a file; what it does not say is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Packets.
    pub packets: Option<u64>,
    /// Flows, or for some halves of them.
    pub flows: Option<u64>,
    /// Bytes, of frames or of IP packets.
    pub bytes: Option<u64>,
    /// Transactions it logged, by protocol.
    pub transactions: BTreeMap<String, u64>,
}

/// What a program is called with.
pub struct Call<'a> {
    /// The capture.
    pub file: &'a str,
    /// An empty folder, in which it runs.
    pub folder: &'a Path,
    /// The program.
    pub program: &'a str,
}

/// A program.
pub struct Program {
    /// Its name here.
    pub name: &'static str,
    /// What it makes of a packet.
    pub does: &'static str,
    /// Its executable.
    pub executable: &'static str,
    /// Package that has it.
    pub package: &'static str,
    /// Each direction of a flow is one of its flows.
    pub halves: bool,
    /// How it is called; may write what it needs into the folder.
    pub command: fn(&Call<'_>) -> std::io::Result<Vec<String>>,
    /// What it counted.
    pub counts: fn(&Call<'_>, &Ran) -> Counts,
}

fn words(program: &str, rest: &[&str]) -> Vec<String> {
    std::iter::once(program).chain(rest.iter().copied()).map(str::to_owned).collect()
}

/// The number behind `key`.
fn after(text: &str, key: &str) -> Option<u64> {
    let rest = text.split_once(key)?.1.trim_start();
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// All programs that are known.
pub const PROGRAMS: &[Program] = &[
    Program {
        name: "tcpdump",
        does: "reads and writes packets: what libpcap costs",
        executable: "tcpdump",
        package: "tcpdump",
        halves: false,
        command: |c| Ok(words(c.program, &["-n", "-r", c.file, "-w", "/dev/null"])),
        counts: |_, _| Counts::default(),
    },
    Program {
        name: "softflowd",
        does: "flows, NetFlow 9",
        executable: "softflowd",
        package: "softflowd",
        halves: false,
        command: |c| {
            Ok(words(c.program, &["-r", c.file, "-d", "-n", "127.0.0.1:29995", "-v", "9"]))
        },
        counts: |_, ran| {
            let all = format!("{}{}", ran.out, ran.err);
            let octets = |protocol: &str| after(all.split_once(protocol)?.1.split_once(':')?.1, "");
            let bytes = octets("tcp (6)").unwrap_or(0) + octets("udp (17)").unwrap_or(0);
            Counts {
                packets: after(&all, "Packets processed:"),
                flows: after(&all, "Flows exported:"),
                bytes: Some(bytes).filter(|b| *b > 0),
                ..Counts::default()
            }
        },
    },
    Program {
        name: "nfpcapd",
        does: "flows, into files of its own format",
        executable: "nfpcapd",
        package: "nfdump",
        halves: true,
        command: |c| Ok(words(c.program, &["-r", c.file, "-w", &c.folder.to_string_lossy()])),
        counts: |_, ran| {
            let all = format!("{}{}", ran.out, ran.err);
            let sum = |key: &str| {
                let lines = all.lines().filter(|l| l.starts_with("Ident:"));
                Some(lines.filter_map(|l| after(l, key)).sum()).filter(|n| *n > 0)
            };
            Counts {
                packets: sum(" Packets:"),
                flows: sum("Flows:"),
                bytes: sum(" Bytes:"),
                ..Counts::default()
            }
        },
    },
    Program {
        name: "pmacctd",
        does: "sums by 5-tuple, CSV",
        executable: "pmacctd",
        package: "pmacct",
        halves: true,
        command: |c| {
            let out = c.folder.join("flows.csv");
            let text = format!(
                "pcap_savefile: {}\naggregate: src_host,dst_host,src_port,dst_port,proto\n\
                 plugins: print\nprint_output: csv\nprint_output_file: {}\nprint_refresh_time: 600\n\
                 plugin_buffer_size: 1048576\nplugin_pipe_size: 104857600\n",
                c.file,
                out.display()
            );
            let config = c.folder.join("pmacct.conf");
            std::fs::write(&config, text)?;
            Ok(words(c.program, &["-f", &config.to_string_lossy()]))
        },
        counts: |c, _| {
            let text = std::fs::read_to_string(c.folder.join("flows.csv")).unwrap_or_default();
            let mut counts = Counts::default();
            for line in text.lines().skip(1) {
                let mut last = line.rsplit(',').filter_map(|n| n.parse::<u64>().ok());
                let (bytes, packets) = (last.next().unwrap_or(0), last.next().unwrap_or(0));
                *counts.bytes.get_or_insert(0) += bytes;
                *counts.packets.get_or_insert(0) += packets;
                *counts.flows.get_or_insert(0) += 1;
            }
            counts
        },
    },
    Program {
        name: "suricata-flow",
        does: "flows, JSON; no application layer",
        executable: "suricata",
        package: "suricata",
        halves: false,
        command: |c| suricata(c, &["flow"]),
        counts: eve,
    },
    Program {
        name: "ndpi",
        does: "flows and which protocol each speaks; no log of requests",
        executable: "ndpiReader",
        package: "libndpi-bin",
        halves: false,
        command: |c| Ok(words(c.program, &["-i", c.file])),
        counts: |_, ran| Counts {
            packets: after(&ran.out, "IP packets:"),
            flows: after(&ran.out, "Unique flows:"),
            bytes: after(&ran.out, "IP bytes:"),
            ..Counts::default()
        },
    },
    Program {
        name: "suricata",
        does: "flows and transactions of HTTP, DNS and TLS, JSON; no rules, no limit of depth",
        executable: "suricata",
        package: "suricata",
        halves: false,
        command: |c| suricata(c, &["http", "dns", "tls", "flow"]),
        counts: eve,
    },
    Program {
        name: "nfstream",
        does: "flows with statistics and nDPI, Python",
        executable: "nfstream/bin/python",
        package: "nfstream (PyPI)",
        halves: false,
        command: |c| Ok(words(c.program, &["-c", NFSTREAM, c.file])),
        counts: |_, ran| {
            // It warns on the same output first.
            let last = ran.out.lines().last().unwrap_or_default();
            let mut n = last.split_ascii_whitespace().map(|n| n.parse().ok());
            let mut next = || n.next().flatten();
            let (flows, packets, bytes) = (next(), next(), next());
            Counts { packets, flows, bytes, ..Counts::default() }
        },
    },
    Program {
        name: "tshark",
        does: "dissects everything, sums by conversation",
        executable: "tshark",
        package: "tshark",
        halves: false,
        command: |c| {
            Ok(words(c.program, &["-n", "-r", c.file, "-q", "-z", "conv,tcp", "-z", "conv,udp"]))
        },
        counts: |_, ran| {
            let flows =
                ran.out.lines().filter(|l| l.contains("<->") && !l.contains("<-  ")).count();
            Counts { flows: Some(flows as u64), ..Counts::default() }
        },
    },
];

const NFSTREAM: &str = "\
import sys
from nfstream import NFStreamer
flows = packets = size = 0
for f in NFStreamer(source=sys.argv[1], n_dissections=20, n_meters=1):
    flows += 1; packets += f.bidirectional_packets; size += f.bidirectional_bytes
print(flows, packets, size)
";

/// Suricata with these kinds of log lines and nothing else.
fn suricata(c: &Call<'_>, types: &[&str]) -> std::io::Result<Vec<String>> {
    let parsers = if types.contains(&"http") { "yes" } else { "no" };
    let protocols: String = ["http", "dns", "tls"]
        .iter()
        .map(|p| match *p {
            "dns" => format!(
                "    dns: {{ tcp: {{ enabled: {parsers} }}, udp: {{ enabled: {parsers} }} }}\n"
            ),
            p => format!("    {p}: {{ enabled: {parsers} }}\n"),
        })
        .collect();
    let text = format!(
        "%YAML 1.1\n---\noutputs:\n  - eve-log:\n      enabled: yes\n      filetype: regular\n      \
         filename: eve.json\n      types: [{}]\napp-layer:\n  protocols:\n{protocols}stream:\n  \
         memcap: 2gb\n  reassembly:\n    memcap: 4gb\n    depth: 0\nflow:\n  memcap: 2gb\n",
        types.join(", ")
    );
    let [config, rules] = ["suricata.yaml", "no.rules"].map(|n| c.folder.join(n));
    std::fs::write(&config, text)?;
    std::fs::write(&rules, "")?;
    let (config, rules) = (config.to_string_lossy(), rules.to_string_lossy());
    let out = c.folder.to_string_lossy();
    let rest = [
        "-c",
        &config,
        "-r",
        c.file,
        "-k",
        "none",
        "-S",
        &rules,
        "--runmode",
        "single",
        "-l",
        &out,
    ];
    Ok(words(c.program, &rest))
}

/// Sums of Suricata's log.
fn eve(c: &Call<'_>, _: &Ran) -> Counts {
    let text = std::fs::read_to_string(c.folder.join("eve.json")).unwrap_or_default();
    let mut counts =
        Counts { flows: Some(0), packets: Some(0), bytes: Some(0), ..Counts::default() };
    let add = |to: &mut Option<u64>, line: &str, keys: [&str; 2]| {
        let n: u64 = keys.iter().filter_map(|k| after(line, k)).sum();
        *to.get_or_insert(0) += n;
    };
    for line in text.lines() {
        let kind = line.split_once("\"event_type\":\"").and_then(|l| l.1.split('"').next());
        match kind {
            Some("flow") => {
                add(&mut counts.packets, line, ["\"pkts_toserver\":", "\"pkts_toclient\":"]);
                add(&mut counts.bytes, line, ["\"bytes_toserver\":", "\"bytes_toclient\":"]);
                *counts.flows.get_or_insert(0) += 1;
            }
            // One line for the query, one for the answer.
            Some("dns") if !line.contains("\"type\":\"answer\"") => {}
            Some(protocol) => *counts.transactions.entry(protocol.to_owned()).or_default() += 1,
            None => {}
        }
    }
    counts
}

/// Where an executable is: in the path, or where `ci/get-peers.sh` put it.
pub fn find(executable: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Daemons are where an ordinary user's path does not go.
    folders.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    let cache = std::env::var_os("FATHOM_CACHE").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache/fathom"));
    folders.extend(cache.or(home).map(|c| c.join("peers")));
    folders.into_iter().map(|f| f.join(executable)).find(|p| p.is_file())
}

#[cfg(test)]
mod tests {
    use super::{Counts, PROGRAMS, after, find};
    use crate::child::Ran;
    use crate::folder::Folder;
    use crate::peers::programs::Call;

    fn counts(name: &str, out: &str) -> Counts {
        let folder = Folder::new().expect("a folder");
        let p = PROGRAMS.iter().find(|p| p.name == name).expect("known");
        let call = Call { file: "x.pcap", folder: folder.path(), program: p.executable };
        if out.starts_with('{') {
            std::fs::write(folder.path().join("eve.json"), out).expect("writes");
        }
        (p.counts)(&call, &Ran { out: out.to_owned(), ..Ran::default() })
    }

    #[test]
    fn counts_are_read() {
        assert_eq!(after("Flows: 12 of 13", "Flows:"), Some(12));
        let softflowd = "Packets processed: 20\nFlows exported: 3 (6 records)\n  Octets Packets\n \
                         tcp (6):   57219 197\n udp (17):  70 8\n";
        let c = counts("softflowd", softflowd);
        assert_eq!((c.packets, c.flows, c.bytes), (Some(20), Some(3), Some(57289)));
        let c = counts("nfpcapd", "Ident: 'none' Flows: 20, Packets: 205, Bytes: 573\n");
        assert_eq!((c.packets, c.flows, c.bytes), (Some(205), Some(20), Some(573)));
        let eve = "{\"event_type\":\"flow\",\"flow\":{\"pkts_toserver\":8,\"pkts_toclient\":6,\
                   \"bytes_toserver\":1081,\"bytes_toclient\":1622}}\n{\"event_type\":\"http\"}\n";
        let c = counts("suricata", eve);
        assert_eq!((c.packets, c.flows, c.bytes), (Some(14), Some(1), Some(2703)));
        assert_eq!(c.transactions["http"], 1);
        assert!(find("sh").is_some() && find("no-such-program-here").is_none());
    }
}
