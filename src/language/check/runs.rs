//! Runs lie in the horizon, and do not pile up.

use super::node_kinds::{largest, node_kinds};
use super::quotas::most_nodes;
use super::{figures, warning};
use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::workload::{Every, Finish, Run, RunTimes, RunWork};
use crate::plan::{Plan, Workload};

/// A run that never starts within the horizon.
pub static RUN_OUTSIDE_HORIZON: Code = warning(
    "run_outside_horizon",
    "a run that does not start within the horizon",
    r#"The run starts after the last month the plan looks at, or its last start lies before the first. It takes nothing.

Wrong:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; }
workload "tune" { kind training; run "q1" at="2026-03-18" { gpus 16; duration "9 days"; }; }
```

Right:

```kdl
workload "tune" { kind training; run "q1" at="2027-03-18" { gpus 16; duration "9 days"; }; }
```
"#,
);

/// A repeating run that is not over when the next begins.
pub static RUNS_OVERLAP: Code = warning(
    "runs_overlap",
    "a repeating run is not over when the next begins",
    r#"The run may take, or takes, longer than the time to its next start, so several go on at once and their needs add
up. That may be meant; more often `every` or the duration is in the wrong unit.

Wrong:

```kdl
workload "etl" { kind batch; run "nightly" every="1 day" { work "400 core-hour"; finish-within "30 hours"; }; }
```

Right:

```kdl
workload "etl" { kind batch; run "nightly" every="1 day" { work "400 core-hour"; finish-within "5 hours"; }; }
```
"#,
);

/// A run that needs more GPUs than its pool can have.
pub static RUN_NEVER_FITS: Code = warning(
    "run_never_fits",
    "a run asks for more GPUs than its pool can ever have",
    r#"A run of so many GPUs starts on all of them or not at all. The limits of its pool, what is asked for included, or the
lots of its owned hardware, allow fewer, so nodes are short whenever it runs. A limit counts nodes, a run GPUs.

Wrong:

```kdl
pool "train" { instance "p5.48xlarge" region="us-east-1"; limit 4; }
workload "tune" { kind training; team "research"; pool "train"; run "q1" at="2027-03-18" { gpus 64; duration "9 days"; }; }
```

Right:

```kdl
pool "train" { instance "p5.48xlarge" region="us-east-1"; limit 8; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        for run in &workload.runs {
            outside(plan, run, found);
            never_fits(plan, workload, run, found);
            overlap(run, found);
        }
    }
}

fn outside(plan: &Plan, run: &Run, found: &mut Vec<Diagnostic>) {
    let (first, last) = (plan.horizon.first_day(), plan.horizon.last_day());
    let when = match run.when {
        RunTimes::At(at) if at > last => {
            format!("starts on {at}, after the horizon's last day, {last}")
        }
        RunTimes::At(at) if at < first && ends_before(run, at, first) => {
            format!("started on {at}, before the horizon's first day, {first}")
        }
        RunTimes::Every { from: Some(from), .. } if from > last => {
            format!("starts from {from} on, after the horizon's last day, {last}")
        }
        RunTimes::Every { until: Some(until), .. } if until < first => {
            format!("starts for the last time by {until}, before the horizon's first day, {first}")
        }
        _ => return,
    };
    found.push(
        Diagnostic::new(&RUN_OUTSIDE_HORIZON, format!("run `{}` {when}", run.name))
            .at(run.origin, "it takes nothing in this plan")
            .help("correct its day, or the horizon; else remove it"),
    );
}

fn never_fits(plan: &Plan, workload: &Workload, run: &Run, found: &mut Vec<Diagnostic>) {
    let Some(pool) = workload.pool else { return };
    let (RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. }) = &run.work else { return };
    let kinds = node_kinds(plan, pool);
    let Some((per_node, _)) = largest(&kinds, |shape| shape.gpus) else { return };
    let Some(nodes) = most_nodes(plan, pool) else { return };
    let least = run.min_gpus.unwrap_or(*gpus);
    let has = f64::from(nodes) * per_node;
    // Of a pool that has nothing at all, another rule speaks.
    if has <= 0.0 || least <= has {
        return;
    }
    let gpus = |count: f64| figures::count(count, "GPU");
    let name = &plan.pools[pool].name;
    found.push(
        Diagnostic::new(
            &RUN_NEVER_FITS,
            format!(
                "run `{}` asks for {} at once, and pool `{name}` can have {}",
                run.name,
                gpus(least),
                gpus(has)
            ),
        )
        .at(run.origin, "nodes are short whenever it runs")
        .also(
            plan.pools[pool].origin,
            format!("at most {}", figures::count(f64::from(nodes), "node")),
        )
        .help(format!(
            "ask for fewer, or raise the limit to {}: it counts nodes, not GPUs",
            figures::count((least / per_node).ceil(), "node")
        )),
    );
}

/// Whether a run that started before the horizon is surely over by its first day.
fn ends_before(run: &Run, at: Date, first: Date) -> bool {
    let hours = f64::from(crate::calendar::days_between(at, first)) * 24.0;
    match &run.work {
        RunWork::Gang { hours: taken, .. } => taken.dist.quantile(0.95) < hours,
        RunWork::Flops { .. } => false,
        RunWork::Work { finish: Finish::Within(within), .. } => *within < hours,
        RunWork::Work { finish: Finish::By(by), .. } => *by < first,
    }
}

fn overlap(run: &Run, found: &mut Vec<Diagnostic>) {
    let RunTimes::Every { every, .. } = run.when else { return };
    // A month counts as its longest, so that what is reported overlaps every time.
    let interval = match every {
        Every::Days(days) => f64::from(days) * 24.0,
        Every::Months(months) => f64::from(months) * 31.0 * 24.0,
    };
    let (takes, what) = match &run.work {
        RunWork::Gang { hours, .. } => (hours.median(), "takes"),
        RunWork::Work { finish: Finish::Within(hours), .. } => (*hours, "may take"),
        _ => return,
    };
    if takes > interval {
        let (takes, interval) = (figures::hours(takes), figures::hours(interval));
        found.push(
            Diagnostic::new(
                &RUNS_OVERLAP,
                format!("run `{}` {what} {takes} and starts again after {interval}", run.name),
            )
            .at(run.origin, "several of it go on at once")
            .help("if that is not meant, shorten it or let it start less often"),
        );
    }
}
