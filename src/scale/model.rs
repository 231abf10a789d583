//! Smaller numbers, and more GPUs a replica: for language models whose shape is known.

use crate::capacity::node::Unit;
use crate::capacity::per_draw::PerDraw;
use crate::plan::language_model::{LanguageModel, bytes_of};
use crate::plan::workload::{Replica, Serves};
use crate::scale::point::{Other, Point};
use crate::scale::{Kind, Way};
use crate::serving::llm::{Gpus, Rated};
use crate::serving::planned::{Assumed, gpus, rated};

pub(super) fn ways(point: &Point) -> Vec<Way> {
    let Some(replica) = point.replica() else { return Vec::new() };
    let (Serves::Model(model), Some(gpu)) = (&replica.serves, point.node.gpu) else {
        return Vec::new();
    };
    let Ok(now_on) = gpus(point.plan, replica, model, gpu) else { return Vec::new() };
    let Ok(now) = rated(model, &now_on, &Assumed::median(model)) else { return Vec::new() };
    let mut found = vec![quantized(point, replica, model, &now)];
    found.extend(parallel(point, model, now_on, &now));
    found
}

/// What another rating of a replica makes of the plan's way.
pub(super) fn other(point: &Point, rated: &Rated, now: &Rated, share: f64) -> Other {
    Other {
        share,
        speed: rated.requests / now.requests,
        concurrency: rated.sequences,
        service: Some(rated.time),
        ..point.planned()
    }
}

/// Weights, arithmetic and cache in the next smaller format.
fn quantized(point: &Point, replica: &Replica, model: &LanguageModel, now: &Rated) -> Way {
    let way = |how: String, figures, needs: String, verdict: String| Way {
        kind: Kind::Quantization,
        how,
        figures,
        needs,
        verdict,
    };
    let smaller = match bytes_of(&model.dtype) {
        Some(bytes) if bytes > 1.0 => "fp8",
        Some(bytes) if bytes > 0.5 => "fp4",
        _ => return way("smaller numbers".into(), None, String::new(), "there are none".into()),
    };
    let mut less = model.clone();
    let ratio = bytes_of(smaller).unwrap_or(1.0) / bytes_of(&model.dtype).unwrap_or(1.0);
    smaller.clone_into(&mut less.dtype);
    less.weight_bytes *= ratio;
    less.cache_bytes *= ratio;
    let how = format!("{smaller} in place of {}", model.dtype);
    let Some(gpu) = point.node.gpu else {
        return way(how, None, "GPUs".into(), "cannot be judged".into());
    };
    match gpus(point.plan, replica, &less, gpu) {
        Err(figure) => {
            let needs = format!("in `gpu \"{}\"`: `{figure}`", point.plan.gpus[gpu].name);
            way(how, None, needs, "cannot be judged".into())
        }
        Ok(on) => match rated(&less, &on, &Assumed::median(&less)) {
            Ok(rated) => {
                let other = other(point, &rated, now, point.planned().share);
                let needs =
                    format!("`dtype {smaller}` in `model`, and answers that are still good enough");
                let verdict =
                    format!("{:.0} sequences at a time, not {:.0}", rated.sequences, now.sequences);
                way(how, Some(point.figures(&other)), needs, verdict)
            }
            Err(_) => way(how, None, String::new(), "keeps no promise".into()),
        },
    }
}

/// Twice the GPUs a replica: half the weights on each, more memory for sequences.
fn parallel(point: &Point, model: &LanguageModel, on: Gpus, now: &Rated) -> Option<Way> {
    let more = Gpus { count: on.count * 2.0, ..on };
    let how = format!("{:.0} GPUs a replica, not {:.0}", more.count, on.count);
    let way = |figures, needs: String, verdict: String| {
        Some(Way { kind: Kind::TensorParallel, how: how.clone(), figures, needs, verdict })
    };
    if more.count > point.node.shape.gpus {
        return way(
            None,
            format!("a node with {:.0} GPUs", more.count),
            "nodes have too few".into(),
        );
    }
    let Unit::Stated(stated) = &point.main.unit else { return None };
    let mut wider = stated.clone();
    wider.gpus = Some(PerDraw::Same(more.count));
    let share = point.share_of_unit(&Unit::Stated(wider), &point.node);
    let rated = rated(model, &more, &Assumed::median(model)).ok()?;
    let figures = point.figures(&other(point, &rated, now, share));
    let needs = format!("`gpu {:.0}` in `replica`", more.count);
    way(Some(figures), needs, "links between GPUs are not counted".into())
}
