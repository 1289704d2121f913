//! Request targets (RFC 9112 3.2): whom they name, and what requests are grouped by.

/// The parts of a request target (RFC 9112 3.2).
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// Host and port, when the target names them.
    pub(crate) authority: Option<&'a [u8]>,
    /// Path with query.
    pub(crate) resource: &'a [u8],
}

impl<'a> Target<'a> {
    #[inline]
    pub(crate) fn of(method: &[u8], target: &'a [u8]) -> Self {
        if matches!(target, [b'/' | b'*', ..]) {
            return Self { authority: None, resource: target };
        }
        if method == b"CONNECT" {
            return Self { authority: Some(target), resource: target };
        }
        let scheme = target.iter().take(12).position(|&b| b == b':');
        match scheme.and_then(|n| target[n..].strip_prefix(b"://")) {
            Some(rest) => {
                let n = rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#'));
                let (authority, resource) = rest.split_at(n.unwrap_or(rest.len()));
                let host =
                    memchr::memrchr(b'@', authority).map_or(authority, |n| &authority[n + 1..]);
                let resource: &[u8] = if resource.is_empty() { b"/" } else { resource };
                Self { authority: Some(host), resource }
            }
            None => Self { authority: None, resource: target },
        }
    }

    /// The path, cut behind `segments` segments; 0 keeps all.
    pub(crate) fn endpoint(&self, segments: u8) -> &'a [u8] {
        let mut slashes = 0;
        for (i, &b) in self.resource.iter().enumerate() {
            match b {
                b'?' | b'#' => return &self.resource[..i],
                b'/' if segments > 0 => {
                    if slashes == segments {
                        return &self.resource[..i];
                    }
                    slashes += 1;
                }
                _ => {}
            }
        }
        self.resource
    }
}
