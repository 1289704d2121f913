//! The settings that a reload may change, shared by all threads of the agent.

use std::sync::{Arc, Mutex, PoisonError};

use super::Config;

/// The settings as they are now.
#[derive(Debug)]
pub struct Live(Mutex<Arc<Config>>);

impl Live {
    /// Begins with `config`.
    pub fn new(config: Config) -> Self {
        Self(Mutex::new(Arc::new(config)))
    }

    /// The present settings.
    pub fn get(&self) -> Arc<Config> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these.
    pub fn set(&self, config: Config) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }
}
