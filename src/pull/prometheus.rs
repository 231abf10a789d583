//! The HTTP API of Prometheus: its version, and the points of a query over a range.
//!
//! Thanos, Mimir, Cortex and `VictoriaMetrics` speak it too. Series of one answer are summed here, and the
//! caller is told how many there were.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;

use super::chunk::Range;
use super::client::Client;
use super::fault::Fault;
use super::retry::{self, Policy};

/// A server, and how patient to be with it.
pub struct Server<'a> {
    /// The connection.
    pub client: Client,
    /// How often to ask again.
    pub policy: Policy,
    /// Waits.
    pub sleep: &'a dyn Fn(Duration),
}

/// The points of a query over a range.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Instants in seconds since 1970-01-01 00:00 UTC, and the sum of the series there; by time.
    pub points: Vec<(i64, f64)>,
    /// How many series the largest part of the answer had.
    pub series: usize,
    /// Values left out because they are no finite number.
    pub not_finite: usize,
    /// What the server warns of.
    pub warnings: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Matrix {
    #[serde(rename = "resultType")]
    kind: String,
    result: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    values: Vec<(f64, String)>,
    #[serde(default)]
    histograms: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct BuildInfo {
    version: String,
}

impl Server<'_> {
    /// The server's version; nothing where it does not say it. The first thing to ask: what is wrong with
    /// the address or the login comes out here.
    ///
    /// # Errors
    /// If the server cannot be reached or refuses the login.
    pub fn version(&self) -> Result<Option<String>, Fault> {
        let body = match self.get("/api/v1/status/buildinfo", &[]) {
            Ok(body) => body,
            // Older servers, and some proxies, know no such path.
            Err(
                Fault::NotThere { .. } | Fault::Rejected { .. } | Fault::Denied { status: 403, .. },
            ) => {
                return Ok(None);
            }
            Err(fault) => return Err(fault),
        };
        let info = serde_json::from_slice::<Envelope<BuildInfo>>(&body);
        Ok(info.ok().map(|info| self.client.tame(&info.data.version)))
    }

    /// The points of a query, of every hour of a range. A range too heavy for the server is halved.
    ///
    /// # Errors
    /// If the server refuses, stays silent, or answers with what are no numbers.
    pub fn range(&self, query: &str, range: Range, step_seconds: u32) -> Result<Answer, Fault> {
        let start = (range.from + i64::from(step_seconds)).to_string();
        let (end, step) = (range.until.to_string(), step_seconds.to_string());
        let parameters = [("query", query), ("start", &*start), ("end", &*end), ("step", &*step)];
        match self.get("/api/v1/query_range", &parameters) {
            Ok(body) => self.read(&body),
            Err(fault @ Fault::TooMuch { .. }) => match range.halves() {
                Some([first, second]) => {
                    let mut answer = self.range(query, first, step_seconds)?;
                    answer.append(self.range(query, second, step_seconds)?);
                    Ok(answer)
                }
                None => Err(fault),
            },
            Err(fault) => Err(fault),
        }
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Vec<u8>, Fault> {
        retry::with(self.policy, self.sleep, || self.client.get(path, parameters))
    }

    fn read(&self, body: &[u8]) -> Result<Answer, Fault> {
        let garbage = |why: String| Fault::Garbage(self.client.tame(&why));
        let answer: Envelope<Matrix> = serde_json::from_slice(body).map_err(|error| {
            let begins: String = String::from_utf8_lossy(body).chars().take(40).collect();
            garbage(format!("{error}, in `{begins}`"))
        })?;
        if answer.data.kind != "matrix" {
            return Err(garbage(format!("a result of type `{}`", answer.data.kind)));
        }
        let warnings = answer.warnings.iter().map(|warning| self.client.tame(warning)).collect();
        let rows = answer.data.result;
        let histograms = |row: &Row| row.values.is_empty() && !row.histograms.is_empty();
        if !rows.is_empty() && rows.iter().all(histograms) {
            return Err(Fault::Histograms);
        }
        let (mut sums, mut not_finite) = (BTreeMap::new(), 0);
        for (at, text) in rows.iter().flat_map(|row| &row.values) {
            // `NaN`, `+Inf` and `-Inf` read as numbers too.
            let value: f64 = text.parse().map_err(|_| garbage(format!("`{text}` is no number")))?;
            if value.is_finite() {
                *sums.entry(whole(*at)).or_insert(0.0) += value;
            } else {
                not_finite += 1;
            }
        }
        let points = sums.into_iter().collect();
        Ok(Answer { points, series: rows.len(), not_finite, warnings })
    }
}

impl Answer {
    /// Adds the answer of a later range.
    pub fn append(&mut self, later: Self) {
        self.points.extend(later.points);
        self.series = self.series.max(later.series);
        self.not_finite += later.not_finite;
        self.warnings.extend(later.warnings);
    }
}

/// Whole seconds of an instant.
#[expect(clippy::cast_possible_truncation, reason = "an instant of this era")]
fn whole(at: f64) -> i64 {
    at.round() as i64
}
