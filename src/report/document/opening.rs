//! The first screen: title, provenance line, verdict, four figures.

use serde::Serialize;

use super::{Headline, Tone};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::template::TEXT;
use crate::report::view::{BudgetView, Comparison, Money, PolicyVerdict, Problem};

pub(super) fn title(view: &BudgetView) -> String {
    format!(
        "{}: capacity budget, {}",
        format::plain(&view.plan),
        format::months(view.first_month(), view.last_month())
    )
}

pub(super) fn byline(view: &BudgetView) -> Vec<String> {
    let provenance = &view.provenance;
    let revision = provenance.revision.as_deref().map(|revision| {
        let (commit, state) = revision.split_once('+').map_or((revision, ""), |(c, s)| (c, s));
        let short: String = format::plain(commit).chars().take(12).collect();
        let dirty = if state.is_empty() { "" } else { ", with changes not committed" };
        format!("plan {short}{dirty}")
    });
    let prices = view.price_dates.map(|dates| {
        if dates.oldest == dates.newest {
            format!("prices of {}", format::day(dates.newest))
        } else {
            format!("prices of {} to {}", format::day(dates.oldest), format::day(dates.newest))
        }
    });
    [
        Some(format!("as of {}", provenance.as_of)),
        Some(revision.unwrap_or_else(|| "plan outside git".to_owned())),
        prices,
        Some("scenario base".to_owned()),
        Some(format!("{} draws, seed {}", provenance.draws, provenance.seed)),
        Some(format!("capplan {}", provenance.version)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn scale(view: &BudgetView, format: MoneyFormat) -> String {
    let months =
        super::calendar::sentence(view).map_or_else(String::new, |says| format!(" {says}"));
    format!(
        "All amounts in {} ({}), amortised, unless stated. Fiscal years start in {}.{months}",
        format.words(),
        view.currency,
        month_name(view.fiscal_year_starts)
    )
}

pub(super) fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::try_from(month - 1).ok().and_then(|index| NAMES.get(index)).copied().unwrap_or("January")
}

/// What the verdict's template says.
#[derive(Serialize)]
struct Verdict {
    months: usize,
    period: String,
    forecast: String,
    range: String,
    against: Option<Against>,
    problem: ProblemWords,
    tally: Option<String>,
}

#[derive(Serialize)]
struct Against {
    whole: bool,
    covered: String,
    budget: String,
    difference: String,
    percent: String,
    over: bool,
    under: bool,
}

#[derive(Serialize, Default)]
struct ProblemWords {
    shortfall: Option<ShortfallWords>,
    budget: Option<BudgetWords>,
    policy: Option<PolicyWords>,
}

#[derive(Serialize)]
struct ShortfallWords {
    pool: String,
    month: String,
    chance: String,
    missing: Option<String>,
    /// The first month at risk, where it is another.
    first: Option<String>,
    /// The pool of that month, where it is another.
    first_pool: Option<String>,
}

#[derive(Serialize)]
struct BudgetWords {
    name: String,
    over: String,
    within: String,
    breach: Option<String>,
}

#[derive(Serialize)]
struct PolicyWords {
    name: String,
    worst: Option<String>,
    month: Option<String>,
}

/// What the verdict's template is given, with nothing left out.
pub(super) fn sample() -> impl Serialize {
    let text = || TEXT.to_owned();
    Verdict {
        months: 12,
        period: text(),
        forecast: text(),
        range: text(),
        against: Some(Against {
            whole: true,
            covered: text(),
            budget: text(),
            difference: text(),
            percent: text(),
            over: true,
            under: true,
        }),
        problem: ProblemWords {
            shortfall: Some(ShortfallWords {
                pool: text(),
                month: text(),
                chance: text(),
                missing: Some(text()),
                first: Some(text()),
                first_pool: Some(text()),
            }),
            budget: Some(BudgetWords {
                name: text(),
                over: text(),
                within: text(),
                breach: Some(text()),
            }),
            policy: Some(PolicyWords { name: text(), worst: Some(text()), month: Some(text()) }),
        },
        tally: Some(text()),
    }
}

/// Two sentences: what it costs against the budget, and what matters most.
pub(super) fn verdict(view: &BudgetView, format: MoneyFormat) -> prose::Prose {
    let total = view.cost.total;
    prose::render(
        "verdict",
        &Verdict {
            months: view.months.len(),
            period: format::months(view.first_month(), view.last_month()),
            forecast: format.sentence(total.mean),
            range: format.sentence_range(total.p10, total.p90),
            against: view
                .cost
                .comparison
                .as_ref()
                .map(|comparison| against(view, comparison, format)),
            problem: problem_words(view, format),
            tally: tally(view),
        },
    )
}

fn against(view: &BudgetView, comparison: &Comparison, format: MoneyFormat) -> Against {
    let variance = comparison.variance();
    let share = crate::money::to_f64(variance.decimal())
        / crate::money::to_f64(comparison.budget.decimal());
    let (budget, forecast) = (comparison.budget, comparison.forecast);
    let difference = if budget < forecast { forecast - budget } else { variance };
    Against {
        whole: comparison.all_cost && comparison.months == view.months.len(),
        covered: format.sentence(forecast),
        budget: format.sentence(budget),
        difference: format.sentence(difference),
        percent: format::percent(share.abs()),
        over: format.whole(variance) < 0,
        under: format.whole(variance) > 0,
    }
}

fn problem_words(view: &BudgetView, format: MoneyFormat) -> ProblemWords {
    match &view.problem {
        Problem::Shortfall { worst, first } => ProblemWords {
            shortfall: Some(ShortfallWords {
                pool: format::plain(&worst.pool),
                month: format::month(worst.month),
                chance: format::chance(worst.chance),
                missing: (worst.missing_p90 > 0.0)
                    .then(|| format::nodes_and_gpus(worst.missing_p90, worst.gpus_per_node)),
                first: (first.month != worst.month).then(|| format::month(first.month)),
                first_pool: (first.pool != worst.pool).then(|| format::plain(&first.pool)),
            }),
            ..ProblemWords::default()
        },
        Problem::Budget { budget, over, within, first_breach } => ProblemWords {
            budget: Some(BudgetWords {
                name: format::plain(budget),
                over: format.sentence(*over),
                within: if *within > 0.0 { format::chance(*within) } else { "none".to_owned() },
                breach: first_breach.map(format::month),
            }),
            ..ProblemWords::default()
        },
        Problem::Policy { policy, worst, first_failure } => ProblemWords {
            policy: Some(PolicyWords {
                name: format::plain(policy),
                worst: worst.as_deref().map(format::plain),
                month: first_failure.map(format::month),
            }),
            ..ProblemWords::default()
        },
        Problem::None => ProblemWords::default(),
    }
}

/// `2 of 6 budgets and 1 of 7 policies fail`, where any does.
fn tally(view: &BudgetView) -> Option<String> {
    let budgets = view.budgets.iter().filter(|budget| !budget.passes).count();
    let gating = view.policies.iter().filter(|policy| policy.gates);
    let failed = gating.filter(|policy| policy.verdict == PolicyVerdict::Fails).count();
    let part = |failed: usize, all: usize, noun: &str, nouns: &str| {
        (failed > 0).then(|| format!("{failed} of {all} {}", if all == 1 { noun } else { nouns }))
    };
    let parts: Vec<String> = [
        part(budgets, view.budgets.len(), "budget", "budgets"),
        part(failed, view.policies.len(), "policy", "policies"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let verb = if budgets + failed == 1 { "fails" } else { "fail" };
    (!parts.is_empty()).then(|| format!("{} {verb}", parts.join(" and ")))
}

/// Forecast, variance, capital expenditure or cash, chance of a shortfall.
pub(super) fn figures(view: &BudgetView, format: MoneyFormat) -> Vec<Headline> {
    let cost = &view.cost;
    let label = |what: &str| what.to_owned();
    let range =
        format!("p10–p90 {} to {}", format.cell(cost.total.p10), format.cell(cost.total.p90));
    let forecast = Headline {
        label: format!("Forecast, {} months", view.months.len()),
        value: format.cell(cost.total.mean),
        detail: range,
        tone: None,
    };
    let money = if cost.capex == Money::default() {
        Headline {
            label: label("Cash paid in these months"),
            value: format.cell(cost.cash.mean),
            detail: format!(
                "p10–p90 {} to {}; no capital expenditure",
                format.cell(cost.cash.p10),
                format.cell(cost.cash.p90)
            ),
            tone: None,
        }
    } else {
        Headline {
            label: label("Capital expenditure"),
            value: format.cell(cost.capex),
            detail: format!("within {} of cash paid", format.cell(cost.cash.mean)),
            tone: None,
        }
    };
    vec![forecast, variance_figure(view, format), money, shortfall_figure(view)]
}

pub(super) fn variance_figure(view: &BudgetView, format: MoneyFormat) -> Headline {
    let Some(comparison) = &view.cost.comparison else {
        return Headline {
            label: "Variance to budget".to_owned(),
            value: format::NONE.to_owned(),
            detail: "no amortised budget in these months".to_owned(),
            tone: None,
        };
    };
    let budget = format.whole(comparison.budget);
    let variance = budget - format.whole(comparison.forecast);
    let share = format::percent(variance as f64 / (budget.max(1)) as f64);
    let word = match variance.signum() {
        -1 => "over",
        1 => "under",
        _ => "on",
    };
    let within = comparison.within.map_or_else(String::new, |within| {
        let chance = if within > 0.0 { format::chance(within) } else { "0%".to_owned() };
        format!("; {chance} chance to stay within")
    });
    let of = if comparison.all_cost { "" } else { " of what is budgeted" };
    Headline {
        label: format!("Variance to budget{of}"),
        value: format::accounting(variance),
        detail: format!("{share} {word} {}{within}", format::accounting(budget)),
        tone: match variance.signum() {
            -1 => Some(Tone::Bad),
            1 => Some(Tone::Good),
            _ => None,
        },
    }
}

fn shortfall_figure(view: &BudgetView) -> Headline {
    let shortfall = &view.shortfall;
    let detail = shortfall.first.as_ref().map_or_else(
        || format!("in any pool and month, of {} draws", view.provenance.draws),
        |first| format!("first {} in {}", format::plain(&first.pool), format::month(first.month)),
    );
    let value = format::chance(shortfall.chance);
    Headline {
        label: "Chance of a shortfall".to_owned(),
        value: if value == format::NONE { "0%".to_owned() } else { value },
        detail,
        tone: match shortfall.chance {
            chance if chance >= 0.5 => Some(Tone::Bad),
            chance if chance >= 0.05 => Some(Tone::Warn),
            _ => None,
        },
    }
}
