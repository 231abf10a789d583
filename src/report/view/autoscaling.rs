//! What the autoscalers would really do, beside sizing that follows every hour and a static peak.

use serde::Serialize;

use super::money::Money;
use crate::calendar::Month;
use crate::money::quantised;
use crate::plan::Plan;
use crate::simulate::hpa::planned::{Autoscaled, Recommended};

/// What one autoscaler would do.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AutoscalingView {
    /// The workload.
    pub workload: String,
    /// Its pool.
    pub pool: String,
    /// What is counted: `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// Draws simulated of each month.
    pub draws: usize,
    /// Draws of the plan.
    pub of_draws: usize,
    /// Months simulated.
    pub months: Vec<Month>,
    /// Months of the horizon.
    pub of_months: usize,
    /// The share of the demand beyond what the ready replicas could serve.
    pub short_share: f64,
    /// The month in which that share is largest.
    pub worst_month: Month,
    /// The share in that month.
    pub worst_share: f64,
    /// The fewest replicas asked for.
    pub least: i64,
    /// The most replicas asked for.
    pub most: i64,
    /// The share of the simulated weeks in which it asked for its most.
    pub at_max: f64,
    /// Replica-hours a month as simulated.
    pub replica_hours: f64,
    /// The same following every hour at once, as the ledger sizes.
    pub following_hours: f64,
    /// The same held at the month's largest hour.
    pub static_hours: f64,
    /// Node-hours a month as simulated: replica-hours times the share of a node.
    pub node_hours: f64,
    /// What it saves a month against the static peak, at on-demand prices; absent without a price.
    pub saved: Option<Money>,
    /// Mean replicas that serve, by hour of the week from Monday 00:00.
    pub week: Vec<f64>,
    /// The share of a node that one takes, and money for an hour of one.
    #[serde(skip)]
    pub(in crate::report) node_share: f64,
    #[serde(skip)]
    pub(in crate::report) node_hour: Option<f64>,
    /// What is recommended, where that was looked for.
    pub recommended: Option<RecommendedView>,
}

/// What is recommended for one autoscaler.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecommendedView {
    /// The share of the demand that may be short.
    pub risk: f64,
    /// Spares that are held ready.
    pub spare: f64,
    /// Whether a promised latency is kept.
    pub latency: bool,
    /// Whether it is kept.
    pub meets: bool,
    /// Fewest replicas.
    pub min: i32,
    /// Most replicas.
    pub max: i32,
    /// The share of what one serves that it aims at.
    pub target: Option<f64>,
    /// The stabilisation window of shrinking in seconds, where it is not as it was.
    pub down_window_seconds: Option<i64>,
    /// The share that would be short.
    pub short_share: f64,
    /// Replica-hours of the busiest month under it, in the highest draw that is simulated.
    pub replica_hours: f64,
    /// The same held at that month's largest hour.
    pub static_hours: f64,
    /// What it saves in that month against the static peak, at on-demand prices; absent without a price.
    pub saved: Option<Money>,
}

/// Six places: more than a simulation knows.
fn six(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// The view of what was simulated of a plan, by workload.
#[must_use]
pub fn autoscaling(plan: &Plan, simulated: &[Autoscaled]) -> Vec<AutoscalingView> {
    let view = |one: &Autoscaled| {
        let view = of_workload(plan, one);
        one.recommended.iter().fold(view, AutoscalingView::with)
    };
    simulated.iter().map(view).collect()
}

fn of_workload(plan: &Plan, one: &Autoscaled) -> AutoscalingView {
    let month = |t: usize| plan.horizon.month(t);
    let worst = one
        .months
        .iter()
        .reduce(|worst, next| if next.short_share > worst.short_share { next } else { worst });
    let saved_hours = (one.static_hours - one.replica_hours) * one.node_share;
    AutoscalingView {
        workload: plan.workloads[one.workload].name.clone(),
        pool: plan.pools[one.pool].name.clone(),
        counted: one.counted,
        draws: one.draws,
        of_draws: plan.draws.count(),
        months: one.months.iter().map(|scaled| month(scaled.t)).collect(),
        of_months: plan.horizon.months,
        short_share: six(one.short_share),
        worst_month: worst.map_or(plan.horizon.first, |worst| month(worst.t)),
        worst_share: six(worst.map_or(0.0, |worst| worst.short_share)),
        least: one.replicas.0,
        most: one.replicas.1,
        at_max: six(one.at_max),
        replica_hours: six(one.replica_hours),
        following_hours: six(one.following_hours),
        static_hours: six(one.static_hours),
        node_hours: six(one.replica_hours * one.node_share),
        saved: one.node_hour.map(|price| Money::new(quantised(saved_hours * price).round_dp(2))),
        week: one.week.iter().copied().map(six).collect(),
        node_share: one.node_share,
        node_hour: one.node_hour,
        recommended: None,
    }
}

impl AutoscalingView {
    /// The same with what is recommended.
    #[must_use]
    pub fn with(mut self, recommended: &Recommended) -> Self {
        let Recommended { advice, risk, spare, latency, replica_hours, static_hours } = recommended;
        let rules = &advice.setup.rules;
        let saved = (static_hours - replica_hours) * self.node_share;
        self.recommended = Some(RecommendedView {
            risk: *risk,
            spare: *spare,
            latency: *latency,
            meets: advice.meets,
            min: rules.min,
            max: rules.max,
            target: advice.share.map(six),
            down_window_seconds: rules.behavior.as_ref().and_then(|b| b.down.window_seconds),
            short_share: six(advice.totals.short_share()),
            replica_hours: six(*replica_hours),
            static_hours: six(*static_hours),
            saved: self.node_hour.map(|price| Money::new(quantised(saved * price).round_dp(2))),
        });
        self
    }

    /// `3 of 1,000 draws, 4 of 12 months`.
    #[must_use]
    pub fn simulated(&self) -> String {
        let draws = if self.draws == self.of_draws {
            format!("all {} draws", self.draws)
        } else {
            format!("{} of {} draws", self.draws, self.of_draws)
        };
        if self.months.len() == self.of_months {
            format!("{draws}, every month")
        } else {
            format!("{draws}, {} of {} months", self.months.len(), self.of_months)
        }
    }
}
