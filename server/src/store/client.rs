//! Whom to ask: a configured client of the official crate for each of the two users, with the
//! address of the moment.

use clickhouse::{Client, Compression};
use fathom_engine::Endpoint;
use tokio::sync::watch;

use super::{External, OpenError, StoreError};

pub(super) struct Clients {
    /// Holds the connection pool; every client is a copy of it.
    base: Client,
    source: Source,
}

enum Source {
    Embedded(watch::Receiver<Option<Endpoint>>),
    External(External),
}

impl Clients {
    pub(super) fn embedded(endpoint: watch::Receiver<Option<Endpoint>>) -> Self {
        Self { base: base(Compression::None), source: Source::Embedded(endpoint) }
    }

    pub(super) fn external(external: External) -> Result<Self, OpenError> {
        let host = external
            .url
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next())
            .filter(|host| !host.is_empty() && !host.contains('@'))
            .ok_or_else(|| OpenError::Url(external.url.clone()))?;
        // Over a network LZ4 costs less than the bytes; on loopback it only costs.
        let local = ["127.", "localhost", "[::1]"].iter().any(|l| host.starts_with(l));
        let compression = if local { Compression::None } else { Compression::Lz4 };
        Ok(Self { base: base(compression), source: Source::External(external) })
    }

    pub(super) fn writer(&self) -> Result<Client, StoreError> {
        Ok(match &self.source {
            Source::Embedded(endpoint) => {
                let e = current(endpoint)?;
                self.to(&e.url, &e.user, &e.password)
            }
            Source::External(e) => self.to(&e.url, &e.user, &e.password),
        })
    }

    pub(super) fn reader(&self) -> Result<Client, StoreError> {
        Ok(match &self.source {
            Source::Embedded(endpoint) => {
                let e = current(endpoint)?;
                self.to(&e.url, &e.readonly_user, &e.readonly_password)
            }
            Source::External(e) => match &e.reader {
                Some((user, password)) => self.to(&e.url, user, password),
                None => self.to(&e.url, &e.user, &e.password),
            },
        })
    }

    pub(super) fn address(&self) -> Option<String> {
        match &self.source {
            Source::Embedded(endpoint) => endpoint.borrow().as_ref().map(|e| e.url.clone()),
            Source::External(e) => Some(e.url.clone()),
        }
    }

    pub(super) fn listen(&self) -> Option<std::net::SocketAddr> {
        match &self.source {
            Source::Embedded(endpoint) => endpoint.borrow().as_ref().and_then(|e| e.listen),
            Source::External(_) => None,
        }
    }

    fn to(&self, url: &str, user: &str, password: &str) -> Client {
        self.base.clone().with_url(url).with_user(user).with_password(password)
    }
}

fn base(compression: Compression) -> Client {
    Client::default()
        .with_compression(compression)
        .with_product_info("fathom-server", env!("CARGO_PKG_VERSION"))
}

fn current(endpoint: &watch::Receiver<Option<Endpoint>>) -> Result<Endpoint, StoreError> {
    endpoint.borrow().clone().ok_or(StoreError::Restarting)
}
