//! Everything that can go wrong with a pull, each with what to do about it.
//!
//! No fault holds a secret: texts of the server pass through [`tame`] with the secret taken out.

use std::time::Duration;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The variable of the address or the secret is not set.
    #[error("the environment variable `{0}` is not set")]
    NoVariable(String),
    /// The address is none.
    #[error("its address is none: {0}")]
    Address(String),
    /// No connection, or one that broke.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The certificate is not trusted.
    #[error("no trusted connection: {0}")]
    Tls(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// Signing in failed.
    #[error("the server refuses to answer: {}", status_line(*status, text))]
    Denied {
        /// 401 or 403.
        status: u16,
        /// What it said.
        text: String,
    },
    /// The query is refused.
    #[error("the server refuses the query: {}", status_line(*status, text))]
    Rejected {
        /// Some 4xx.
        status: u16,
        /// What it said.
        text: String,
    },
    /// The answer would be too large, or take too long.
    #[error("one hour is too much for the server: {}", status_line(*status, text))]
    TooMuch {
        /// The status; 200 where the answer was too large for us.
        status: u16,
        /// What it said.
        text: String,
    },
    /// There is no such path.
    #[error("there is no Prometheus at this address: {}", status_line(*status, text))]
    NotThere {
        /// 404, 405 or a redirect.
        status: u16,
        /// What it said.
        text: String,
    },
    /// The server cannot answer now.
    #[error("the server cannot answer: {}", status_line(*status, text))]
    Busy {
        /// 429 or 5xx.
        status: u16,
        /// What it said.
        text: String,
        /// How long it asks to be left alone.
        after: Option<Duration>,
    },
    /// The answer is not that of Prometheus.
    #[error("the answer is not that of Prometheus: {0}")]
    Garbage(String),
    /// The query gives histograms.
    #[error("the query answers with histograms, not with numbers")]
    Histograms,
    /// The query gives nothing.
    #[error("the query has no result from {from} to {until}")]
    Empty {
        /// The first hour asked for.
        from: jiff::Timestamp,
        /// The end of the last.
        until: jiff::Timestamp,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {why}")]
    Write {
        /// The file, as a path from the plan's folder.
        path: String,
        /// What the system says.
        why: String,
    },
    /// The source failed before this series was asked for.
    #[error("not asked: the source failed before")]
    NotAsked,
}

impl Fault {
    /// Whether it may pass by itself.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Timeout | Self::Busy { .. })
    }

    /// How long the server asks to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { after, .. } => *after,
            _ => None,
        }
    }

    /// Whether the next series would fail in the same way.
    #[must_use]
    pub fn is_of_source(&self) -> bool {
        matches!(
            self,
            Self::NoVariable(_)
                | Self::Address(_)
                | Self::Unreachable(_)
                | Self::Tls(_)
                | Self::Denied { .. }
                | Self::NotThere { .. }
                | Self::Write { .. }
        )
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        String::from(match self {
            Self::NoVariable(_) => "set it where `capplan pull` runs; it is never written anywhere",
            Self::Address(_) => {
                "it begins with `https://` or `http://`, as in `https://prometheus.acme.example`"
            }
            Self::Unreachable(_) => {
                "is the address right, the server up, and this machine in its network?"
            }
            Self::Tls(_) => {
                "is it `http://`? Else add the authority to the system's certificates, or name its file in `SSL_CERT_FILE`"
            }
            Self::Timeout => {
                "a longer `step` asks for less; what was finished is kept, and a second run goes on"
            }
            Self::Denied { status: 403, .. } => {
                "this login may not read it: ask for the right to query"
            }
            Self::Denied { .. } => "see `auth` of the source, and the variable that it names",
            Self::Rejected { .. } => {
                "try it in the server's own console; `capplan pull --dry-run` shows every query"
            }
            Self::TooMuch { .. } => "take fewer series in the query, or a recording rule for it",
            Self::NotThere { .. } => {
                "the address is that under which `/api/v1/query_range` is found, with its path before that, \
                 as in `https://mimir.acme.example/prometheus`"
            }
            Self::Busy { .. } => "what was finished is kept: run it again later, and it goes on",
            Self::Garbage(_) => "is there a login page, or another server, at this address?",
            Self::Histograms => "take a number out of it, as in `histogram_count(rate(…[5m]))`",
            Self::Empty { .. } => {
                "is the metric's name right, and `label workload` the label that holds the workload's \
                 name? `capplan pull --dry-run` shows the query; a `query` of your own can ask otherwise"
            }
            Self::Write { .. } => {
                "see that the plan's folder may be written, and that there is room"
            }
            Self::NotAsked => "what was finished is kept: run it again, and it goes on",
        })
    }
}

fn status_line(status: u16, text: &str) -> String {
    match (status, text) {
        (200, text) => text.to_owned(),
        (status, "") => format!("status {status}"),
        (status, text) => format!("status {status}, {text}"),
    }
}

/// A server's text as it may be shown: one line without control characters, cut short, and without the
/// secret.
#[must_use]
pub fn tame(text: &str, secrets: &[String]) -> String {
    const LONGEST: usize = 300;
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.as_str(), "***");
    }
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_server_is_one_short_line_without_the_secret() {
        let secrets = [String::from("s3cret")];
        assert_eq!(tame("bad\u{1b}[31m\n token s3cret", &secrets), "bad [31m token ***");
        assert_eq!(tame(&"x".repeat(1000), &[]).chars().count(), 301);
    }

    #[test]
    fn messages_say_what_the_server_said() {
        let fault = Fault::Rejected { status: 422, text: "bad_data: parse error".into() };
        assert_eq!(
            fault.to_string(),
            "the server refuses the query: status 422, bad_data: parse error"
        );
        assert!(!fault.may_pass() && !fault.is_of_source());
    }
}
