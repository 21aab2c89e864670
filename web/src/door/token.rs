//! The bearer token.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;

/// Shortest token, in characters: 128 bits in hexadecimal.
const MIN_LEN: usize = 32;

/// The token that every request over TCP must carry. Its text shows nowhere.
#[derive(Clone)]
pub struct ApiToken(Arc<str>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the API token has {len} characters, at least {MIN_LEN} are needed")]
    TooShort { len: usize },
    #[error("the API token holds a character that cannot stand in a header")]
    NotPlain,
}

impl ApiToken {
    /// Takes at least 32 visible ASCII characters; space around them, such as a file's last newline, is dropped.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NotPlain);
        }
        if text.len() < MIN_LEN {
            return Err(TokenError::TooShort { len: text.len() });
        }
        Ok(Self(text.into()))
    }

    /// For what is derived from it, never to be shown or stored.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Takes as long for a nearly right token as for a wholly wrong one; only the length, no secret, shows.
    pub(crate) fn matches(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(…)")
    }
}

/// The token in an `Authorization` header.
pub(crate) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_matches() {
        let text = "0123456789abcdef0123456789abcdef";
        let token = ApiToken::parse(&format!("{text}\n")).expect("long enough");
        assert!(token.matches(text));
        for wrong in ["", &text[1..], "0123456789abcdef0123456789abcdeF", &format!("{text}0")] {
            assert!(!token.matches(wrong), "{wrong}");
        }
        assert!(!format!("{token:?}").contains("0123"), "the text of a token must not show");
    }

    #[test]
    fn a_weak_or_odd_token_is_refused() {
        assert_eq!(ApiToken::parse("secret").err(), Some(TokenError::TooShort { len: 6 }));
        assert_eq!(ApiToken::parse(&"a b".repeat(20)).err(), Some(TokenError::NotPlain));
        assert_eq!(ApiToken::parse(" \n").err(), Some(TokenError::TooShort { len: 0 }));
    }

    #[test]
    fn the_scheme_is_read_in_either_case_and_must_be_there() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc"), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
    }
}
