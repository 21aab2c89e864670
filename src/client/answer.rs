//! What the daemon answered.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ClientError;

/// An answer: the JSON that came, read as `T` when that is wanted.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    json: Value,
    socket: PathBuf,
    of: PhantomData<fn() -> T>,
}

impl<T> Answer<T> {
    pub(super) fn new(json: Value, socket: &Path) -> Self {
        Self { json, socket: socket.to_owned(), of: PhantomData }
    }

    /// As it came, also what this version does not know.
    pub fn json(&self) -> &Value {
        &self.json
    }

    pub fn into_json(self) -> Value {
        self.json
    }

    /// The same answer, to be read as something else, such as a part of it.
    pub fn read_as<U>(self) -> Answer<U> {
        let Self { json, socket, of: PhantomData } = self;
        Answer { json, socket, of: PhantomData }
    }
}

impl<T: DeserializeOwned> Answer<T> {
    /// What it says. What does not fit comes from another version of the daemon.
    pub fn read(&self) -> Result<T, ClientError> {
        T::deserialize(&self.json)
            .map_err(|error| ClientError::Garbled { socket: self.socket.clone(), detail: error.to_string() })
    }
}
