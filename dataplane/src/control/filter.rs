//! `capture.filter`: a tcpdump expression, compiled to the classic BPF program that the kernel
//! runs on each packet. tcpdump itself compiles it: its language is libpcap's, and whoever writes
//! such an expression has it.

use std::process::Command;

use fathom_ring::bpf::{Insn, Program};

use super::open::Filters;

/// Compiles `expression` for frames with an Ethernet header and for those from the IP header on. An
/// expression that makes no sense for the latter (`ether host ...`) takes none of them.
///
/// # Errors
/// A sentence on what is wrong: the expression, or no tcpdump.
pub(super) fn compile(expression: &str, snaplen: u32) -> Result<Filters, String> {
    let ethernet = compile_for("EN10MB", expression, snaplen)?;
    let raw = match compile_for("RAW", expression, snaplen) {
        Ok(program) => program,
        Err(_) => Program::accept(0),
    };
    Ok(Filters { ethernet: Some(ethernet), raw: Some(raw) })
}

fn compile_for(link: &str, expression: &str, snaplen: u32) -> Result<Program, String> {
    let out = Command::new("tcpdump")
        .args(["-ddd", "-y", link, "-s"])
        .arg(snaplen.to_string())
        .arg("--")
        .arg(expression)
        .output()
        .map_err(|e| format!("compiling a filter needs the program tcpdump ({e}); install it"))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        let why = said.lines().rfind(|l| !l.is_empty()).unwrap_or("it does not say why");
        return Err(format!("{expression:?}: {why}"));
    }
    parse(&String::from_utf8_lossy(&out.stdout))
}

/// Reads the form of `tcpdump -ddd`: a count, then four decimal numbers per instruction.
fn parse(text: &str) -> Result<Program, String> {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let count: usize =
        lines.next().and_then(|l| l.trim().parse().ok()).ok_or("tcpdump printed no program")?;
    let mut insns = Vec::new();
    for line in lines {
        let mut n = line.split_whitespace().map(str::parse::<u32>);
        let mut next = || n.next().and_then(Result::ok).ok_or("tcpdump printed a strange program");
        let (code, jt, jf, k) = (next()?, next()?, next()?, next()?);
        let small = |v: u32| u8::try_from(v).map_err(|_| "tcpdump printed a strange program");
        let code = u16::try_from(code).map_err(|_| "tcpdump printed a strange program")?;
        insns.push(Insn { code, jt: small(jt)?, jf: small(jf)?, k });
    }
    if insns.len() != count {
        return Err("tcpdump printed an unfinished program".to_owned());
    }
    Program::new(insns).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_tcpdump_is_read() {
        // `tcpdump -ddd -y EN10MB ip`
        let p = parse("4\n40 0 0 12\n21 0 1 2048\n6 0 0 262144\n6 0 0 0\n").unwrap();
        assert_eq!(p.insns().len(), 4);
        for bad in ["", "x", "2\n6 0 0 0\n", "1\n6 0 0\n", "1\n6 300 0 0\n", "1\n40 0 0 12\n"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
