//! Replicas, autoscalers, conversions, egress.

use super::codes::{
    AUTOSCALE_BOUNDS, CONFLICTING_SETTINGS, CONVERT_CHAIN, EGRESS_WITHOUT_PROVIDER, SCALING_RULE,
};
use super::{conflict, lacks};
use crate::diagnostic::Diagnostic;
use crate::language::quantity::UNKNOWN_UNIT;
use crate::language::shape::{self, MISSING_SETTING, MISSING_VALUE, head};
use crate::language::suggest;
use crate::language::syntax::{Node, Value};
use crate::language::values::UNIT_MISMATCH;

pub(crate) fn convert_to_unknown(convert: &Node, to: &str) -> Diagnostic {
    let place = convert.prop("to").map_or(convert.span, |to| to.span);
    Diagnostic::new(&UNKNOWN_UNIT, format!("unknown unit `{to}`"))
        .at(place, "no unit has this name")
        .help(format!("declare it at the top of a file: `unit \"{to}\"`"))
}

pub(crate) fn convert_chain(convert: &Node, end: &str) -> Diagnostic {
    let from = convert.arg(0).and_then(Value::text).unwrap_or_default();
    Diagnostic::new(&CONVERT_CHAIN, format!("nothing is counted in `{from}` here"))
        .at(head(convert), format!("the chain from the demand ends in `{end}`"))
        .help(format!("convert from `{end}`, or remove this"))
}

pub(crate) fn replica_and_capacity(replica: &Node, capacity: &Node) -> Diagnostic {
    let message = "`replica` and `capacity` exclude each other".to_owned();
    conflict(
        message,
        capacity,
        replica,
        "keep `replica` to size every resource, `capacity` where GPUs decide",
    )
}

pub(crate) fn model_and_stated(model: &Node, stated: &Node) -> Diagnostic {
    conflict(
        format!("`model` and `{}` both say what serves", stated.name.text),
        model,
        stated,
        "keep the one that was measured, or leave it out and let the shape of the model say it",
    )
}

pub(crate) fn model_without_replica(model: &Node) -> Diagnostic {
    Diagnostic::new(&MISSING_SETTING, "a `model` needs a `replica` with GPUs")
        .at(head(model), "on how many GPUs one replica runs is not said")
        .help("add to the workload: `replica { gpu 4; }`, as many GPUs as share its weights")
}

pub(crate) fn two_caches(heads: &Node, latent: &Node) -> Diagnostic {
    conflict(
        "a token is cached as heads or as a latent".to_owned(),
        latent,
        heads,
        "keep `kv-heads` for grouped attention, `latent-dim` for multi-head latent attention",
    )
}

pub(crate) fn cache_said_twice(size: &Node, ratio: &Node) -> Diagnostic {
    conflict(
        "`size` and `hit-ratio` both say what a cache answers".to_owned(),
        size,
        ratio,
        "keep the ratio where it was measured, the size where it is to be found",
    )
}

pub(crate) fn without_latency(stray: &Node) -> Diagnostic {
    Diagnostic::new(
        &MISSING_SETTING,
        format!("`{}` changes nothing without a `latency`", stray.name.text),
    )
    .at(head(stray), "this says how long requests wait, and nothing says how long they may")
    .help("add to `replica`: `latency p99 \"120 ms\"`, or remove it")
}

pub(crate) fn batching_and_stated(batching: &Node, stated: &Node) -> Diagnostic {
    conflict(
        format!("`batching` says what `{}` says", stated.name.text),
        batching,
        stated,
        "keep one: measured batches say what a replica serves, and how many it works on at a time",
    )
}

pub(crate) fn batches_get_faster(batching: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "larger batches are measured as faster")
        .at(head(batching), "a line through these batches falls, or is level")
        .help("write how long the whole batch takes, not each request of it")
}

pub(crate) fn concurrency_and_time(time: &Node, at_a_time: &Node) -> Diagnostic {
    conflict(
        "`concurrency` and `service-time` say the same".to_owned(),
        time,
        at_a_time,
        "keep one: requests at a time = what a replica serves × how long one takes",
    )
}

pub(crate) fn model_says_it(stray: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, format!("`model` says what `{}` says", stray.name.text))
        .at(
            head(stray),
            "sequences at a time, and how long one takes, follow from the model's shape",
        )
        .help("remove it")
}

pub(crate) fn needs_per(per: &Value, demand: &str) -> Diagnostic {
    let text = per.text().unwrap_or_default();
    Diagnostic::new(&UNIT_MISMATCH, format!("`{text}` where `{demand}` is meant"))
        .at(per.span, format!("the demand is in `{demand}`"))
        .help(format!("write `per=\"{demand}\"`"))
}

pub(crate) fn needs_without_pool(needs: &Node) -> Diagnostic {
    lacks(needs, "pool", "pool \"cpu-general\"")
}

pub(crate) fn needs_twice(second: &Node, first: &Node) -> Diagnostic {
    Diagnostic::new(&shape::DUPLICATE_SETTING, "`needs` stands twice for one pool")
        .at(head(second), "here again")
        .also(head(first), "first here")
        .help("put both into one, or name another pool")
}

pub(crate) fn egress_without_amount(egress: &Node, unit: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_VALUE, "`egress` does not say how much")
        .at(head(egress), "bytes for one unit of demand are missing")
        .help(format!("write it as in `egress internet \"14 KiB/{unit}\"`"))
}

pub(crate) fn egress_without_provider(egress: &Node) -> Diagnostic {
    Diagnostic::new(&EGRESS_WITHOUT_PROVIDER, "nothing says whose network this leaves")
        .at(head(egress), "the pool is owned, or there is none")
        .help("add to the workload: `provider \"aws\"`")
}

pub(crate) fn autoscale_min_above_max(
    max: &Node,
    min: Option<&Node>,
    low: u32,
    high: u32,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&AUTOSCALE_BOUNDS, format!("`min` is {low}, above `max`, which is {high}"))
            .at(max.span, "fewer than the fewest")
            .help("exchange them");
    match min {
        Some(min) => diagnostic.also(min.span, "the fewest"),
        None => diagnostic,
    }
}

pub(crate) fn scaling_value(node: &Node, at: &Value) -> Diagnostic {
    let word = &node.name.text;
    let (what, help) = match &**word {
        "window" => {
            ("the cluster takes whole seconds up to an hour", "write it as in `window \"300 s\"`")
        }
        _ => (
            "the cluster takes whole numbers above 0, and periods of whole seconds up to 30 minutes",
            "write it as in `policy pods 4 per=\"15 s\"` or `policy percent \"100%\" per=\"15 s\"`",
        ),
    };
    Diagnostic::new(&SCALING_RULE, format!("`{word}` is not what a cluster would take"))
        .at(at.span, what)
        .help(help)
}

pub(crate) fn cost_per_unit(value: &Value, units: &[&str]) -> Diagnostic {
    let known = suggest::list(units.iter().copied());
    Diagnostic::new(&UNIT_MISMATCH, "this workload does not count that")
        .at(value.span, "no unit of its demand, nor one it converts to")
        .help(if units.is_empty() {
            "state a demand".to_owned()
        } else {
            format!("it counts {known}: write it as in `cost-per=\"1M {}\"`", units[0])
        })
}
