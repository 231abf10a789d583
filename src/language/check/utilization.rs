//! A target utilisation that is probably a slip.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;

/// Below this, a target is more likely a slip than a plan.
const SUSPICIOUS: f64 = 0.2;

/// A target utilisation that leaves most of a node empty.
pub static LOW_TARGET_UTILIZATION: Code = warning(
    "low_target_utilization",
    "a target utilisation below 20%",
    r#"`target-utilization` is the share of a node that is planned to be used; the need is divided by it. At 7% a pool
has fourteen nodes for the work of one, which is more often a slip (`"0.7%"` for `"70%"`) than a plan.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; target-utilization "0.7%"; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; target-utilization "70%"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for pool in plan.pools.items() {
        let target = pool.target_utilization;
        if target < SUSPICIOUS {
            low(&format!("pool `{}`", pool.name), target, pool.origin, found);
        }
    }
    for workload in plan.workloads.items() {
        let Some(autoscale) = &workload.autoscale else { continue };
        if let Some(target) = autoscale.target_utilization.filter(|target| *target < SUSPICIOUS) {
            low(&format!("the autoscaler of `{}`", workload.name), target, autoscale.origin, found);
        }
    }
}

fn low(who: &str, target: f64, at: crate::source::Span, found: &mut Vec<Diagnostic>) {
    let times = figures::number((1.0 / target).round());
    let mut diagnostic = Diagnostic::new(
        &LOW_TARGET_UTILIZATION,
        format!("{who} aims at a utilisation of {}", figures::percent(target)),
    )
    .at(at, format!("this holds {times} times what the work needs"));
    if target <= 0.01 {
        let meant = figures::number((target * 1e4).round());
        diagnostic =
            diagnostic.help(format!("if a share of {meant}% was meant, write `\"{meant}%\"`"));
    } else {
        diagnostic =
            diagnostic.help("write the share that is planned to be used, such as `\"65%\"`");
    }
    found.push(diagnostic);
}
