//! ClickHouse's HTTP interface: from a socket to a [`Job`] and back.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::body::{self, Body, Packing};
use crate::child::stop_asked;
use crate::error::{Exception, code};
use crate::limits;
use crate::parameters::{Parameters, form_boundary};
use crate::reply::{Chunk, Head, Reply};
use crate::run::{Job, Shared};
use crate::users::{Credentials, Role, Users};

/// What every connection needs.
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) users: Users,
    writers: Arc<Semaphore>,
    readers: Arc<Semaphore>,
}

impl Server {
    pub(crate) fn new(shared: Arc<Shared>, users: Users) -> Self {
        Self {
            shared,
            users,
            writers: Arc::new(Semaphore::new(limits::WRITER_STATEMENTS)),
            readers: Arc::new(Semaphore::new(limits::READER_STATEMENTS)),
        }
    }

    /// Resolves when no statement runs any more.
    pub(crate) async fn idle(&self) {
        for (places, count) in
            [(&self.writers, limits::WRITER_STATEMENTS), (&self.readers, limits::READER_STATEMENTS)]
        {
            // Fails only if the semaphore is closed, which nobody does.
            if let Ok(permits) = places.acquire_many(count as u32).await {
                permits.forget();
            }
        }
    }
}

/// Accepts connections until told to stop. Over `readers_only`, the read-write user
/// is not let in, whatever its password.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    readers_only: bool,
    mut stop: watch::Receiver<bool>,
) {
    let sockets = Arc::new(Semaphore::new(limits::CONNECTIONS));
    loop {
        // The place is taken first: further clients wait in the kernel's queue.
        let Ok(place) = Arc::clone(&sockets).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop_asked(&mut stop) => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let (server, stop) = (Arc::clone(&server), stop.clone());
                tokio::spawn(connection(stream, server, readers_only, stop, place));
            }
            Err(error) => {
                // Mostly "too many open files": it passes, spinning would not help.
                eprintln!("store: accept failed: {error}");
                tokio::time::sleep(limits::RESTART_FIRST).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    server: Arc<Server>,
    readers_only: bool,
    mut stop: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(answer(&server, request, readers_only).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // Errors here are the client's going away; statements report their own.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop_asked(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn answer(
    server: &Server,
    request: Request<Incoming>,
    readers_only: bool,
) -> Response<Answer> {
    let path = request.uri().path();
    let has_query = request.uri().query().is_some_and(|q| !q.is_empty());
    let is_get = request.method() == Method::GET || request.method() == Method::HEAD;
    let mut response = match path {
        "/ping" | "/replicas_status" => plain(StatusCode::OK, "Ok.\n"),
        "/" if is_get && !has_query => plain(StatusCode::OK, "Ok.\n"),
        "/" if is_get || request.method() == Method::POST => {
            match statement(server, request, readers_only).await {
                Ok(response) => response,
                Err(exception) => failure(server, &exception),
            }
        }
        "/" => plain(StatusCode::METHOD_NOT_ALLOWED, "Use GET or POST.\n"),
        _ => plain(
            StatusCode::NOT_FOUND,
            "There is no such address here. Use / or /?query= for queries, /ping for a health check.\n",
        ),
    };
    let headers = response.headers_mut();
    headers.insert("X-ClickHouse-Server-Display-Name", HeaderValue::from_static("fathom"));
    if let Ok(zone) = HeaderValue::from_str(server.shared.engine.timezone()) {
        headers.insert("X-ClickHouse-Timezone", zone);
    }
    response
}

async fn statement(
    server: &Server,
    request: Request<Incoming>,
    readers_only: bool,
) -> Result<Response<Answer>, Exception> {
    let (parts, incoming) = request.into_parts();
    let parameters = Parameters::read(parts.uri.query().unwrap_or(""), &parts.headers)?;
    let role = authenticate(server, &parts.headers, &parameters, readers_only)?;
    let packing = packing(&parts.headers, &parameters)?;
    let place = place(server, role).await?;

    let query_id = parameters.query_id.clone().unwrap_or_else(|| random_word(32));
    let handle = Handle::current();
    let (frames_in, frames) = mpsc::channel::<body::Frame>(limits::REQUEST_FRAMES);
    let (chunks_in, chunks) = mpsc::channel::<Chunk>(limits::RESPONSE_CHUNKS);
    let (head_in, head) = oneshot::channel();
    tokio::spawn(pump(incoming, frames_in));

    let job = Job {
        shared: Arc::clone(&server.shared),
        role,
        read_only_method: parts.method != Method::POST,
        parameters,
        form_boundary: form_boundary(&parts.headers),
        body: Body::new(frames, handle.clone(), packing),
    };
    let version = server.shared.engine.version().to_owned();
    let reply = Reply::new(head_in, chunks_in, handle, random_word(16), version);
    tokio::task::spawn_blocking(move || {
        let _place = place;
        job.run(reply);
    });
    match head.await {
        Ok(Ok(head)) => Ok(success(head, chunks, &query_id)),
        Ok(Err(exception)) => Err(exception),
        Err(_) => Err(Exception::new(
            code::UNKNOWN_EXCEPTION,
            "The statement's thread ended without an answer; see the log of the store",
        )),
    }
}

/// Moves frames from the socket to the engine's thread.
async fn pump(mut incoming: Incoming, frames: mpsc::Sender<body::Frame>) {
    while let Some(frame) = incoming.frame().await {
        let frame = match frame.map(Frame::into_data) {
            Ok(Ok(data)) => Ok(data),
            Ok(Err(_trailers)) => continue,
            Err(error) => Err(error.to_string()),
        };
        let failed = frame.is_err();
        if frames.send(frame).await.is_err() || failed {
            return;
        }
    }
}

fn authenticate(
    server: &Server,
    headers: &HeaderMap,
    parameters: &Parameters,
    readers_only: bool,
) -> Result<Role, Exception> {
    let Some(credentials) = Credentials::of(headers, parameters.credentials()) else {
        return Err(Exception::new(
            code::REQUIRED_PASSWORD,
            "A user and a password are required: X-ClickHouse-User and X-ClickHouse-Key, \
             or basic authorisation, or user= and password=",
        ));
    };
    match server.users.role(&credentials)? {
        Role::Writer if readers_only => Err(Exception::new(
            code::AUTHENTICATION_FAILED,
            "Only the read-only user is let in at this address",
        )),
        role => Ok(role),
    }
}

fn packing(headers: &HeaderMap, parameters: &Parameters) -> Result<Packing, Exception> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match encoding {
        None | Some(b"" | b"identity") if parameters.decompress => Ok(Packing::Blocks),
        None | Some(b"" | b"identity") => Ok(Packing::None),
        Some(b"lz4") if !parameters.decompress => Ok(Packing::Lz4Frame),
        Some(_) => Err(Exception::new(
            code::NOT_IMPLEMENTED,
            "This Content-Encoding is not supported by the embedded engine; use lz4, or \
             decompress=1, or none",
        )),
    }
}

async fn place(server: &Server, role: Role) -> Result<OwnedSemaphorePermit, Exception> {
    let (places, count) = match role {
        Role::Writer => (&server.writers, limits::WRITER_STATEMENTS),
        Role::Reader => (&server.readers, limits::READER_STATEMENTS),
    };
    match tokio::time::timeout(limits::PLACE_WAIT, Arc::clone(places).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Exception::new(
            code::TOO_MANY_SIMULTANEOUS_QUERIES,
            format!("Too many simultaneous queries. Maximum: {count}"),
        )),
    }
}

/// Letters and digits nobody else is likely to have drawn.
fn random_word(length: usize) -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let mut word = String::with_capacity(length + 16);
    while word.len() < length {
        // Each state is seeded by the system's random numbers.
        word.push_str(&format!("{:016x}", RandomState::new().build_hasher().finish()));
    }
    word.truncate(length);
    word
}

fn plain(status: StatusCode, text: &'static str) -> Response<Answer> {
    let mut response = Response::new(Answer::Whole(Some(Bytes::from_static(text.as_bytes()))));
    *response.status_mut() = status;
    set_header(&mut response, header::CONTENT_TYPE, "text/html; charset=UTF-8");
    response
}

fn failure(server: &Server, exception: &Exception) -> Response<Answer> {
    let text = exception.text(server.shared.engine.version());
    let mut response = Response::new(Answer::Whole(Some(text.into())));
    *response.status_mut() = exception.status();
    set_header(&mut response, header::CONTENT_TYPE, "text/plain; charset=UTF-8");
    response.headers_mut().insert("X-ClickHouse-Exception-Code", exception.code.into());
    if exception.code == code::REQUIRED_PASSWORD {
        set_header(&mut response, header::WWW_AUTHENTICATE, "Basic realm=\"ClickHouse\"");
    }
    response
}

fn success(head: Head, chunks: mpsc::Receiver<Chunk>, query_id: &str) -> Response<Answer> {
    let s = head.summary;
    let summary = format!(
        "{{\"read_rows\":\"{}\",\"read_bytes\":\"{}\",\"written_rows\":\"{}\",\"written_bytes\":\"{}\",\
         \"total_rows_to_read\":\"0\",\"result_rows\":\"{}\",\"result_bytes\":\"{}\"}}",
        s.read_rows, s.read_bytes, s.written_rows, s.written_bytes, s.result_rows, s.result_bytes
    );
    let body = match head.body {
        Some(body) => Answer::Whole(Some(body).filter(|b| !b.is_empty())),
        None => Answer::Chunks(chunks),
    };
    let streamed = matches!(body, Answer::Chunks(_));
    let mut response = Response::new(body);
    let format = head.format.unwrap_or_default();
    set_header(&mut response, header::CONTENT_TYPE, content_type(&format));
    let headers = response.headers_mut();
    let mut add = |name: &'static str, value: &str| {
        // A name from the client that is no header value is left out.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    add("X-ClickHouse-Summary", &summary);
    add("X-ClickHouse-Query-Id", query_id);
    if !format.is_empty() {
        add("X-ClickHouse-Format", &format);
    }
    if streamed {
        add("X-ClickHouse-Exception-Tag", &head.tag);
    }
    response
}

fn content_type(format: &str) -> &'static str {
    let format = format.to_ascii_lowercase();
    if format.starts_with("jsoneachrow") || format == "ndjson" || format == "jsonlines" {
        "application/x-ndjson; charset=UTF-8"
    } else if format.starts_with("json") {
        "application/json; charset=UTF-8"
    } else if format.starts_with("csv") {
        "text/csv; charset=UTF-8"
    } else if format.starts_with("tabseparated") || format.starts_with("tsv") {
        "text/tab-separated-values; charset=UTF-8"
    } else if format == "native" || format.starts_with("rowbinary") {
        "application/octet-stream"
    } else {
        "text/plain; charset=UTF-8"
    }
}

fn set_header(response: &mut Response<Answer>, name: header::HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

/// A response body: known as a whole, or in chunks from the engine's thread.
pub(crate) enum Answer {
    Whole(Option<Bytes>),
    Chunks(mpsc::Receiver<Chunk>),
    /// The statement failed in the middle; the connection breaks after a moment.
    Breaking(Pin<Box<tokio::time::Sleep>>),
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = crate::reply::BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let answer = self.get_mut();
        match answer {
            Self::Whole(body) => Poll::Ready(body.take().map(|b| Ok(Frame::data(b)))),
            Self::Chunks(chunks) => match chunks.poll_recv(context) {
                Poll::Ready(Some(Err(_))) => {
                    // hyper throws away what it has not written when a body fails:
                    // the exception's text needs a moment to get out.
                    let moment = Box::pin(tokio::time::sleep(limits::BREAK_PAUSE));
                    *answer = Self::Breaking(moment);
                    Pin::new(answer).poll_frame(context)
                }
                other => other.map(|chunk| chunk.map(|c| c.map(Frame::data))),
            },
            Self::Breaking(moment) => {
                moment.as_mut().poll(context).map(|()| Some(Err(crate::reply::BrokenOff)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Chunks(_) | Self::Breaking(_) => SizeHint::default(),
        }
    }
}

/// Opens a listening socket.
pub(crate) async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}
