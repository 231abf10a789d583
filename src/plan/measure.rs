//! Where measured usage comes from, and what of it a demand asks for.
//!
//! Only `capplan pull` meets a source; every other command reads the snapshots it wrote. Secrets are not
//! here: a plan names the environment variable that holds one.

use crate::ids::{Id, Named};
use crate::source::Span;

/// The label that names the workload where a source states none.
pub const WORKLOAD_LABEL: &str = "app";

/// A `source`: where `capplan pull` reads.
#[derive(Debug, Clone)]
pub struct MeasureSource {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: MeasureKind,
    /// Where it is; always there where the kind is Prometheus.
    pub address: Option<Address>,
    /// How to sign in; without, it is open.
    pub auth: Option<Auth>,
    /// The label whose value is the workload's name, where the plan states one.
    pub workload_label: Option<String>,
    /// How far back to read, in hours; above zero.
    pub window_hours: f64,
    /// Seconds from one raw point to the next; a whole part of an hour.
    pub step_seconds: u32,
    /// How old its last point may be, in hours.
    pub stale_after_hours: f64,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureKind {
    /// A server with the HTTP API of Prometheus: Prometheus, Thanos, Mimir, `VictoriaMetrics`.
    Prometheus,
    /// A SQL engine; not read yet.
    Sql,
    /// Billing data in the FOCUS format; not read yet.
    Focus,
}

/// The address of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// As the plan says it, `http://…` or `https://…`.
    Url(String),
    /// The environment variable that holds it.
    Env(String),
}

/// How to sign in at a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// In which way.
    pub method: AuthMethod,
    /// The environment variable that holds the secret.
    pub env: String,
}

/// A way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// `Authorization: Bearer TOKEN`.
    Bearer,
    /// `Authorization: Basic …`, of `user:password`.
    Basic,
}

/// The series of a source that is a demand's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRef {
    /// The source.
    pub source: Id<MeasureSource>,
    /// What of it.
    pub asks: Asks,
}

/// What a demand asks a source for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asks {
    /// A metric that has a ready-made query.
    Metric(DemandMetric),
    /// What this query answers, as the plan writes it.
    Query(String),
    /// Something from a kind of source that is not read yet.
    NotYet,
}

/// What a demand can be measured by without a query of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DemandMetric {
    /// Requests a second.
    RequestRate,
    /// GPU-hours an hour: GPUs held.
    GpuHours,
    /// Core-hours an hour: cores in use.
    CoreHours,
    /// Bytes stored.
    BytesStored,
    /// Bytes sent a second.
    BytesSent,
}

impl Asks {
    /// The word under which a snapshot keeps the series.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Metric(metric) => metric.word(),
            Self::Query(_) | Self::NotYet => "query",
        }
    }
}

impl DemandMetric {
    /// The word under which a snapshot keeps it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::RequestRate => "request-rate",
            Self::GpuHours => "gpu-hours",
            Self::CoreHours => "core-hours",
            Self::BytesStored => "storage",
            Self::BytesSent => "network-transmit",
        }
    }

    /// The demand's base units (a second, or a stock) in one unit of the measured series.
    #[must_use]
    pub fn scale(self) -> f64 {
        match self {
            Self::RequestRate | Self::BytesStored | Self::BytesSent => 1.0,
            Self::GpuHours | Self::CoreHours => 1.0 / 3600.0,
        }
    }
}

impl MeasureKind {
    /// The word of the plan.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::Sql => "sql",
            Self::Focus => "focus",
        }
    }
}

impl Named for MeasureSource {
    fn name(&self) -> &str {
        &self.name
    }
}
