//! Configuration: every key declared once, with type, unit, range, default, when a change
//! applies, and what it does. Stands beside the data path: both programs read their settings
//! here at start-up and on reload.
//!
//! The mechanism only. The key tables live with the program that reads them
//! (`dataplane/src/config.rs`, `server/src/config.rs`):
//!
//! ```
//! use fathom_settings::{Applies, Key, Kind, Program, Settings, Sources};
//!
//! static KEYS: &[Key] = &[
//!     Key::new("capture.interface", Kind::Text, "", Applies::Restart,
//!         "Regular expression of the interfaces to capture on; empty for all that are up."),
//!     Key::new("capture.ring_bytes", Kind::bytes(1 << 20, 4 << 30), "64 MiB", Applies::Restart,
//!         "Size of the packet ring of one core."),
//! ];
//! static AGENT: Program = Program { name: "agent", keys: KEYS };
//!
//! let set = [("capture.ring_bytes".to_string(), "8 MiB".to_string())];
//! let settings = Settings::load(&AGENT, Sources { pairs: &set, ..Sources::default() })?;
//! assert_eq!(settings.bytes("capture.ring_bytes"), 8 << 20);
//! # Ok::<(), fathom_settings::Error>(())
//! ```
//!
//! Later sources win: defaults, then the YAML file, then the environment
//! (`FATHOM_AGENT__CAPTURE__INTERFACE`), then the command line.

#![forbid(unsafe_code)]

mod key;
mod load;
mod nearest;
mod reference;
mod report;
mod value;
mod yaml;

pub use key::{Applies, Key, Kind, Program};
pub use load::{Error, Origin, Problem, Settings, Sources};
pub use report::{EXIT_USAGE, Usage, is_usage, sentence};
pub use value::Value;
