//! One statement, from its text to its answer, on a thread that may block.

use std::sync::Arc;

use crate::body::Body;
use crate::engine::{Analysis, Class, Connection, Engine, Output};
use crate::error::{Exception, code};
use crate::formats::{self, Cutter, Delivery};
use crate::guard::Guard;
use crate::limits;
use crate::parameters::{Parameters, identifier, set_statement};
use crate::reply::Reply;
use crate::sessions::Sessions;
use crate::sql::{self, Split};
use crate::users::Role;

/// The database of a request that names none, and of one that names `default`.
/// The engine's own `default` looks for unknown tables among the files of the host;
/// it is replaced by an empty one at start and not used.
pub(crate) const DATABASE: &str = "fathom_system";

/// What all statements share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) guard: Guard,
    pub(crate) sessions: Sessions,
    /// Memory of the engine, from which shares are given.
    pub(crate) memory: u64,
}

/// A request, ready to run.
pub(crate) struct Job {
    pub(crate) shared: Arc<Shared>,
    pub(crate) role: Role,
    /// GET and HEAD may not change anything.
    pub(crate) read_only_method: bool,
    pub(crate) parameters: Parameters,
    pub(crate) form_boundary: Option<String>,
    pub(crate) body: Body,
}

impl Job {
    /// Runs it; the answer goes through `reply`.
    pub(crate) fn run(mut self, mut reply: Reply) {
        match self.execute(&mut reply) {
            Ok(()) => reply.finish(),
            Err(exception) => {
                self.body.drain();
                reply.fail(exception);
            }
        }
    }

    fn execute(&mut self, reply: &mut Reply) -> Result<(), Exception> {
        if let Some(boundary) = self.form_boundary.take() {
            let form = self.body.collect(Vec::new(), limits::STATEMENT_BYTES)?;
            self.parameters.read_form(boundary.as_bytes(), &form)?;
        }
        reply.compress = self.parameters.compress;
        if self.parameters.wait_end {
            reply.wait_for_end();
        }

        let mut text = std::mem::take(&mut self.parameters.query);
        if !text.is_empty() {
            // The body follows the statement's front on a line of its own.
            text.push(b'\n');
        }
        // Looked at anew only when it has doubled: pieces may be single bytes.
        let mut look_at = 0;
        loop {
            let too_long = text.len() > limits::STATEMENT_BYTES;
            if text.len() >= look_at || too_long {
                look_at = text.len() * 2;
                match sql::split(&text, false) {
                    Split::Insert { head, format, data } => {
                        return self.insert(&text[..head], &format, &text[data..], reply);
                    }
                    Split::Statement => {
                        text = self.body.collect(text, limits::STATEMENT_BYTES)?;
                        break;
                    }
                    Split::More if too_long => return Err(too_large()),
                    Split::More => {}
                }
            }
            let Some(piece) = self.body.next()? else { break };
            text.extend_from_slice(&piece);
        }
        if let Split::Insert { head, format, data } = sql::split(&text, true) {
            return self.insert(&text[..head], &format, &text[data..], reply);
        }
        self.statement(text.trim_ascii_end(), reply)
    }

    /// Runs `work` on a connection that has the request's database and settings.
    fn with_connection<T>(
        &self,
        whole_result: bool,
        work: impl FnOnce(&mut Connection) -> Result<T, Exception>,
    ) -> Result<T, Exception> {
        let shared = &self.shared;
        let open = || -> Result<Connection, Exception> {
            let mut connection = shared.engine.connect()?;
            use_database(&mut connection, DATABASE)?;
            Ok(connection)
        };
        let database = self.parameters.database.as_deref().filter(|d| !d.is_empty());
        let database = database.map(|d| if d == "default" { DATABASE } else { d });

        if self.role == Role::Reader {
            // A reader's statement leaves nothing behind: sessions are not needed.
            let mut connection = open()?;
            if let Some(database) = database {
                use_database(&mut connection, database)?;
            }
            let settings = shared.guard.settings(&self.parameters.settings)?;
            set(&mut connection, &settings)?;
            return work(&mut connection);
        }

        let mut settings = self.parameters.settings.clone();
        if whole_result && !settings.iter().any(|(n, _)| n == "max_memory_usage") {
            let share = shared.memory / limits::WHOLE_RESULT_MEMORY_SHARE;
            settings.push(("max_memory_usage".to_owned(), share.to_string()));
        }
        let Some(session) = self.parameters.session() else {
            let mut connection = open()?;
            if let Some(database) = database {
                use_database(&mut connection, database)?;
            }
            set(&mut connection, &settings)?;
            return work(&mut connection);
        };

        let mut connection = shared.sessions.take(&session, open)?;
        let result = (|| {
            if let Some(database) = database {
                use_database(&mut connection, database)?;
            }
            let before = current(&mut connection, &settings)?;
            set(&mut connection, &settings)?;
            let result = work(&mut connection);
            // Settings of the address are those of one statement, not of the session.
            set(&mut connection, &before)?;
            result
        })();
        shared.sessions.put(&session, Some(connection));
        result
    }

    fn insert(
        &mut self,
        head: &[u8],
        format: &str,
        front: &[u8],
        reply: &mut Reply,
    ) -> Result<(), Exception> {
        if self.role == Role::Reader {
            return Err(Exception::new(code::READONLY, "The read-only user may not insert"));
        }
        self.check_method(Class::Mutating)?;
        // The body is read inside of the closure, which borrows the rest of the job.
        let mut body = std::mem::replace(&mut self.body, Body::empty());
        let result = self.with_connection(false, |connection| {
            let mut insert = connection.insert(head, format, &self.parameters.values)?;
            if !front.is_empty() {
                insert.append(front)?;
            }
            // An error here drops the insert, which cancels it.
            while let Some(piece) = body.next()? {
                insert.append(&piece)?;
            }
            insert.finish()
        });
        self.body = body;
        let output = result?;
        (reply.summary.written_rows, reply.summary.written_bytes) = output.written();
        Ok(())
    }

    fn check_method(&self, class: Class) -> Result<(), Exception> {
        if self.read_only_method && class != Class::ReadOnly {
            return Err(Exception::new(
                code::READONLY,
                "Cannot execute query in readonly mode. For queries over HTTP, method GET implies \
                 readonly. You should use method POST for modifying queries",
            ));
        }
        Ok(())
    }

    fn statement(&mut self, text: &[u8], reply: &mut Reply) -> Result<(), Exception> {
        let named = sql::output_format(text);
        let asked = self.parameters.format.clone().filter(|f| !f.is_empty());
        let format = named.or(asked).unwrap_or_else(|| "TabSeparated".to_owned());
        let select = sql::is_select(text);
        let delivery = if select {
            formats::delivery(&format, text, &self.parameters.settings)
        } else {
            Delivery::Whole
        };
        let values = &self.parameters.values;

        self.with_connection(select && delivery == Delivery::Whole, |connection| {
            let analysis = connection.classify(text)?;
            self.check(connection, analysis, text)?;
            if analysis.class == Class::ReadOnly {
                reply.format = Some(format.clone());
            }
            if delivery == Delivery::Whole {
                let output = connection.query(text, &format, values)?;
                count(reply, &output);
                (reply.summary.written_rows, reply.summary.written_bytes) = output.written();
                return if output.as_bytes().is_empty() {
                    Ok(())
                } else {
                    reply.push(output.into_bytes())
                };
            }
            let mut rows = connection.stream(text, &format, values)?;
            let mut cutter = Cutter::default();
            while let Some(chunk) = rows.fetch()? {
                count(reply, &chunk);
                let start = match delivery {
                    Delivery::CutHeader(header) => {
                        cutter.start(header, chunk.as_bytes()).ok_or_else(|| {
                            Exception::new(
                                code::NOT_IMPLEMENTED,
                                format!(
                                    "This result cannot be streamed as {format}; use JSON or Native"
                                ),
                            )
                        })?
                    }
                    _ => 0,
                };
                reply.push(chunk.into_bytes().slice(start..))?;
            }
            Ok(())
        })
    }

    fn check(
        &self,
        connection: &mut Connection,
        analysis: Analysis,
        text: &[u8],
    ) -> Result<(), Exception> {
        if sql::Lexer::new(text).next().is_none() {
            return Err(Exception::new(code::SYNTAX_ERROR, "Syntax error: empty query"));
        }
        if analysis.statements > 1 {
            return Err(Exception::new(
                code::SYNTAX_ERROR,
                "Syntax error (Multi-statements are not allowed)",
            ));
        }
        if sql::names_file(text) {
            return Err(Exception::new(
                code::ACCESS_DENIED,
                "INTO OUTFILE and FROM INFILE would use files of the server's host and are not \
                 allowed over HTTP",
            ));
        }
        if self.role == Role::Reader {
            return self.shared.guard.check(connection, analysis, text, &self.parameters.values);
        }
        if analysis.statements == 1 {
            self.check_method(analysis.class)?;
        } else if self.read_only_method {
            // Not understood: only its syntax error is wanted.
            self.shared.guard.check(connection, analysis, text, &self.parameters.values)?;
        }
        Ok(())
    }
}

pub(crate) fn too_large() -> Exception {
    Exception::new(
        code::TOO_LARGE,
        format!("The statement is longer than {} bytes", limits::STATEMENT_BYTES),
    )
}

fn count(reply: &mut Reply, output: &Output) {
    let (rows, bytes) = output.read();
    // The engine counts what a statement has read so far, not what a chunk has.
    reply.summary.read_rows = reply.summary.read_rows.max(rows);
    reply.summary.read_bytes = reply.summary.read_bytes.max(bytes);
    reply.summary.result_rows += output.result_rows();
}

fn use_database(connection: &mut Connection, name: &str) -> Result<(), Exception> {
    connection.query(format!("USE {}", identifier(name)).as_bytes(), "Null", &[]).map(drop)
}

fn set(connection: &mut Connection, settings: &[(String, String)]) -> Result<(), Exception> {
    match set_statement(settings) {
        Some(statement) => connection.query(statement.as_bytes(), "Null", &[]).map(drop),
        None => Ok(()),
    }
}

/// The present values of these settings; unknown ones are left out.
fn current(
    connection: &mut Connection,
    settings: &[(String, String)],
) -> Result<Vec<(String, String)>, Exception> {
    let mut before = Vec::new();
    for (name, _) in settings {
        let ask = format!("SELECT '=' || value FROM system.settings WHERE name = '{name}'");
        let value = connection.query(ask.as_bytes(), "RawBLOB", &[])?;
        if let Some(value) = value.as_bytes().strip_prefix(b"=") {
            before.push((name.clone(), String::from_utf8_lossy(value).into_owned()));
        }
    }
    Ok(before)
}
