//! The cookie that carries a session.

use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::sessions::LASTS;

/// Browsers keep one jar for all ports of a host, so the port tells the supervisors of one host apart.
fn name(port: u16) -> String {
    format!("claude-hooks-session-{port}")
}

/// The secrets that a request carries for us; usually one.
pub(crate) fn secrets(headers: &HeaderMap, port: u16) -> Vec<&str> {
    let name = name(port);
    let pairs = headers.get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(found, _)| *found == name).map(|(_, secret)| secret).collect()
}

/// Gives a browser the session. No script can read it, no other site's request carries it.
pub(crate) fn set(secret: &str, port: u16, secure: bool) -> HeaderValue {
    value(secret, port, LASTS.as_secs(), secure)
}

/// Takes it away.
pub(crate) fn clear(port: u16, secure: bool) -> HeaderValue {
    value("", port, 0, secure)
}

/// `Secure` only behind a proxy with TLS: over plain HTTP a browser would not keep it.
fn value(secret: &str, port: u16, max_age_s: u64, secure: bool) -> HeaderValue {
    let (name, secure) = (name(port), if secure { "; Secure" } else { "" });
    let text = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}");
    HeaderValue::try_from(text).expect("a secret is hexadecimal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("a=b; claude-hooks-session-80=x;claude-hooks-session-7117=y; c");
        headers.append(header::COOKIE, value);
        headers.append(header::COOKIE, HeaderValue::from_static("claude-hooks-session-7117=z"));
        assert_eq!(secrets(&headers, 7117), ["y", "z"]);
        assert!(secrets(&headers, 711).is_empty());
    }

    #[test]
    fn the_cookie_is_for_this_site_alone_and_for_no_script() {
        let kept = "claude-hooks-session-80=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000";
        assert_eq!(set("abc", 80, false), kept);
        assert_eq!(set("abc", 80, true), format!("{kept}; Secure"));
        assert_eq!(
            clear(80, false),
            "claude-hooks-session-80=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
        );
    }
}
