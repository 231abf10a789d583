//! Steps of prices cover every volume, and data lives to see its tiers.

use super::{error, figures, note};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::pool::{PoolSupply, PoolTier};
use crate::plan::price::TieredPrice;

/// Prices in steps, none of which holds for the largest volumes.
pub static NO_LAST_STEP: Code = error(
    "no_last_step",
    "prices in steps, none of which holds beyond the last",
    r#"Prices in steps count from zero: each holds up to its `up-to`, and the last, without `up-to`, for all the rest.
Without it, what lies beyond would have no price.

Wrong:

```kdl
provider "aws" { region "us-east-1"; storage-tier "s3" { price "0.023 USD/GB-month" up-to="50 TB"; }; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; storage-tier "s3" { price "0.023 USD/GB-month" up-to="50 TB"; price "0.022 USD/GB-month"; }; }
```
"#,
);

/// Data that is deleted before it reaches a tier.
pub static RETENTION_BEFORE_TIER: Code = note(
    "retention_before_tier",
    "data is deleted before it reaches a tier",
    r#"The workload keeps data for a shorter time than a tier of its pool waits for: nothing of it ever moves there. That
may be meant, where several workloads share the pool.

Wrong:

```kdl
pool "lake" { kind storage; tier "standard"; tier "archive" { after "90 days"; }; }
workload "logs" { kind storage; team "data"; pool "lake"; demand "40 TiB"; retention "60 days"; }
```

Right:

```kdl
pool "lake" { kind storage; tier "standard"; tier "archive" { after "30 days"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for tier in plan.storage_tiers.items() {
        steps(&format!("storage tier `{}`", tier.name), &tier.prices, found);
    }
    for provider in plan.providers.items() {
        for (kind, prices) in &provider.egress {
            let what = format!("egress {} of `{}`", kind.word(), provider.name);
            steps(&what, prices, found);
        }
    }
    retention(plan, found);
}

fn steps(what: &str, prices: &[TieredPrice], found: &mut Vec<Diagnostic>) {
    let bounded = |price: &TieredPrice| price.up_to_bytes.unwrap_or(f64::INFINITY);
    let last = prices.iter().max_by(|a, b| bounded(a).total_cmp(&bounded(b)));
    let Some((last, up_to)) = last.and_then(|last| Some((last, last.up_to_bytes?))) else { return };
    let up_to = figures::bytes(up_to);
    found.push(
        Diagnostic::new(&NO_LAST_STEP, format!("{what} has no price beyond {up_to}"))
            .at(last.origin, format!("the last step ends at {up_to}"))
            .help("remove its `up-to`, or add a step without one for the rest"),
    );
}

fn retention(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let (Some(rule), Some(pool)) = (&workload.storage, workload.pool) else { continue };
        let Some(kept) = rule.retention_hours else { continue };
        let PoolSupply::Storage(of_pool) = &plan.pools[pool].supply else { continue };
        let tiers = rule.tiers_used(of_pool);
        let unreached = |tier: &&PoolTier| tier.after_hours >= kept && tier.after_hours > 0.0;
        for tier in tiers.iter().filter(unreached) {
            let (name, tier_name) = (&workload.name, &plan.storage_tiers[tier.tier].name);
            let (kept, after) = (figures::hours(kept), figures::hours(tier.after_hours));
            found.push(
                Diagnostic::new(
                    &RETENTION_BEFORE_TIER,
                    format!(
                        "data of `{name}` is deleted after {kept}, before it reaches `{tier_name}`"
                    ),
                )
                .at(workload.origin, format!("kept for {kept}"))
                .also(tier.origin, format!("entered after {after}"))
                .help("nothing to do if that is meant; else keep it longer, or move it sooner"),
            );
        }
    }
}
