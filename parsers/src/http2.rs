//! HTTP/2 (RFC 9113) and what speaks through it: gRPC and Dubbo's Triple.
//!
//! Each direction is in front of a frame (`frame.rs`) or inside a payload that is counted and
//! skipped. Header blocks are read once all their frames are there (`hpack.rs`), keeping the
//! fields that rows need (`fields.rs`). A request is known at its first block, its answer at the
//! first block of the other direction; what follows (lengths, trailers with the status of gRPC,
//! resets) ends them by stream. A connection that was joined late, or of which bytes were lost,
//! is read as far as its header tables are known again. `detect.rs` tells HTTP/2 from anything
//! else, `status.rs` knows what codes mean.

mod detect;
mod fields;
mod frame;
mod hpack;
mod huffman;
mod status;
mod streams;

pub(crate) use detect::probe;
pub(crate) use status::grpc as grpc_status;

use crate::grpc_web;
use crate::http1::{self, target::Target};
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, ResponseStatus, Scratch,
    Step,
};
use crate::registry;
use crate::text;
use crate::trace::TraceOptions;
use fields::{Fields, Slot};
use frame::{Block, Found, Frame, Read};
use hpack::Table;
use streams::{Stream, Streams};

/// Answers of gRPC-Web that are looked through at a time in one connection; the oldest ones are
/// reported without their status when there are more.
const MAX_WEB: usize = 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// In front of a frame.
    #[default]
    Frame,
    /// In a payload, so many bytes of it left.
    Payload(u32),
    /// In the body of an answer of gRPC-Web: the stream, bytes left, and whether they are its
    /// last.
    WebBody { stream: u32, left: u32, ends: bool },
    /// Unknown, until a resync.
    Adrift,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Half {
    place: Place,
    table: Table,
    /// A header block of this stream is too long to be read: its frames are skipped.
    skipped_block: Option<u32>,
}

impl Half {
    fn lose(&mut self) {
        self.place = Place::Adrift;
        self.skipped_block = None;
        self.table.forget();
    }
}

/// The parser of one connection.
#[derive(Debug)]
pub struct Http2 {
    trace: TraceOptions,
    options: http1::Options,
    to_server: Half,
    to_client: Half,
    streams: Streams,
    /// Bodies of answers of gRPC-Web, by stream.
    web: Vec<(u32, grpc_web::Body)>,
    /// A request was seen.
    asked: bool,
}

impl Http2 {
    /// A parser at the start of a frame in both directions.
    pub fn new(options: &registry::Options, _carrier: Carrier) -> Self {
        Self {
            trace: options.trace.clone(),
            options: options.http,
            to_server: Half::default(),
            to_client: Half::default(),
            streams: Streams::default(),
            web: Vec::new(),
            asked: false,
        }
    }

    fn half(&mut self, dir: Direction) -> &mut Half {
        match dir {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.half(dir).lose();
        Step::Lost
    }

    fn frame<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        if dir == Direction::ToServer && bytes[0] == frame::PREFACE[0] {
            return match bytes.get(..frame::PREFACE.len()) {
                Some(preface) if preface == frame::PREFACE => {
                    Step::Skip { used: frame::PREFACE.len() }
                }
                None if frame::PREFACE.starts_with(bytes) => Step::More,
                _ => self.lost(dir),
            };
        }
        let frame = match Frame::read(bytes) {
            Read::Frame(frame) => frame,
            Read::Short => return Step::More,
            Read::Invalid => return self.lost(dir),
        };
        if let Some(stream) = self.half(dir).skipped_block {
            if frame.kind != frame::CONTINUATION || frame.stream != stream {
                return self.lost(dir);
            }
            if frame.has(frame::END_HEADERS) {
                self.half(dir).skipped_block = None;
            }
            return self.skip(dir, frame, bytes);
        }
        match frame.kind {
            frame::HEADERS | frame::PUSH_PROMISE => self.block(dir, frame, bytes, scratch),
            frame::CONTINUATION => self.lost(dir),
            frame::DATA => self.data(dir, frame, bytes, scratch),
            frame::RST_STREAM => match bytes[frame::HEADER..].first_chunk::<4>() {
                Some(code) => {
                    let used = frame::HEADER + code.len();
                    match self.reset(dir, frame.stream, u32::from_be_bytes(*code)) {
                        Some(message) => Step::Message { used, message },
                        None => Step::Skip { used },
                    }
                }
                None => Step::More,
            },
            _ => self.skip(dir, frame, bytes),
        }
    }

    /// Goes past the frame, as far as it is there.
    fn skip<'a>(&mut self, dir: Direction, frame: Frame, bytes: &[u8]) -> Step<'a> {
        let used = (frame::HEADER + frame.len as usize).min(bytes.len());
        self.begin_payload(dir, frame.len - (used - frame::HEADER) as u32);
        Step::Skip { used }
    }

    fn begin_payload(&mut self, dir: Direction, left: u32) {
        self.half(dir).place = if left > 0 { Place::Payload(left) } else { Place::Frame };
    }

    fn data<'a>(
        &mut self,
        dir: Direction,
        frame: Frame,
        bytes: &[u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let Some(stream) = self.streams.get(frame.stream) else {
            return self.skip(dir, frame, bytes);
        };
        stream.body[dir as usize] += u64::from(frame.len);
        if dir == Direction::ToClient && self.web.iter().any(|(id, _)| *id == frame.stream) {
            let (stream, left) = (frame.stream, frame.len);
            let ends = frame.has(frame::END_STREAM);
            if left == 0 && ends {
                let message = self.end_web(stream, scratch);
                return message.map_or(Step::Skip { used: frame::HEADER }, |message| {
                    Step::Message { used: frame::HEADER, message }
                });
            }
            if left > 0 {
                self.to_client.place = Place::WebBody { stream, left, ends };
            }
            return Step::Skip { used: frame::HEADER };
        }
        if !frame.has(frame::END_STREAM) {
            return self.skip(dir, frame, bytes);
        }
        let message = self.end(dir, frame.stream);
        self.begin_payload(dir, frame.len);
        match message {
            Some(message) => Step::Message { used: frame::HEADER, message },
            None => Step::Skip { used: frame::HEADER },
        }
    }

    /// The sender is done with a stream.
    fn end(&mut self, dir: Direction, id: u32) -> Option<Message<'static>> {
        let stream = self.streams.get(id)?;
        let message = Message {
            kind: MessageKind::End,
            pairing: pairing(stream),
            length: Some(stream.body[dir as usize]),
            ..Message::default()
        };
        match dir {
            Direction::ToServer if stream.asked => None,
            Direction::ToServer => {
                stream.asked = true;
                Some(message)
            }
            Direction::ToClient => {
                self.streams.close(id);
                Some(message)
            }
        }
    }

    /// Inside the body of an answer of gRPC-Web.
    fn web_body<'a>(
        &mut self,
        (stream, left, ends): (u32, u32, bool),
        bytes: &[u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let used = (left as usize).min(bytes.len());
        if let Some((_, body)) = self.web.iter_mut().find(|(id, _)| *id == stream) {
            body.feed(&bytes[..used]);
        }
        let left = left - used as u32;
        self.to_client.place = match left {
            0 => Place::Frame,
            _ => Place::WebBody { stream, left, ends },
        };
        if left > 0 || !ends {
            return Step::Skip { used };
        }
        match self.end_web(stream, scratch) {
            Some(message) => Step::Message { used, message },
            None => Step::Skip { used },
        }
    }

    fn end_web<'a>(&mut self, stream: u32, scratch: &'a mut Scratch) -> Option<Message<'a>> {
        let body = self.close_web(stream)?;
        let end = self.end(Direction::ToClient, stream)?;
        Some(body.tell(end, &mut scratch.more))
    }

    fn close_web(&mut self, stream: u32) -> Option<grpc_web::Body> {
        let at = self.web.iter().position(|(id, _)| *id == stream)?;
        Some(self.web.swap_remove(at).1)
    }

    fn reset(&mut self, dir: Direction, id: u32, code: u32) -> Option<Message<'static>> {
        // Whoever has everything may say so: the answer stands.
        if code == 0 {
            return None;
        }
        let stream = self.streams.close(id)?;
        self.close_web(id);
        const CANCEL: u32 = 8;
        let by_client = dir == Direction::ToServer || code == CANCEL;
        let answer = dir == Direction::ToClient && !stream.answered;
        Some(Message {
            kind: if answer { MessageKind::Response } else { MessageKind::End },
            pairing: pairing(&stream),
            request_id: answer.then_some(u64::from(id)),
            status: match by_client {
                true => ResponseStatus::ClientError,
                false => ResponseStatus::ServerError,
            },
            exception: status::reset(code),
            ..Message::default()
        })
    }

    fn block<'a>(
        &mut self,
        dir: Direction,
        frame: Frame,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Step<'a> {
        let block = match frame::block(frame, bytes, &mut scratch.decoded) {
            Found::Block(block) => block,
            Found::Short => return Step::More,
            Found::Invalid => return self.lost(dir),
            Found::TooLong => {
                let half = self.half(dir);
                half.table.forget();
                half.skipped_block = (!frame.has(frame::END_HEADERS)).then_some(frame.stream);
                return self.skip(dir, frame, bytes);
            }
        };
        let used = block.used;
        match self.told(dir, &block, scratch) {
            Some(message) => Step::Message { used, message },
            None => Step::Skip { used },
        }
    }

    /// Reads a header block.
    fn told<'a>(
        &mut self,
        dir: Direction,
        block: &Block<'a>,
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let trace = self.trace.clone();
        let mut fields = Fields::new(&trace);
        let Scratch { bytes: out, decoded, more, .. } = scratch;
        let text: &'a [u8] = if block.joined { decoded } else { block.fragment };
        let half = self.half(dir);
        let read = hpack::read(text, &mut half.table, &mut fields, out);
        if read.is_err() {
            half.table.forget();
        }
        let view = View { fields: &fields, block: text, out };
        let ends = block.frame.has(frame::END_STREAM) && block.frame.kind == frame::HEADERS;
        let known = self.streams.get(block.stream).map(|s| *s);
        match dir {
            _ if block.frame.kind == frame::PUSH_PROMISE => {
                Some(self.request(block.stream, true, &view, more))
            }
            Direction::ToServer => {
                let is_request = fields.has(Slot::Method) || known.is_none() && fields.unknown;
                match is_request {
                    true => Some(self.request(block.stream, ends, &view, more)),
                    false if ends => self.end(dir, block.stream),
                    false => None,
                }
            }
            Direction::ToClient => match known {
                Some(stream) if stream.answered && !fields.has(Slot::Status) => {
                    self.trailers(stream, ends, &view, more)
                }
                None if !fields.has(Slot::Status) && !fields.has(Slot::GrpcStatus) => None,
                _ => Some(self.response(block.stream, ends, &view, more)),
            },
        }
    }

    fn request<'a>(
        &mut self,
        id: u32,
        ends: bool,
        view: &View<'_, 'a>,
        more: &'a mut Vec<u8>,
    ) -> Message<'a> {
        let protocol = view.protocol();
        let is_rpc = protocol != L7Protocol::Unknown;
        self.asked = true;
        self.streams.open(Stream { id, is_rpc, asked: ends, ..Stream::default() });
        let path = view.get(Slot::Path);
        let authority = match view.get(Slot::Authority) {
            b"" => view.get(Slot::Host),
            authority => authority,
        };
        let service = if is_rpc { service(path) } else { b"" };
        let target = Target { authority: None, resource: path };
        Message {
            kind: MessageKind::Request,
            protocol,
            pairing: Pairing::ById(u64::from(id)),
            request_id: Some(u64::from(id)),
            version: b"2",
            request_type: view.get(Slot::Method),
            request_domain: authority,
            request_resource: match (is_rpc, path) {
                (true, _) => service,
                (false, b"") if view.get(Slot::Method) == b"CONNECT" => authority,
                (false, path) => path,
            },
            endpoint: if is_rpc { path } else { target.endpoint(self.options.endpoint_segments) },
            length: ends.then_some(0),
            end_follows: !ends,
            client_ip: text::first_of_list(view.get(Slot::ForwardedFor)),
            attributes: view.attributes(service),
            trace: view.fields.trace(view.block, view.out).context(
                view.get(Slot::XRequestId),
                &self.trace,
                more,
            ),
            ..Message::default()
        }
    }

    fn response<'a>(
        &mut self,
        id: u32,
        ends: bool,
        view: &View<'_, 'a>,
        more: &'a mut Vec<u8>,
    ) -> Message<'a> {
        let http = text::number(view.get(Slot::Status)).and_then(|n| u16::try_from(n).ok());
        let interim = http.is_some_and(|status| status < 200);
        let mut known = self.streams.get(id).map(|s| *s);
        if known.is_none() && !interim {
            // The request came with the upgrade from HTTP/1 (RFC 7540 3.2), or was not seen.
            let upgraded = id == 1 && !self.asked;
            let stream = Stream { id, upgraded, ..Stream::default() };
            self.streams.open(stream);
            known = Some(stream);
        }
        let stream = known.unwrap_or_default();
        let protocol = if stream.is_rpc { L7Protocol::Unknown } else { view.protocol() };
        if interim {
            // Nothing of the stream changes.
        } else if ends {
            self.streams.close(id);
        } else if let Some(stream) = self.streams.get(id) {
            stream.answered = true;
            let media = view.get(Slot::ContentType);
            if grpc_web::is_web(media) {
                self.close_web(id);
                if self.web.len() == MAX_WEB {
                    self.web.remove(0);
                }
                self.web.push((id, grpc_web::Body::new(media)));
            }
        }
        let message = Message {
            kind: if interim { MessageKind::Interim } else { MessageKind::Response },
            protocol,
            pairing: pairing(&Stream { id, ..stream }),
            request_id: Some(u64::from(id)),
            version: b"2",
            status: http.map(status::http).unwrap_or_default(),
            response_code: http.map(i32::from),
            length: ends.then_some(0),
            end_follows: !ends && !interim,
            attributes: view.attributes(b""),
            trace: crate::message::TraceContext {
                x_request_id: view.get(Slot::XRequestId),
                ..Default::default()
            },
            ..Message::default()
        };
        grpc_web::told(message, view.grpc_status(), view.get(Slot::GrpcMessage), more)
    }

    /// Fields behind the answer's body.
    fn trailers<'a>(
        &mut self,
        stream: Stream,
        ends: bool,
        view: &View<'_, 'a>,
        more: &'a mut Vec<u8>,
    ) -> Option<Message<'a>> {
        if !ends {
            return None;
        }
        self.streams.close(stream.id);
        let grpc = view.grpc_status();
        let end = Message {
            kind: MessageKind::End,
            // A request and an answer that did not say so were gRPC all the same.
            protocol: match grpc {
                Some(_) if !stream.is_rpc => L7Protocol::Grpc,
                _ => L7Protocol::Unknown,
            },
            pairing: pairing(&stream),
            length: Some(stream.body[Direction::ToClient as usize]),
            ..Message::default()
        };
        Some(grpc_web::told(end, grpc, view.get(Slot::GrpcMessage), more))
    }
}

/// The fields of a block and where their texts stand.
struct View<'f, 'a> {
    fields: &'f Fields<'f>,
    block: &'a [u8],
    out: &'a [u8],
}

impl<'a> View<'_, 'a> {
    fn get(&self, slot: Slot) -> &'a [u8] {
        self.fields.get(slot, self.block, self.out)
    }

    /// What speaks through HTTP/2, if that is known; else `Unknown`.
    fn protocol(&self) -> L7Protocol {
        let media = self.get(Slot::ContentType);
        if self.fields.has(Slot::Triple) || media.starts_with(b"application/triple") {
            L7Protocol::Triple
        } else if media.starts_with(b"application/grpc") {
            L7Protocol::Grpc
        } else {
            L7Protocol::Unknown
        }
    }

    fn grpc_status(&self) -> Option<i32> {
        let status = self.get(Slot::GrpcStatus);
        text::number(status).and_then(|n| i32::try_from(n).ok())
    }

    fn attributes(&self, service: &'a [u8]) -> [(&'static str, &'a [u8]); 4] {
        let mut all: [(&'static str, &'a [u8]); 4] = [("", b""); 4];
        let mut n = 0;
        for (name, value) in [
            ("User-Agent", self.get(Slot::UserAgent)),
            ("Referer", self.get(Slot::Referer)),
            ("Content-Type", self.get(Slot::ContentType)),
            ("rpc_service", service),
        ] {
            if !value.is_empty() {
                all[n] = (name, value);
                n += 1;
            }
        }
        all
    }
}

fn pairing(stream: &Stream) -> Pairing {
    if stream.upgraded { Pairing::InOrder } else { Pairing::ById(u64::from(stream.id)) }
}

/// The service in the path of a call: `/package.Service/Method`.
pub(crate) fn service(path: &[u8]) -> &[u8] {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    memchr::memrchr(b'/', path).map_or(path, |n| &path[..n])
}

/// Undoes the percent-encoding of grpc-message into `out`.
pub(crate) fn percent_decode(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let hex = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let mut rest = &text[..text.len().min(hpack::MAX_VALUE)];
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%'
            && let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
        } else {
            out.push(*first);
        }
    }
}

impl Parser for Http2 {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        scratch.bytes.clear();
        scratch.more.clear();
        if bytes.is_empty() {
            return Step::More;
        }
        match self.half(dir).place {
            Place::Frame => self.frame(dir, bytes, scratch),
            Place::Payload(left) => {
                let used = (left as usize).min(bytes.len());
                self.begin_payload(dir, left - used as u32);
                Step::Skip { used }
            }
            Place::WebBody { stream, left, ends } => {
                self.web_body((stream, left, ends), bytes, scratch)
            }
            Place::Adrift => Step::Lost,
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        scratch.bytes.clear();
        scratch.more.clear();
        let at_frame = self.half(dir).place == Place::Frame;
        let block = match Frame::read(bytes) {
            Read::Frame(frame)
                if at_frame && matches!(frame.kind, frame::HEADERS | frame::PUSH_PROMISE) =>
            {
                let end = (frame::HEADER + frame.len as usize).min(bytes.len());
                // The padding, if any, is behind what is there.
                let payload = &bytes[frame::HEADER..end];
                frame::fragment(frame, payload).map(|(stream, fragment)| Block {
                    frame,
                    stream,
                    fragment,
                    used: end,
                    joined: false,
                })
            }
            _ => None,
        };
        let told = block.and_then(|block| self.told(dir, &block, scratch));
        self.half(dir).lose();
        told.filter(|m| m.kind != MessageKind::End)
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        if let Place::WebBody { stream, left, .. } = self.half(dir).place {
            // What its last bytes said of the outcome is lost.
            self.close_web(stream);
            self.begin_payload(dir, left);
        }
        let half = self.half(dir);
        match half.place {
            Place::Payload(left) if len <= u64::from(left) => {
                self.begin_payload(dir, left - len as u32);
                true
            }
            _ => {
                half.lose();
                false
            }
        }
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let at = frame::find(dir, bytes)?;
        self.half(dir).place = Place::Frame;
        Some(at)
    }
}
