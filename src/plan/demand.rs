//! What is asked of a workload over time: its base, its history, its growth and its events.

use std::sync::Arc;

use crate::calendar::{Date, Month};
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::Workload;
use crate::plan::measure::SourceRef;
use crate::source::Span;

/// What is asked of a workload over time.
#[derive(Debug, Clone)]
pub struct Demand {
    /// The level in the first month: units a second for a rate, units for a stock (bytes, users).
    /// Absent where a history gives it, or where it follows another workload.
    pub base: Option<Estimate>,
    /// The unit counted: `req`, `token`, `byte`, `user`, …
    pub unit: String,
    /// Whether it is a rate (per second) or a stock.
    pub is_rate: bool,
    /// Whether `base` is the hour-weighted mean or the largest hour of the week of the first month.
    pub at: DemandAt,
    /// Another workload whose demand this one follows, and units of this for one of that.
    pub follows: Option<(Id<Workload>, Estimate)>,
    /// Measured history.
    pub history: Option<HistoryRef>,
    /// Growth terms; one of each kind.
    pub growth: Vec<Growth>,
    /// Events, by name.
    pub events: Vec<Event>,
    /// Where the plan says it.
    pub origin: Span,
}

/// What a stated demand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemandAt {
    /// The hour-weighted mean.
    Mean,
    /// The largest hour of the week.
    Peak,
}

/// The history of a demand.
#[derive(Debug, Clone)]
pub struct HistoryRef {
    /// Where it lies.
    pub from: HistoryFrom,
    /// What it decides.
    pub fit: Fit,
    /// Multiply a measured value by this to get the demand's base unit (per second, or bytes).
    pub scale: f64,
    /// Where the plan says it.
    pub origin: Span,
}

/// Where a history lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryFrom {
    /// In a file of the plan.
    Table(TableRef),
    /// In the snapshots that `capplan pull` writes of a source.
    Source(SourceRef),
}

/// A series in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRef {
    /// The file, as a path relative to the plan's folder with forward slashes.
    pub path: String,
    /// The column of values.
    pub column: Option<String>,
    /// The column of times.
    pub time: Option<String>,
    /// The time zone of times without an offset; UTC where absent.
    pub zone: Option<String>,
    /// Only rows whose columns equal these values: `where "region" "2"`.
    pub filters: Vec<(String, String)>,
}

/// What a history decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Level, trend and season; stated growth multiplies, with factor 1 at the last observation.
    Auto,
    /// Level and shape; stated growth gives the trend.
    Level,
}

/// A growth term. Factor 1 in the first month, constant inside a month, one draw a path.
#[derive(Debug, Clone)]
pub struct Growth {
    /// What kind of growth.
    pub kind: GrowthKind,
    /// Where the plan says it.
    pub origin: Span,
}

/// The kinds of growth. `t` counts months from the horizon's first.
#[derive(Debug, Clone)]
pub enum GrowthKind {
    /// (1 + rate)^t, rate a month.
    Compound(Estimate),
    /// base × (1 + rate·t), rate a month as a share of the base.
    LinearShare(Estimate),
    /// base + step·t, step in the demand's base unit a month.
    LinearStep(Estimate),
    /// K/(1 + ((K − b)/b)·e^(−kt)) with K in the demand's base unit.
    Logistic {
        /// The ceiling, in the demand's base unit.
        ceiling: Estimate,
        /// The month in which half the ceiling is passed, or the rate k a month.
        pace: LogisticPace,
    },
    /// A periodic shape of mean 1 whose largest value is `peak_to_mean`.
    Seasonal {
        /// Over what it repeats.
        period: SeasonPeriod,
        /// Largest over mean, at least 1.
        peak_to_mean: Estimate,
    },
    /// Stated levels by month, in the demand's base unit, linear between; held before and after.
    Table(Vec<(Month, Estimate)>),
    /// A level to be reached by a month, linear from the base.
    To {
        /// The level, in the demand's base unit.
        level: Estimate,
        /// The month by whose end it is reached.
        by: Month,
    },
}

/// How fast a logistic rises.
#[derive(Debug, Clone)]
pub enum LogisticPace {
    /// Half the ceiling is passed at the first day of this month.
    Midpoint(Month),
    /// k, a month.
    Steepness(Estimate),
}

/// Over what a seasonal shape repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeasonPeriod {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A year.
    Year,
}

/// Something that changes demand, or what serves it, at a date.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// The first day.
    pub at: Date,
    /// The last day; for good where absent.
    pub until: Option<Date>,
    /// Multiplies demand.
    pub multiply: Option<Estimate>,
    /// Adds to demand, in its base unit; after all multiplications.
    pub add: Option<Estimate>,
    /// Multiplies what one replica or GPU serves.
    pub scale_capacity: Option<Estimate>,
    /// It arrives in weekly steps over so many days.
    pub ramp_days: Option<f64>,
    /// Chance that it happens, 0 to 1.
    pub chance: Option<f64>,
    /// The key of the draw that decides whether it happens: two events with one `(ref)` share it.
    pub chance_key: Arc<str>,
    /// Where the plan says it.
    pub origin: Span,
}
