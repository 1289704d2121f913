//! Pure functions from bytes to meaning: no I/O, no clock, no threads, no allocation per match.
//!
//! [`headers::decode`] turns a frame into a [`packet::Packet`]; [`registry::probe`] names the
//! application protocol of a flow's first bytes; a [`registry::AnyParser`] turns the in-order
//! bytes of both directions into [`message::Message`]s. Data path: ring -> **headers** -> flow
//! -> stream -> **parsers** -> session.
#![forbid(unsafe_code)]

pub mod bolt;
pub mod brpc;
mod counted;
pub mod dns;
mod dtls;
pub mod dubbo;
pub mod fastcgi;
mod framed;
mod grpc_web;
pub mod headers;
mod hessian;
pub mod http1;
pub mod http2;
mod json;
mod keys;
pub mod literals;
pub mod memcached;
pub mod message;
pub mod mysql;
pub mod openwire;
pub mod packet;
pub mod postgres;
mod protobuf;
pub mod protocol;
pub mod pulsar;
mod quic;
mod reader;
pub mod redis;
pub mod registry;
pub mod rocketmq;
pub mod sql;
mod ssh;
pub mod stomp;
pub mod tars;
#[doc(hidden)]
pub mod testing;
mod text;
pub mod thrift;
mod tls;
pub mod trace;
pub mod websocket;
pub mod zmtp;
