//! Proposed quotas as tables, and as the nodes of the plan.

use std::fmt::Write;

use super::format::count;
use super::kueue_view::span;
use super::listing::{Cell, Listing};
use super::view::queues::sentence;
use crate::plan::quota::{QuotaGrant, Whose};
use crate::plan::{Plan, Quota};
use crate::queues::planner::{InQuarter, Lack, Line, Proposal, Quarters, Setting, Verdict};

#[expect(clippy::cast_possible_truncation, reason = "a length of time")]
fn wait(hours: f64) -> String {
    span((hours * 3.6e6) as i64)
}

/// The quotas beside today's with their waits, what other waits would cost, and findings below.
#[must_use]
pub fn listings(plan: &Plan, proposal: &Proposal) -> Vec<Listing> {
    let mut found = vec![quotas(plan, proposal), ladder(plan, proposal)];
    found.extend(proposal.quarters.as_ref().map(|of| quarters(plan, of)));
    found
}

fn quotas(plan: &Plan, proposal: &Proposal) -> Listing {
    let waited = |hours: f64| Cell::Number(hours, wait(hours));
    let row = |line: &Line| {
        let found = proposal.waits.iter().find(|wait| wait.quota == line.quota);
        let pair = |pair: Option<(f64, f64)>| match pair {
            Some((half, most)) => [waited(half), waited(most)],
            None => [Cell::None, Cell::None],
        };
        let [today_p50, today_p95] = pair(found.map(|wait| wait.today));
        let [p50, p95] = pair(found.map(|wait| wait.proposed));
        let has_cohort = plan.quotas[line.quota].cohort.is_some();
        let change = (line.proposed.nominal - line.today.nominal) * line.price.unwrap_or(0.0);
        let weight = |quotas: &[Quota]| Cell::number(Some(quotas[line.quota.index()].weight));
        vec![
            Cell::text(&*plan.quotas[line.quota].name),
            Cell::text(&*plan.pools[line.pool].name),
            amount(line.resource, line.peak),
            amount(line.resource, line.today.nominal),
            amount(line.resource, line.proposed.nominal),
            borrowing(line.resource, line.today, has_cohort),
            borrowing(line.resource, line.proposed, has_cohort),
            weight(plan.quotas.items()),
            weight(&proposal.quotas),
            today_p50,
            today_p95,
            p50,
            p95,
            if line.price.is_some() { money(change) } else { Cell::None },
        ]
    };
    let columns = vec![
        ("quota", "Quota"),
        ("pool", "Pool"),
        ("peak", "Peak"),
        ("nominal_today", "Today"),
        ("nominal", "Proposed"),
        ("borrowing_limit_today", "Borrows today"),
        ("borrowing_limit", "Borrows"),
        ("weight_today", "Weight today"),
        ("weight", "Weight"),
        ("wait_p50_hours_today", "p50 today"),
        ("wait_p95_hours_today", "p95 today"),
        ("wait_p50_hours", "p50"),
        ("wait_p95_hours", "p95"),
        ("cost_change_per_month", "Cost/month"),
    ];
    Listing {
        key: "quotas",
        of: None,
        title: format!(
            "Quotas with which 95% of the runs of each start within {}",
            within(proposal.wait_p95)
        ),
        columns,
        rows: proposal.lines.iter().map(row).collect(),
        notes: notes(plan, proposal),
    }
}

fn within(hours: f64) -> String {
    if hours == 0.0 { "no time".to_owned() } else { wait(hours) }
}

fn amount(resource: &str, value: f64) -> Cell {
    match resource {
        "memory" => Cell::Number(value, format!("{:.0} GiB", value / f64::from(1 << 30))),
        _ => Cell::Number(value, count(value)),
    }
}

fn borrowing(resource: &str, setting: Setting, has_cohort: bool) -> Cell {
    match setting.borrowing_limit.filter(|_| has_cohort) {
        // Nothing may be borrowed: not the same as nobody to borrow from.
        Some(0.0) => Cell::Number(0.0, "0".to_owned()),
        Some(limit) => amount(resource, limit),
        None if has_cohort => Cell::text("all"),
        None => Cell::None,
    }
}

fn money(value: f64) -> Cell {
    let sign = if value.round() > 0.0 { "+" } else { "" };
    Cell::Number(value, format!("{sign}{}", grouped(value)))
}

fn grouped(value: f64) -> String {
    let sign = if value.round() < 0.0 { "-" } else { "" };
    if value.round() == 0.0 {
        "0".to_owned()
    } else {
        format!("{sign}{}", count(value.abs().round()))
    }
}

fn notes(plan: &Plan, proposal: &Proposal) -> Vec<String> {
    let currency = plan.currency.code();
    let cost = |of: fn(&Line) -> Setting| -> f64 {
        let lines = proposal.lines.iter();
        lines.map(|line| of(line).nominal * line.price.unwrap_or(0.0)).sum()
    };
    let (today, proposed) = (cost(|line| line.today), cost(|line| line.proposed));
    let mut notes = verdict(plan, proposal);
    notes.push(format!(
        "What is guaranteed costs {} {currency} a month, against {} today: {} {currency}. {} costs what \
         its pool costs over what it supplies, times 730 h.",
        grouped(proposed),
        grouped(today),
        grouped(proposed - today),
        planned_in(proposal)
    ));
    let level = |of: Option<_>| of.map_or("0", |id| plan.priorities[id].name.as_str());
    notes.extend(proposal.inverted.iter().map(|(quota, high, low)| {
        format!(
            "Runs of quota `{}` at priority `{}` wait longer (p95) than those at `{}`: with \
             `within-queue lower-priority` they would stop them.",
            plan.quotas[*quota].name,
            level(*high),
            level(*low)
        )
    }));
    let dated = plan.quotas.items().iter().filter(|of| of.grants.iter().any(|g| g.from.is_some()));
    notes.extend(dated.map(|quota| {
        format!("Quota `{}` changes by date; one guarantee is proposed for all months.", quota.name)
    }));
    notes.extend(
        proposal
            .findings
            .iter()
            .map(|finding| format!("Today: {}", sentence(plan, finding, unit(plan)))),
    );
    notes.push(format!(
        "{} simulations: guarantees were sought on {} stratified draws, waits are told and the target is judged on {}. Peak: the most asked for at once if nothing waited. Waits: from \
         sending to the first start, of the runs of all draws; a run that has not started waits to the end. \
         Borrows: the most on top of the guarantee; {} where there is no cohort to borrow from.",
        proposal.simulations,
        proposal.draws,
        proposal.told_draws,
        super::format::NONE
    ));
    notes
}

/// What guarantees are counted and priced in: `A GPU`, `A GPU or a core`.
fn planned_in(proposal: &Proposal) -> String {
    let words = [("gpu", "a GPU"), ("cpu", "a core"), ("memory", "a byte of memory")];
    let used = |(word, _): &&(&str, &str)| proposal.lines.iter().any(|line| line.resource == *word);
    let named: Vec<&str> = words.iter().filter(used).map(|(_, named)| *named).collect();
    named.join(" or ").replacen('a', "A", 1)
}

fn unit(plan: &Plan) -> &'static str {
    let mut grants = plan.quotas.items().iter().flat_map(|quota| &quota.grants);
    if grants.any(|grant| grant.resource == "gpu") { "GPU" } else { "core" }
}

fn verdict(plan: &Plan, proposal: &Proposal) -> Vec<String> {
    let lacking = |lack: &Lack| {
        format!(
            "pool `{}` would have to have {} {}s; in {} it may have {}, {} too few",
            plan.pools[lack.pool].name,
            count(lack.guaranteed),
            unit(plan),
            plan.horizon.month(lack.t),
            count(lack.there.floor()),
            count(lack.guaranteed - lack.there.floor())
        )
    };
    let all = |lacks: &[Lack]| lacks.iter().map(lacking).collect::<Vec<_>>().join("; ");
    let target = within(proposal.wait_p95);
    match &proposal.verdict {
        Verdict::Kept => {
            vec![format!("Every quota keeps p95 of {target} within what the pools have.")]
        }
        Verdict::KeptThough(lacks) => vec![format!(
            "Every quota keeps p95 of {target}, although guarantees are cut in some months: {}.",
            all(lacks)
        )],
        Verdict::Short { lacks, cost, least } => vec![format!(
            "No quotas found keep p95 of {target} with these pools: {}. That would cost {} {} a month. Proposed \
             is what waits least with what there is: p95 of {}.",
            all(lacks),
            grouped(*cost),
            plan.currency.code(),
            wait(*least)
        )],
        Verdict::Never(least) => vec![format!(
            "No quotas keep p95 of {target}: even where every quota is guaranteed its peak, p95 is {}.",
            wait(*least)
        )],
    }
}

/// Guarantees by quarter, and what they would save.
fn quarters(plan: &Plan, of: &Quarters) -> Listing {
    let mut lines: Vec<(&InQuarter, Vec<f64>)> = Vec::new();
    let mut names: Vec<String> = of.lines.iter().map(|line| line.quarter.to_string()).collect();
    names.dedup();
    for line in &of.lines {
        let same =
            |(of, _): &&mut (&InQuarter, Vec<f64>)| (of.quota, of.pool) == (line.quota, line.pool);
        let at = names.iter().position(|name| *name == line.quarter.to_string()).unwrap_or(0);
        if let Some((_, values)) = lines.iter_mut().find(same) {
            values[at] = line.nominal;
        } else {
            let mut values = vec![0.0; names.len()];
            values[at] = line.nominal;
            lines.push((line, values));
        }
    }
    lines.sort_by_key(|(line, _)| (line.quota, line.pool));
    let rows = lines.iter().flat_map(|(line, values)| {
        names.iter().zip(values).map(|(name, value)| {
            vec![
                Cell::text(&*plan.quotas[line.quota].name),
                Cell::text(&*plan.pools[line.pool].name),
                Cell::text(&**name),
                amount(line.resource, *value),
            ]
        })
    });
    let saves = of.of_one - of.cost;
    let share = if of.of_one > 0.0 { saves / of.of_one * 100.0 } else { 0.0 };
    Listing {
        key: "quarters",
        of: None,
        title: "Guarantees by fiscal quarter".to_owned(),
        columns: vec![
            ("quota", "Quota"),
            ("pool", "Pool"),
            ("quarter", "Quarter"),
            ("nominal", "Guaranteed"),
        ],
        rows: rows.collect(),
        notes: vec![format!(
            "They would cost {} {} a month on average, against {} for one guarantee in all months: {:.0}% less, at most, \
             since each quarter is looked at alone, without what waits or still runs from the one before, and with pools of any size. \
             Proposed above is one for all months, which holds whatever moves between quarters; `from` in a grant \
             makes it change by date.",
            grouped(of.cost),
            plan.currency.code(),
            grouped(of.of_one),
            share.max(0.0)
        )],
    }
}

fn ladder(plan: &Plan, proposal: &Proposal) -> Listing {
    let rows = proposal.ladder.iter().map(|rung| {
        vec![
            Cell::Number(rung.wait_p95, wait(rung.wait_p95)),
            Cell::Number(rung.nominal, count(rung.nominal)),
            Cell::Number(rung.cost, grouped(rung.cost)),
        ]
    });
    Listing {
        key: "other_waits",
        of: None,
        title: "What other waits take, were the pools large enough".to_owned(),
        columns: vec![
            ("wait_p95_hours", "p95 at most"),
            ("nominal", "Guaranteed"),
            ("cost_per_month", "Cost/month"),
        ],
        rows: rows.collect(),
        notes: vec![format!("In {}.", plan.currency.code())],
    }
}

/// The `quota` nodes with the proposal in them.
#[must_use]
pub fn kdl(plan: &Plan, proposal: &Proposal) -> String {
    let mut text = String::new();
    for note in verdict(plan, proposal) {
        let _ = writeln!(text, "// {}", note.replace(['\n', '\r'], " "));
    }
    for quota in &proposal.quotas {
        node(plan, quota, &mut text);
    }
    text
}

fn node(plan: &Plan, quota: &Quota, text: &mut String) {
    let _ = writeln!(text, "quota {:?} {{", quota.name);
    let teams: Vec<String> =
        quota.teams.iter().map(|id| format!("{:?}", plan.teams[*id].name)).collect();
    let _ = writeln!(text, "    team {}", teams.join(" "));
    if let Some(cohort) = quota.cohort {
        let _ = writeln!(text, "    cohort {:?}", plan.cohorts[cohort].name);
    }
    let _ = writeln!(text, "    weight {}", quota.weight);
    let mut pools: Vec<_> = quota.grants.iter().map(|grant| grant.pool).collect();
    pools.sort();
    pools.dedup();
    for pool in pools {
        let own = quota.grants.iter().filter(|grant| grant.pool == pool);
        let grants: String = own.map(grant).collect();
        let _ = writeln!(text, "    pool {:?} {{{grants} }}", plan.pools[pool].name);
    }
    preemption(plan, quota, text);
    text.push_str("}\n");
}

fn grant(grant: &QuotaGrant) -> String {
    let value = |value: f64| match grant.resource.as_str() {
        "cpu" => format!("\"{value} core\""),
        "memory" => format!("\"{value} byte\""),
        _ => format!("{value}"),
    };
    let mut text = format!(" {} nominal={}", grant.resource, value(grant.nominal));
    if let Some(limit) = grant.borrowing_limit {
        let _ = write!(text, " borrowing-limit={}", value(limit));
    }
    if let Some(limit) = grant.lending_limit.map(|limit| limit.min(grant.nominal)) {
        let _ = write!(text, " lending-limit={}", value(limit));
    }
    if let Some(from) = grant.from {
        let _ = write!(text, " from=\"{from}\"");
    }
    text + ";"
}

fn preemption(plan: &Plan, quota: &Quota, text: &mut String) {
    let word = |whose| match whose {
        Whose::Nobody => None,
        Whose::LowerPriority => Some("lower-priority"),
        Whose::LowerOrNewerEqualPriority => Some("lower-or-newer-equal-priority"),
        Whose::Any => Some("any"),
    };
    let own = quota.preemption;
    let rules = [
        ("reclaim-within-cohort", own.reclaim_within_cohort),
        ("borrow-within-cohort", own.borrow_within_cohort),
        ("within-queue", own.within_queue),
    ];
    let mut line = String::new();
    for (name, whose) in rules {
        let Some(word) = word(whose) else { continue };
        let _ = write!(line, " {name} {word}");
        if let Some(most) = own.borrow_max_priority.filter(|_| name == "borrow-within-cohort") {
            let _ = write!(line, " max-priority={:?}", plan.priorities[most].name);
        }
        line.push(';');
    }
    if !line.is_empty() {
        let _ = writeln!(text, "    preemption {{{line} }}");
    }
}
