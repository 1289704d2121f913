//! The agent's program as a file: where it is, and what setcap(8) gave it.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Number of CAP_NET_RAW, from capability.h of the kernel.
const CAP_NET_RAW: u32 = 13;

/// `fathom-agent`, beside this program.
pub(crate) fn program() -> Result<PathBuf> {
    let this = std::env::current_exe().context("finding this program's own place")?;
    let agent = this.with_file_name("fathom-agent");
    anyhow::ensure!(
        agent.is_file(),
        "fathom-agent is not beside {}; build it (`cargo build --release`), or use --no-capture",
        this.display()
    );
    Ok(agent)
}

/// Whether the file gives whoever runs it the right to capture.
pub(crate) fn may_capture(program: &Path) -> bool {
    let mut value = [0u8; 64];
    let read = rustix::fs::getxattr(program, "security.capability", &mut value);
    read.is_ok_and(|n| gives_net_raw(&value[..n]))
}

/// Reads the kernel's `vfs_cap_data`: a word with the "effective" flag in its lowest bit, then the
/// lower half of the permitted set, all little-endian.
fn gives_net_raw(value: &[u8]) -> bool {
    let word = |i: usize| {
        let bytes = value.get(i * 4..i * 4 + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (Some(magic), Some(permitted)) = (word(0), word(1)) else { return false };
    magic & 1 == 1 && permitted & (1 << CAP_NET_RAW) != 0
}

#[cfg(test)]
mod tests {
    use super::gives_net_raw;

    #[test]
    fn file_capabilities_are_read() {
        // From `setcap WHAT file; getfattr -e hex -n security.capability file`.
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len())
                .step_by(2)
                .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
                .collect()
        };
        for (what, value, gives) in [
            ("cap_net_raw+ep", "0100000200200000000000000000000000000000", true),
            ("cap_net_raw+p", "0000000200200000000000000000000000000000", false),
            ("cap_net_admin+ep", "0100000200100000000000000000000000000000", false),
            ("cap_net_raw,cap_bpf+ep", "0100000200200000000000008000000000000000", true),
            ("nothing", "", false),
        ] {
            assert_eq!(gives_net_raw(&hex(value)), gives, "{what}");
        }
    }
}
