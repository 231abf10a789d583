//! Other nodes: every priced instance type of the pool's providers that holds a replica.

use crate::capacity::node::{BINDING, Node, Unit};
use crate::capacity::packable::price_per_hour;
use crate::plan::pool::Candidate;
use crate::plan::workload::{CapacityPer, Serving};
use crate::scale::point::{Other, Point, median};
use crate::scale::{Kind, Passes, Way};

/// So many of the cheapest are shown.
const SHOWN: usize = 3;

pub(super) fn ways(point: &Point, passes: Passes) -> Vec<Way> {
    let Passes { plan, .. } = passes;
    let Some(current) = point.candidate else {
        return vec![Way {
            kind: Kind::Vertical,
            how: "other nodes".into(),
            figures: None,
            needs: "owned hardware has no price by the hour: add an `instance` to the pool".into(),
            verdict: "cannot be judged".into(),
        }];
    };
    let provider = plan.instances[current.instance].provider;
    let (mut found, mut other_gpus, mut unpriced) = (Vec::new(), Vec::new(), Vec::new());
    for (id, instance) in plan.instances.iter() {
        if id == current.instance || instance.provider != provider {
            continue;
        }
        let candidate = Candidate { instance: id, ..current.clone() };
        let node = Node::of_candidate(plan, &candidate);
        if !holds(point, &node) {
            continue;
        }
        let Some(speed) = speed(point, &node) else {
            other_gpus.push(instance.name.clone());
            continue;
        };
        let Some(price) = price_per_hour(plan, point.pool, &candidate) else {
            unpriced.push(instance.name.clone());
            continue;
        };
        let served = point.main.served(node.gpu).unwrap_or(point.served);
        let planned = point.planned();
        let service = planned
            .service
            .map(|_| served.concurrency * median(&served.per_request) / (point.serves * speed));
        let other = Other {
            price: Some(price),
            share: point.share_of(&node),
            speed,
            concurrency: served.concurrency,
            service,
            ..planned
        };
        let figures = point.figures(&other);
        let how = format!("{:.0} × {}", figures.nodes, instance.name);
        let needs =
            format!("`instance \"{}\"` in pool `{}`", instance.name, plan.pools[point.pool].name);
        found.push(Way {
            kind: Kind::Vertical,
            how,
            figures: Some(figures),
            needs,
            verdict: String::new(),
        });
    }
    let cost =
        |way: &Way| way.figures.as_ref().and_then(|figures| figures.cost).unwrap_or(f64::INFINITY);
    found.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.how.cmp(&b.how)));
    found.truncate(SHOWN);
    if !other_gpus.is_empty() {
        let what = if point.main.counted == "node" { "node" } else { "GPU" };
        let needs =
            format!("what one {what} serves there: measure it, and size it in a pool of its own");
        found.push(unknown(&other_gpus, needs));
    }
    if !unpriced.is_empty() {
        found.push(unknown(&unpriced, "a price: `price on-demand \"… USD/hour\"`".into()));
    }
    if found.is_empty() {
        found.push(Way {
            kind: Kind::Vertical,
            how: "other nodes".into(),
            figures: None,
            needs: format!(
                "another `instance` of provider `{}` that holds one",
                plan.providers[provider].name
            ),
            verdict: "nothing to compare".into(),
        });
    }
    found
}

fn unknown(names: &[String], needs: String) -> Way {
    let how = match names {
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => String::new(),
    };
    Way { kind: Kind::Vertical, how, figures: None, needs, verdict: "cannot be judged".into() }
}

/// Whether a node holds one of what is counted.
fn holds(point: &Point, node: &Node) -> bool {
    if matches!(point.main.unit, Unit::Node) {
        return true;
    }
    let on_now = point.main.unit.shares(point.plan, &point.node).stated;
    let there = point.main.unit.shares(point.plan, node).stated;
    let fits = |place: usize| match (&on_now[place], &there[place]) {
        (None, _) => true,
        (Some(_), None) => node.has(BINDING[place]) > 0.0,
        (Some(_), Some(share)) => median(share) <= 1.0 + 1e-9,
    };
    (0..BINDING.len()).all(fits)
}

/// What one serves on another node, over what it serves now; `None` where that is not known.
fn speed(point: &Point, node: &Node) -> Option<f64> {
    match &point.workload.serving {
        Serving::Replica(replica) => match replica.serves {
            crate::plan::workload::Serves::Model(_) => {
                let served = point.main.served(node.gpu)?;
                Some(median(&served.per_second) / median(&point.served.per_second))
            }
            crate::plan::workload::Serves::Stated(_) => {
                let asks =
                    replica.request.gpus.is_some() || replica.request.gpu_memory_bytes.is_some();
                (!asks || node.gpu == point.node.gpu).then_some(1.0)
            }
        },
        Serving::Capacity { per: CapacityPer::Gpu, .. } => {
            (node.gpu == point.node.gpu).then_some(1.0)
        }
        Serving::Capacity { per: CapacityPer::Node, .. } | Serving::None => None,
    }
}
