//! HTTP: one request out, the body or a fault back. The only module that knows ureq, whose types stay
//! inside it.
//!
//! Certificates are checked by the system's own authorities. The secret is in the header alone: no
//! message, no file and no address that is shown holds it.

use std::io::Read;
use std::time::Duration;

use base64::Engine;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::fault::{Fault, tame};
use crate::plan::measure::AuthMethod;

/// The longest that one request may take: longer than the two minutes a Prometheus takes at most.
const TIMEOUT: Duration = Duration::from_secs(150);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// The largest body that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// How to reach a server, secrets filled in.
#[derive(Clone)]
pub struct Access {
    /// The address, perhaps with `user:password@`.
    pub url: String,
    /// How to sign in, and the secret.
    pub login: Option<(AuthMethod, String)>,
}

/// A connection to one server.
pub struct Client {
    agent: Agent,
    base: String,
    host: String,
    authorization: Option<String>,
    secrets: Vec<String>,
}

impl Client {
    /// A client of a server; nothing is sent yet.
    ///
    /// # Errors
    /// If the address is none.
    pub fn new(access: &Access) -> Result<Self, Fault> {
        Self::with_timeout(access, TIMEOUT)
    }

    pub(super) fn with_timeout(access: &Access, timeout: Duration) -> Result<Self, Fault> {
        let wrong = |why: &str| Fault::Address(why.to_owned());
        let url = access.url.trim();
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("it has no `https://`"))?;
        if scheme != "http" && scheme != "https" {
            return Err(wrong("it is neither `https` nor `http`"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        if host.is_empty() || path.contains(['?', '#']) || url.contains(char::is_whitespace) {
            return Err(wrong("it has no host, or more than a path"));
        }
        let basic = |user: &str| {
            let coded = base64::engine::general_purpose::STANDARD.encode(user);
            (format!("Basic {coded}"), vec![coded, user.to_owned()])
        };
        let (authorization, mut secrets) = match (&access.login, &user) {
            (Some((AuthMethod::Bearer, token)), _) => {
                (Some(format!("Bearer {token}")), vec![token.clone()])
            }
            (Some((AuthMethod::Basic, user)), _) | (None, Some(user)) => {
                let (header, secrets) = basic(user);
                (Some(header), secrets)
            }
            (None, None) => (None, Vec::new()),
        };
        let passwords: Vec<String> = secrets
            .iter()
            .chain(&user)
            .filter_map(|secret| Some(secret.split_once(':')?.1.to_owned()))
            .collect();
        secrets.extend(passwords);
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(3)
            .max_redirects_will_error(false)
            .user_agent(concat!("capplan/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_TIMEOUT.min(timeout)))
            .timeout_global(Some(timeout));
        if is_loopback(host) {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: config.build().new_agent(),
            base: format!("{scheme}://{host}/{path}").trim_end_matches('/').to_owned(),
            host: host.to_owned(),
            authorization,
            secrets,
        })
    }

    /// The address without credentials.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.base
    }

    /// Whether a secret would cross the network for anyone to read.
    #[must_use]
    pub fn tells_its_secret(&self) -> bool {
        self.authorization.is_some() && self.base.starts_with("http://") && !is_loopback(&self.host)
    }

    /// A text of the server, as it may be shown.
    #[must_use]
    pub fn tame(&self, text: &str) -> String {
        tame(text, &self.secrets)
    }

    /// Gets a path below the address.
    ///
    /// # Errors
    /// If there is no answer, or one that is no success.
    pub fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Vec<u8>, Fault> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        for (name, value) in parameters {
            request = request.query(name, value);
        }
        let mut response = request.call().map_err(|error| self.fault(error))?;
        let status = response.status().as_u16();
        let after = response.headers().get("retry-after");
        let after = after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let mut body = Vec::new();
        let reader = response.body_mut().with_config().limit(LARGEST).reader();
        let read = reader.take(LARGEST).read_to_end(&mut body);
        if (200..300).contains(&status) {
            read.map_err(|error| self.fault(ureq::Error::from(error)))?;
            return Ok(body);
        }
        Err(of_status(status, self.tame(&said(&body)), after.map(Duration::from_secs)))
    }

    fn fault(&self, error: ureq::Error) -> Fault {
        use ureq::Error as E;
        match error {
            E::Timeout(_) => Fault::Timeout,
            E::Tls(_) | E::Rustls(_) | E::Pem(_) => Fault::Tls(self.tame(&error.to_string())),
            // What rustls finds in a handshake arrives as invalid data.
            E::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Fault::Tls(self.tame(&error.to_string()))
            }
            E::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Fault::Timeout,
            E::Io(error) => {
                Fault::Unreachable(format!("{}: {}", self.host, self.tame(&error.to_string())))
            }
            E::HostNotFound => Fault::Unreachable(format!("{}: the host is not found", self.host)),
            E::BadUri(_) | E::Http(_) => Fault::Address(self.tame(&error.to_string())),
            E::BodyExceedsLimit(_) => {
                let text = format!("the answer is larger than {} MB", LARGEST >> 20);
                Fault::TooMuch { status: 200, text }
            }
            other => {
                Fault::Unreachable(format!("{}: {}", self.host, self.tame(&other.to_string())))
            }
        }
    }
}

/// What an answer that is no success means.
fn of_status(status: u16, text: String, after: Option<Duration>) -> Fault {
    // Prometheus says 422 where a query would load too many samples, and 503 where it took too long.
    let heavy = ["too many samples", "maximum resolution", "query timed out", "exceeds the limit"];
    match status {
        422 | 400 | 413 | 503 if heavy.iter().any(|words| text.contains(words)) => {
            Fault::TooMuch { status, text }
        }
        401 | 403 => Fault::Denied { status, text },
        300..400 | 404 | 405 => Fault::NotThere { status, text },
        429 | 500.. => Fault::Busy { status, text, after },
        _ => Fault::Rejected { status, text },
    }
}

/// What a body says is wrong: Prometheus' own `error`, else its text where it is no page.
fn said(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Said {
        #[serde(default)]
        error: String,
    }
    if let Ok(Said { error }) = serde_json::from_slice(body) {
        return error;
    }
    let text = String::from_utf8_lossy(body);
    if text.trim_start().starts_with('<') { String::new() } else { text.into_owned() }
}

fn is_loopback(host: &str) -> bool {
    let bare = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(url: &str, login: Option<(AuthMethod, &str)>) -> Result<Client, Fault> {
        let login = login.map(|(method, secret)| (method, secret.to_owned()));
        Client::new(&Access { url: url.into(), login })
    }

    #[test]
    fn credentials_in_an_address_become_a_header_and_are_not_shown() {
        let client = client("http://me:pass@prom.example:9090/sub/", None).unwrap();
        assert_eq!(client.address(), "http://prom.example:9090/sub");
        assert_eq!(client.authorization.as_deref(), Some("Basic bWU6cGFzcw=="));
        assert!(client.tells_its_secret());
        assert_eq!(client.tame("echo: me:pass bWU6cGFzcw== pass"), "echo: *** *** ***");
    }

    #[test]
    fn a_secret_is_told_only_over_plain_http_to_elsewhere() {
        let token = Some((AuthMethod::Bearer, "t0ken"));
        for (url, told) in [
            ("http://prom:9090", true),
            ("https://prom:9090", false),
            ("http://127.0.0.1:9090", false),
            ("http://[::1]:9090", false),
            ("http://localhost", false),
        ] {
            assert_eq!(client(url, token).unwrap().tells_its_secret(), told, "{url}");
        }
        assert!(!client("http://prom:9090", None).unwrap().tells_its_secret());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in ["prom:9090", "ftp://prom", "https://", "http://a b", "http://prom/?x=1"] {
            assert!(matches!(client(url, None), Err(Fault::Address(_))), "{url}");
        }
    }

    #[test]
    fn a_page_is_not_repeated_and_an_error_of_prometheus_is() {
        assert_eq!(said(b" <html>login</html>"), "");
        assert_eq!(
            said(br#"{"status":"error","errorType":"bad_data","error":"parse error"}"#),
            "parse error"
        );
        assert_eq!(said(b"upstream connect error"), "upstream connect error");
    }
}
