//! How a program says that it cannot go on: one sentence, and an exit status that tells whether
//! trying again can help. Used by the mains of all programs.

use std::error::Error;

/// Exit status for wrong arguments and settings: starting again with the same ones does not help.
/// `fathom up` and the systemd units do not restart a program that ends so.
pub const EXIT_USAGE: u8 = 2;

/// A wrong argument that the parser of the command line could not know to be wrong.
#[derive(Debug)]
pub struct Usage(pub String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

/// An error with all its causes in one sentence. A cause that the text before already tells is not
/// told twice.
pub fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in causes(error).skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Whether arguments or settings are to blame.
pub fn is_usage(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|e| e.is::<Usage>() || e.is::<crate::Error>())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |e| (*e).source())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|e| e as _)
        }
    }

    #[test]
    fn nothing_is_said_twice() {
        let taken = || Some(Box::new(Layer("address in use (98)", None)));
        let told = Layer("listening on :80: address in use (98); change http.listen", taken());
        assert_eq!(sentence(&told), told.0);
        let open = Layer("starting", Some(Box::new(Layer("listening on :80", taken()))));
        assert_eq!(sentence(&open), "starting: listening on :80: address in use (98)");
        assert!(!is_usage(&open));
        assert!(is_usage(&Usage("no".into())) && is_usage(&crate::Error(Vec::new())));
    }
}
