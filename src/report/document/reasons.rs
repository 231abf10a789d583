//! Why a panel of the dashboard shows what it shows: one or two sentences, and the lines of the plan behind them.
//!
//! Everything is read from what the view knows already: drivers of pools and orders, and the traces of totals.

use std::fmt::Write as _;

use super::{headroom, utilization};
use crate::cost::ledger::Category;
use crate::report::chart::stacked;
use crate::report::format::{self, MoneyFormat};
use crate::report::prose::escape;
use crate::report::view::{
    BudgetView, DriverView, FlowEnd, Money, ResourceView, StepOf, StepView, TraceView,
};

/// Text of a plan.
fn plan(text: &str) -> String {
    escape(&format::plain(text))
}

fn lines(places: &[&str]) -> String {
    match places {
        [] => String::new(),
        places => {
            format!(" ({})", places.iter().map(|place| plan(place)).collect::<Vec<_>>().join(", "))
        }
    }
}

/// How likely something of a resource is short in its worst month, over all of its pools: what the panel's title says,
/// and what its reason begins with.
pub(super) fn risk(resource: &ResourceView) -> Option<String> {
    let worst = resource.worst()?;
    let (chance, month) = (format::chance(worst.short_chance), format::month(worst.month));
    Some(match resource.pools.as_slice() {
        [pool] => format!("{} is {chance} likely to be short in {month}", format::plain(pool)),
        _ => format!("{chance} likely that some pool is short in {month}"),
    })
}

/// Why a resource is needed, in the month that the panel names: its pool, and the workload behind that.
pub(super) fn resource(resource: &ResourceView) -> Option<String> {
    let behind = resource.behind.as_ref()?;
    let short = if let Some(risk) = risk(resource) {
        let missing = if behind.missing > 0.0 {
            format!(
                "; it lacks {} then at {} confidence",
                format::counted(behind.missing, "node"),
                format::stated_percent(crate::headroom::CONFIDENCE)
            )
        } else {
            String::new()
        };
        match resource.pools.as_slice() {
            [_] => format!("Pool {}{missing}. ", escape(&risk)),
            _ => format!(
                "It is {}; pool {} most, {} likely{missing}. ",
                escape(&risk),
                plan(&behind.pool),
                format::chance(behind.short_chance)
            ),
        }
    } else {
        String::new()
    };
    Some(format!("{short}{}", driven(&behind.pool, &behind.driver)))
}

/// `chat needs most of pool serve: 12 nodes in Nov 2027, 4 more than in the first month, by its growth (chat.kdl:12).`
fn driven(pool: &str, driver: &DriverView) -> String {
    let by = match (driver.cause, driver.name.as_deref()) {
        ("level", _) => "by its level".to_owned(),
        (cause, None) => format!("by its {cause}"),
        (cause, Some(name)) => format!("by its {cause} {}", plan(name)),
    };
    let grown = if driver.grown >= 0.5 {
        format!(", {} more than in the first month", format::units(driver.grown))
    } else {
        String::new()
    };
    format!(
        "{} needs most of pool {}: {} in {}{grown}, {by}{}.",
        plan(&driver.workload),
        plan(pool),
        format::counted(driver.nodes, "node"),
        format::month(driver.month),
        lines(&[&driver.place])
    )
}

/// What a pool lacks, if it does.
fn cures(view: &BudgetView, pool: &str) -> String {
    let short = view.headroom.iter().find(|of| of.pool == pool && of.missing > 0.0);
    short.map_or_else(String::new, |of| {
        format!(
            " It lacks {} at {} confidence.",
            format::counted(of.missing, "node"),
            format::stated_percent(of.confidence)
        )
    })
}

/// Why the week of the tightest pool is tight.
pub(super) fn week(view: &BudgetView) -> Option<String> {
    let pool = headroom::tight(view).into_iter().next()?;
    Some(format!("{}{}", driven(&pool.pool, pool.driver.as_ref()?), cures(view, &pool.pool)))
}

/// What cost consists of most: the largest category, and its largest causes.
pub(super) fn cost(view: &BudgetView, format: MoneyFormat) -> Option<String> {
    let of = |trace: &'_ TraceView| {
        let word = trace.figure.strip_prefix("cost category=")?.to_owned();
        Category::ALL.into_iter().find(|category| category.word() == word)
    };
    let traces = view.traces.iter().filter_map(|trace| Some((of(trace)?, trace)));
    let (category, largest) = traces.max_by_key(|(_, trace)| trace.step.worth())?;
    let parts: Vec<String> = named(&largest.step).take(2).map(|part| said(part, format)).collect();
    Some(format!(
        "{} of {} is {}{}.",
        format.sentence(largest.step.worth()),
        format.sentence(view.cost.total.mean),
        stacked::words(category),
        if parts.is_empty() {
            String::new()
        } else {
            format!(": most of it {}", parts.join(" and "))
        }
    ))
}

/// Parts that are things of the plan, not "and 7 more".
fn named(step: &StepView) -> impl Iterator<Item = &StepView> {
    step.parts.iter().filter(|part| place(part).is_some())
}

/// `workload chat, US$ 1.2m (chat.kdl:12)`.
fn said(step: &StepView, format: MoneyFormat) -> String {
    let at = lines(&place(step).into_iter().collect::<Vec<_>>());
    format!("{}, {}{at}", plan(&step.what), format.sentence(step.worth()))
}

/// The first place of a step, or below it.
fn place(step: &StepView) -> Option<&str> {
    let below = || step.parts.iter().chain(&step.because).find_map(place);
    step.place.as_deref().or_else(below)
}

/// Why capacity idles: the pool of which most does.
pub(super) fn idle(view: &BudgetView, format: MoneyFormat) -> Option<String> {
    let pool = view.utilization.pools.iter().max_by_key(|pool| pool.idle)?;
    if pool.idle <= Money::default() {
        return Some(format!(
            "Nothing of pool {} idles{}.",
            plan(&pool.pool),
            line_of(view, &pool.pool)
        ));
    }
    Some(format!(
        "Nobody asks for {} of the {} that pool {} costs{}: {} of what it supplies is asked for.",
        format.sentence(pool.idle),
        format.sentence(pool.cost),
        plan(&pool.pool),
        line_of(view, &pool.pool),
        format::percent(pool.requested)
    ))
}

/// The line of a pool, as far as totals were traced to it.
fn line_of(view: &BudgetView, pool: &str) -> String {
    let what = format!("idle capacity of pool {pool}");
    let step = view.traces.iter().find_map(|trace| find(&trace.step, &what));
    lines(&step.and_then(place).into_iter().collect::<Vec<_>>())
}

/// Why the pool that the panel names is used as it is: what it supplies and what is asked of it, and its policy.
pub(super) fn pools(view: &BudgetView, format: MoneyFormat) -> Option<String> {
    let Some((pool, (month, _), (floor, name))) = utilization::worst(&view.utilization) else {
        return idle(view, format);
    };
    let [asked, supplied] = pool.least_amounts?;
    let amount = |amount: f64| match pool.resource {
        "gpu" => format::counted(amount, "GPU"),
        "cpu" => format::counted(amount, "core"),
        _ => format!("{} GiB", format::units(amount / 1_073_741_824.0)),
    };
    let (asked, supplied) = (amount(asked), amount(supplied));
    let policy = view.policies.iter().find(|policy| policy.name == *name);
    let at: Vec<&str> = policy.iter().map(|policy| policy.place.as_str()).collect();
    let mut text = format!(
        "In {} pool {} supplies {supplied} on average{}, and {asked} of them are asked for. \
         Policy {} wants {} asked for{}",
        format::month(month),
        plan(&pool.pool),
        line_of(view, &pool.pool),
        plan(name),
        format::stated_percent(*floor),
        lines(&at)
    );
    if let Some((until, by)) = policy.and_then(|policy| policy.waiver.as_ref()) {
        let word = if until.0 < view.provenance.as_of { "waived" } else { "waives" };
        let _ = write!(text, "; {} {word} it until {}", plan(by), format::day(*until));
    }
    text.push('.');
    Some(text)
}

fn find<'a>(step: &'a StepView, what: &str) -> Option<&'a StepView> {
    if step.what == what {
        return Some(step);
    }
    step.parts.iter().find_map(|part| find(part, what))
}

/// Why the next order is made.
pub(super) fn order(view: &BudgetView, format: MoneyFormat) -> Option<String> {
    let orders = view.procurement.as_ref()?.all_orders();
    let order = orders.first()?;
    let driver = order.nodes().and_then(|nodes| Some((nodes, nodes.driver.as_ref()?)));
    let driver = driver.map_or_else(String::new, |(nodes, driver)| {
        let (workload, pool) = (plan(&driver.workload), plan(&nodes.pool));
        format!(" {workload} asks for most of pool {pool}{}.", lines(&[&driver.place]))
    });
    let short = order.nodes().map_or(0.0, |nodes| nodes.prevents_short);
    let short = if short >= 0.5 {
        format!(" and {} could not be had", format::counted(short, "node-hour"))
    } else {
        String::new()
    };
    let worth = order.saves();
    let money = if worth > Money::default() {
        format!("the horizon would cost {} more", format.sentence(worth))
    } else {
        "the horizon would cost no more".to_owned()
    };
    Some(format!(
        "Without the order of {} {money}{short}.{driver}",
        plan(&order.what(view.currency))
    ))
}

/// Why the forecast differs from the budget: the largest step.
pub(super) fn budget(view: &BudgetView, format: MoneyFormat) -> Option<String> {
    let bridge = view.bridge.as_ref()?;
    let size = |money: Money| money.max(Money::default() - money);
    let step = bridge.steps.iter().max_by_key(|step| size(step.change()))?;
    let (name, at) = match &step.of {
        StepOf::Budget(name) => {
            let budget = view.budgets.iter().find(|budget| budget.name == *name);
            (format!("budget {name}"), budget.map(|budget| budget.place.clone()))
        }
        StepOf::Team(name) => {
            (format!("team {name}"), team(view, name).and_then(place).map(str::to_owned))
        }
        StepOf::Rest => ("what no team has a budget for".to_owned(), None),
        StepOf::Period(_) | StepOf::Month(_) => {
            (super::step_name(&step.of), view.budgets.first().map(|budget| budget.place.clone()))
        }
    };
    let word = if step.change() > Money::default() { "over" } else { "under" };
    let at: Vec<&str> = at.as_deref().into_iter().collect();
    let mut text = format!(
        "The largest step is {}: {} {word} its {}{}.",
        plan(&name),
        format.sentence(size(step.change())),
        format.sentence(step.budget),
        lines(&at)
    );
    if let Some(cost) = cost(view, format) {
        text.push(' ');
        text.push_str(&cost);
    }
    Some(text)
}

fn team<'a>(view: &'a BudgetView, name: &str) -> Option<&'a StepView> {
    let figure = format!("cost team={name}");
    view.traces.iter().find(|trace| trace.figure == figure).map(|trace| &trace.step)
}

/// Why who bears most bears it: the largest parts of its cost.
pub(super) fn borne(view: &BudgetView, format: MoneyFormat) -> Option<String> {
    let teams = view.chargeback.teams.iter();
    let most = teams.max_by_key(|team| team.total.mean)?;
    let step = team(view, &most.team)?;
    let parts: Vec<String> = named(step).take(2).map(|part| said(part, format)).collect();
    let shared = view.flows.iter().filter(|flow| flow.from == FlowEnd::Shared);
    let shared: Money = shared.map(|flow| flow.amount).sum();
    Some(format!(
        "Of what team {} bears, most is {}{}. Rules spread {} in all.",
        plan(&most.team),
        parts.join(" and "),
        if parts.is_empty() { "of no single part" } else { "" },
        format.sentence(shared)
    ))
}
