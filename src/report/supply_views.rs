//! Instance mixes, spot, and buy or rent as tables.

use super::format::{count, significant};
use super::listing::{Cell, Listing};
use crate::ids::Id;
use crate::plan::pool::RiskTolerance;
use crate::plan::{Plan, Pool};
use crate::procure::buy_or_rent::{Comparison, Sensitivity};
use crate::procure::packing::{Excuse, Item, NodeType, Packing};
use crate::procure::spot::planned::PoolSpot;
use crate::procure::spot::{Advice, Verdict};
use crate::usage::Resource;
use crate::usage::right_size::Fit;

/// The dimensions of a mix, in the order of its sizes.
pub const DIMENSIONS: [&str; 5] = ["cores", "memory", "GPUs", "GPU memory", "network"];

/// What a mix is of, in words.
#[derive(Debug, Clone)]
pub struct MixOf<'a> {
    /// The pool, or the file of pods.
    pub name: &'a str,
    /// The currency, for the heads.
    pub currency: &'a str,
    /// What is used today: its name, nodes, money an hour.
    pub today: Option<(String, f64, f64)>,
    /// What is not in the mix, and why.
    pub left_out: Vec<String>,
}

/// The cheapest mix: its types, what each carries, and why the others are out.
#[must_use]
pub fn mix(of: &MixOf<'_>, items: &[Item], types: &[NodeType], packing: &Packing) -> Vec<Listing> {
    let asked: usize = items.iter().map(|item| item.count).sum();
    let rows = packing.mix().into_iter().map(|(t, nodes)| {
        let node_type = &types[t];
        let loads = packing.loads.iter().filter(|load| load.node_type == t);
        let mut used = vec![0.0; node_type.capacity.len()];
        let mut held = 0;
        for load in loads {
            for (i, n) in &load.items {
                held += n * load.nodes;
                let size = items[*i].size.iter();
                let all = (n * load.nodes) as f64;
                used.iter_mut().zip(size).for_each(|(used, size)| *used += all * size);
            }
        }
        let full = |d: usize| {
            let (used, all) = (used.get(d)?, node_type.capacity.get(d)? * nodes as f64);
            (all > 0.0 && all.is_finite()).then(|| used / all)
        };
        vec![
            Cell::text(&*node_type.name),
            whole(nodes),
            Cell::number(Some(node_type.price)),
            Cell::fixed(Some(node_type.price * nodes as f64), 2),
            Cell::fixed(Some(node_type.price * nodes as f64 * 730.0), 0),
            whole(held),
            Cell::share(full(0)),
            Cell::share(full(1)),
            Cell::share(full(2)),
            Cell::share(full(4).filter(|full| *full > 0.0)),
        ]
    });
    let unplaced = packing.unplaced.iter().map(|i| items[*i].count).sum::<usize>();
    let proven = if unplaced == asked {
        "No type holds any of them".to_owned()
    } else if packing.gap() < 1e-9 {
        format!("No mix costs less: this is proven ({})", packing.way.word())
    } else {
        format!(
            "No mix costs less than {:.2}: at most {:.2}% above it ({})",
            packing.bound,
            packing.gap() * 100.0,
            packing.way.word()
        )
    };
    let mut notes = vec![format!(
        "{} of {} {} on {} nodes: {:.2} {}/h, {} a month of 730 h. {proven}.",
        asked - unplaced,
        asked,
        if asked == 1 { "item" } else { "items" },
        packing.mix().iter().map(|(_, n)| n).sum::<usize>(),
        packing.cost,
        of.currency,
        count(packing.cost * 730.0),
    )];
    if let Some(one) = packing.runner_up.filter(|_| unplaced < asked) {
        notes.push(format!(
            "Runner-up: {} × {} alone, {:.2} {}/h, {:+.1}%.",
            one.nodes,
            types[one.node_type].name,
            one.cost,
            of.currency,
            (one.cost / packing.cost - 1.0) * 100.0
        ));
    }
    if let Some((name, nodes, cost)) = &of.today {
        let saves = cost - packing.cost;
        let word = if saves >= 0.0 { "saves" } else { "costs more, by" };
        if unplaced > 0 {
            notes.push(format!(
                "Planned today: {} × {name}, {cost:.2} {}/h, for all of it: no saving, since the mix does not hold all.",
                significant(*nodes),
                of.currency,
            ));
        } else if saves.abs() < 1e-9 * cost {
            notes
                .push(format!("It is what the plan uses today: {} × {name}.", significant(*nodes)));
        } else {
            notes.push(format!(
            "Planned today: {} × {name}, {cost:.2} {}/h. The mix {word} {:.2} {}/h, {} a month ({:.1}%).",
            significant(*nodes),
            of.currency,
            saves.abs(),
            of.currency,
            count(saves.abs() * 730.0),
            saves.abs() / cost * 100.0
        ));
        }
    }
    for i in &packing.unplaced {
        notes.push(format!("No type holds `{}` ({} of it).", items[*i].name, items[*i].count));
    }
    notes.extend(of.left_out.iter().cloned());
    let mix = Listing {
        key: "mix",
        of: None,
        title: format!("Cheapest mix for {}", of.name),
        columns: vec![
            ("instance", "Instance"),
            ("nodes", "Nodes"),
            ("price", "Per node, h"),
            ("per_hour", "Per hour"),
            ("per_month", "Per month"),
            ("items", "Items"),
            ("cpu", "CPU full"),
            ("memory", "Memory full"),
            ("gpu", "GPU full"),
            ("network", "Network full"),
        ],
        rows: rows.collect(),
        notes,
    };
    let mut found = vec![mix.without_empty(&["cpu", "memory", "gpu", "network"])];
    found.extend(Some(rejected(types, packing)).filter(|rejected| !rejected.rows.is_empty()));
    found
}

fn rejected(types: &[NodeType], packing: &Packing) -> Listing {
    let rows = packing.excuses.iter().map(|(t, excuse)| {
        let own = &types[*t];
        let why = match excuse {
            Excuse::HoldsNothing { dimension } => {
                let name = DIMENSIONS.get(*dimension).unwrap_or(&"room");
                format!("too few {name} for any item")
            }
            Excuse::Dominated { by } => {
                format!("{} has no less of anything, and costs no more", types[*by].name)
            }
            Excuse::WorthLess { worth } => format!(
                "its best load is worth {} of its {}: {:.0}% too dear",
                significant(*worth),
                significant(own.price),
                (own.price / worth - 1.0) * 100.0
            ),
            Excuse::Level => {
                "a mix with it is not cheaper, but could be nearly as cheap".to_owned()
            }
        };
        let alone = packing.alone[*t];
        vec![
            Cell::text(&*own.name),
            Cell::number(Some(own.price)),
            alone.map_or(Cell::None, |one| whole(one.nodes)),
            Cell::fixed(alone.map(|one| one.cost), 2),
            Cell::text(why),
        ]
    });
    Listing {
        key: "rejected",
        of: None,
        title: "Not in the mix".to_owned(),
        columns: vec![
            ("instance", "Instance"),
            ("price", "Per node, h"),
            ("alone_nodes", "Alone, nodes"),
            ("alone_per_hour", "Alone, h"),
            ("why", "Why"),
        ],
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

fn whole(n: usize) -> Cell {
    Cell::Number(n as f64, n.to_string())
}

/// What the replicas of a pool would request if they were sized by what was measured.
#[must_use]
pub fn right_size(plan: &Plan, pool: Id<Pool>, fits: &[Fit]) -> Listing {
    const GIB: f64 = 1_073_741_824.0;
    let target = plan.pools[pool].target_utilization;
    let row = |fit: &Fit| {
        let (unit, one) = match fit.resource {
            Resource::Memory => ("GiB", GIB),
            _ => ("cores", 1.0),
        };
        let used = fit.used / fit.requested;
        vec![
            Cell::text(&*plan.workloads[fit.workload].name),
            Cell::text(unit),
            Cell::number(Some(fit.requested / one)),
            Cell::number(Some(fit.used / one)),
            Cell::number(Some(fit.size / one)),
            Cell::change(Some(fit.size / fit.requested - 1.0)),
            Cell::text(format!(
                "uses {:.0}% of its request in 95% of hours; {:.0}% are aimed at",
                used * 100.0,
                target * 100.0
            )),
        ]
    };
    Listing {
        key: "right_size",
        of: None,
        title: format!("Replicas of {} by what was measured", plan.pools[pool].name),
        columns: vec![
            ("workload", "Workload"),
            ("unit", "One has"),
            ("requested", "Requests"),
            ("used_p95", "Uses, p95"),
            ("size", "Size"),
            ("change", "Change"),
            ("because", "Because"),
        ],
        rows: fits.iter().map(row).collect(),
        notes: vec![
            "Of one replica, over the last four weeks measured. GPUs stay as requested: a model is cut for them."
                .to_owned(),
        ],
    }
}

/// How the pools of a plan use spot.
#[must_use]
pub fn pool_spot(plan: &Plan, all: &[PoolSpot]) -> Listing {
    let row = |one: &PoolSpot| {
        let saving = one.blended.zip(one.on_demand).map(|(blended, on)| 1.0 - blended / on);
        let tolerance = plan.pools[one.pool].risk_tolerance.unwrap_or(RiskTolerance::Medium);
        let history = one.history.as_ref();
        vec![
            Cell::text(&*plan.pools[one.pool].name),
            Cell::text(&*plan.instances[one.instance].name),
            Cell::text(one.region.clone().unwrap_or_default()),
            Cell::fixed(one.on_demand, 4),
            Cell::fixed(Some(one.price), 4),
            Cell::text(history.map_or("the plan".to_owned(), |of| {
                format!("{of}, p{:.0}", tolerance.probability() * 100.0)
            })),
            Cell::share(Some(one.available)),
            Cell::share(Some(one.served)),
            Cell::fixed(one.useful, 4),
            Cell::fixed(one.blended, 4),
            Cell::share(saving),
            Cell::text(match (one.bought, one.useful) {
                (true, _) => "used",
                (false, Some(_)) => "not used: it does not pay",
                (false, None) => "not used: nothing gets done",
            }),
        ]
    };
    Listing {
        key: "spot",
        of: None,
        title: format!("Spot in the pools of {}, {} an hour", plan.name, plan.currency),
        columns: vec![
            ("pool", "Pool"),
            ("instance", "Instance"),
            ("region", "Region"),
            ("on_demand", "On-demand"),
            ("price", "Spot"),
            ("from", "Price from"),
            ("available", "Had"),
            ("served", "Served"),
            ("useful", "Useful hour"),
            ("blended", "Blended"),
            ("saving", "Saves"),
            ("verdict", "Verdict"),
        ],
        rows: all.iter().map(row).collect(),
        notes: vec![
            "Prices are what is paid in the horizon's first month, discounts off. A useful hour includes checkpoints, \
             work done again and restarts, as the pool's `spot` says; what a run loses is in its length already. Served: the share of what may run on spot that does, what waits and is \
             caught up included; blended: on-demand for the rest."
                .to_owned(),
        ],
    }
}

/// Spot, type by type and zone by zone.
#[must_use]
pub fn spot(all: &[Advice], notes: Vec<String>) -> Listing {
    let row = |advice: &Advice| {
        let seen = &advice.seen;
        let shift = seen
            .shift
            .map_or(String::new(), |(from, share)| format!("{:+.0}% from {from}", share * 100.0));
        vec![
            Cell::text(&*advice.instance),
            Cell::text(&*advice.zone),
            Cell::fixed(advice.on_demand, 4),
            Cell::fixed(Some(seen.at(0.5)), 4),
            Cell::fixed(Some(seen.at(0.75)), 4),
            Cell::fixed(Some(seen.at(0.95)), 4),
            Cell::fixed(Some(seen.last), 4),
            Cell::change(Some(seen.drift_per_month)),
            Cell::text(shift),
            if seen.odd_days == 0 { Cell::None } else { whole(seen.odd_days) },
            Cell::fixed(advice.interval_hours, 2),
            Cell::fixed(advice.effective, 4),
            Cell::fixed(advice.blended, 4),
            Cell::share(advice.saving),
            Cell::text(match advice.verdict {
                Verdict::Use { share } => format!("use, to {:.0}%", share * 100.0),
                Verdict::DoesNotPay => "do not: it costs more than on-demand".to_owned(),
                Verdict::NothingDone => "do not: interruptions take all the time".to_owned(),
                Verdict::Unknown => "on-demand price unknown".to_owned(),
            }),
        ]
    };
    Listing {
        key: "spot",
        of: None,
        columns: vec![
            ("instance", "Instance"),
            ("zone", "Zone"),
            ("on_demand", "On-demand"),
            ("p50", "p50"),
            ("p75", "p75"),
            ("p95", "p95"),
            ("last", "Last"),
            ("drift_per_month", "A month"),
            ("shift", "New level"),
            ("odd_days", "Odd days"),
            ("checkpoint_hours", "τ, h"),
            ("effective", "Useful hour"),
            ("blended", "Blended"),
            ("saving", "Saves"),
            ("verdict", "Verdict"),
        ],
        rows: all.iter().map(row).collect(),
        notes,
        ..Listing::default()
    }
    .without_empty(&["shift", "odd_days", "checkpoint_hours"])
}

/// Owning against renting, one row a use, and what the value turns on.
#[must_use]
pub fn buy_or_rent(
    title: String,
    rows: &[(f64, Comparison)],
    sensitivity: &[Sensitivity],
    notes: Vec<String>,
) -> Vec<Listing> {
    let row = |(utilization, found): &(f64, Comparison)| {
        vec![
            Cell::share(Some(*utilization)),
            Cell::fixed(Some(found.own_per_month), 2),
            Cell::fixed(Some(found.rent_per_month), 2),
            Cell::fixed(Some(found.saving_per_month), 2),
            found
                .payback_month
                .map_or(Cell::None, |month| Cell::Number(f64::from(month), month.to_string())),
            Cell::fixed(Some(found.saved_undiscounted), 0),
            Cell::fixed(Some(found.net_present_value), 0),
            Cell::text(if found.buy() { "buy" } else { "rent" }),
        ]
    };
    let main = Listing {
        key: "comparison",
        of: None,
        title,
        columns: vec![
            ("utilization", "Use"),
            ("own_per_month", "Own, month"),
            ("rent_per_month", "Rent, month"),
            ("saving_per_month", "Rent less running"),
            ("payback_month", "Paid back, month"),
            ("saved_undiscounted", "Saved in all"),
            ("net_present_value", "NPV"),
            ("verdict", "Cheaper"),
        ],
        rows: rows.iter().map(row).collect(),
        notes,
    };
    let row = |one: &Sensitivity| {
        vec![
            Cell::text(one.what),
            Cell::text(one.by),
            Cell::fixed(Some(one.less), 0),
            Cell::fixed(Some(one.more), 0),
        ]
    };
    let turns = Listing {
        key: "sensitivity",
        of: None,
        title: "What the value turns on".to_owned(),
        columns: vec![
            ("what", "What"),
            ("by", "By"),
            ("less", "NPV, less of it"),
            ("more", "NPV, more of it"),
        ],
        rows: sensitivity.iter().map(row).collect(),
        notes: Vec::new(),
    };
    vec![main, turns]
}
