//! Refreshes dictionaries whose lifetime has passed.
//!
//! A server does this by itself; the embedded engine does not. Dictionaries that
//! fetch per key (CACHE, DIRECT) need no refresh.

use crate::engine::Engine;
use crate::error::Exception;
use crate::parameters::identifier;

const DUE: &[u8] = b"SELECT database, name FROM system.dictionaries \
    WHERE status = 'LOADED' AND lifetime_max > 0 \
    AND type NOT ILIKE '%cache%' AND type NOT ILIKE '%direct%' \
    AND last_successful_update_time + lifetime_max <= now()";

/// Reloads what is due and returns how many. A dictionary whose source fails keeps
/// its old contents; the first such failure is the error.
pub(crate) fn refresh(engine: &Engine) -> Result<usize, Exception> {
    let mut connection = engine.connect()?;
    let due = connection.query(DUE, "TSVRaw", &[])?;
    let due = String::from_utf8_lossy(due.as_bytes()).into_owned();
    let (mut done, mut failure) = (0, None);
    for (database, name) in due.lines().filter_map(|line| line.split_once('\t')) {
        let name = if database.is_empty() {
            identifier(name)
        } else {
            format!("{}.{}", identifier(database), identifier(name))
        };
        let reload = format!("SYSTEM RELOAD DICTIONARY {name}");
        match connection.query(reload.as_bytes(), "Null", &[]) {
            Ok(_) => done += 1,
            Err(e) => failure = failure.or(Some(e)),
        }
    }
    failure.map_or(Ok(done), Err)
}
