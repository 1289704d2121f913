//! Fields of Protocol Buffers, for tests of what is made of them.

fn varint(mut n: u64) -> Vec<u8> {
    let mut p = Vec::new();
    loop {
        p.push((n & 0x7f) as u8 | if n > 0x7f { 0x80 } else { 0 });
        n >>= 7;
        if n == 0 {
            return p;
        }
    }
}

/// A number.
pub fn number(field: u32, n: u64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(n)].concat()
}

/// A text or a message.
pub fn bytes(field: u32, text: &[u8]) -> Vec<u8> {
    [varint(u64::from(field) << 3 | 2), varint(text.len() as u64), text.to_vec()].concat()
}
