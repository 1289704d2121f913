//! Just enough of the kernel's type information (BTF) to find the id of a function or of a
//! tracepoint by name, which loading a tracing program needs. The format is described in the
//! kernel's `Documentation/bpf/btf.rst`.

use std::path::Path;

/// Where the running kernel publishes its own types.
const VMLINUX: &str = "/sys/kernel/btf/vmlinux";
/// A kernel's BTF is 3 to 10 MiB; more than this is not one.
const MAX_BYTES: u64 = 64 << 20;

const MAGIC: u16 = 0xeb9f;
const KIND_FUNC: u32 = 12;
const KIND_TYPEDEF: u32 = 8;

/// Why BTF could not be used.
#[derive(Debug, PartialEq, Eq)]
pub enum BtfError {
    /// The kernel was built without it, or it cannot be read.
    Missing(String),
    /// The bytes do not follow the format; what is wrong with them.
    Malformed(&'static str),
}

impl std::fmt::Display for BtfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BtfError::Missing(why) => write!(f, "{VMLINUX}: {why}"),
            BtfError::Malformed(what) => write!(f, "{VMLINUX} is malformed: {what}"),
        }
    }
}

impl std::error::Error for BtfError {}

/// A parsed BTF blob.
#[derive(Debug)]
pub struct Btf {
    types: Vec<u8>,
    strings: Vec<u8>,
}

impl Btf {
    /// Reads the running kernel's.
    ///
    /// # Errors
    /// When the kernel has none, or it is malformed.
    pub fn of_kernel() -> Result<Self, BtfError> {
        let path = Path::new(VMLINUX);
        let missing = |e: std::io::Error| BtfError::Missing(e.to_string());
        if std::fs::metadata(path).map_err(missing)?.len() > MAX_BYTES {
            return Err(BtfError::Malformed("larger than 64 MiB"));
        }
        Self::parse(&std::fs::read(path).map_err(missing)?)
    }

    /// Reads a blob in this machine's byte order.
    ///
    /// # Errors
    /// [`BtfError::Malformed`].
    pub fn parse(blob: &[u8]) -> Result<Self, BtfError> {
        let half = blob.get(..2).ok_or(BtfError::Malformed("no header"))?;
        if u16::from_ne_bytes([half[0], half[1]]) != MAGIC {
            return Err(BtfError::Malformed("wrong magic"));
        }
        let word = |at: usize| word(blob, at).ok_or(BtfError::Malformed("short header"));
        let (header, type_at, type_len) = (word(4)?, word(8)?, word(12)?);
        let (string_at, string_len) = (word(16)?, word(20)?);
        let part = |at: u32, len: u32| {
            let from = header as usize + at as usize;
            blob.get(from..from + len as usize).ok_or(BtfError::Malformed("section out of bounds"))
        };
        Ok(Self {
            types: part(type_at, type_len)?.to_vec(),
            strings: part(string_at, string_len)?.to_vec(),
        })
    }

    /// Type id of the kernel function `name`.
    pub fn function(&self, name: &str) -> Option<u32> {
        self.find(KIND_FUNC, name)
    }

    /// Type id to attach to the tracepoint `name` with.
    pub fn tracepoint(&self, name: &str) -> Option<u32> {
        self.find(KIND_TYPEDEF, &format!("btf_trace_{name}"))
    }

    fn find(&self, kind: u32, name: &str) -> Option<u32> {
        let mut at = 0;
        // Ids count from 1; 0 is void and is not stored.
        for id in 1.. {
            let (name_at, info) = (word(&self.types, at)?, word(&self.types, at + 4)?);
            let this = (info >> 24) & 0x1f;
            if this == kind && self.string(name_at) == Some(name.as_bytes()) {
                return Some(id);
            }
            at += 12 + trailer(this, info & 0xffff)?;
        }
        None
    }

    fn string(&self, at: u32) -> Option<&[u8]> {
        let rest = self.strings.get(at as usize..)?;
        Some(&rest[..rest.iter().position(|b| *b == 0)?])
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let b = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
}

/// Bytes that follow the common 12 of a type of this kind with `vlen` members.
fn trailer(kind: u32, vlen: u32) -> Option<usize> {
    let each = match kind {
        1 | 14 | 17 => return Some(4), // int, variable, declaration tag
        3 => return Some(12),          // array
        4 | 5 | 15 | 19 => 12,         // structure, union, data section, 64-bit enum
        6 | 13 => 8,                   // enum, function prototype
        2 | 7..=12 | 16 | 18 => return Some(0), // pointers, qualifiers, functions, floats, tags
        _ => return None,
    };
    Some(vlen as usize * each)
}
