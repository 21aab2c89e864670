//! Which hosts and origins are ours. Pure.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::uri::Authority;

/// A host and perhaps a port, as in a `Host` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    /// Lowercase.
    Name(String),
}

/// Port that a browser leaves out for `http`.
const HTTP_PORT: u16 = 80;

impl Site {
    /// Takes `name`, `name:port`, `1.2.3.4:port`, `[::1]:port`; nothing with user, path or a stray colon.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.parse().ok()?;
        let host = authority.host();
        // The parser passes user information and an unreadable port over in silence.
        let port = authority.port_u16();
        let rest = text.strip_prefix(host)?;
        if host.is_empty() || rest != port.map(|port| format!(":{port}")).unwrap_or_default() {
            return None;
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let host = match bare.parse::<IpAddr>() {
            Ok(address) => Host::Address(address.to_canonical()),
            Err(_) => Host::Name(bare.to_ascii_lowercase()),
        };
        Some(Self { host, port })
    }

    /// Whether this is what one calls the supervisor on a connection to `local`: a loopback address, `localhost`, or
    /// the very address of the connection (an address in figures cannot be rebound), with the bound port.
    pub(crate) fn is_own(&self, local: SocketAddr) -> bool {
        let host = match &self.host {
            Host::Address(address) => address.is_loopback() || *address == local.ip().to_canonical(),
            Host::Name(name) => name == "localhost",
        };
        host && self.port.unwrap_or(HTTP_PORT) == local.port()
    }

    /// Whether an `Origin` header names this site. `null`, what sandboxed pages send, never does.
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        let (default, authority) = if let Some(rest) = origin.strip_prefix("http://") {
            (HTTP_PORT, rest)
        } else if let Some(rest) = origin.strip_prefix("https://") {
            // A proxy in front of us may speak TLS.
            (443, rest)
        } else {
            return false;
        };
        Self::parse(authority).is_some_and(|origin| {
            origin.host == self.host && origin.port.unwrap_or(default) == self.port.unwrap_or(default)
        })
    }
}

/// A further host that the operator allows, for a proxy or a name in the local network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule(Site);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a host such as fleet.example.org or fleet.example.org:8443")]
pub struct HostRuleError {
    given: String,
}

impl HostRule {
    /// Takes `host` (with any port) or `host:port` (with that one only).
    pub fn parse(text: &str) -> Result<Self, HostRuleError> {
        Site::parse(text).map(Self).ok_or_else(|| HostRuleError { given: text.to_owned() })
    }

    pub(crate) fn allows(&self, site: &Site) -> bool {
        self.0.host == site.host && self.0.port.is_none_or(|port| site.port == Some(port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> Site {
        Site::parse(text).unwrap_or_else(|| panic!("{text} is a host"))
    }

    #[test]
    fn loopback_and_the_bound_address_are_ours_and_nothing_else_is() {
        let local: SocketAddr = "192.0.2.7:7117".parse().expect("an address");
        for own in [
            "127.0.0.1:7117",
            "127.0.0.2:7117",
            "localhost:7117",
            "LOCALHOST:7117",
            "[::1]:7117",
            "192.0.2.7:7117",
        ] {
            assert!(site(own).is_own(local), "{own}");
        }
        for foreign in [
            "localhost",
            "localhost:80",
            "127.0.0.1:7118",
            "192.0.2.8:7117",
            "evil.example:7117",
            "localhost.evil.example:7117",
            "127.0.0.1.evil.example:7117",
            "localhost.:7117",
        ] {
            assert!(!site(foreign).is_own(local), "{foreign}");
        }
        assert!(site("localhost").is_own("127.0.0.1:80".parse().expect("an address")));
    }

    #[test]
    fn what_is_no_plain_host_is_not_read() {
        for odd in [
            "",
            ":7117",
            "user@localhost:7117",
            "localhost:7117/x",
            "localhost:",
            "localhost:99999",
            "a b",
            "[::1",
        ] {
            assert_eq!(Site::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_origin_is_ours_only_with_the_same_host_and_port() {
        let ours = site("localhost:7117");
        assert!(ours.is_origin("http://localhost:7117"));
        assert!(site("fleet.example.org").is_origin("https://fleet.example.org"));
        assert!(site("[::1]:7117").is_origin("http://[::1]:7117"));
        for foreign in [
            "null",
            "",
            "http://localhost",
            "http://127.0.0.1:7117",
            "http://evil.example:7117",
            "http://localhost:7117.evil.example",
            "http://localhost:7117@evil.example",
            "chrome-extension://localhost:7117",
            "localhost:7117",
        ] {
            assert!(!ours.is_origin(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_rule_without_a_port_allows_every_port() {
        let any = HostRule::parse("Fleet.example.org").expect("a host");
        assert!(any.allows(&site("fleet.example.org")) && any.allows(&site("fleet.example.org:8443")));
        let one = HostRule::parse("fleet.example.org:8443").expect("a host");
        assert!(one.allows(&site("fleet.example.org:8443")) && !one.allows(&site("fleet.example.org")));
        assert!(HostRule::parse("http://fleet.example.org").is_err());
    }
}
