//! Pure functions from bytes to meaning: no I/O, no clock, no threads, no allocation per match.
//!
//! [`headers::decode`] turns a frame into a [`packet::Packet`]; [`registry::probe`] names the
//! application protocol of a flow's first bytes; a [`registry::AnyParser`] turns the in-order
//! bytes of both directions into [`message::Message`]s. Data path: ring -> **headers** -> flow
//! -> stream -> **parsers** -> session.
#![forbid(unsafe_code)]

pub mod amqp;
pub mod bolt;
pub mod brpc;
mod bytes;
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
pub mod kafka;
mod keys;
pub mod literals;
pub mod memcached;
pub mod message;
pub mod mongo;
pub mod mqtt;
pub mod mysql;
pub mod nats;
pub mod openwire;
mod packed;
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

// Mail and files.
pub mod ftp;
pub mod imap;
mod lined;
pub mod pop3;
pub mod smtp;

// Databases.
pub mod cassandra;
pub mod tds;

// Networks: names, access, time.
mod datagram;
pub mod dhcp;
pub mod ldap;
pub mod ntp;
pub mod radius;
pub mod sip;

pub mod someip;
