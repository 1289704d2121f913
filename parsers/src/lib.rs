//! Pure functions from bytes to meaning: no I/O, no clock, no threads, no allocation per match.
//!
//! [`headers::decode`] turns a frame into a [`packet::Packet`]; [`registry::probe`] names the
//! application protocol of a flow's first bytes; a [`registry::AnyParser`] turns the in-order
//! bytes of both directions into [`message::Message`]s. Data path: ring -> **headers** -> flow
//! -> stream -> **parsers** -> session.
#![forbid(unsafe_code)]

pub mod amqp;
mod bytes;
mod counted;
pub mod dns;
mod grpc_web;
pub mod headers;
pub mod http1;
pub mod http2;
pub mod kafka;
mod keys;
pub mod literals;
pub mod memcached;
pub mod message;
pub mod mongo;
pub mod mqtt;
pub mod mysql;
pub mod nats;
mod packed;
pub mod packet;
pub mod postgres;
pub mod protocol;
pub mod redis;
pub mod registry;
pub mod sql;
#[doc(hidden)]
pub mod testing;
mod text;
pub mod trace;
pub mod websocket;
