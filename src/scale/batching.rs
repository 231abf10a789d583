//! More requests at a time: by measured batches, or by what a language model's memory and promise leave.

use crate::plan::workload::Serves;
use crate::scale::point::{Other, Point};
use crate::scale::{Kind, Way};
use crate::serving::batching::Batching;
use crate::serving::planned::{Assumed, gpus, rated};

pub(super) fn ways(point: &Point, measured: Option<&[(f64, f64)]>) -> Vec<Way> {
    let model = point.replica().and_then(|replica| match &replica.serves {
        Serves::Model(_) => Some(of_model(point)),
        Serves::Stated(_) => None,
    });
    if let Some(way) = model {
        return way.into_iter().collect();
    }
    // What was measured for this question goes before what the plan states.
    let stated = point.replica().map(|replica| replica.batches.as_slice());
    let measured = measured.or(stated.filter(|batches| !batches.is_empty()));
    vec![match measured.map(Batching::fit) {
        None => unknown(
            "how long batches take: `batching` in its `replica`, or `--batches FILE` with columns batch,seconds"
                .into(),
        ),
        Some(Err(fault)) => unknown(fault.to_string()),
        Some(Ok(batching)) => best(point, measured.unwrap_or_default(), batching),
    }]
}

fn unknown(needs: String) -> Way {
    let how = "more at a time".into();
    Way { kind: Kind::Batching, how, figures: None, needs, verdict: "cannot be judged".into() }
}

/// The cheapest batch that keeps what is promised, of one to the largest measured; the knee where nothing
/// is promised.
fn best(point: &Point, measured: &[(f64, f64)], batching: Batching) -> Way {
    let largest = measured.iter().map(|point| point.0).fold(1.0, f64::max).floor().min(4096.0);
    let knee = batching.knee().round().clamp(1.0, largest);
    let figures = |batch: f64| {
        let other = Other {
            speed: batching.throughput(batch) / point.serves,
            concurrency: batch,
            service: Some(batching.time(batch)),
            ..point.planned()
        };
        point.figures(&other)
    };
    let mut batches = vec![knee];
    if point.latency().is_some() {
        batches = std::iter::successors(Some(1.0), |batch| {
            Some((batch * 1.25_f64).ceil().max(batch + 1.0))
        })
        .take_while(|batch| *batch <= largest)
        .collect();
        batches.push(largest);
    }
    let all: Vec<_> = batches.into_iter().map(|batch| (batch, figures(batch))).collect();
    let order = |figures: &super::Figures| (!figures.keeps, figures.cost.unwrap_or(figures.nodes));
    let found = all.into_iter().min_by(|(_, a), (_, b)| {
        let (a, b) = (order(a), order(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let Some((batch, figures)) = found else { return unknown("a batch".into()) };
    Way {
        kind: Kind::Batching,
        how: format!("{batch:.0} at a time"),
        figures: Some(figures),
        needs: format!(
            "`serves \"{:.0} {}/s\"` and `concurrency {batch:.0}`",
            batching.throughput(batch),
            point.unit()
        ),
        verdict: format!("the knee is at {knee:.0}"),
    }
}

/// As many sequences as memory holds, where a promise keeps them fewer.
fn of_model(point: &Point) -> Option<Way> {
    let replica = point.replica()?;
    let Serves::Model(model) = &replica.serves else { return None };
    let gpus = gpus(point.plan, replica, model, point.node.gpu?).ok()?;
    let assumed = Assumed::median(model);
    let now = rated(model, &gpus, &assumed).ok()?;
    if now.sequences >= now.fitting {
        return Some(Way {
            kind: Kind::Batching,
            how: format!("{:.0} sequences at a time", now.sequences),
            figures: None,
            needs:
                "more memory: a smaller `cache-dtype`, a shorter `context`, or more GPUs a replica"
                    .into(),
            verdict: "memory holds no more".into(),
        });
    }
    let mut free = model.as_ref().clone();
    free.tpot = None;
    let full = rated(&free, &gpus, &assumed).ok()?;
    let other = super::model::other(point, &full, &now, point.planned().share);
    Some(Way {
        kind: Kind::Batching,
        how: format!("{:.0} sequences at a time, not {:.0}", full.sequences, now.sequences),
        figures: Some(point.figures(&other)),
        needs: format!("`tpot \"{:.0} ms\"`", (full.tpot * 1000.0).ceil()),
        verdict: format!(
            "a token takes {:.0} ms, not {:.0} ms",
            full.tpot * 1000.0,
            now.tpot * 1000.0
        ),
    })
}
