//! A small HTTP client for the server's API: one request per connection, answers streamed.

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use fathom_settings::Usage;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// Address of the server when nobody says.
pub(crate) const SERVER: &str = "http://127.0.0.1:20416";

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Largest answer that is kept in memory; `--raw` streams and has no bound.
const ANSWER_MAX: usize = 1 << 30;

/// Which server, and how to be let in.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Server {
    /// Server to ask
    #[arg(long = "server", value_name = "URL", default_value = SERVER, env = "FATHOM_SERVER_URL")]
    pub url: String,
    /// Token, when the server wants one (http.token)
    #[arg(long, value_name = "TOKEN", env = "FATHOM_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

impl Server {
    /// Sends a request and waits for the head of the answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: String,
    ) -> Result<Response<Incoming>> {
        let wrong = || Usage(format!("--server {}: write it as http://HOST:PORT", self.url));
        let base: Uri = self.url.parse().map_err(|_| wrong())?;
        if base.scheme_str() != Some("http") {
            return Err(wrong().into());
        }
        let host = base.host().ok_or_else(wrong)?.trim_matches(['[', ']']).to_string();
        let port = base.port_u16().unwrap_or(80);
        let nobody = |why: String| {
            anyhow!(
                "no server answers at {}: {why}; start one with `fathom up`, or name another with --server",
                self.url
            )
        };
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect((host.as_str(), port)))
            .await
            .map_err(|_| nobody(format!("no answer within {} s", CONNECT.as_secs())))?
            .map_err(|e| nobody(e.to_string()))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| nobody(e.to_string()))?;
        tokio::spawn(connection);
        let path = format!("{}{path}", base.path().trim_end_matches('/'));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, base.authority().map_or("", |a| a.as_str()))
            .header(CONTENT_TYPE, content_type);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        sender.send_request(request).await.map_err(|e| {
            anyhow!("the server at {} ended the connection before it answered: {e}", self.url)
        })
    }
}

/// The whole body of an answer.
pub(crate) async fn collect(mut answer: Response<Incoming>) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(frame) = answer.body_mut().frame().await {
        if let Some(data) = frame.context("the answer broke off")?.data_ref() {
            if body.len() + data.len() > ANSWER_MAX {
                bail!("the answer is larger than 1 GiB; add a LIMIT, or use --raw");
            }
            body.extend_from_slice(data);
        }
    }
    Ok(body)
}

/// Runs one exchange to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("making the runtime")?
        .block_on(work)
}
