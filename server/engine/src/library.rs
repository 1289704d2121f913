//! Where the engine's shared object is.
//!
//! The engine is no build dependency: it is fetched once by `ci/get-engine.sh`
//! and opened at run time. Without it the crate builds, and everything else runs.

use std::env;
use std::path::{Path, PathBuf};

/// The pinned package version; `ci/get-engine.sh` has the same. The engine inside calls itself 26.7.2.1.
pub const VERSION: &str = "26.7.3-stable.1";

/// File name of the engine.
pub const FILE: &str = "libchdb.so";

/// The environment variable that names the file itself.
pub const VARIABLE: &str = "FATHOM_ENGINE_LIB";

/// The engine was not found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the embedded ClickHouse engine ({FILE} {VERSION}) is not in {}; run ci/get-engine.sh to fetch it, \
     or set {VARIABLE} to its path",
    list(.looked)
)]
pub struct Missing {
    /// Every path that was tried.
    pub looked: Vec<PathBuf>,
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Finds the engine: `$FATHOM_ENGINE_LIB`, then the cache directory
/// (`$FATHOM_CACHE` or `~/.cache/fathom`), then `/usr/lib/fathom`.
///
/// # Errors
/// [`Missing`] with the paths tried. A variable that names a missing file does
/// not fall through: someone meant that file.
pub fn locate() -> Result<PathBuf, Missing> {
    let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    locate_in(set(VARIABLE), set("FATHOM_CACHE"), set("HOME"), Path::new("/usr/lib/fathom"))
}

fn locate_in(
    library: Option<PathBuf>,
    cache: Option<PathBuf>,
    home: Option<PathBuf>,
    system: &Path,
) -> Result<PathBuf, Missing> {
    let mut looked = Vec::new();
    if let Some(path) = library {
        looked.push(path);
    } else {
        let cache = cache.or_else(|| home.map(|h| h.join(".cache/fathom")));
        if let Some(cache) = cache {
            looked.push(cache.join("engine").join(VERSION).join(FILE));
        }
        looked.push(system.join(FILE));
    }
    match looked.iter().find(|p| p.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(Missing { looked }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_in_order_and_names_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let touch = |p: PathBuf| {
            std::fs::create_dir_all(p.parent().unwrap()).unwrap();
            std::fs::write(&p, b"x").unwrap();
            p
        };
        let system = dir.path().join("usr");
        let none = locate_in(None, None, Some(dir.path().to_owned()), &system).unwrap_err();
        assert_eq!(none.looked.len(), 2);
        assert!(none.to_string().contains("run ci/get-engine.sh"), "{none}");

        let in_system = touch(system.join(FILE));
        assert_eq!(locate_in(None, None, None, &system).unwrap(), in_system);
        let in_cache = touch(dir.path().join("c/engine").join(VERSION).join(FILE));
        let cache = Some(dir.path().join("c"));
        assert_eq!(locate_in(None, cache.clone(), None, &system).unwrap(), in_cache);
        let named = dir.path().join("absent.so");
        let error = locate_in(Some(named.clone()), cache, None, &system).unwrap_err();
        assert_eq!(error.looked, vec![named]);
    }

    #[test]
    fn the_script_pins_the_same_version() {
        let script = include_str!("../../../ci/get-engine.sh");
        assert!(script.contains(&format!("VERSION={VERSION}\n")));
    }
}
