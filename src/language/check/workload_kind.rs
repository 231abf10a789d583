//! What each kind of workload must say, and what it cannot.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::workload::{RunWork, Serving, WorkUnit, WorkloadKind};
use crate::plan::{Plan, Workload};
use crate::source::Span;

/// Training or batch without a run.
pub static MISSING_RUNS: Code = error(
    "missing_runs",
    "training or batch without a run",
    r#"A workload of `kind training` or `kind batch` works in runs: what it asks for is what its runs ask for.
Without a run it would ask for nothing.

Wrong:

```kdl
workload "fine-tune" { kind training; team "assistant"; pool "train"; }
```

Right:

```kdl
workload "fine-tune" {
    kind training
    team "assistant"
    pool "train"
    run "weekly" every="1 week" { gpus 16; duration "20 to 30 hours"; }
}
```
"#,
);

/// A workload that nobody asks anything of.
pub static MISSING_DEMAND: Code = error(
    "missing_demand",
    "a workload without demand",
    r#"What a workload of this kind needs follows from its demand: a rate such as `req/s`, or a stock such as
`TiB` or `user`. Only training and batch have runs instead.

Wrong:

```kdl
workload "chat" { kind inference; team "assistant"; pool "serving"; capacity "25 req/s" per=gpu; }
```

Right:

```kdl
workload "chat" {
    kind inference
    team "assistant"
    pool "serving"
    demand "180 req/s" { growth compound "4%/month"; }
    capacity "25 req/s" per=gpu
}
```
"#,
);

/// A demand that nothing serves.
pub static NOTHING_SERVES: Code = error(
    "nothing_serves",
    "a demand that nothing serves",
    r#"Demand becomes nodes through what serves it: `capacity` (what one GPU or node serves), `replica` (what one
replica requests and serves), or `needs` (what one unit of demand takes). One of them has to stand. Work of a
run that is counted in documents or tokens needs `capacity` likewise.

Wrong:

```kdl
workload "chat" { kind inference; team "assistant"; pool "serving"; demand "180 req/s"; }
```

Right:

```kdl
workload "chat" {
    kind inference
    team "assistant"
    pool "serving"
    demand "180 req/s"
    capacity "22 to 28 req/s" per=gpu
}
```
"#,
);

/// A bought service without a price.
pub static MISSING_UNIT_PRICE: Code = error(
    "missing_unit_price",
    "a bought service without a price",
    r#"A workload of `kind service` is bought by the unit: it needs no pool, but a price for one unit of its demand.

Wrong:

```kdl
workload "model-api" { kind service; team "product"; demand "90M token/month"; }
```

Right:

```kdl
workload "model-api" { kind service; team "product"; demand "90M token/month"; price "2.50 USD/1M token"; }
```
"#,
);

/// Traffic without a direction.
pub static MISSING_EGRESS: Code = error(
    "missing_egress",
    "traffic that goes nowhere",
    r#"A workload of `kind network` moves the bytes of its demand. Where to decides the price: `egress internet`,
`egress cross-region` or `egress cross-zone`.

Wrong:

```kdl
workload "sync" { kind network; team "data"; provider "aws"; demand "38 TB/day"; }
```

Right:

```kdl
workload "sync" { kind network; team "data"; provider "aws"; demand "38 TB/day"; egress cross-region; }
```
"#,
);

/// A setting that this kind of workload has no use for.
pub static SETTING_OF_ANOTHER_KIND: Code = error(
    "setting_of_another_kind",
    "a setting that the workload's kind has no use for",
    r#"Every kind of workload has its own way to ask: inference and workspaces by a demand and what serves it,
training and batch by runs, storage by bytes held, network by bytes moved, a service by units bought. A setting
of another kind would be silently without effect, so it is an error.

Wrong:

```kdl
workload "artifacts" { kind storage; team "data"; pool "lake"; demand "6 TB"; replica { cpu "4 core"; serves "10 req/s"; }; }
```

Right:

```kdl
workload "artifacts" { kind storage; team "data"; pool "lake"; demand "6 TB" { growth linear "400 GB/month"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        foreign_settings(workload, found);
        match workload.kind {
            WorkloadKind::Training | WorkloadKind::Batch => runs(workload, found),
            WorkloadKind::Inference | WorkloadKind::Workspace => served(workload, found),
            WorkloadKind::Storage | WorkloadKind::Network | WorkloadKind::Service => {
                bought(workload, found);
            }
        }
    }
}

fn runs(workload: &Workload, found: &mut Vec<Diagnostic>) {
    let name = &workload.name;
    if workload.runs.is_empty() {
        let kind = workload.kind.word();
        found.push(
            Diagnostic::new(&MISSING_RUNS, format!("`{name}` is of kind {kind} and has no run"))
                .at(workload.origin, "no `run` stands here")
                .help(
                    "say when it runs and what it takes: \
                     `run \"weekly\" every=\"1 week\" { gpus 16; duration \"20 hours\"; }`",
                ),
        );
    }
    for run in &workload.runs {
        let served = matches!(run.work, RunWork::Work { unit: WorkUnit::Served, .. });
        if served && matches!(workload.serving, Serving::None) {
            let message = format!("nothing serves the work of run `{}` of `{name}`", run.name);
            found.push(
                Diagnostic::new(&NOTHING_SERVES, message)
                    .at(run.origin, "its work is counted in units that something has to serve")
                    .help(
                        "say what one GPU or node serves: `capacity \"420 document/s\" per=gpu`, or \
                         count the work in `gpu-hour` or `core-hour`",
                    ),
            );
        }
    }
}

fn served(workload: &Workload, found: &mut Vec<Diagnostic>) {
    let name = &workload.name;
    if workload.demand.is_none() {
        missing_demand(workload, "demand \"180 req/s\"", found);
        return;
    }
    let none = matches!(workload.serving, Serving::None);
    if none && workload.needs.is_empty() && workload.holds.is_none() {
        found.push(
            Diagnostic::new(&NOTHING_SERVES, format!("nothing serves the demand of `{name}`"))
                .at(workload.origin, "no `capacity`, `replica` or `needs` stands here")
                .help(
                    "say what one GPU serves, `capacity \"25 req/s\" per=gpu`, what a replica does, or \
                     what one unit needs",
                ),
        );
    }
}

fn bought(workload: &Workload, found: &mut Vec<Diagnostic>) {
    let name = &workload.name;
    if workload.demand.is_none() {
        let example = match workload.kind {
            WorkloadKind::Storage => "demand \"40 TiB\"",
            WorkloadKind::Network => "demand \"38 TB/day\"",
            _ => "demand \"90M token/month\"",
        };
        // Storage that states what flows in may leave out what is there already.
        let flows_in =
            workload.storage.as_ref().is_some_and(|rule| rule.ingest_bytes_per_month.is_some());
        if !flows_in {
            missing_demand(workload, example, found);
        }
    }
    if workload.kind == WorkloadKind::Service && workload.unit_price.is_none() {
        let unit = workload.demand.as_ref().map_or("token", |demand| &demand.unit);
        found.push(
            Diagnostic::new(&MISSING_UNIT_PRICE, format!("`{name}` is bought, but has no price"))
                .at(workload.origin, "no `price` stands here")
                .help(format!("say what a unit costs, such as `price \"2.50 USD/1M {unit}\"`")),
        );
    }
    if workload.kind == WorkloadKind::Network && workload.egress.is_empty() {
        found.push(
            Diagnostic::new(&MISSING_EGRESS, format!("`{name}` moves data, but not anywhere"))
                .at(workload.origin, "no `egress` stands here")
                .help("say where its bytes go: `egress internet`, `cross-region` or `cross-zone`"),
        );
    }
}

fn missing_demand(workload: &Workload, example: &str, found: &mut Vec<Diagnostic>) {
    let (name, kind) = (&workload.name, workload.kind.word());
    found.push(
        Diagnostic::new(&MISSING_DEMAND, format!("`{name}` is of kind {kind} and has no demand"))
            .at(workload.origin, "no `demand` stands here")
            .help(format!("say what is asked of it in the first month: `{example}`")),
    );
}

/// A setting that stands, which kinds it belongs to, and where it is.
struct Setting {
    word: &'static str,
    belongs: &'static [WorkloadKind],
    place: Option<Span>,
}

fn foreign_settings(workload: &Workload, found: &mut Vec<Diagnostic>) {
    use WorkloadKind::{Batch, Inference, Network, Service, Storage, Training, Workspace};
    let serving = match &workload.serving {
        Serving::None => None,
        Serving::Replica(replica) => Some(("replica", replica.origin)),
        Serving::Capacity { origin, .. } => Some(("capacity", *origin)),
    };
    let settings = [
        Setting {
            word: "run",
            belongs: &[Training, Batch],
            place: workload.runs.first().map(|run| run.origin),
        },
        Setting {
            word: "demand",
            belongs: &[Inference, Workspace, Storage, Network, Service],
            place: workload.demand.as_ref().map(|demand| demand.origin),
        },
        Setting {
            word: serving.map_or("capacity", |(word, _)| word),
            belongs: &[Inference, Workspace, Training, Batch],
            place: serving.map(|(_, place)| place),
        },
        Setting {
            word: "needs",
            belongs: &[Inference, Workspace],
            place: workload.needs.first().map(|needs| needs.origin),
        },
        Setting {
            word: "autoscale",
            belongs: &[Inference, Workspace],
            place: workload.autoscale.as_ref().map(|autoscale| autoscale.origin),
        },
        Setting {
            word: "price",
            belongs: &[Service],
            place: workload.unit_price.as_ref().map(|price| price.estimate.origin),
        },
    ];
    for setting in settings {
        let Some(place) = setting.place.filter(|_| !setting.belongs.contains(&workload.kind))
        else {
            continue;
        };
        let (name, kind, word) = (&workload.name, workload.kind.word(), setting.word);
        let kinds = figures::names(setting.belongs.iter().map(|kind| kind.word()));
        found.push(
            Diagnostic::new(
                &SETTING_OF_ANOTHER_KIND,
                format!("`{name}` is of kind {kind}, which has no `{word}`"),
            )
            .at(place, format!("`{word}` has no effect in a workload of kind {kind}"))
            .help(format!(
                "`{word}` belongs to workloads of kind {kinds}: remove it, or change `kind`"
            )),
        );
    }
}
