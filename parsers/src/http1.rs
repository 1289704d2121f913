//! HTTP/1.0 and 1.1 (RFC 9110, 9112): a streaming parser for both directions of a connection.
//!
//! Each direction is in a head, in a counted or chunked body, or in a body that lasts until the
//! connection closes. A head is read once it is complete (`head.rs`); bodies are counted, never
//! kept (`body.rs`). Which response has no body depends on its request, so the methods that
//! matter are remembered (`outstanding.rs`). `detect.rs` tells HTTP from other protocols and
//! finds the next message after a loss, `target.rs` reads request targets.

mod body;
mod detect;
mod head;
mod outstanding;
pub(crate) mod target;

pub(crate) use detect::probe;

use crate::grpc_web;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Parser, ResponseStatus, Scratch, Step,
};
use crate::registry;
use crate::text;
use crate::trace::TraceOptions;
use crate::websocket::Upgrade;
use body::{Half, Place};
use head::{Framing, Head, Line, Walk};
use outstanding::{Asked, Outstanding};
use target::Target;

/// A head larger than this is given up: servers accept 8 to 64 KiB, and no flow may hold more
/// bytes than that.
pub const MAX_HEAD: usize = 64 * 1024;
/// A first line without its end after this many bytes is not HTTP. Servers accept 8 KiB.
pub const MAX_START_LINE: usize = 16 * 1024;

/// What HTTP parsers of any version can be told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many path segments an endpoint keeps; 0 keeps the whole path.
    pub endpoint_segments: u8,
}

impl Default for Options {
    fn default() -> Self {
        Self { endpoint_segments: 2 }
    }
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Http1 {
    trace: TraceOptions,
    options: Options,
    to_server: Half,
    to_client: Half,
    outstanding: Outstanding,
    /// What the connection speaks now, once that is something else; `Unknown` for anything.
    switched: Option<L7Protocol>,
    /// What few connections need.
    rare: Option<Box<Rare>>,
}

/// State that few connections need.
#[derive(Debug, Default)]
struct Rare {
    /// The body of the answer is that of gRPC-Web.
    web: Option<grpc_web::Body>,
    /// The request that asked for WebSocket.
    upgrade: Upgrade,
}

impl Http1 {
    /// A parser at the start of a message in both directions.
    pub fn new(options: &registry::Options, _carrier: Carrier) -> Self {
        Self {
            trace: options.trace.clone(),
            options: options.http,
            to_server: Half::default(),
            to_client: Half::default(),
            outstanding: Outstanding::default(),
            switched: None,
            rare: None,
        }
    }

    fn half(&mut self, dir: Direction) -> &mut Half {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lose(&mut self, dir: Direction) {
        self.half(dir).lose();
        self.outstanding.lost(dir);
    }

    fn head<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        // RFC 9112 2.2: empty lines in front of a start line are to be ignored.
        let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        if blank > 0 {
            return Step::Skip { used: blank };
        }
        // Begun before, and read to no end: look for one in what is new.
        let from = self.half(dir).scanned as usize;
        if from > 0 && bytes.len() < MAX_HEAD && !head::has_end(bytes, from) {
            return self.incomplete(dir, bytes);
        }
        let (line, at) = match head::start_line(dir, bytes) {
            Line::Complete(line, at) => (line, at),
            Line::Incomplete if bytes.len() < MAX_START_LINE => return Step::More,
            Line::Incomplete | Line::Invalid => {
                self.lose(dir);
                return Step::Lost;
            }
        };
        let mut head = Head::new(line);
        match head::walk(bytes, at, &mut head, &self.trace) {
            Walk::End(used) if used <= MAX_HEAD => {
                self.half(dir).scanned = 0;
                Step::Message { used, message: self.message(head, scratch) }
            }
            Walk::Incomplete if bytes.len() < MAX_HEAD => self.incomplete(dir, bytes),
            Walk::End(_) | Walk::Incomplete => {
                self.lose(dir);
                Step::Lost
            }
        }
    }

    fn incomplete<'a>(&mut self, dir: Direction, bytes: &[u8]) -> Step<'a> {
        // Of two line ends the first, with its CR, may be there.
        self.half(dir).scanned = u32::try_from(bytes.len()).unwrap_or(0).saturating_sub(2);
        Step::More
    }

    /// Turns a head into a message and moves the direction's state behind it.
    fn message<'a>(&mut self, head: Head<'a>, scratch: &'a mut Scratch) -> Message<'a> {
        match head.line {
            head::StartLine::Request { method, target, version } => {
                self.request(method, target, version, head, scratch)
            }
            head::StartLine::Response { status, reason, version } => {
                self.response(status, reason, version, head, scratch)
            }
        }
    }

    fn request<'a>(
        &mut self,
        method: &'a [u8],
        target: &'a [u8],
        version: &'a [u8],
        head: Head<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        self.outstanding.push(Asked::of(method));
        let framing = match head.framing() {
            // RFC 9112 6.3: a request without either header has no body.
            Framing::Unstated => Framing::Counted(0),
            // A request whose body cannot be delimited is refused by any server.
            Framing::UntilClose => Framing::Unknown,
            other => other,
        };
        let (length, end_follows) = self.to_server.begin_body(framing);
        let target = Target::of(method, target);
        let host = target.authority.unwrap_or(head.host);
        let endpoint = target.endpoint(self.options.endpoint_segments);
        if head.upgrade.eq_ignore_ascii_case(b"websocket") {
            self.rare.get_or_insert_default().upgrade =
                Upgrade::new(host, target.resource, endpoint);
        }
        let is_grpc = grpc_web::is_web(head.content_type);
        let mut attributes = head.attributes();
        if is_grpc {
            attributes[3] = ("rpc_service", crate::http2::service(target.resource));
        }
        Message {
            kind: MessageKind::Request,
            protocol: if is_grpc { L7Protocol::Grpc } else { L7Protocol::Unknown },
            version,
            request_type: method,
            request_domain: host,
            request_resource: if is_grpc { attributes[3].1 } else { target.resource },
            endpoint: if is_grpc { target.resource } else { endpoint },
            length,
            end_follows,
            client_ip: text::first_of_list(head.forwarded_for),
            attributes,
            trace: head.trace.context(head.x_request_id, &self.trace, &mut scratch.bytes),
            ..Message::default()
        }
    }

    fn response<'a>(
        &mut self,
        status: u16,
        reason: &'a [u8],
        version: &'a [u8],
        head: Head<'a>,
        scratch: &'a mut Scratch,
    ) -> Message<'a> {
        // RFC 7540 3.2: the answer to a request that upgrades to HTTP/2 comes in HTTP/2.
        let to_http2 = status == 101 && head.upgrade.eq_ignore_ascii_case(b"h2c");
        let interim = (100..200).contains(&status) && (status != 101 || to_http2);
        let asked = if interim { Asked::Other } else { self.outstanding.pop() };
        if to_http2 {
            self.switched = Some(L7Protocol::Http2);
        } else if status == 101 && head.upgrade.eq_ignore_ascii_case(b"websocket") {
            self.switched = Some(L7Protocol::WebSocket);
        } else if status == 101 || (asked == Asked::Connect && status / 100 == 2) {
            self.switched = Some(L7Protocol::Unknown);
        }
        let bodiless = status < 200 || matches!(status, 204 | 304) || asked == Asked::Head;
        let framing = match head.framing() {
            _ if bodiless || self.switched.is_some() => Framing::Counted(0),
            // RFC 9112 6.3: a response without either header lasts until the connection closes.
            Framing::Unstated => Framing::UntilClose,
            other => other,
        };
        let (length, mut end_follows) = self.to_client.begin_body(framing);
        if grpc_web::is_web(head.content_type) && self.to_client.place != Place::Head {
            self.rare.get_or_insert_default().web = Some(grpc_web::Body::new(head.content_type));
            end_follows = true;
        }
        let outcome = match status {
            ..400 => ResponseStatus::Ok,
            400..500 => ResponseStatus::ClientError,
            _ => ResponseStatus::ServerError,
        };
        let message = Message {
            kind: if interim { MessageKind::Interim } else { MessageKind::Response },
            version,
            status: outcome,
            response_code: Some(i32::from(status)),
            exception: if outcome == ResponseStatus::Ok { b"" } else { reason },
            length,
            end_follows,
            attributes: head.attributes(),
            trace: head.trace.context(head.x_request_id, &self.trace, &mut scratch.bytes),
            ..Message::default()
        };
        if head.grpc_status.is_empty() {
            return message;
        }
        let status = text::number(head.grpc_status).and_then(|n| i32::try_from(n).ok());
        grpc_web::told(message, status, head.grpc_message, &mut scratch.more)
    }

    /// Inside the body of an answer of gRPC-Web, whose end tells the outcome.
    fn web_body<'a>(
        &mut self,
        mut web: grpc_web::Body,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let counted = self.to_client.place == Place::Counted;
        web.feed(self.to_client.content(bytes));
        match self.to_client.body(bytes) {
            Step::Message { used, message } => {
                Step::Message { used, message: web.tell(message, &mut scratch.more) }
            }
            Step::Skip { used } if counted && self.to_client.place == Place::Head => {
                let message = Message { kind: MessageKind::End, ..Message::default() };
                Step::Message { used, message: web.tell(message, &mut scratch.more) }
            }
            other => {
                self.rare.get_or_insert_default().web = Some(web);
                other
            }
        }
    }

    fn take_web(&mut self) -> Option<grpc_web::Body> {
        self.rare.as_mut()?.web.take()
    }

    /// The request that asked for WebSocket, for the parser of what follows.
    pub(crate) fn take_upgrade(&mut self) -> Upgrade {
        self.rare.take().map(|rare| rare.upgrade).unwrap_or_default()
    }
}

impl Parser for Http1 {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        scratch.more.clear();
        if let Some(to) = self.switched {
            return Step::Switched(to);
        }
        if bytes.is_empty() {
            return Step::More;
        }
        let half = self.half(dir);
        if half.place == Place::Head {
            return self.head(dir, bytes, scratch);
        }
        if dir == Direction::ToClient
            && let Some(web) = self.take_web()
        {
            let step = self.web_body(web, bytes, scratch);
            if matches!(step, Step::Lost) {
                self.lose(dir);
            }
            return step;
        }
        let step = self.half(dir).body(bytes);
        if matches!(step, Step::Lost) {
            self.lose(dir);
        }
        step
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        scratch.more.clear();
        if self.switched.is_some() {
            return None;
        }
        let message = (self.half(dir).place == Place::Head)
            .then(|| head::cut_short(dir, bytes, &self.trace))
            .flatten()
            .map(|head| {
                let message = self.message(head, scratch);
                Message { length: message.length.filter(|&n| n > 0), end_follows: false, ..message }
            });
        // The place is lost, but not which answer comes next: the message was counted.
        self.half(dir).lose();
        message
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if dir == Direction::ToClient
            && let Some(web) = self.rare.as_mut().and_then(|r| r.web.as_mut())
        {
            web.gap();
        }
        if self.switched.is_some() || self.half(dir).gap(len) {
            return true;
        }
        self.lose(dir);
        false
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = detect::find_start(dir, bytes)?;
        *self.half(dir) = Half::default();
        Some(at)
    }

    fn finish<'a>(&mut self, dir: Direction, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        let end = self.half(dir).finish()?;
        match self.take_web() {
            Some(web) if dir == Direction::ToClient => Some(web.tell(end, &mut scratch.more)),
            _ => Some(end),
        }
    }
}
