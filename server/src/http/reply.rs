//! Answers: a body known whole, or one that arrives in pieces.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::query::answer;
use crate::store::{StoreError, Trouble};

/// What a handler gives back.
pub(super) type Reply = Response<Body>;

/// The rest of an answer cannot be had: the connection is cut, so that nobody takes what came
/// before for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off: {0}")]
pub(super) struct BrokenOff(pub(super) StoreError);

/// An answer's body.
#[derive(Debug)]
pub(super) enum Body {
    Whole(Option<Bytes>),
    Pieces(mpsc::Receiver<Result<Bytes, BrokenOff>>),
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|b| Ok(Frame::data(b)))),
            Self::Pieces(pieces) => {
                pieces.poll_recv(context).map(|piece| piece.map(|p| p.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Pieces(_) => SizeHint::default(),
        }
    }
}

/// An answer of this type.
pub(super) fn whole(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Reply {
    reply(status, kind, Body::Whole(Some(body.into())))
}

pub(super) fn reply(status: StatusCode, kind: &'static str, body: Body) -> Reply {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// JSON.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    whole(status, "application/json", body)
}

/// Plain text.
pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Reply {
    whole(status, "text/plain; charset=utf-8", body)
}

/// A refusal or failure, in the one shape the API has for it.
pub(super) fn failure(status: StatusCode, name: &str, description: &str) -> Reply {
    json(status, answer::failure(name, description))
}

/// What a store's error means to a client.
pub(super) fn store_failure(error: &StoreError) -> Reply {
    let (status, name) = classify(error);
    failure(status, name, &error.to_string())
}

/// HTTP status and `OPT_STATUS` of a store's error.
pub(super) fn classify(error: &StoreError) -> (StatusCode, &'static str) {
    match error.trouble() {
        Some(Trouble::Statement | Trouble::Missing) => (StatusCode::BAD_REQUEST, "INVALID_SQL"),
        Some(Trouble::Time) => (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT"),
        Some(Trouble::Memory) => (StatusCode::BAD_REQUEST, "MEMORY_LIMIT"),
        Some(Trouble::Rows) => (StatusCode::BAD_REQUEST, "TOO_MANY_ROWS"),
        Some(Trouble::Denied) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
        Some(Trouble::Busy) => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_QUERIES"),
        Some(Trouble::Store) => (StatusCode::INTERNAL_SERVER_ERROR, "STORE_ERROR"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "STORE_UNAVAILABLE"),
    }
}
