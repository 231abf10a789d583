//! A latency that serving alone does not keep.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::workload::{Latency, Serves, Serving};
use crate::queueing::law::ServiceLaw;

/// A latency shorter than a service.
pub static LATENCY_OUT_OF_REACH: Code = error(
    "latency_out_of_reach",
    "a latency that no number of replicas keeps",
    r#"More replicas make requests wait less; they do not serve one faster. How long one takes is what a replica works on
at a time ÷ what it serves, and its percentile follows from `service-variation`, which is 1 (exponential) unless
the plan says otherwise: the 99th percentile is then 4.6 times the mean. Uncertain rates count at their median.

Wrong:

```kdl
replica { gpu 1; serves "20 req/s"; latency p99 "120 ms"; }    // 50 ms each, 230 ms at p99
```

Right:

```kdl
replica { gpu 1; serves "20 req/s"; latency p99 "120 ms"; service-variation 0.1; }    // all take nearly the same
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let Serving::Replica(replica) = &workload.serving else { continue };
        let (Some(latency), Serves::Stated(rate)) = (&replica.latency, &replica.serves) else {
            continue;
        };
        let service = f64::from(latency.concurrency) / rate.median();
        let late = |(share, most): &&(f64, f64)| percentile(latency, service, *share) >= *most;
        let Some((share, most)) = latency.objectives.iter().find(late) else { continue };
        let takes = percentile(latency, service, *share);
        found.push(
            Diagnostic::new(
                &LATENCY_OUT_OF_REACH,
                format!("no number of replicas keeps the latency of `{}`", workload.name),
            )
            .at(latency.origin, format!("{} is promised", time(*most)))
            .also(replica.origin, format!("serving one takes {} on average", time(service)))
            .help(format!(
                "serving alone takes {} at p{}: promise more, or say what is known with `concurrency`, \
                 `service-time` or `service-variation`",
                time(takes),
                figures::number(share * 100.0).replace('.', "")
            )),
        );
    }
}

fn percentile(latency: &Latency, service: f64, share: f64) -> f64 {
    ServiceLaw::of(service, latency.service_scv).percentile(share)
}

/// Seconds as people write them.
fn time(seconds: f64) -> String {
    let (value, unit) = if seconds < 1.0 { (seconds * 1000.0, "ms") } else { (seconds, "s") };
    format!("{} {unit}", figures::number((value * 10.0).round() / 10.0))
}
