//! An autoscaler aims at what a replica can serve.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::workload::{Serves, Serving};

/// A target rate above what a replica serves.
pub static TARGET_ABOVE_CAPACITY: Code = warning(
    "target_above_capacity",
    "an autoscaler aims at more than a replica serves",
    r#"`target rate` is the load of one replica that the autoscaler aims at. Above what the replica serves it would only
grow when replicas are overloaded already; usually it lies well below.

Wrong:

```kdl
workload "chat" { replica { gpu 1; serves "310 req/s"; }; autoscale { min 3; target rate "500 req/s"; }; }
```

Right:

```kdl
workload "chat" { replica { gpu 1; serves "310 req/s"; }; autoscale { min 3; target rate "220 req/s"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let Some(autoscale) = &workload.autoscale else { continue };
        let name = &workload.name;
        let serves = match &workload.serving {
            Serving::Replica(replica) => match &replica.serves {
                Serves::Stated(rate) => rate.median(),
                Serves::Model(_) => continue,
            },
            Serving::Capacity { per_second, .. } => per_second.median(),
            Serving::None => continue,
        };
        if let Some(target) = autoscale.target_per_second.filter(|target| *target > serves) {
            let share = figures::percent((target / serves * 100.0).round() / 100.0);
            found.push(
                Diagnostic::new(
                    &TARGET_ABOVE_CAPACITY,
                    format!("the autoscaler of `{name}` aims at {share} of what a replica serves"),
                )
                .at(autoscale.origin, "its `target rate` is above what one serves")
                .help("write a rate below what one serves, or leave `target rate` out"),
            );
        }
    }
}
