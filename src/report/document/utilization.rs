//! How much of what is paid for is asked for and used: a bullet a pool, and the dial of all.

use super::{Align, Cell, Figure, RowKind, Table, Tone, amount, cell, plain};
use crate::calendar::Month;
use crate::report::chart::Naming;
use crate::report::chart::bullet::{self, Row};
use crate::report::chart::dial::{self, Dial};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{BudgetView, Money, PoolUseView, UtilizationView};

/// More pools than this are in the table only.
const DRAWN: usize = 20;

/// A row a pool, those that cost most first; absent where nothing is supplied.
pub(super) fn figure(view: &BudgetView, format: MoneyFormat) -> Option<Figure> {
    let utilization = &view.utilization;
    if utilization.pools.is_empty() {
        return None;
    }
    let pools = dearest_first(utilization);
    let finding = finding(&pools, utilization, format);
    let title = "Utilisation of pools";
    let left_out = pools.len().saturating_sub(DRAWN);
    let more = match left_out {
        0 => String::new(),
        left_out => format!(" The {left_out} cheapest are in the table only."),
    };
    let summary = format!("{}{more}", fleet_words(utilization));
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "utilization", title, description: &description };
    let rows: Vec<Row> = pools.iter().take(DRAWN).map(|pool| row(pool)).collect();
    Some(Figure {
        caption:
            "Bar: requested of what is supplied over the horizon, of the resource of which most is requested; \
             ring: used; tick: the least that a policy asks; bands end at 50% and 85%"
                .to_owned(),
        chart: bullet::draw(&rows, naming),
        data: data(&pools, utilization, "utilization-data", format),
        finding,
        summary,
    })
}

/// All pools as one dial; absent where nothing is supplied.
pub(super) fn dial(view: &BudgetView) -> Option<Figure> {
    let utilization = &view.utilization;
    let (requested, used) = (utilization.requested?, utilization.used?);
    let finding =
        format!("{} of what pools supply is asked for, {} is used", whole(requested), whole(used));
    let title = "Utilisation of all pools";
    let summary = fleet_words(utilization);
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "dial", title, description: &description };
    let dial = Dial {
        share: requested,
        value: whole(requested),
        label: "asked for".to_owned(),
        mark: Some((used, format!("used {}", whole(used)))),
    };
    Some(Figure {
        caption: "Requested of what is supplied over the horizon, pools weighted by what they cost"
            .to_owned(),
        chart: dial::draw(&dial, naming),
        data: weighted(utilization),
        finding,
        summary,
    })
}

/// What the dial is the mean of.
fn weighted(all: &UtilizationView) -> Table {
    let caption = "Shares of what is supplied over the horizon; weight: the pool's share of what all pools cost";
    let mut table = Table::new("dial-data", "What the dial is the mean of", caption)
        .columns(Align::Text, &["Pool"])
        .columns(Align::Number, &["Weight", "Requested", "Used"]);
    let share = |share: f64| cell(format::percent(share));
    for pool in dearest_first(all) {
        let shares = [all.weight(pool), pool.requested, pool.used].map(share);
        table.push(RowKind::Body, std::iter::once(plain(&pool.pool)).chain(shares).collect());
    }
    let shares = [Some(1.0), all.requested, all.used].map(|of| share(of.unwrap_or(0.0)));
    table.push(RowKind::Total, std::iter::once(cell("All pools")).chain(shares).collect());
    table
}

/// A pool of which its policy asks more than is asked of it in some month: the month, the share, the policy.
pub(super) type Below<'a> = (&'a PoolUseView, (Month, f64), &'a (f64, String));

/// The dearest of them, which the panel's title names.
pub(super) fn worst(utilization: &UtilizationView) -> Option<Below<'_>> {
    dearest_first(utilization)
        .into_iter()
        .find_map(|pool| Some((pool, below(pool)?, pool.floor.as_ref()?)))
}

pub(in crate::report) fn dearest_first(utilization: &UtilizationView) -> Vec<&PoolUseView> {
    let mut pools: Vec<&PoolUseView> = utilization.pools.iter().collect();
    // A stable sort: equals stay in name order.
    pools.sort_by_key(|pool| std::cmp::Reverse(pool.cost));
    pools
}

/// A share to a tenth of a hundredth; nothing of it is `0%`.
fn none_as_zero(share: f64) -> String {
    let text = format::percent(share);
    if text == format::NONE { "0%".to_owned() } else { text }
}

fn whole(share: f64) -> String {
    let text = format::chance(share);
    if text == format::NONE { "0%".to_owned() } else { text }
}

fn row(pool: &PoolUseView) -> Row {
    let least = below(pool).map_or_else(String::new, |(month, share)| {
        format!(", {} in {}", whole(share), format::month(month))
    });
    Row {
        name: format::plain(&pool.pool),
        share: pool.requested,
        part: pool.used,
        target: pool.floor.as_ref().map(|(floor, _)| *floor),
        label: format!("{}{least}", whole(pool.requested)),
    }
}

/// The worst month of a pool of which its policy asks more.
fn below(pool: &PoolUseView) -> Option<(Month, f64)> {
    let (floor, _) = pool.floor.as_ref()?;
    pool.least.filter(|(_, share)| share < floor)
}

fn fleet_words(utilization: &UtilizationView) -> String {
    match (utilization.requested, utilization.used) {
        (Some(requested), Some(used)) => format!(
            "Over all pools, weighted by what they cost, {} is asked for and {} is used of the resource that is asked for most; idle cost counts every resource.",
            whole(requested),
            whole(used)
        ),
        _ => "Nothing is paid for.".to_owned(),
    }
}

fn finding(pools: &[&PoolUseView], all: &UtilizationView, format: MoneyFormat) -> String {
    if let Some((pool, (month, share), (floor, _))) = worst(all) {
        return format!(
            "{}: {} of its {} is asked for in {}, below the {} of its policy",
            format::plain(&pool.pool),
            whole(share),
            resource(pool),
            format::month(month),
            format::stated_percent(*floor)
        );
    }
    // Less than a hundredth is not worth a name.
    let little = format.position(all.idle) < 0.01 * format.position(all.cost);
    match pools.iter().max_by_key(|pool| pool.idle) {
        Some(_) if little => fleet_words(all).trim_end_matches('.').to_owned(),
        Some(pool) if pool.idle > Money::default() => format!(
            "{} idles most: {} of {}",
            format::plain(&pool.pool),
            format.sentence(pool.idle),
            format.sentence(all.idle)
        ),
        _ => "nothing idles".to_owned(),
    }
}

/// A resource in words.
fn resource(pool: &PoolUseView) -> &'static str {
    match pool.resource {
        "gpu" => "GPU time",
        "cpu" => "CPU time",
        other => other,
    }
}

fn data(pools: &[&PoolUseView], all: &UtilizationView, id: &str, format: MoneyFormat) -> Table {
    let caption = format!(
        "Shares of what is supplied over the horizon; cost in {}; idle: what nobody asked for",
        format.words()
    );
    let mut table = Table::new(id, "Utilisation of pools", caption)
        .columns(Align::Text, &["Pool", "Resource"])
        .columns(
            Align::Number,
            &["Requested", "Used", "Least in a month", "Policy, at least", "Cost", "Idle"],
        );
    let amounts: Vec<Vec<Money>> =
        pools.iter().map(|pool| vec![pool.cost - pool.idle, pool.idle]).collect();
    let footed = foot::foot_table(format, &amounts);
    let cost = |busy: i64, idle: i64| [amount(busy + idle), amount(idle)];
    for (pool, cells) in pools.iter().zip(&footed.cells) {
        let tone = below(pool).map(|_| Tone::Bad);
        let least = pool.least.map_or_else(
            || format::NONE.to_owned(),
            |(month, share)| format!("{} in {}", none_as_zero(share), format::month(month)),
        );
        let floor = pool.floor.as_ref().map_or_else(
            || format::NONE.to_owned(),
            |(floor, name)| format!("{} ({})", format::stated_percent(*floor), format::plain(name)),
        );
        let mut row = vec![
            plain(&pool.pool),
            cell(pool.resource),
            cell(format::percent(pool.requested)),
            cell(format::percent(pool.used)),
            Cell { tone, ..cell(least) },
            cell(floor),
        ];
        row.extend(cost(cells[0], cells[1]));
        table.push(RowKind::Body, row);
    }
    let share = |share: Option<f64>| cell(share.map_or_else(String::new, format::percent));
    let mut row = vec![cell("All, by cost"), cell(""), share(all.requested), share(all.used)];
    row.extend([cell(""), cell("")]);
    let sums = footed.column_totals;
    row.extend(cost(sums.first().copied().unwrap_or(0), sums.get(1).copied().unwrap_or(0)));
    table.push(RowKind::Total, row);
    table
}
