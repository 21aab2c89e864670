//! The dashboard's sessions: what stands for the token in a browser, whose scripts can read neither.
//!
//! Nothing here can be used to get in: a session is known by the hash of its secret together with the token, so that
//! another token makes all of them void.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ApiToken;

/// A session that is used lasts so long.
pub(crate) const LASTS: Duration = Duration::from_hours(30 * 24);
/// One that is not used ends after so long.
const IDLE: Duration = Duration::from_hours(7 * 24);
/// A use is noted once in this time, so that reading costs no writing.
const NOTED_EVERY: Duration = Duration::from_hours(1);
/// Beyond these the one that was used longest ago ends.
const MOST: usize = 64;

/// Keeps sessions over a restart. What it keeps is no secret, but whoever could write it could keep a session alive.
/// Both calls may block.
pub trait SessionStore: fmt::Debug + Send + Sync {
    /// What was saved last; empty if nothing was.
    fn load(&self) -> io::Result<Vec<u8>>;

    /// Replaces it; durable when this returns.
    fn save(&self, content: &[u8]) -> io::Result<()>;
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Sessions(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    token: ApiToken,
    table: Mutex<Table>,
    /// Held while saving, so that an older table never replaces a newer one.
    saving: Mutex<()>,
    /// `None`: they end with the server.
    store: Option<Arc<dyn SessionStore>>,
}

/// By hash.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Table {
    sessions: BTreeMap<String, Session>,
}

/// Times are seconds since 1970: they outlive the machine's monotonic clock.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Session {
    began: u64,
    used: u64,
}

impl Session {
    /// A clock that was set back makes a session last longer, never end early.
    fn is_over(self, now: u64) -> bool {
        now.saturating_sub(self.began) >= LASTS.as_secs() || now.saturating_sub(self.used) >= IDLE.as_secs()
    }
}

impl Sessions {
    /// Those that outlived the last server. Unreadable ones are none: people sign in again.
    pub(crate) fn open(token: ApiToken, store: Option<Arc<dyn SessionStore>>) -> Self {
        let table = store.as_ref().map(|store| load(&**store)).unwrap_or_default();
        let shared = Shared { token, table: Mutex::new(table), saving: Mutex::new(()), store };
        Self(Arc::new(shared))
    }

    /// The secret of a new session. If it cannot be saved, it ends with the server.
    pub(crate) async fn begin(&self) -> String {
        let secret = self.begin_at(now());
        if let Err(error) = self.save().await {
            log::warn!("a session will not outlive the daemon: {error}");
        }
        secret
    }

    /// Whether there is such a session; a use of it.
    pub(crate) fn admits(&self, secret: &str) -> bool {
        let (known, noted) = self.use_at(secret, now());
        if noted {
            let sessions = self.clone();
            actix_web::rt::spawn(async move {
                if let Err(error) = sessions.save().await {
                    log::warn!("the use of a session is not on record: {error}");
                }
            });
        }
        known
    }

    /// An error means that it may be back after a restart.
    pub(crate) async fn end(&self, secret: &str) -> io::Result<()> {
        let hash = self.hash(secret);
        if self.table().sessions.remove(&hash).is_none() {
            return Ok(());
        }
        self.save().await
    }

    fn begin_at(&self, now: u64) -> String {
        let secret = random_secret();
        let mut table = self.table();
        table.sessions.retain(|_, session| !session.is_over(now));
        while table.sessions.len() >= MOST
            && let Some((oldest, _)) = table.sessions.iter().min_by_key(|(_, session)| session.used)
        {
            let oldest = oldest.clone();
            table.sessions.remove(&oldest);
        }
        table.sessions.insert(self.hash(&secret), Session { began: now, used: now });
        secret
    }

    /// Whether it is known, and whether that was noted.
    fn use_at(&self, secret: &str, now: u64) -> (bool, bool) {
        let hash = self.hash(secret);
        let mut table = self.table();
        let Some(session) = table.sessions.get_mut(&hash).filter(|session| !session.is_over(now)) else {
            return (false, false);
        };
        let due = now.saturating_sub(session.used) >= NOTED_EVERY.as_secs();
        if due {
            session.used = now;
        }
        (true, due)
    }

    /// Looked up as it is: whoever does not know the secret cannot choose its hash.
    fn hash(&self, secret: &str) -> String {
        let parts = [self.0.token.expose().as_bytes(), b"\n", secret.as_bytes()];
        hex::encode(parts.into_iter().fold(Sha256::new(), sha2::Digest::chain_update).finalize())
    }

    async fn save(&self) -> io::Result<()> {
        let shared = self.0.clone();
        let saved = tokio::task::spawn_blocking(move || shared.save()).await;
        saved.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table()
    }
}

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing that could panic leaves the table half changed.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self) -> io::Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let _turn = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let content = serde_json::to_vec(&*self.table())?;
        store.save(&content)
    }
}

fn load(store: &dyn SessionStore) -> Table {
    let read = store.load().and_then(|content| {
        if content.is_empty() { Ok(Table::default()) } else { Ok(serde_json::from_slice(&content)?) }
    });
    read.unwrap_or_else(|error| {
        log::warn!("the sessions of the dashboard cannot be read, so everybody must sign in again: {error}");
        Table::default()
    })
}

/// 256 random bits in hexadecimal.
pub(super) fn random_secret() -> String {
    hex::encode(rand::random::<[u8; 32]>())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
