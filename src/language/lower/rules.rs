//! What lowering can find wrong: settings that exclude each other, or do not add up.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::quantity::{Mismatch, Quantity, UNKNOWN_UNIT};
use crate::language::report::{error, warning};
use crate::language::shape::{
    self, MISSING_PROPERTY, MISSING_SETTING, MISSING_VALUE, described, head,
};
use crate::language::suggest;
use crate::language::syntax::{Node, Prop, Value};
use crate::language::values::{OUT_OF_RANGE, UNIT_MISMATCH};
use crate::money::{Currency, Decimal};
use crate::plan::workload::WorkloadKind;

use super::{DemandUnit, history, source};

fn lacks(node: &Node, word: &str, example: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_SETTING, format!("{} has no `{word}`", described(node)))
        .at(head(node), format!("`{word}` is missing"))
        .help(format!("add to it: `{example}`"))
}

fn conflict(message: String, second: &Node, first: &Node, help: &str) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, message)
        .at(head(second), "this excludes the other")
        .also(head(first), "the other stands here")
        .help(help)
}

fn percent(share: f64) -> String {
    format!("{}%", (share * 1e4).round() / 100.0)
}

// ---- the plan node ---------------------------------------------------------------------------------

pub(super) fn fx_of_own_currency(fx: &Node, own: Currency) -> Diagnostic {
    Diagnostic::new(&BAD_FX, format!("{own} is the plan's own currency"))
        .at(head(fx), "it needs no rate")
        .help("remove it")
}

pub(super) fn fx_not_in_plan_currency(rate: &Value, code: Currency, own: Currency) -> Diagnostic {
    Diagnostic::new(&BAD_FX, format!("the rate of {code} is not in {own}"))
        .at(rate.span, format!("the plan's currency is {own}"))
        .help(format!("write what one {code} costs in {own}: `fx {code} \"… {own}\"`"))
}

pub(super) fn unknown_version(version: &Value) -> Diagnostic {
    Diagnostic::new(&UNKNOWN_VERSION, "this version of the language is not known")
        .at(version.span, "capplan reads version 1")
        .help("write `version 1`, or use a newer capplan")
}

pub(super) fn horizon_too_long(node: &Node, months: usize) -> Diagnostic {
    Diagnostic::new(&OUT_OF_RANGE, format!("a horizon of {months} months is too long"))
        .at(node.span, "at most 120 months, which is ten years")
        .help("plan fewer months")
}

pub(super) fn too_many_draws(plan: &Node, count: usize) -> Diagnostic {
    let place = plan.child("draws").map_or(plan.name.span, |draws| draws.span);
    Diagnostic::new(&OUT_OF_RANGE, format!("{count} draws are too many"))
        .at(place, "at most a million")
        .help("1000 are enough for p10 to p90, 10000 for p99")
}

pub(super) fn fiscal_label(node: &Node, month: &str) -> Diagnostic {
    Diagnostic::new(&FISCAL_LABEL, "`fiscal-year` does not say which year names it")
        .at(node.span, format!("a year that starts in {month} lies in two calendar years"))
        .help("add `label=start-year`, or `label=end-year`")
}

pub(super) fn not_whole_months(value: &Value) -> Diagnostic {
    Diagnostic::new(&NOT_WHOLE, "this is no whole number of months")
        .at(value.span, "whole months are meant here")
        .help("write it as in `\"12 months\"` or `\"3 years\"`")
}

// ---- supply ----------------------------------------------------------------------------------------

pub(super) fn lot_without_day(lot: &Node) -> Diagnostic {
    lacks(lot, "in-service", "in-service \"2025-08-01\"")
        .help("add `in-service \"…\"` if it is there, or `due \"…\"` if it is still to come")
}

pub(super) fn lot_with_two_days(lot: &Node, service: &Node, due: &Node) -> Diagnostic {
    let message = format!("{} is both in service and due", described(lot));
    conflict(
        message,
        due,
        service,
        "keep `in-service` if it is there, `due` if it is still to come",
    )
}

pub(super) fn payment_without_day(pay: &Node) -> Diagnostic {
    Diagnostic::new(&MISSING_PROPERTY, "`pay` does not say when")
        .at(head(pay), "either `at=` or `on=delivery`")
        .help("write it as in `pay \"30%\" at=\"2026-10-01\"` or `pay \"70%\" on=delivery`")
}

pub(super) fn payments_do_not_add_up(lot: &Node, sum: f64) -> Diagnostic {
    let message = format!("the payments of {} are {} of its price", described(lot), percent(sum));
    let place = lot.child("pay").map_or(head(lot), |pay| pay.span);
    Diagnostic::new(&PAYMENTS, message)
        .at(place, "together they must be 100%")
        .help("change a share")
}

pub(super) fn pool_of_two_kinds(pool: &Node, first: &Node, second: &Node) -> Diagnostic {
    let message = format!(
        "{} is made of `{}` and of `{}`",
        described(pool),
        first.name.text,
        second.name.text
    );
    conflict(message, second, first, "make a pool of each")
}

pub(super) fn empty_pool(pool: &Node, storage: bool) -> Diagnostic {
    if storage {
        lacks(pool, "tier", "tier \"s3-standard\"")
    } else {
        lacks(pool, "instance", "instance \"p5.48xlarge\" region=\"us-east-1\"")
            .help("add what it is made of: `instance \"…\" region=\"…\"`, `owned \"…\"`, or `kind storage` and `tier \"…\"`")
    }
}

pub(super) fn pool_kind_and_contents(pool: &Node, content: &Node, storage: bool) -> Diagnostic {
    let word = &content.name.text;
    let (label, help) = if storage {
        ("a storage pool is made of `tier`", "remove `kind storage`, or write `tier \"…\"`")
    } else {
        ("only a storage pool has tiers", "add `kind storage`")
    };
    Diagnostic::new(&POOL_KIND, format!("`{word}` does not fit the kind of {}", described(pool)))
        .at(head(content), label)
        .help(help)
}

pub(super) fn tiers_at_one_age(first: &Node, second: &Node) -> Diagnostic {
    Diagnostic::new(&STORAGE_TIERS, "two tiers hold data of the same age")
        .at(second.span, "data is here")
        .also(first.span, "and here")
        .help("say from which age on: `{ after \"90 days\"; }`")
}

pub(super) fn no_first_tier(of: &Node, tier: &Node) -> Diagnostic {
    Diagnostic::new(&STORAGE_TIERS, format!("{} has no tier for new data", described(of)))
        .at(tier.span, "the youngest tier begins here")
        .help("leave `after` out of the first tier")
}

pub(super) fn period_backwards(period: &Node) -> Diagnostic {
    Diagnostic::new(&BACKWARDS, "the period ends before it begins")
        .at(period.span, "`until` is before `from`")
        .help("both days are included; exchange them")
}

pub(super) fn commitment_lacks(node: &Node, word: &str, example: &str) -> Diagnostic {
    lacks(node, word, example)
}

pub(super) fn savings_plan_elsewhere(
    name: &Value,
    stated: &Node,
    offered: &crate::plan::SavingsPlan,
) -> Diagnostic {
    let message = format!("savings plan `{}` is offered by another provider", offered.name);
    Diagnostic::new(&CONFLICTING_SETTINGS, message)
        .at(name.span, "this names a savings plan of another provider")
        .also(head(stated), "the spend is committed to this one")
        .help("name the provider that offers it, or leave `provider` out")
}

/// `each` is the spend by the hour, in plan currency.
pub(super) fn spend_not_hourly(spend: &Value, text: &str, each: &str) -> Diagnostic {
    Diagnostic::new(&SPEND_NOT_HOURLY, format!("the spend `{text}` is not by the hour"))
        .at(spend.span, format!("in every hour of its period this pays {each}"))
        .help(format!("write what is promised an hour: `spend \"{each}/hour\"`"))
}

pub(super) fn two_forms(node: &Node, first: &Node, second: &Node) -> Diagnostic {
    let message =
        format!("{} has `{}` and `{}`", described(node), first.name.text, second.name.text);
    conflict(message, second, first, "declare two commitments")
}

// ---- money -----------------------------------------------------------------------------------------

pub(super) fn parts_do_not_add_up(
    amount: &Node,
    opex: Decimal,
    capex: Decimal,
    whole: Decimal,
) -> Diagnostic {
    let sum = opex.saturating_add(capex);
    Diagnostic::new(&BUDGET_PARTS, format!("`opex` and `capex` are {sum} together, not {whole}"))
        .at(amount.span, "the parts are not the whole")
        .help("change the amount or a part")
}

pub(super) fn budget_period(node: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "the period is not said in one way")
        .at(node.span, "one of three ways is meant")
        .help(
            "write `period fiscal-year=2027`, `period fiscal-quarter=\"FY2027-Q1\"`, or `period \
             from=\"2027-02\" months=6`",
        )
}

pub(super) fn split_over_100(split: &Node, sum: f64) -> Diagnostic {
    Diagnostic::new(&SPLIT_SHARES, format!("the shares are {} together", percent(sum)))
        .at(split.span, "more than there is")
        .help("take the shares down to 100%")
}

pub(super) fn split_without_rest(split: &Node, sum: f64) -> Diagnostic {
    let left = percent(1.0 - sum);
    Diagnostic::new(&SPLIT_SHARES, format!("the shares are {} together", percent(sum)))
        .at(split.span, format!("nobody bears the other {left}"))
        .help("say who does: `rest \"platform\"`, beside `split`")
}

pub(super) fn shared_source(node: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "`from` does not say one thing to spread")
        .at(node.span, "one source is meant")
        .help(
            "write `from idle pool=\"…\"`, `from workload=\"…\"`, `from team=\"…\"` or `from \
             amount=\"310k USD/month\"`",
        )
}

pub(super) fn policy_bound(node: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "the requirement has no single bound")
        .at(node.span, "either a ceiling or a floor is meant")
        .help("write `at-most=\"…\"` or `at-least=\"…\"`")
}

// ---- demand ----------------------------------------------------------------------------------------

pub(super) fn follows_cycle(demand: &Node) -> Diagnostic {
    Diagnostic::new(&FOLLOWS_CYCLE, "these demands follow each other in a circle")
        .at(demand.span, "this one ends where it begins")
        .help("state one of them by itself")
}

pub(super) fn follows_unit(by: &Value, other: &str) -> Diagnostic {
    Diagnostic::new(&UNIT_MISMATCH, format!("`by` is not in units for one `{other}`"))
        .at(by.span, format!("the followed demand is counted in `{other}`"))
        .help(format!("write it as in `by=\"25 req/{other}\"`"))
}

pub(super) fn demand_unit(value: &Value, quantity: &Quantity) -> Diagnostic {
    let unit = &quantity.unit_text;
    let message = if unit.is_empty() {
        "this demand has no unit".to_owned()
    } else {
        format!("`{unit}` is nothing that a workload is asked for")
    };
    Diagnostic::new(&DEMAND_UNIT, message)
        .at(value.span, "a rate or a stock is meant")
        .help("a rate is `req/s`, `chat/day` or `TB/day`, a stock is `TiB` or `user`; declare others by `unit \"…\"`")
}

pub(super) fn demand_without_level(demand: &Node) -> Diagnostic {
    Diagnostic::new(&DEMAND_WITHOUT_LEVEL, "this demand has no level")
        .at(demand.name.span, "nothing says how much it is")
        .help(
            "state it, as in `demand \"120 req/s\"`, or give its history from a file with a unit: `history \
             \"data/rps.csv\" column=\"rps\" unit=\"req/s\"`",
        )
}

pub(super) fn history_outside(file: &Value) -> Diagnostic {
    Diagnostic::new(&HISTORY_OUTSIDE, "this file lies outside the plan's folder")
        .at(file.span, "a plan is one folder")
        .help("copy the history beside the plan, and write a relative path with `/`")
}

pub(super) fn history_unit(unit: &Value, mismatch: &Mismatch, demand: &DemandUnit) -> Diagnostic {
    Diagnostic::new(&UNIT_MISMATCH, mismatch.to_string())
        .at(unit.span, format!("the demand is in `{}`", demand.text))
        .help(format!(
            "`{}` times `{}` would be `{}`",
            mismatch.found, mismatch.quotient, mismatch.wanted
        ))
}

pub(super) fn unknown_zone(zone: &Value) -> Diagnostic {
    let name = zone.text().unwrap_or_default();
    Diagnostic::new(&UNKNOWN_ZONE, format!("unknown time zone `{name}`"))
        .at(zone.span, "no time zone has this name")
        .help("write it by its IANA name, such as `\"Europe/Berlin\"` or `\"UTC\"`")
}

pub(super) fn history_without_fit(history: &Node, growth: &Node) -> Diagnostic {
    Diagnostic::new(&HISTORY_WITHOUT_FIT, "is the trend from the history, or from the stated growth?")
        .at(history.name.span, "this does not say what the history decides")
        .also(head(growth), "a growth is stated too")
        .help("add `fit=auto` (the growth multiplies the history's trend) or `fit=level` (the growth is the trend)")
}

pub(super) fn logistic_pace(growth: &Node, midpoint: Option<&Node>) -> Diagnostic {
    match (midpoint, growth.child("steepness")) {
        (Some(midpoint), Some(steepness)) => conflict(
            "`growth logistic` has a midpoint and a steepness".to_owned(),
            steepness,
            midpoint,
            "keep one: through the base, the other follows",
        ),
        _ => lacks(growth, "midpoint", "midpoint \"2027-06\"")
            .help("add `midpoint \"2027-06\"`, or `steepness \"45%/month\"`"),
    }
}

pub(super) fn event_backwards(event: &Node) -> Diagnostic {
    Diagnostic::new(&BACKWARDS, format!("{} ends before it begins", described(event)))
        .at(event.name.span, "`until` is before `at`")
        .help("both days are included; exchange them")
}

pub(super) fn empty_event(event: &Node) -> Diagnostic {
    Diagnostic::new(&EMPTY_EVENT, format!("{} changes nothing", described(event)))
        .at(head(event), "nothing says what happens")
        .help("add `multiply 1.25`, `add \"300 req/s\"` or `scale-capacity 0.7`")
}

// ---- serving ---------------------------------------------------------------------------------------

pub(super) fn convert_to_unknown(convert: &Node, to: &str) -> Diagnostic {
    let place = convert.prop("to").map_or(convert.span, |to| to.span);
    Diagnostic::new(&UNKNOWN_UNIT, format!("unknown unit `{to}`"))
        .at(place, "no unit has this name")
        .help(format!("declare it at the top of a file: `unit \"{to}\"`"))
}

pub(super) fn convert_chain(convert: &Node, end: &str) -> Diagnostic {
    let from = convert.arg(0).and_then(Value::text).unwrap_or_default();
    Diagnostic::new(&CONVERT_CHAIN, format!("nothing is counted in `{from}` here"))
        .at(head(convert), format!("the chain from the demand ends in `{end}`"))
        .help(format!("convert from `{end}`, or remove this"))
}

pub(super) fn replica_and_capacity(replica: &Node, capacity: &Node) -> Diagnostic {
    let message = "`replica` and `capacity` exclude each other".to_owned();
    conflict(
        message,
        capacity,
        replica,
        "keep `replica` to size every resource, `capacity` where GPUs decide",
    )
}

pub(super) fn model_and_stated(model: &Node, stated: &Node) -> Diagnostic {
    conflict(
        format!("`model` and `{}` both say what serves", stated.name.text),
        model,
        stated,
        "keep the one that was measured, or leave it out and let the shape of the model say it",
    )
}

pub(super) fn model_without_replica(model: &Node) -> Diagnostic {
    Diagnostic::new(&MISSING_SETTING, "a `model` needs a `replica` with GPUs")
        .at(head(model), "on how many GPUs one replica runs is not said")
        .help("add to the workload: `replica { gpu 4; }`, as many GPUs as share its weights")
}

pub(super) fn two_caches(heads: &Node, latent: &Node) -> Diagnostic {
    conflict(
        "a token is cached as heads or as a latent".to_owned(),
        latent,
        heads,
        "keep `kv-heads` for grouped attention, `latent-dim` for multi-head latent attention",
    )
}

pub(super) fn cache_said_twice(size: &Node, ratio: &Node) -> Diagnostic {
    conflict(
        "`size` and `hit-ratio` both say what a cache answers".to_owned(),
        size,
        ratio,
        "keep the ratio where it was measured, the size where it is to be found",
    )
}

pub(super) fn without_latency(stray: &Node) -> Diagnostic {
    Diagnostic::new(
        &MISSING_SETTING,
        format!("`{}` changes nothing without a `latency`", stray.name.text),
    )
    .at(head(stray), "this says how long requests wait, and nothing says how long they may")
    .help("add to `replica`: `latency p99 \"120 ms\"`, or remove it")
}

pub(super) fn batching_and_stated(batching: &Node, stated: &Node) -> Diagnostic {
    conflict(
        format!("`batching` says what `{}` says", stated.name.text),
        batching,
        stated,
        "keep one: measured batches say what a replica serves, and how many it works on at a time",
    )
}

pub(super) fn batches_get_faster(batching: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "larger batches are measured as faster")
        .at(head(batching), "a line through these batches falls, or is level")
        .help("write how long the whole batch takes, not each request of it")
}

pub(super) fn concurrency_and_time(time: &Node, at_a_time: &Node) -> Diagnostic {
    conflict(
        "`concurrency` and `service-time` say the same".to_owned(),
        time,
        at_a_time,
        "keep one: requests at a time = what a replica serves × how long one takes",
    )
}

pub(super) fn model_says_it(stray: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, format!("`model` says what `{}` says", stray.name.text))
        .at(
            head(stray),
            "sequences at a time, and how long one takes, follow from the model's shape",
        )
        .help("remove it")
}

pub(super) fn needs_per(per: &Value, demand: &str) -> Diagnostic {
    let text = per.text().unwrap_or_default();
    Diagnostic::new(&UNIT_MISMATCH, format!("`{text}` where `{demand}` is meant"))
        .at(per.span, format!("the demand is in `{demand}`"))
        .help(format!("write `per=\"{demand}\"`"))
}

pub(super) fn needs_without_pool(needs: &Node) -> Diagnostic {
    lacks(needs, "pool", "pool \"cpu-general\"")
}

pub(super) fn needs_twice(second: &Node, first: &Node) -> Diagnostic {
    Diagnostic::new(&shape::DUPLICATE_SETTING, "`needs` stands twice for one pool")
        .at(head(second), "here again")
        .also(head(first), "first here")
        .help("put both into one, or name another pool")
}

pub(super) fn egress_without_amount(egress: &Node, unit: &str) -> Diagnostic {
    Diagnostic::new(&MISSING_VALUE, "`egress` does not say how much")
        .at(head(egress), "bytes for one unit of demand are missing")
        .help(format!("write it as in `egress internet \"14 KiB/{unit}\"`"))
}

pub(super) fn egress_without_provider(egress: &Node) -> Diagnostic {
    Diagnostic::new(&EGRESS_WITHOUT_PROVIDER, "nothing says whose network this leaves")
        .at(head(egress), "the pool is owned, or there is none")
        .help("add to the workload: `provider \"aws\"`")
}

pub(super) fn autoscale_min_above_max(
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

pub(super) fn scaling_value(node: &Node, at: &Value) -> Diagnostic {
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

pub(super) fn cost_per_unit(value: &Value, units: &[&str]) -> Diagnostic {
    let known = suggest::list(units.iter().copied());
    Diagnostic::new(&UNIT_MISMATCH, "this workload does not count that")
        .at(value.span, "no unit of its demand, nor one it converts to")
        .help(if units.is_empty() {
            "state a demand".to_owned()
        } else {
            format!("it counts {known}: write it as in `cost-per=\"1M {}\"`", units[0])
        })
}

// ---- runs ------------------------------------------------------------------------------------------

pub(super) fn once_with_range(prop: &Prop) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "a run `at` a day has no `from` and `until`")
        .at(prop.name.span, "this belongs to `every=`")
        .help("remove it, or write `every=\"1 week\"` in place of `at=`")
}

pub(super) fn run_backwards(run: &Node) -> Diagnostic {
    Diagnostic::new(&BACKWARDS, format!("{} ends before it begins", described(run)))
        .at(head(run), "`until` is before `from`")
        .help("both days are included; exchange them")
}

pub(super) fn run_times(run: &Node, both: bool) -> Diagnostic {
    if both {
        Diagnostic::new(&CONFLICTING_SETTINGS, format!("{} has `at` and `every`", described(run)))
            .at(head(run), "once, or again and again?")
            .help("keep one of them")
    } else {
        Diagnostic::new(&MISSING_PROPERTY, format!("{} does not say when", described(run)))
            .at(head(run), "`at=` or `every=` is missing")
            .help("add `at=\"2027-03-01\"`, or `every=\"1 week\"`")
    }
}

pub(super) fn run_every(every: &Value) -> Diagnostic {
    Diagnostic::new(&NOT_WHOLE, "this is no whole number of days or months")
        .at(every.span, "a run repeats by whole days, weeks or months")
        .help("write it as in `every=\"1 day\"`, `\"2 weeks\"` or `\"1 month\"`")
}

pub(super) fn run_lacks(run: &Node, word: &str, example: &str) -> Diagnostic {
    lacks(run, word, example)
}

pub(super) fn run_form(run: &Node) -> Diagnostic {
    let given: Vec<&Node> =
        ["duration", "flops", "work"].into_iter().filter_map(|word| run.child(word)).collect();
    if let [first, second, ..] = given[..] {
        let message = format!("{} says twice what it takes", described(run));
        return conflict(message, second, first, "keep one of `duration`, `flops` and `work`");
    }
    lacks(run, "duration", "duration \"20 hours\"")
        .help("add `gpus 24; duration \"20 hours\"`, or `flops`, `gpus` and `mfu`, or `work` and `finish-within`")
}

pub(super) fn more_than_all(fewest: &Node, gpus: &Node) -> Diagnostic {
    let message = "the fewest GPUs of a run are more than all of them";
    conflict(message.to_owned(), fewest, gpus, "write `min-gpus` at or below `gpus`")
}

pub(super) fn fewest_of_work(fewest: &Node, work: &Node) -> Diagnostic {
    let message = "`min-gpus` is of a gang, and `work` is spread over its window";
    conflict(message.to_owned(), fewest, work, "remove `min-gpus`, or say `gpus` and `duration`")
}

pub(super) fn work_without_capacity(work: &Node, unit: &str) -> Diagnostic {
    Diagnostic::new(
        &WORK_WITHOUT_CAPACITY,
        format!("nothing says how fast `{unit}` are worked off"),
    )
    .at(head(work), "this is neither GPU-hours nor core-hours")
    .help(format!("add to the workload: `capacity \"420 {unit}/s\" per=gpu`"))
}

pub(super) fn deadline_before_start(by: &Node, run: &Node) -> Diagnostic {
    Diagnostic::new(
        &IMPOSSIBLE_DEADLINE,
        format!("{} must be finished before it starts", described(run)),
    )
    .at(by.span, "this day is before the start")
    .also(head(run), "the run starts here")
    .help("move one of the days")
}

pub(super) fn finish_by_of_repeated(by: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "a run that repeats is not finished by one day")
        .at(by.span, "every one of its runs needs a time of its own")
        .help("write `finish-within \"10 hours\"`")
}

pub(super) fn run_deadline(run: &Node, both: bool) -> Diagnostic {
    match (both, run.child("finish-within"), run.child("finish-by")) {
        (true, Some(within), Some(by)) => {
            let message = format!("{} has two deadlines", described(run));
            conflict(message, by, within, "keep one of them")
        }
        _ => lacks(run, "finish-within", "finish-within \"10 hours\""),
    }
}

// ---- workloads -------------------------------------------------------------------------------------

pub(super) fn workload_lacks(node: &Node, word: &str, example: &str) -> Diagnostic {
    lacks(node, word, example)
}

pub(super) fn not_of_kind(workload: &Node, child: &Node, kind: WorkloadKind) -> Diagnostic {
    let word = &child.name.text;
    Diagnostic::new(
        &NOT_OF_KIND,
        format!("`{word}` says nothing of a workload of kind `{}`", kind.word()),
    )
    .at(child.name.span, format!("{} is of kind `{}`", described(workload), kind.word()))
    .help(match (&**word, kind) {
        ("demand", WorkloadKind::Training | WorkloadKind::Batch) => {
            "say what it takes in a `run`, or change its kind"
        }
        ("run", _) => "runs are for `kind training` and `kind batch`",
        _ => "remove it, or change the kind",
    })
}

pub(super) fn project_of_another_team(team: &Node, owner: &str) -> Diagnostic {
    Diagnostic::new(&PROJECT_OF_ANOTHER_TEAM, "the project belongs to another team")
        .at(team.span, format!("the project is team `{owner}`'s"))
        .help("leave `team` out: the project says it")
}

// ---- codes -----------------------------------------------------------------------------------------

static CONFLICTING_SETTINGS: Code = error(
    "conflicting_settings",
    Family::Model,
    "settings that exclude each other",
    "Two settings say the same thing in two ways, or none of the ways is complete; which one is meant is not \
guessed.\n\nWrong:\n\n```kdl\ncapacity \"22 req/s\" per=gpu\nreplica { gpu 1; serves \"25 req/s\"; }\n```\n\n\
Right:\n\n```kdl\nreplica { gpu 1; serves \"25 req/s\"; }\n```\n",
);
static BAD_FX: Code = error(
    "bad_fx",
    Family::Quantities,
    "an exchange rate that is none",
    "`fx EUR \"1.09 USD\"` says what one EUR costs in the plan's currency, here USD. The other direction is not \
accepted, because the two are mistaken for each other.\n\nWrong:\n\n```kdl\ncurrency USD\nfx EUR \"0.92 EUR\"\n\
```\n\nRight:\n\n```kdl\ncurrency USD\nfx EUR \"1.09 USD\"\n```\n",
);
static UNKNOWN_VERSION: Code = error(
    "unknown_version",
    Family::Model,
    "a version of the language that this capplan does not read",
    "A plan says in which version of the language it is written, so that its meaning never changes under \
it.\n\nWrong:\n\n```kdl\nversion 2\n```\n\nRight:\n\n```kdl\nversion 1\n```\n",
);
static FISCAL_LABEL: Code = error(
    "fiscal_label",
    Family::Model,
    "a fiscal year that two calendar years could name",
    "FY27 that begins in February 2027 is `label=start-year`; if it is the year that ends in January 2027, it is \
`label=end-year`. Companies do both, so a plan says which.\n\nWrong:\n\n```kdl\nfiscal-year starts=february\n\
```\n\nRight:\n\n```kdl\nfiscal-year starts=february label=start-year\n```\n",
);
static SPEND_NOT_HOURLY: Code = warning(
    "spend_not_hourly",
    Family::Model,
    "committed spend that is not stated by the hour",
    "Spend under a savings plan is promised for every hour: what an hour does not use is lost and helps no other. A \
sum for a month or a year is another promise, so it is read as what it comes to in an hour, and that is most likely a \
mistake. A yearly spend that a discount asks for stands in the discount: `negotiated \"7%\" off=everything { \
commitment \"4M USD/year\"; }`.\n\nWrong:\n\n```kdl\ncommitment \"sp\" { spend \"8760 USD/month\" savings-plan=\"compute\"; \
period from=\"2026-07-01\" until=\"2027-06-30\"; }\n```\n\nRight:\n\n```kdl\ncommitment \"sp\" { spend \"12 USD/hour\" \
savings-plan=\"compute\"; period from=\"2026-07-01\" until=\"2027-06-30\"; }\n```\n",
);
static NOT_WHOLE: Code = error(
    "not_whole",
    Family::Quantities,
    "a time that is no whole number of days or months",
    "Terms and depreciation count whole months, and runs repeat by whole days, weeks or months.\n\nWrong:\n\n\
```kdl\nrun \"weekly\" every=\"36 hours\" { gpus 8; duration \"4 hours\"; }\n```\n\nRight:\n\n```kdl\nrun \"weekly\" \
every=\"2 days\" { gpus 8; duration \"4 hours\"; }\n```\n",
);
static PAYMENTS: Code = error(
    "payments",
    Family::Model,
    "the payments of a lot are not its price",
    "What is paid for a lot is its price: the shares of its `pay` nodes are 100% together.\n\nWrong:\n\n```kdl\n\
pay \"30%\" at=\"2026-10-01\"\n```\n\nRight:\n\n```kdl\npay \"30%\" at=\"2026-10-01\"\npay \"70%\" on=delivery\n```\n",
);
static POOL_KIND: Code = error(
    "pool_kind",
    Family::Model,
    "a pool's contents do not fit its kind",
    "A pool is made of instance types, or of owned hardware, or, with `kind storage`, of storage \
tiers.\n\nWrong:\n\n```kdl\npool \"lake\" { tier \"s3-standard\"; }\n```\n\nRight:\n\n```kdl\npool \"lake\" { kind \
storage; tier \"s3-standard\"; }\n```\n",
);
static STORAGE_TIERS: Code = error(
    "storage_tiers",
    Family::Model,
    "the tiers of a storage pool do not follow each other",
    "Data begins in the tier without `after` and moves on as it ages; every age has one tier.\n\nWrong:\n\n```kdl\n\
tier \"s3-standard\"\ntier \"glacier\"\n```\n\nRight:\n\n```kdl\ntier \"s3-standard\"\ntier \"glacier\" { after \"90 \
days\"; }\n```\n",
);
static BACKWARDS: Code = error(
    "period_backwards",
    Family::Quantities,
    "something ends before it begins",
    "`from`, `at` and `until` are days that are both included; a month is its first day in `from` and `at`, and \
its last in `until`.\n\nWrong:\n\n```kdl\nperiod from=\"2027-07-01\" until=\"2027-06-30\"\n```\n\nRight:\n\n```kdl\n\
period from=\"2026-07-01\" until=\"2027-06-30\"\n```\n",
);
static BUDGET_PARTS: Code = error(
    "budget_parts",
    Family::Policy,
    "the parts of a budget are not its amount",
    "Where both `opex` and `capex` are given they are the whole amount.\n\nWrong:\n\n```kdl\namount \"58M USD\" { \
opex \"44M USD\"; capex \"4M USD\"; }\n```\n\nRight:\n\n```kdl\namount \"58M USD\" { opex \"44M USD\"; capex \"14M \
USD\"; }\n```\n",
);
static SPLIT_SHARES: Code = error(
    "split_shares",
    Family::Model,
    "fixed shares that are not 100%",
    "Every cent of a shared cost is borne by someone: fixed shares are at most 100%, and under 100% a `rest` says \
who bears the remainder.\n\nWrong:\n\n```kdl\nsplit fixed { team \"search\" \"20%\"; team \"ads\" \"25%\"; }\n```\n\n\
Right:\n\n```kdl\nsplit fixed { team \"search\" \"20%\"; team \"ads\" \"25%\"; }\nrest \"platform\"\n```\n",
);
static FOLLOWS_CYCLE: Code = error(
    "follows_cycle",
    Family::Model,
    "demands that follow each other in a circle",
    "A demand may follow another workload's, and that one a third; somewhere one is stated.\n\nWrong:\n\n```kdl\n\
workload \"a\" { demand follows \"b\" by=\"2 req/req\"; }\nworkload \"b\" { demand follows \"a\" by=\"1 req/req\"; }\n\
```\n\nRight:\n\n```kdl\nworkload \"a\" { demand follows \"b\" by=\"2 req/page\"; }\nworkload \"b\" { demand \"900 \
page/s\"; }\n```\n",
);
static DEMAND_UNIT: Code = error(
    "demand_unit",
    Family::Quantities,
    "a demand in a unit that nothing is asked in",
    "A demand is a rate (`req/s`, `chat/day`, `TB/day`) or a stock (`TiB`, `user`) of one thing that is \
counted.\n\nWrong:\n\n```kdl\ndemand \"40%\"\n```\n\nRight:\n\n```kdl\ndemand \"400 req/s\"\n```\n",
);
static DEMAND_WITHOUT_LEVEL: Code = error(
    "demand_without_level",
    Family::Model,
    "a demand that nothing gives a level",
    "The level of a demand is stated, or follows from another workload, or from a history file with a \
unit.\n\nWrong:\n\n```kdl\ndemand { growth compound \"3%/month\"; }\n```\n\nRight:\n\n```kdl\ndemand { history \
\"data/rps.csv\" column=\"rps\" unit=\"req/s\" fit=auto; }\n```\n",
);
static HISTORY_OUTSIDE: Code = error(
    "history_outside",
    Family::Files,
    "a history file outside the plan's folder",
    "A plan is one folder that gives the same figures on every machine: history lies inside it, named relative to \
the file that uses it.\n\nWrong:\n\n```kdl\nhistory \"/data/rps.csv\" column=\"rps\"\n```\n\nRight:\n\n```kdl\n\
history \"data/rps.csv\" column=\"rps\"\n```\n",
);
static HISTORY_WITHOUT_FIT: Code = error(
    "history_without_fit",
    Family::Model,
    "a history and a stated growth, and nothing says which rules",
    "With `fit=auto` the history decides level, trend and season, and stated growth multiplies what the history cannot \
know. With `fit=level` the stated growth is the trend.\n\nWrong:\n\n```kdl\ndemand \"180 req/s\" { history \
\"rps.csv\" column=\"rps\"; growth compound \"3%/month\"; }\n```\n\nRight:\n\n```kdl\ndemand \"180 req/s\" { \
history \"rps.csv\" column=\"rps\" fit=level; growth compound \"3%/month\"; }\n```\n",
);
static UNKNOWN_ZONE: Code = error(
    "unknown_zone",
    Family::Quantities,
    "a time zone that is none",
    "Time zones are written by their IANA names.\n\nWrong:\n\n```kdl\nstart-at \"01:00\" zone=\"CET+1\"\n```\n\n\
Right:\n\n```kdl\nstart-at \"01:00\" zone=\"Europe/Berlin\"\n```\n",
);
static EMPTY_EVENT: Code = error(
    "empty_event",
    Family::Model,
    "an event that changes nothing",
    "An event multiplies demand, adds to it, or scales what serves it.\n\nWrong:\n\n```kdl\nevent \"launch\" \
at=\"2027-05-01\" { note \"big\"; }\n```\n\nRight:\n\n```kdl\nevent \"launch\" at=\"2027-05-01\" { multiply 1.3; note \
\"big\"; }\n```\n",
);
static CONVERT_CHAIN: Code = error(
    "convert_chain",
    Family::Model,
    "a conversion from a unit that is not reached",
    "Conversions form a chain: the first is from the demand's unit, each next one from where the last \
ended.\n\nWrong:\n\n```kdl\ndemand \"2M chat/day\"\nconvert \"session\" to=\"token\" by=\"1100 token/session\"\n\
```\n\nRight:\n\n```kdl\ndemand \"2M chat/day\"\nconvert \"chat\" to=\"token\" by=\"1100 token/chat\"\n```\n",
);
static EGRESS_WITHOUT_PROVIDER: Code = error(
    "egress_without_provider",
    Family::Model,
    "data leaves nobody's network",
    "What transferred data costs is a price of the pool's provider; a workload on owned hardware says whose \
network it uses.\n\nWrong:\n\n```kdl\nworkload \"w\" { pool \"owned\"; egress internet \"14 KiB/req\"; }\n```\n\n\
Right:\n\n```kdl\nworkload \"w\" { pool \"owned\"; provider \"aws\"; egress internet \"14 KiB/req\"; }\n```\n",
);
static AUTOSCALE_BOUNDS: Code = error(
    "autoscale_bounds",
    Family::Model,
    "an autoscaler whose fewest are more than its most",
    "Wrong:\n\n```kdl\nautoscale { min 50; max 3; }\n```\n\nRight:\n\n```kdl\nautoscale { min 3; max 50; }\n```\n",
);
static SCALING_RULE: Code = error(
    "scaling_rule",
    Family::Model,
    "a scaling rule that no cluster would take",
    "The rules under `behavior` are those of a HorizontalPodAutoscaler: a window is from 0 to 3600 whole seconds, a \
period from 1 to 1800, and a policy allows 1 pod or 1% at least.\n\nWrong:\n\n```kdl\nautoscale { min 3; behavior { \
down { window \"2 hours\"; }; }; }\n```\n\nRight:\n\n```kdl\nautoscale { min 3; behavior { down { window \"1 hour\"; }; }; \
}\n```\n",
);
static WORK_WITHOUT_CAPACITY: Code = error(
    "work_without_capacity",
    Family::Model,
    "work that nothing says the speed of",
    "Work is GPU-hours, core-hours, or units that the workload's `capacity` serves.\n\nWrong:\n\n```kdl\nrun \
\"backfill\" at=\"2027-01-04\" { work \"18B document\"; finish-within \"30 days\"; }\n```\n\nRight:\n\n```kdl\n\
capacity \"420 document/s\" per=gpu\nrun \"backfill\" at=\"2027-01-04\" { work \"18B document\"; finish-within \"30 \
days\"; }\n```\n",
);
static IMPOSSIBLE_DEADLINE: Code = error(
    "impossible_deadline",
    Family::Model,
    "a deadline before the start",
    "Wrong:\n\n```kdl\nrun \"r\" at=\"2027-03-01\" { work \"48 gpu-hour\"; finish-by \"2027-02-01\"; }\n```\n\n\
Right:\n\n```kdl\nrun \"r\" at=\"2027-03-01\" { work \"48 gpu-hour\"; finish-by \"2027-03-08\"; }\n```\n",
);
static NOT_OF_KIND: Code = error(
    "not_of_kind",
    Family::Model,
    "a setting that says nothing of this kind of workload",
    "Training and batch have runs; inference, storage, network, workspaces and services have a demand; what a \
kind does not use is an error, because it would be ignored.\n\nWrong:\n\n```kdl\nworkload \"w\" { kind training; \
demand \"20 req/s\"; }\n```\n\nRight:\n\n```kdl\nworkload \"w\" { kind training; run \"weekly\" every=\"1 week\" { gpus \
8; duration \"20 hours\"; }; }\n```\n",
);
static PROJECT_OF_ANOTHER_TEAM: Code = error(
    "project_of_another_team",
    Family::Model,
    "a workload's project belongs to another team",
    "A project has one team, and its workloads are that team's.\n\nWrong:\n\n```kdl\nproject \"v2\" { team \
\"search\"; }\nworkload \"w\" { project \"v2\"; team \"ads\"; }\n```\n\nRight:\n\n```kdl\nproject \"v2\" { team \
\"search\"; }\nworkload \"w\" { project \"v2\"; }\n```\n",
);

/// The codes of lowering.
pub static CODES: &[&Code] = &[
    &super::LISTED_CURRENCY,
    &super::ODD_LISTED_PRICE,
    &source::SOURCE_ADDRESS,
    &source::SOURCE_LABEL,
    &source::SOURCE_STEP,
    &history::HISTORY_SOURCE,
    &history::HISTORY_METRIC,
    &CONFLICTING_SETTINGS,
    &BAD_FX,
    &UNKNOWN_VERSION,
    &FISCAL_LABEL,
    &NOT_WHOLE,
    &SPEND_NOT_HOURLY,
    &PAYMENTS,
    &POOL_KIND,
    &STORAGE_TIERS,
    &BACKWARDS,
    &BUDGET_PARTS,
    &SPLIT_SHARES,
    &FOLLOWS_CYCLE,
    &DEMAND_UNIT,
    &DEMAND_WITHOUT_LEVEL,
    &HISTORY_OUTSIDE,
    &HISTORY_WITHOUT_FIT,
    &UNKNOWN_ZONE,
    &EMPTY_EVENT,
    &CONVERT_CHAIN,
    &EGRESS_WITHOUT_PROVIDER,
    &AUTOSCALE_BOUNDS,
    &SCALING_RULE,
    &WORK_WITHOUT_CAPACITY,
    &IMPOSSIBLE_DEADLINE,
    &NOT_OF_KIND,
    &PROJECT_OF_ANOTHER_TEAM,
];
