//! Workloads and templates: demand, what serves it, runs, storage.

use super::plan::TEXT;
use super::supply::DTYPES;
use super::{
    Arg, CERTAIN_SHARE, Certainty, DIST, EGRESS, Kind, NodeSpec, Noun, Range, SHARE, certain, node,
    one, optional, prop, quantity,
};

const DEMANDED: Kind = Kind::Contextual("the demand's unit");
const SERVED: Kind = Kind::Contextual("the served unit, a second");
const RATE_OF_GROWTH: Kind = Kind::Quantity("%/month", Range::Change, Certainty::Uncertain);
const GPUS: Kind = Kind::Factor(Range::NonNegative);

/// Growth terms, in `demand`, `holds` and `work`.
const COMPOUND: NodeSpec =
    node("growth", "Multiplies by (1 + rate) each month, from the first month on.")
        .form("compound")
        .args(&[one("rate", RATE_OF_GROWTH)])
        .props(&[DIST])
        .example(r#"growth compound "3% to 6% / month""#);
const LINEAR: NodeSpec = node(
    "growth",
    "Adds the same each month: a step in the demand's unit, or a share of the base.",
)
.form("linear")
.args(&[one("step", Kind::Contextual("the demand's unit a month, or %/month"))])
.props(&[DIST])
.example(r#"growth linear "3.5 TiB/month""#);
const LOGISTIC: NodeSpec = node(
    "growth",
    "Rises from the base to a ceiling: K/(1 + ((K − b)/b)·e^(−kt)), with exactly one of `midpoint` and \
     `steepness`.",
)
.form("logistic")
.children(&[
    node("ceiling", "What it tends to.")
        .args(&[one("level", DEMANDED)])
        .props(&[DIST])
        .required()
        .example(r#"ceiling "9M chat/day""#),
    node("midpoint", "The month in which half the ceiling is passed.")
        .args(&[one("month", Kind::Month)])
        .example(r#"midpoint "2027-06""#),
    node("steepness", "The rate k.")
        .args(&[one("rate", Kind::Quantity("%/month", Range::Positive, Certainty::Uncertain))])
        .props(&[DIST])
        .example(r#"steepness "45%/month""#),
])
.example(r#"growth logistic { ceiling "9M chat/day"; midpoint "2027-06"; }"#);
const SEASONAL: NodeSpec = node("growth", "A shape of mean 1 that repeats.")
    .form("seasonal")
    .children(&[
        node("period", "Over what it repeats.")
            .args(&[one("word", Kind::Word(&["day", "week", "year"]))])
            .required()
            .example("period week"),
        node("peak-to-mean", "Its largest value over its mean.")
            .args(&[one("factor", Kind::Factor(Range::AtLeastOne))])
            .props(&[DIST])
            .required()
            .example("peak-to-mean 1.6"),
    ])
    .example("growth seasonal { period week; peak-to-mean 1.6; }");
const TABLE: NodeSpec =
    node("growth", "Stated levels by month, linear between them, held before and after.")
        .form("table")
        .children(&[node("at", "The level in a month.")
            .args(&[one("month", Kind::Month), one("level", DEMANDED)])
            .props(&[DIST])
            .keyed()
            .required()
            .example(r#"at "2027-01" "200 req/s""#)])
        .example(r#"growth table { at "2027-01" "200 req/s"; at "2027-12" "450 req/s"; }"#);
const TO: NodeSpec =
    node("growth", "A level to be reached by the end of a month, linear from the base.")
        .form("to")
        .args(&[one("level", DEMANDED)])
        .props(&[prop("by", Kind::Month).required(), DIST])
        .example(r#"growth to "3 PB" by="2027-12""#);
const GROWTH: &[NodeSpec] = &[COMPOUND, LINEAR, LOGISTIC, SEASONAL, TABLE, TO];

const DEMAND: NodeSpec = node(
    "demand",
    "What is asked of it in the first month: the mean over its hours, or with `at=peak` the largest hour \
     of the week. It may also follow another workload. Demand in month t = base × growth × season, then \
     events by date: multiply, then add.",
)
.args(&[
    optional("level", Kind::Contextual("a rate such as req/s, or a stock such as TB or user")),
    optional("follows", Kind::Word(&["follows"])),
    optional("workload", Kind::Refers(Noun::Workload)),
])
.props(&[
    prop("at", Kind::Word(&["mean", "peak"])),
    prop("by", Kind::Contextual("units of this for one of that")),
    DIST,
])
.children(&[
    node(
        "history",
        "Measured history, from a CSV or Parquet file beside this one, in the unit in which the demand \
         is written; `unit` says it where the demand has no stated base. Or from a `source`, by a \
         `metric` with a ready-made query or by a `query`, out of the snapshot that `capplan pull` wrote \
         last before `as-of`. `fit=auto`: history decides \
         level, trend and season, and stated growth multiplies. `fit=level`: stated growth is the trend.",
    )
    .args(&[optional("file", Kind::Text)])
    .props(&[
        prop("source", Kind::Refers(Noun::Source)),
        prop("metric", Kind::Word(&["request-rate", "gpu-hours", "core-hours", "bytes"])),
        prop("column", Kind::Text),
        prop("time", Kind::Text),
        prop("zone", Kind::Zone),
        prop("unit", Kind::UnitText),
        prop("fit", Kind::Word(&["auto", "level"])),
    ])
    .children(&[
        node("where", "Only rows whose column equals this value.")
            .args(&[one("column", Kind::Text), one("value", Kind::Text)])
            .many()
            .example(r#"where "region" "us-east-1""#),
        node("query", "What to ask the source, in PromQL: one series, in the unit in which the demand is written.")
            .args(TEXT)
            .example(r##"query #"sum(rate(chats_total{app="chat"}[5m]))"#"##),
    ])
    .example(r#"history "data/rerank.csv" column="rps" fit=auto"#),
    COMPOUND,
    LINEAR,
    LOGISTIC,
    SEASONAL,
    TABLE,
    TO,
    node("event", "Something that changes demand, or what serves it, on a day; for good, or until a day.")
        .args(&[one("name", Kind::Declares(Noun::Local))])
        .props(&[prop("at", Kind::Day).required(), prop("until", Kind::Day)])
        .children(&[
            node("multiply", "Multiplies demand.")
                .args(&[one("factor", Kind::Factor(Range::NonNegative))])
                .props(&[DIST])
                .example(r#"multiply "1.7 to 2.2""#),
            node("add", "Adds to demand, after all multiplications.")
                .args(&[one("amount", DEMANDED)])
                .props(&[DIST])
                .example(r#"add "300 to 700 req/s""#),
            node("scale-capacity", "Multiplies what one replica or GPU serves.")
                .args(&[one("factor", Kind::Factor(Range::Positive))])
                .props(&[DIST])
                .example("scale-capacity 0.7"),
            node("ramp", "It arrives in weekly steps over this time.")
                .args(&[one("time", certain("hour"))])
                .default("at once")
                .example(r#"ramp "6 weeks""#),
            node("chance", "The chance that it happens. Two events with one `(ref)` happen together.")
                .args(&[one("share", CERTAIN_SHARE)])
                .default("100%")
                .example(r#"chance "55%""#),
            node("note", "A remark.").args(TEXT).example(r#"note "v3 is 1.4x heavier""#),
        ])
        .keyed()
        .example(r#"event "launch" at="2027-05-01" { multiply 1.25; ramp "6 weeks"; }"#),
])
.example(r#"demand "5200 req/s" at=peak { growth compound "2%/month"; }"#);

const CHECKPOINT: NodeSpec =
    node("checkpoint", "How often a run saves its state, and how long that takes.")
        .children(SAVING)
        .example(r#"checkpoint { every "30 minutes"; takes "90 s"; }"#);

/// What is said of a checkpoint.
pub(super) const SAVING: &[NodeSpec] = &[
    node("every", "The time of work between two.")
        .args(&[one("time", Kind::Quantity("hour", Range::Positive, Certainty::Certain))])
        .required()
        .example(r#"every "30 minutes""#),
    node("takes", "How long one takes.")
        .args(&[one("time", certain("hour"))])
        .required()
        .example(r#"takes "90 s""#),
    node("restore", "How long it takes from a failure until it works again.")
        .args(&[one("time", certain("hour"))])
        .default("as long as `takes`")
        .example(r#"restore "10 minutes""#),
];

const RUN: NodeSpec = node(
    "run",
    "A run of training or batch, once or again and again. It takes `gpus` for a `duration`, or `flops` on \
     `gpus` at an `mfu`, or `work` to be finished in time.",
)
.args(&[one("name", Kind::Declares(Noun::Local))])
.props(&[
    prop("at", Kind::Day),
    prop("every", Kind::Text),
    prop("from", Kind::Day),
    prop("until", Kind::Day),
])
.children(&[
    node("gpus", "GPUs, all or none.")
        .args(&[one("count", Kind::Count(1))])
        .example("gpus 16"),
    node("duration", "How long it takes.")
        .args(&[one("time", Kind::Quantity("hour", Range::Positive, Certainty::Uncertain))])
        .props(&[DIST])
        .example(r#"duration "9 to 14 days""#),
    node("flops", "Floating-point operations in all.")
        .args(&[one("amount", Kind::Quantity("flop", Range::Positive, Certainty::Uncertain))])
        .props(&[DIST])
        .example(r#"flops "1.6e24 to 2.1e24 flop""#),
    node("mfu", "Model FLOPs utilisation: the share of peak arithmetic that does useful work.")
        .args(&[one("share", Kind::Quantity("%", Range::PositiveShare, Certainty::Uncertain))])
        .props(&[DIST])
        .example(r#"mfu "36% to 44%""#),
    node("dtype", "The number format whose peak counts.")
        .args(&[one("format", Kind::Word(DTYPES))])
        .default("bf16")
        .example("dtype fp8"),
    node("work", "Work to be finished in time, spread evenly: GPU-hours, core-hours, or units that `capacity` serves.")
        .args(&[one("amount", Kind::Contextual("gpu-hour, core-hour, or what `capacity` serves"))])
        .props(&[DIST])
        .children(GROWTH)
        .example(r#"work "48 gpu-hour""#),
    node("start-at", "The time of day at which it starts.")
        .args(&[one("time", Kind::Clock)])
        .props(&[prop("zone", Kind::Zone)])
        .default("00:00 UTC")
        .example(r#"start-at "01:00" zone="Europe/Berlin""#),
    node("min-gpus", "The fewest GPUs it starts with where its quota has no room for all: Kueue's partial admission. It \
                      takes longer in proportion, and does not grow. Sizing gives it all of them.")
        .args(&[one("count", Kind::Count(1))])
        .example("min-gpus 128"),
    node("restarts", "How often it fails and starts again; stated, it counts in place of `node-failures`.")
        .args(&[one("rate", Kind::Contextual("a count a week or a day"))])
        .props(&[DIST])
        .example(r#"restarts "1 to 3 / week""#),
    CHECKPOINT,
    node("finish-within", "The time after its start in which it must be finished.")
        .args(&[one("time", Kind::Quantity("hour", Range::Positive, Certainty::Certain))])
        .example(r#"finish-within "10 hours""#),
    node("finish-by", "The day by whose end it must be finished.")
        .args(&[one("day", Kind::Day)])
        .example(r#"finish-by "2027-02-26""#),
    node("deadline", "Whether the deadline may be missed: a hard one that is likely to be is a finding.")
        .args(&[one("word", Kind::Word(&["hard", "soft"]))])
        .default("hard")
        .example("deadline hard"),
])
.keyed()
.example(r#"run "weekly" every="1 week" { gpus 24; duration "20 to 30 hours"; }"#);

const SCALE_DIRECTION: &[NodeSpec] = &[
    node("window", "The stabilisation window.")
        .args(&[one("time", certain("hour"))])
        .example(r#"window "300 s""#),
    node("policy", "How far it may move in a period.")
        .args(&[one("what", Kind::Word(&["pods", "percent"])), one("value", Kind::Anything)])
        .props(&[prop("per", certain("hour")).required().key()])
        .keyed()
        .example(r#"policy pods 4 per="15 s""#),
    node("select", "Which policy wins.")
        .args(&[one("word", Kind::Word(&["max", "min", "disabled"]))])
        .example("select max"),
];

const AUTOSCALE: NodeSpec = node(
    "autoscale",
    "It follows the hours between `min` and `max` replicas. Without it, a workload holds its month's peak \
     in every hour.",
)
.children(&[
    node("min", "Fewest replicas.")
        .args(&[one("replicas", Kind::Count(0))])
        .default("1")
        .example("min 3"),
    node("max", "Most replicas.")
        .args(&[one("replicas", Kind::Count(1))])
        .default("no limit")
        .example("max 50"),
    node("target", "The utilisation of a resource, or the rate of one replica, it aims at.")
        .args(&[
            one("what", Kind::Word(&["cpu", "memory", "gpu", "rate"])),
            one("value", Kind::Contextual("% of the resource, or the served unit a second")),
        ])
        .keyed()
        .example(r#"target cpu "70%""#),
    node("pod-start", "From a place on a node until the containers of a replica run.")
        .args(&[one("time", quantity("hour"))])
        .example(r#"pod-start "40 s""#),
    node("node-start", "From the order of a node until replicas can start on it. Without it, every replica finds a place.")
        .args(&[one("time", quantity("hour"))])
        .example(r#"node-start "6 minutes""#),
    node("model-load", "From running until the model is loaded and the replica serves.")
        .args(&[one("time", quantity("hour"))])
        .example(r#"model-load "90 s""#),
    node("shortfall-risk", "The share of the demand that may be short under the limits that are recommended for it.")
        .args(&[one("share", CERTAIN_SHARE)])
        .default("0.1%")
        .example(r#"shortfall-risk "0.5%""#),
    node("behavior", "The scaling rules of a HorizontalPodAutoscaler.")
        .children(&[
            node("up", "When it grows.").children(SCALE_DIRECTION).example(r#"up { window "0 s"; }"#),
            node("down", "When it shrinks.")
                .children(SCALE_DIRECTION)
                .example(r#"down { window "300 s"; }"#),
        ])
        .example(r#"behavior { up { policy pods 4 per="15 s"; }; }"#),
])
.example(r#"autoscale { min 3; max 50; target cpu "70%"; }"#);

const NEED_RESOURCES: &[NodeSpec] = &[
    node("cpu", "CPU cores for one unit.")
        .args(&[one("cores", quantity("core"))])
        .props(&[DIST])
        .example(r#"cpu "0.004 core""#),
    node("memory", "Memory for one unit.")
        .args(&[one("bytes", quantity("byte"))])
        .props(&[DIST])
        .example(r#"memory "6 MiB""#),
    node("network", "Network for one unit.")
        .args(&[one("rate", quantity("bit/s"))])
        .props(&[DIST])
        .example(r#"network "9 kbit/s""#),
    node("gpu", "GPUs for one unit; may be a fraction.")
        .args(&[one("gpus", GPUS)])
        .props(&[DIST])
        .example("gpu 0.5"),
    node("hours", "Hours a week it is in use.")
        .args(&[one("rate", quantity("hour/week"))])
        .props(&[DIST])
        .default("all 168")
        .example(r#"hours "45 hours/week""#),
    node("buffer", "An extra share on top.")
        .args(&[one("share", Kind::Quantity("%", Range::NonNegative, Certainty::Certain))])
        .default("0%")
        .example(r#"buffer "30%""#),
    node("pool", "The pool it is taken from.")
        .args(&[one("name", Kind::Refers(Noun::Pool))])
        .default("the workload's")
        .example(r#"pool "cpu-general""#),
];

const LATENCY: NodeSpec = node(
    "latency",
    "How long a request may take from arrival to answer, at a percentile. Where the target utilisation alone \
     would not keep it, there are more replicas.",
)
.args(&[
    one("percentile", Kind::Word(&["p50", "p75", "p90", "p95", "p99", "p999"])),
    one("time", Kind::Quantity("second", Range::Positive, Certainty::Certain)),
])
.keyed()
.example(r#"latency p99 "120 ms""#);

const TOKENS: Kind = Kind::Quantity("token", Range::Positive, Certainty::Uncertain);
const REACHED: Kind = Kind::Quantity("%", Range::PositiveShare, Certainty::Uncertain);
const MODEL: NodeSpec = node(
    "model",
    "The shape of a language model: says what a `replica` with `gpu` serves on the GPUs of its pool. Memory \
     gives the sequences at a time, arithmetic the time to the first token, bandwidth the time of the others.",
)
.children(&[
    node("layers", "Layers.").args(COUNT).required().example("layers 80"),
    node("kv-heads", "Key-value heads.").args(COUNT).example("kv-heads 8"),
    node("head-dim", "The size of a head.").args(COUNT).example("head-dim 128"),
    node("latent-dim", "Numbers of the compressed cache of a token in a layer, in place of `kv-heads`.")
        .args(COUNT)
        .example("latent-dim 576"),
    node("attention-heads", "Query heads, to count the arithmetic of attention.")
        .args(COUNT)
        .default("attention is not counted")
        .example("attention-heads 64"),
    node("parameters", "Parameters.")
        .args(&[one("count", Kind::Factor(Range::Positive))])
        .required()
        .example("parameters 70.6e9"),
    node("active-parameters", "Parameters that work on one token, in a mixture of experts.")
        .args(&[one("count", Kind::Factor(Range::Positive))])
        .default("all")
        .example("active-parameters 37e9"),
    node("dtype", "The number format of weights and arithmetic.")
        .args(&[one("format", Kind::Word(DTYPES))])
        .default("bf16")
        .example("dtype fp8"),
    node("cache-dtype", "The number format of the cache.")
        .args(&[one("format", Kind::Word(DTYPES))])
        .default("`dtype`")
        .example("cache-dtype fp8"),
    node("weights", "Memory of its weights.")
        .args(&[one("bytes", Kind::Quantity("byte", Range::Positive, Certainty::Certain))])
        .default("parameters × bytes of `dtype`")
        .example(r#"weights "141 GB""#),
    node("prompt", "Tokens of a prompt.")
        .args(&[one("tokens", TOKENS)])
        .props(&[DIST])
        .required()
        .example(r#"prompt "800 to 1500 token""#),
    node("output", "Tokens of an answer.")
        .args(&[one("tokens", TOKENS)])
        .props(&[DIST])
        .required()
        .example(r#"output "250 token""#),
    node("context", "Tokens that memory is kept for.")
        .args(COUNT)
        .default("prompt and output")
        .example("context 8192"),
    node("ttft", "The time to the first token that must be kept, nobody before it.")
        .args(&[one("time", Kind::Quantity("second", Range::Positive, Certainty::Certain))])
        .example(r#"ttft "500 ms""#),
    node("tpot", "The time from token to token that must be kept, on average: fewer sequences at a time keep it.")
        .args(&[one("time", Kind::Quantity("second", Range::Positive, Certainty::Certain))])
        .example(r#"tpot "40 ms""#),
    node("prefill-efficiency", "The share of peak arithmetic that is reached while prompts are read.")
        .args(&[one("share", REACHED)])
        .props(&[DIST])
        .default("50%")
        .example(r#"prefill-efficiency "40% to 55%""#),
    node("decode-efficiency", "The share of memory bandwidth that is reached while tokens are made.")
        .args(&[one("share", REACHED)])
        .props(&[DIST])
        .default("60%")
        .example(r#"decode-efficiency "55% to 70%""#),
    node("memory-share", "The share of GPU memory for weights and cache.")
        .args(&[one("share", Kind::Quantity("%", Range::PositiveShare, Certainty::Certain))])
        .default("90%")
        .example(r#"memory-share "92%""#),
])
.example(r#"model { layers 80; kv-heads 8; head-dim 128; parameters 70.6e9; prompt "1000 token"; output "250 token"; tpot "40 ms"; }"#);

/// What may stand in a workload, and in a template.
const BODY: &[NodeSpec] = &[
    node("kind", "What it is.")
        .args(&[one(
            "word",
            Kind::Word(&[
                "inference",
                "training",
                "batch",
                "storage",
                "network",
                "workspace",
                "service",
            ]),
        )])
        .example("kind inference"),
    node("use", "A template; what the workload says itself wins, child by child.")
        .args(&[one("template", Kind::Refers(Noun::Template))])
        .example(r#"use "llm-serving""#),
    node("team", "Who pays. A project says it too.")
        .args(&[one("name", Kind::Refers(Noun::Team))])
        .example(r#"team "search""#),
    node("project", "The project it belongs to.")
        .args(&[one("name", Kind::Refers(Noun::Project))])
        .example(r#"project "assistant-v2""#),
    node("environment", "Where it runs.")
        .args(&[one("name", Kind::Refers(Noun::Environment))])
        .example(r#"environment "production""#),
    node("pool", "The pool it runs in, or stores in.")
        .args(&[one("name", Kind::Refers(Noun::Pool))])
        .props(&[prop("share", CERTAIN_SHARE)
            .later("a workload uses one pool whole until demand is split over pools")])
        .example(r#"pool "serving""#),
    node("overflow", "The pool that takes what the first one cannot.")
        .args(&[one("name", Kind::Refers(Noun::Pool))])
        .example(r#"overflow "cloud""#)
        .later("demand does not move between pools yet"),
    node("provider", "The provider whose network a `kind network` workload uses.")
        .args(&[one("name", Kind::Refers(Noun::Provider))])
        .example(r#"provider "aws""#),
    node("priority", "Its priority.")
        .args(&[one("level", Kind::Refers(Noun::Priority))])
        .example(r#"priority "production""#),
    node("interruptible", "Whether it may run on spot. A preemptible priority says it too.")
        .args(&[one("flag", Kind::Bool)])
        .default("what its priority says, else no")
        .example("interruptible #true"),
    DEMAND,
    node("replica", "One replica: what it requests, and what it serves.")
        .children(&[
            node("cpu", "CPU cores.")
                .args(&[one("cores", quantity("core"))])
                .props(&[DIST])
                .example(r#"cpu "8 core""#),
            node("memory", "Memory.")
                .args(&[one("bytes", quantity("byte"))])
                .props(&[DIST])
                .example(r#"memory "64 GiB""#),
            node("gpu", "GPUs; may be a fraction.")
                .args(&[one("gpus", GPUS)])
                .props(&[DIST])
                .example("gpu 1"),
            node("gpu-memory", "Memory on its GPUs.")
                .args(&[one("bytes", quantity("byte"))])
                .props(&[DIST])
                .example(r#"gpu-memory "62 GB""#),
            node("network", "Network.")
                .args(&[one("rate", quantity("bit/s"))])
                .props(&[DIST])
                .example(r#"network "2 Gbit/s""#),
            node("serves", "What it serves. With `model`, its shape says it.")
                .args(&[one("rate", SERVED)])
                .props(&[DIST])
                .example(r#"serves "310 to 360 req/s""#),
            node("batching", "How long measured batches take, each as a whole, in place of `serves` and `concurrency`: the line of least squares t₀ + t₁·b \
                              through them. It works on the largest batch that is done in half of the tightest `latency`; without one, on \
                              the batch at the knee t₀/t₁. Never on more than was measured.")
                .children(&[node("batch", "So many at a time, and how long they take together.")
                    .args(&[
                        one("count", Kind::Count(1)),
                        one("time", Kind::Quantity("second", Range::Positive, Certainty::Certain)),
                    ])
                    .many()
                    .example(r#"batch 8 "16 ms""#)])
                .example(r#"batching { batch 1 "9 ms"; batch 8 "16 ms"; batch 32 "40 ms"; }"#),
            LATENCY,
            node("concurrency", "How many requests it works on at a time; with `serves` this says how long one takes.")
                .args(&[one("requests", Kind::Count(1))])
                .default("1")
                .example("concurrency 8"),
            node("service-time", "How long one request takes, waiting apart, on average; with `serves` this says how many it works on at a time. Not beside `concurrency`.")
                .args(&[one("time", Kind::Quantity("second", Range::Positive, Certainty::Certain))])
                .example(r#"service-time "25 ms""#),
            node("burstiness", "How irregularly requests come: the variance of the time between two over the square of its mean. 0 is a clock, 1 is at random, 4 comes in bursts; other than 1 is confirmed by simulation.")
                .args(&[one("factor", Kind::Factor(Range::NonNegative))])
                .default("1")
                .example("burstiness 2.5"),
            node("service-variation", "How much service times differ: their variance over the square of their mean. 0 is constant, 1 exponential.")
                .args(&[one("factor", Kind::Factor(Range::NonNegative))])
                .default("1")
                .example("service-variation 0.2"),
        ])
        .example(r#"replica { cpu "8 core"; memory "64 GiB"; gpu 1; serves "310 to 360 req/s"; }"#),
    node("capacity", "What one GPU or one node serves.")
        .args(&[one("rate", SERVED)])
        .props(&[prop("per", Kind::Word(&["gpu", "node"])).required(), DIST])
        .children(&[node(
            "improves",
            "It gets better by so much a month, until the end of a month.",
        )
        .args(&[one("rate", RATE_OF_GROWTH)])
        .props(&[prop("until", Kind::Month), DIST])
        .example(r#"improves "2% to 4% / month" until="2027-06""#)])
        .example(r#"capacity "22 to 28 req/s" per=gpu"#),
    node("needs", "What one unit of demand needs, beside or instead of replicas.")
        .props(&[prop("per", Kind::UnitText).required().key()])
        .children(NEED_RESOURCES)
        .many()
        .example(r#"needs per="req/s" { cpu "0.004 core"; memory "6 MiB"; buffer "30%"; }"#),
    node("holds", "Memory that follows data, not rate.")
        .args(&[one("bytes", quantity("byte"))])
        .props(&[DIST])
        .children(GROWTH)
        .example(r#"holds "900 GiB" { growth linear "25 GiB/month"; }"#),
    MODEL,
    node("cache", "A cache in front: it takes its share from the replicas, not from egress.")
        .children(&[
            node("hit-ratio", "The share of requests it answers; or `size`, and how popular its objects are.")
                .args(&[one("share", SHARE)])
                .props(&[DIST])
                .example(r#"hit-ratio "30% to 40%""#),
            node("size", "Its memory. With `objects`, `object-size` and `zipf` it says the hit ratio (Che's approximation).")
                .args(&[one("bytes", Kind::Quantity("byte", Range::Positive, Certainty::Certain))])
                .example(r#"size "40 GiB""#),
            node("objects", "How many objects may be asked for.")
                .args(&[one("count", Kind::Factor(Range::AtLeastOne))])
                .example("objects 20e6"),
            node("object-size", "The size of one, on average.")
                .args(&[one("bytes", Kind::Quantity("byte", Range::Positive, Certainty::Certain))])
                .example(r#"object-size "12 KiB""#),
            node("zipf", "How popularity falls: the i-th is asked for in proportion to 1/i to this power.")
                .args(&[one("exponent", Kind::Factor(Range::NonNegative))])
                .example("zipf 0.9"),
        ])
        .example(r#"cache { hit-ratio "35%"; }"#),
    node("convert", "From the demanded unit to the one that is served.")
        .args(&[one("from", Kind::Text)])
        .props(&[
            prop("to", Kind::Text).required(),
            prop("by", Kind::Contextual("`to` for one `from`")).required(),
            DIST,
        ])
        .keyed()
        .example(r#"convert "chat" to="token" by="900 to 1600 token/chat""#),
    node("redundancy", "What is held ready beyond the need.")
        .children(&[
            node(
                "spare",
                "Spare replicas (GPUs or nodes, where capacity is stated so) in each zone.",
            )
            .args(&[one("count", Kind::Count(0))])
            .default("0")
            .example("spare 1"),
            node("zones", "Zones.")
                .args(&[one("count", Kind::Count(1))])
                .default("1")
                .example("zones 2"),
            node("copies", "Whole copies of everything.")
                .args(&[one("count", Kind::Count(1))])
                .default("1")
                .example("copies 2"),
        ])
        .example("redundancy { spare 1; zones 2; }"),
    node("egress", "Data that leaves, for one unit of demand; all of it for `kind network`.")
        .args(&[
            one("where", EGRESS),
            optional("amount", Kind::Contextual("bytes for one unit of demand")),
        ])
        .props(&[DIST])
        .keyed()
        .example(r#"egress internet "14 KiB/chat""#),
    node("reports", "The unit of demand that reports show the cost of.")
        .props(&[prop("cost-per", Kind::Text).required()])
        .example(r#"reports cost-per="1M token""#),
    AUTOSCALE,
    CHECKPOINT,
    RUN,
    node("retention", "How long data is kept.")
        .args(&[one("time", Kind::Quantity("hour", Range::Positive, Certainty::Certain))])
        .default("for good")
        .example(r#"retention "400 days""#),
    node("replication", "Copies of the data, in all.")
        .args(&[one("count", Kind::Count(1))])
        .default("1")
        .example("replication 2"),
    node("reads", "The share of what is kept that is read back.")
        .args(&[one("rate", Kind::Quantity("%/month", Range::NonNegative, Certainty::Uncertain))])
        .props(&[DIST])
        .example(r#"reads "4%/month""#),
    node("ingest", "What flows in, gross, where the plan states that rather than net growth.")
        .args(&[one("rate", quantity("byte/month"))])
        .props(&[DIST])
        .example(r#"ingest "12 TB/month""#),
    node("requests", "How often stored data is written and read; each tier gets them by what it holds.")
        .args(&[one("rate", quantity("req/s"))])
        .props(&[DIST])
        .example(r#"requests "40M req/month""#),
    node("tier", "A storage tier that its data lies in; with one, those of its pool do not hold for it.")
        .args(&[one("name", Kind::Refers(Noun::StorageTier))])
        .children(&[node("after", "The age at which data moves into it.")
            .args(&[one("time", certain("hour"))])
            .example(r#"after "90 days""#)])
        .keyed()
        .default("the tiers of its pool")
        .example(r#"tier "s3-standard"; tier "glacier" { after "30 days"; }"#),
    node("price", "What one unit of demand costs, for `kind service`.")
        .args(&[one("price", Kind::Contextual("money for a unit of demand"))])
        .props(&[DIST])
        .example(r#"price "2.50 USD/1M token""#),
];

const COUNT: &[Arg] = &[one("count", Kind::Count(1))];

pub(super) const WORKLOAD: NodeSpec = node("workload", "What is demanded, how it is served, where, and for whom.")
    .args(&[one("name", Kind::Declares(Noun::Workload))])
    .children(BODY)
    .keyed()
    .example(r#"workload "chat" { kind inference; team "search"; pool "serving"; demand "180 req/s"; capacity "22 req/s" per=gpu; }"#);

pub(super) const TEMPLATE: NodeSpec = node(
    "template",
    "Settings that workloads share. It merges child by child, one level deep, and the workload wins; draws \
     belong to the workload, never to the template.",
)
.args(&[one("name", Kind::Declares(Noun::Template))])
.children(BODY)
.keyed()
.example(r#"template "serving" { kind inference; environment "production"; redundancy { spare 1; }; }"#);
