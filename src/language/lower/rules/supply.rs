//! Providers, pools, hardware and commitments.

use super::codes::{
    BACKWARDS, CONFLICTING_SETTINGS, FALLBACK_AFTER, ODD_DISCOUNT, PAYMENTS, POOL_KIND,
    SPEND_NOT_HOURLY, STORAGE_TIERS,
};
use super::{conflict, lacks, percent};
use crate::diagnostic::Diagnostic;
use crate::language::shape::{MISSING_PROPERTY, described, head};
use crate::language::syntax::{Node, Value};

pub(crate) fn lot_without_day(lot: &Node) -> Diagnostic {
    lacks(lot, "in-service", "in-service \"2025-08-01\"")
        .help("add `in-service \"…\"` if it is there, or `due \"…\"` if it is still to come")
}

pub(crate) fn lot_with_two_days(lot: &Node, service: &Node, due: &Node) -> Diagnostic {
    let message = format!("{} is both in service and due", described(lot));
    conflict(
        message,
        due,
        service,
        "keep `in-service` if it is there, `due` if it is still to come",
    )
}

pub(crate) fn payment_without_day(pay: &Node) -> Diagnostic {
    Diagnostic::new(&MISSING_PROPERTY, "`pay` does not say when")
        .at(head(pay), "either `at=` or `on=delivery`")
        .help("write it as in `pay \"30%\" at=\"2026-10-01\"` or `pay \"70%\" on=delivery`")
}

pub(crate) fn payments_do_not_add_up(lot: &Node, sum: f64) -> Diagnostic {
    let message = format!("the payments of {} are {} of its price", described(lot), percent(sum));
    let place = lot.child("pay").map_or(head(lot), |pay| pay.span);
    Diagnostic::new(&PAYMENTS, message)
        .at(place, "together they must be 100%")
        .help("change a share")
}

pub(crate) fn pool_of_two_kinds(pool: &Node, first: &Node, second: &Node) -> Diagnostic {
    let message = format!(
        "{} is made of `{}` and of `{}`",
        described(pool),
        first.name.text,
        second.name.text
    );
    conflict(message, second, first, "make a pool of each")
}

pub(crate) fn fallback_after_nothing(fallback: &Node, after: &Value) -> Diagnostic {
    let word = fallback.arg(0).and_then(Value::text).unwrap_or_default();
    let why = if word == "wait" {
        "work waits until spot is back, however long that takes"
    } else {
        "nothing replaces spot, at any time"
    };
    Diagnostic::new(&FALLBACK_AFTER, format!("`after=` says nothing of `fallback {word}`"))
        .at(after.span, why)
        .help(format!(
            "leave `after=` out, or let on-demand take over: `fallback on-demand after=\"{}\"`",
            after.text().unwrap_or("30 minutes")
        ))
}

pub(crate) fn savings_plan_without_discount(node: &Node) -> Diagnostic {
    lacks(node, "discount", "discount \"27%\"").help(
        "say what it takes off: `discount \"27%\"`, or `rate \"m5.4xlarge\" \"0.56 USD/hour\"`",
    )
}

pub(crate) fn discount_twice(second: &Node, first: &Node, of: &str) -> Diagnostic {
    conflict(
        format!("two discounts of one savings plan are for {of}"),
        second,
        first,
        "keep one, or name the types that each is for: `discount \"38%\" { instance \"p5.48xlarge\"; }`",
    )
}

pub(crate) fn odd_discount(node: &Node, share: f64) -> Diagnostic {
    let (what, label) = if share <= 0.0 {
        ("takes off nothing", "a discount of 0%")
    } else {
        ("takes off everything", "what it is for costs nothing")
    };
    let place = node.arg(0).map_or(head(node), |value| value.span);
    Diagnostic::new(&ODD_DISCOUNT, format!("this `{}` {what}", node.name.text))
        .at(place, label)
        .help("write the share that is taken off: `\"7%\"` leaves 93% of the price; or remove it")
}

pub(crate) fn empty_pool(pool: &Node, storage: bool) -> Diagnostic {
    if storage {
        lacks(pool, "tier", "tier \"s3-standard\"")
    } else {
        lacks(pool, "instance", "instance \"p5.48xlarge\" region=\"us-east-1\"")
            .help("add what it is made of: `instance \"…\" region=\"…\"`, `owned \"…\"`, or `kind storage` and `tier \"…\"`")
    }
}

pub(crate) fn pool_kind_and_contents(pool: &Node, content: &Node, storage: bool) -> Diagnostic {
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

pub(crate) fn tiers_at_one_age(first: &Node, second: &Node) -> Diagnostic {
    Diagnostic::new(&STORAGE_TIERS, "two tiers hold data of the same age")
        .at(second.span, "data is here")
        .also(first.span, "and here")
        .help("say from which age on: `{ after \"90 days\"; }`")
}

pub(crate) fn no_first_tier(of: &Node, tier: &Node) -> Diagnostic {
    Diagnostic::new(&STORAGE_TIERS, format!("{} has no tier for new data", described(of)))
        .at(tier.span, "the youngest tier begins here")
        .help("leave `after` out of the first tier")
}

pub(crate) fn period_backwards(period: &Node) -> Diagnostic {
    Diagnostic::new(&BACKWARDS, "the period ends before it begins")
        .at(period.span, "`until` is before `from`")
        .help("both days are included; exchange them")
}

pub(crate) fn commitment_lacks(node: &Node, word: &str, example: &str) -> Diagnostic {
    lacks(node, word, example)
}

pub(crate) fn savings_plan_elsewhere(
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
pub(crate) fn spend_not_hourly(spend: &Value, text: &str, each: &str) -> Diagnostic {
    Diagnostic::new(&SPEND_NOT_HOURLY, format!("the spend `{text}` is not by the hour"))
        .at(spend.span, format!("in every hour of its period this pays {each}"))
        .help(format!("write what is promised an hour: `spend \"{each}/hour\"`"))
}

pub(crate) fn spend_has_no_pool(node: &Node, pool: &Node, spend: &Node) -> Diagnostic {
    let message = format!("{} commits to spend, and names a pool", described(node));
    conflict(message, pool, spend, "leave `pool` out: spend pays in every pool that it covers")
}

pub(crate) fn two_forms(node: &Node, first: &Node, second: &Node) -> Diagnostic {
    let message =
        format!("{} has `{}` and `{}`", described(node), first.name.text, second.name.text);
    conflict(message, second, first, "declare two commitments")
}
