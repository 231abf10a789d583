//! What a change is a change of: the causes that a difference in cost is split by, and where each word of
//! the language belongs.

use serde::Serialize;

/// A cause of a difference in cost. Their order is the order of substitution: what is asked for, what it
/// needs, what supplies it, what that costs, who bears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Workloads that come or go, their base demand, histories, runs and stored data.
    Demand,
    /// Growth terms and what they refer to.
    Growth,
    /// Events.
    Events,
    /// What one unit of demand needs: capacity, replicas, shapes of nodes, headroom.
    Efficiency,
    /// Autoscaling and redundancy.
    Scaling,
    /// Pools, what runs in them, limits, lots, lead times.
    Supply,
    /// Prices of anything.
    Prices,
    /// Commitments.
    Commitments,
    /// Who bears what: teams, rules for shared cost.
    Allocation,
    /// Everything else: horizon, budgets, policies, words.
    Other,
}

impl Cause {
    /// Every cause, in the order of substitution.
    pub const ALL: [Self; 10] = [
        Self::Demand,
        Self::Growth,
        Self::Events,
        Self::Efficiency,
        Self::Scaling,
        Self::Supply,
        Self::Prices,
        Self::Commitments,
        Self::Allocation,
        Self::Other,
    ];

    /// What it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Demand => "demand",
            Self::Growth => "growth",
            Self::Events => "events",
            Self::Efficiency => "efficiency and capacity",
            Self::Scaling => "autoscaling and redundancy",
            Self::Supply => "supply and limits",
            Self::Prices => "prices",
            Self::Commitments => "commitments",
            Self::Allocation => "allocation",
            Self::Other => "other",
        }
    }

    /// The cause of a change at `path`: the word of a thing at the top of the plan, then the words of the
    /// settings down to the one that changed. The path of a thing that comes or goes whole is its word.
    #[must_use]
    pub fn of(path: &[&str]) -> Self {
        let Some((top, below)) = path.split_first() else { return Self::Other };
        if below.last().is_some_and(|word| WITHOUT_FIGURES.contains(word)) {
            return Self::Other;
        }
        match *top {
            "workload" | "template" => of_workload(below),
            "unit" | "source" => Self::Demand,
            "pool" => match below {
                ["target-utilization" | "scheduling", ..] => Self::Efficiency,
                _ => Self::Supply,
            },
            "provider" => match below {
                ["instance", "price" | "price-trend" | "capacity-block", ..] => Self::Prices,
                [word, ..] if OF_PRICES.contains(word) => Self::Prices,
                ["instance", _, ..] => Self::Efficiency,
                _ => Self::Supply,
            },
            "owned" => match below {
                ["lot", "purchase" | "pay", ..]
                | ["power" | "hosting" | "support" | "staff" | "depreciate" | "residual", ..] => {
                    Self::Prices
                }
                ["gpu" | "cpu" | "memory" | "storage" | "network", ..] => Self::Efficiency,
                _ => Self::Supply,
            },
            "prices" => Self::Prices,
            "gpu" => Self::Efficiency,
            "quota" | "cohort" | "priorities" | "procurement" => Self::Supply,
            "commitment" => Self::Commitments,
            "shared-cost" | "team" | "department" | "project" | "environment" => Self::Allocation,
            _ => Self::Other,
        }
    }
}

/// What a provider states of prices, besides those of its instances.
const OF_PRICES: [&str; 7] =
    ["price-list", "negotiated", "support", "egress", "credit", "savings-plan", "storage-tier"];

/// Settings that say something to people, and nothing to a pass.
const WITHOUT_FIGURES: [&str; 6] = ["note", "title", "because", "owner", "review-by", "reports"];

fn of_workload(below: &[&str]) -> Cause {
    if below.contains(&"event") {
        return Cause::Events;
    }
    if below.contains(&"growth") {
        return Cause::Growth;
    }
    match below {
        [] | ["demand" | "run" | "reads" | "ingest", ..] => Cause::Demand,
        ["autoscale" | "redundancy", ..] => Cause::Scaling,
        ["pool" | "provider" | "overflow" | "priority" | "interruptible", ..] => Cause::Supply,
        ["price", ..] => Cause::Prices,
        ["team" | "project" | "environment", ..] => Cause::Allocation,
        _ => Cause::Efficiency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_belongs_to_the_cause_of_its_deepest_word() {
        let of = |path: &str| Cause::of(&path.split(' ').collect::<Vec<_>>());
        assert_eq!(of("workload"), Cause::Demand);
        assert_eq!(of("workload demand"), Cause::Demand);
        assert_eq!(of("workload demand growth"), Cause::Growth);
        assert_eq!(of("workload holds growth"), Cause::Growth);
        assert_eq!(of("workload demand event multiply"), Cause::Events);
        assert_eq!(of("workload demand event note"), Cause::Other);
        assert_eq!(of("workload replica serves"), Cause::Efficiency);
        assert_eq!(of("workload autoscale min"), Cause::Scaling);
        assert_eq!(of("workload pool"), Cause::Supply);
        assert_eq!(of("provider instance price"), Cause::Prices);
        assert_eq!(of("provider instance"), Cause::Supply);
        assert_eq!(of("owned lot purchase"), Cause::Prices);
        assert_eq!(of("owned lot due"), Cause::Supply);
        assert_eq!(of("budget amount"), Cause::Other);
    }

    #[test]
    fn every_word_at_the_top_of_a_plan_has_a_cause_on_purpose() {
        let other = ["plan", "let", "knob", "include", "budget", "policy", "scenario", "compare"];
        for spec in crate::language::nodes::TOP {
            let is_other = Cause::of(&[spec.name]) == Cause::Other;
            assert_eq!(is_other, other.contains(&spec.name), "{}", spec.name);
        }
    }
}
