//! Which of a statement's words is its verb, and which names the table.

/// Verbs, in capitals. The flag: a name follows the verb itself (`UPDATE t`, `CALL p`).
const VERBS: &[(&[u8], bool)] = &[
    (b"SELECT", false),
    (b"INSERT", false),
    (b"UPDATE", true),
    (b"DELETE", false),
    (b"REPLACE", false),
    (b"MERGE", false),
    (b"UPSERT", false),
    (b"SET", false),
    (b"SHOW", false),
    (b"BEGIN", false),
    (b"COMMIT", false),
    (b"ROLLBACK", false),
    (b"START", false),
    (b"SAVEPOINT", false),
    (b"RELEASE", false),
    (b"CREATE", false),
    (b"ALTER", false),
    (b"DROP", false),
    (b"TRUNCATE", true),
    (b"RENAME", false),
    (b"CALL", true),
    (b"EXEC", true),
    (b"EXECUTE", true),
    (b"PREPARE", false),
    (b"DEALLOCATE", false),
    (b"DECLARE", false),
    (b"FETCH", false),
    (b"CLOSE", false),
    (b"COPY", true),
    (b"EXPLAIN", false),
    (b"DESCRIBE", true),
    (b"DESC", true),
    (b"USE", true),
    (b"LOCK", false),
    (b"UNLOCK", false),
    (b"GRANT", false),
    (b"REVOKE", false),
    (b"ANALYZE", false),
    (b"ANALYSE", false),
    (b"OPTIMIZE", false),
    (b"VACUUM", false),
    (b"REINDEX", false),
    (b"CLUSTER", false),
    (b"REFRESH", false),
    (b"CHECK", false),
    (b"LISTEN", false),
    (b"UNLISTEN", false),
    (b"NOTIFY", false),
    (b"DISCARD", false),
    (b"RESET", false),
    (b"KILL", false),
    (b"LOAD", false),
    (b"DO", false),
    (b"HANDLER", true),
    (b"TABLE", true),
    (b"VALUES", false),
    (b"FLUSH", false),
    (b"PURGE", false),
    (b"XA", false),
    (b"END", false),
    (b"ABORT", false),
    (b"COMMENT", false),
    (b"IMPORT", false),
    (b"WITH", false),
    (b"SYSTEM", false),
    (b"ATTACH", false),
    (b"DETACH", false),
    (b"EXISTS", true),
    (b"BATCH", false),
    (b"LIST", false),
    (b"APPLY", false),
];

/// Is it a verb, in any case?
pub(super) fn is_verb(word: &[u8]) -> bool {
    VERBS.iter().any(|(verb, _)| verb.eq_ignore_ascii_case(word))
}

/// Can it become one?
pub(super) fn begins_verb(word: &[u8]) -> bool {
    let begins =
        |verb: &[u8]| verb.len() >= word.len() && verb[..word.len()].eq_ignore_ascii_case(word);
    VERBS.iter().any(|(verb, _)| begins(verb))
}

/// Longest word that matters.
const MAX_WORD: usize = 10;

/// What the words so far say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words {
    pub(super) operation: &'static [u8],
    /// The next name is the table.
    pub(super) name_follows: bool,
    /// The table has been found, or there is none to be found any more.
    pub(super) done: bool,
}

impl Words {
    /// Takes a word that stands `depth` parentheses deep; `in_call` inside those of a function
    /// that uses FROM for its own purposes.
    #[inline]
    pub(super) fn word(&mut self, word: &[u8], depth: u32, in_call: bool) {
        let mut buffer = [0; MAX_WORD];
        let Some(upper) = buffer.get_mut(..word.len()) else {
            return;
        };
        upper.copy_from_slice(word);
        upper.make_ascii_uppercase();
        if self.operation.is_empty() {
            return self.verb(upper);
        }
        if self.operation == b"WITH" && depth == 0 {
            // The common tables are over where the statement proper begins.
            if matches!(&*upper, b"SELECT" | b"INSERT" | b"UPDATE" | b"DELETE" | b"MERGE") {
                self.done &= &*upper == b"SELECT";
                self.verb(upper);
            }
            return;
        }
        if self.done {
            return;
        }
        match &*upper {
            b"FROM" if !in_call => self.name_follows = true,
            b"INTO" | b"JOIN" | b"TABLE" | b"VIEW" | b"DATABASE" | b"SCHEMA" | b"KEYSPACE"
            | b"SEQUENCE" | b"PROCEDURE" | b"FUNCTION" | b"TRIGGER" => self.name_follows = true,
            b"INDEX" => self.name_follows = false,
            b"ON" if self.operation == b"CREATE" => self.name_follows = true,
            _ => {}
        }
    }

    fn verb(&mut self, upper: &[u8]) {
        let Some((verb, name_follows)) = VERBS.iter().find(|(verb, _)| *verb == upper) else {
            return;
        };
        self.operation = verb;
        self.name_follows = *name_follows && !self.done;
    }

    /// Words that may stand between a keyword and the name.
    pub(super) fn is_filler(word: &[u8]) -> bool {
        const FILLERS: [&[u8]; 16] = [
            b"IF",
            b"NOT",
            b"EXISTS",
            b"ONLY",
            b"IGNORE",
            b"LOW_PRIORITY",
            b"DELAYED",
            b"TABLE",
            b"TEMPORARY",
            b"CONCURRENTLY",
            b"LATERAL",
            b"TOP",
            b"INTO",
            b"FROM",
            b"QUICK",
            b"TABLES",
        ];
        FILLERS.iter().any(|f| f.eq_ignore_ascii_case(word))
    }
}

/// Functions in whose parentheses FROM names no table (SQL:2016 6.30 to 6.32).
pub(super) fn takes_from(word: &[u8]) -> bool {
    const FUNCTIONS: [&[u8]; 6] =
        [b"EXTRACT", b"SUBSTRING", b"SUBSTR", b"TRIM", b"OVERLAY", b"POSITION"];
    FUNCTIONS.iter().any(|f| f.eq_ignore_ascii_case(word))
}
