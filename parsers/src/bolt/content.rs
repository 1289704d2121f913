//! The objects that SOFARPC sends: `SofaRequest` and `SofaResponse` in SOFA's Hessian, whose
//! objects look like those of Hessian 2's first drafts (`O` defines a class, `o` is an object), or
//! like those of Hessian 2.

use crate::hessian::Hessian;
use crate::trace::{Carried, TraceOptions};

/// Fields of a class that are looked at.
const MAX_FIELDS: usize = 16;
/// Properties of a request that are looked at.
const MAX_PROPS: usize = 32;

/// Goes into an object: the names of its fields.
fn enter<'a>(h: &mut Hessian<'a>) -> Option<([&'a [u8]; MAX_FIELDS], usize)> {
    let draft = match h.byte()? {
        b'O' => true,
        b'C' => false,
        _ => return None,
    };
    if draft {
        let len = usize::try_from(h.int()?).ok()?;
        h.take(len)?;
    } else {
        h.text()?;
    }
    let count = usize::try_from(h.int()?).ok()?;
    let mut names: [&[u8]; MAX_FIELDS] = [b""; MAX_FIELDS];
    for name in names.get_mut(..count)? {
        *name = h.text()?;
    }
    match h.byte()? {
        b'o' | b'O' => drop(h.int()?),
        0x60..=0x6f if !draft => {}
        _ => return None,
    }
    Some((names, count))
}

/// The call that a request's content names, and its trace.
pub(super) fn call<'a>(
    content: &'a [u8],
    service: &mut &'a [u8],
    method: &mut &'a [u8],
    carried: &mut Carried<'a>,
    options: &TraceOptions,
) {
    let mut h = Hessian::new(content);
    let Some((names, count)) = enter(&mut h) else { return };
    for name in &names[..count] {
        let value = h.text();
        match (*name, value) {
            (b"targetServiceUniqueName", Some(text)) if service.is_empty() => *service = text,
            (b"methodName", Some(text)) if method.is_empty() => *method = text,
            (b"requestProps", None) => props(&mut h, carried, options),
            (_, Some(_)) => {}
            (_, None) => match h.byte() {
                Some(b'N') => {}
                Some(b'V') if texts(&mut h).is_some() => {}
                // Objects of their own: what is wanted stands in front of them.
                _ => return,
            },
        }
    }
}

/// Walks over a list of texts: a type, a length, the texts, an end.
fn texts(h: &mut Hessian<'_>) -> Option<()> {
    let mut tag = h.byte()?;
    if tag == b't' {
        let len = usize::from(u16::from_be_bytes([h.byte()?, h.byte()?]));
        h.take(len)?;
        tag = h.byte()?;
    }
    match tag {
        b'n' => drop(h.byte()?),
        b'l' => drop(h.take(4)?),
        _ => return None,
    }
    while h.text().is_some() {}
    (h.byte()? == b'z').then_some(())
}

/// A map of texts.
fn props<'a>(h: &mut Hessian<'a>, carried: &mut Carried<'a>, options: &TraceOptions) {
    if !matches!(h.byte(), Some(b'M' | b'H')) {
        return;
    }
    for _ in 0..MAX_PROPS {
        let Some(name) = h.text() else { return };
        let Some(value) = h.text() else { return };
        carried.offer(name, value, options);
    }
}

/// What an answer says that went wrong.
pub(super) fn failure(content: &[u8]) -> Option<&[u8]> {
    let mut h = Hessian::new(content);
    let (names, _) = enter(&mut h)?;
    if names[..2] != [&b"isError"[..], b"errorMsg"] || h.byte() != Some(b'T') {
        return None;
    }
    Some(h.text().unwrap_or(b"error"))
}
