//! What the autoscalers would really do.

use super::{Align, Block, Cell, RowKind, Section, Table, cell, plain};
use crate::report::chart::sparkline;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{AutoscalingView, BudgetView};

/// A share of the demand that is worth a sentence.
const NOTED: f64 = 0.001;

pub(super) fn section(view: &BudgetView) -> Option<Section> {
    let first = view.autoscaling.first()?;
    let mut blocks = vec![Block::prose(finding(view, first)), Block::table(table(view))];
    blocks.extend(recommended(view).map(Block::table));
    Some(Section { id: "autoscaling", heading: "Autoscaling".to_owned(), blocks })
}

fn finding(view: &BudgetView, first: &AutoscalingView) -> String {
    let short: Vec<&AutoscalingView> =
        view.autoscaling.iter().filter(|one| one.short_share >= NOTED).collect();
    let worst = short
        .iter()
        .copied()
        .reduce(|worst, next| if next.short_share > worst.short_share { next } else { worst });
    let noted = format::stated_percent(NOTED);
    let finding = match worst {
        None => format!(
            "No autoscaler leaves {noted} of its demand or more to replicas that do not serve yet."
        ),
        Some(worst) => format!(
            "{} of {} autoscalers leave {noted} of their demand or more short of replicas that serve; {} the most, {}.",
            short.len(),
            view.autoscaling.len(),
            crate::report::prose::escape(&format::plain(&worst.workload)),
            format::percent(worst.short_share)
        ),
    };
    format!(
        "{finding} Each was simulated look by look, as the cluster's controller works, over the week of its \
         forecast: {}. Demand moves in a straight line between the middles of hours. `capplan simulate hpa` \
         runs all draws, and recommends limits and targets for every autoscaler with `--recommend`, for any risk with \
         `--shortfall-risk`.{}",
        first.simulated(),
        not_advised(view)
    )
}

/// The autoscalers for which nothing was looked for.
fn not_advised(view: &BudgetView) -> String {
    const NAMED: usize = 12;
    let rest: Vec<String> = view
        .autoscaling
        .iter()
        .filter(|one| one.recommended.is_none())
        .map(|one| crate::report::prose::escape(&format::plain(&one.workload)))
        .collect();
    if rest.is_empty() {
        return String::new();
    }
    let named = rest[..rest.len().min(NAMED)].join(", ");
    let more = match rest.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(" Limits were not looked for here of {} of them: {named}{more}.", rest.len())
}

/// What every autoscaler would do.
pub(super) fn table(view: &BudgetView) -> Table {
    let currency = view.currency.to_string();
    let mut table = Table::new(
        "autoscaling",
        "Autoscalers over the forecast",
        format!(
            "Hours of replicas a month without spares and copies: as simulated, following every hour at once as \
             costs are sized, and held at the month's largest hour; saved is against the last, at on-demand \
             prices in {currency} a month"
        ),
    )
    .columns(Align::Text, &["Workload"])
    .columns(Align::Number, &["Replicas", "Short", "Simulated", "Following", "Static", "Saved"])
    .columns(Align::Text, &["A week"]);
    for one in &view.autoscaling {
        table.push(RowKind::Body, row(one));
    }
    table
}

fn row(one: &AutoscalingView) -> Vec<Cell> {
    let hours = |hours: f64| cell(format::units(hours));
    let most =
        if one.at_max > 0.0 { format!("{} (its most)", one.most) } else { one.most.to_string() };
    // Every third hour: a spark is no wider.
    let week: Vec<f64> = one.week.iter().copied().step_by(3).collect();
    vec![
        plain(&one.workload),
        cell(format!("{} to {most}", one.least)),
        cell(short(one.short_share)),
        hours(one.replica_hours),
        hours(one.following_hours),
        hours(one.static_hours),
        cell(one.saved.map_or(format::NONE.to_owned(), MoneyFormat::whole_units)),
        Cell { svg: Some(sparkline::svg(&week)), ..cell(sparkline::blocks(&week)) },
    ]
}

/// Limits, target and rules that would keep the risk at least cost.
fn recommended(view: &BudgetView) -> Option<Table> {
    let advised =
        || view.autoscaling.iter().filter_map(|one| Some((one, one.recommended.as_ref()?)));
    advised().next()?;
    let of = match (advised().count(), view.autoscaling.len()) {
        (some, all) if some < all => {
            format!("the {some} autoscalers of {all} whose static peak costs most")
        }
        _ => "every autoscaler".to_owned(),
    };
    let mut table = Table::new(
        "autoscaling-recommended",
        "Recommended limits of autoscalers",
        format!(
            "The cheapest that was found with at most the share of the demand short that the plan allows (`shortfall-risk`, 0.1% where it says \
             nothing), for {of}: simulated on the highest of the draws above in the month that needs most, not on all as `capplan simulate hpa --recommend` does, whose limits may be higher. Spares and what a latency \
             takes are kept ready, copies are not counted. Saved is in that month against its largest hour held with its spares, in {} \
             at on-demand prices",
            view.currency
        ),
    )
    .columns(Align::Text, &["Workload"])
    .columns(Align::Number, &["minReplicas", "maxReplicas", "Target", "Scale down after", "Spares", "May be short", "Short", "Saved"]);
    for (one, advice) in advised() {
        let short_share = short(advice.short_share);
        table.push(
            RowKind::Body,
            vec![
                plain(&one.workload),
                cell(advice.min.to_string()),
                cell(advice.max.to_string()),
                cell(advice.target.map_or(format::NONE.to_owned(), format::stated_percent)),
                cell(advice.down_window_seconds.map_or("300 s".to_owned(), |s| format!("{s} s"))),
                cell(if advice.spare > 0.0 {
                    format::units(advice.spare)
                } else {
                    format::NONE.to_owned()
                }),
                cell(format::stated_percent(advice.risk)),
                cell(if advice.meets {
                    short_share
                } else {
                    format!("{short_share} (more than asked)")
                }),
                cell(advice.saved.map_or(format::NONE.to_owned(), MoneyFormat::whole_units)),
            ],
        );
    }
    Some(table)
}

/// A share with as many places as say something.
fn short(share: f64) -> String {
    match share {
        share if share <= 0.0 => format::NONE.to_owned(),
        share if share < 1e-4 => "<0.01%".to_owned(),
        share => format!("{:.2}%", share * 100.0),
    }
}
