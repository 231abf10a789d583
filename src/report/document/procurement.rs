//! What to buy and when: orders along the calendar, their cash, what ends, and what else there is.

use super::{
    Align, Block, Cell, Figure, RowKind, Section, Table, Tone, amount, cell, plain, spends,
};
use crate::money::Currency;
use crate::report::chart::{Naming, gantt};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat, NONE};
use crate::report::prose;
use crate::report::template::TEXT;
use crate::report::view::procurement::{CashView, PoolOrdersView};
use crate::report::view::{BudgetView, Money, OrderView, Ordered, ProcurementView};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    let procurement = view.procurement.as_ref()?;
    let mut blocks = vec![Block::prose(words(view, format)?)];
    if procurement.orders_anything() {
        blocks.push(Block::figure(figure(view, procurement, format)));
    }
    if !procurement.orders.is_empty() {
        blocks.push(Block::table(orders(view, format)));
    }
    if procurement.orders_anything() {
        blocks.push(Block::table(cash(view, format)));
    }
    if !procurement.limits.is_empty() {
        blocks.push(Block::table(limits(view)));
    }
    if !procurement.promised.is_empty() {
        blocks.push(Block::table(promised(view, format)));
    }
    if let Some(spend) = &procurement.spend {
        blocks.push(if spend.orders.is_empty() {
            Block::prose(spends::no_orders(spend, format))
        } else {
            Block::table(spends::orders(view, format))
        });
    }
    if !procurement.expiries.is_empty() {
        blocks.push(Block::table(expiries(view)));
    }
    if procurement.weighs_alternatives() {
        blocks.push(Block::table(alternatives(view, format)));
    }
    Some(Section { id: "procurement", heading: "Procurement".to_owned(), blocks })
}

/// What is said of the orders.
pub(super) fn words(view: &BudgetView, format: MoneyFormat) -> Option<prose::Prose> {
    Some(prose::render("procurement", &sentences(view, format)?))
}

/// What the prose says.
#[derive(Debug, serde::Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a template asks for each by its name")]
struct Sentences {
    nothing: bool,
    plan_for: String,
    tail: &'static str,
    firm: String,
    firm_until: String,
    indicative: String,
    saves: String,
    costs: bool,
    cost_with: String,
    cost_without: String,
    gap: String,
    proven: bool,
    ordered: bool,
    spend: bool,
    spent: Option<String>,
    signed: bool,
    commits: Option<String>,
    /// Whether supply and cost follow the orders.
    follows: bool,
    /// Whether anything is rented with nothing ordered.
    rented: bool,
    short: Option<String>,
    late: Option<String>,
    below_floor: Option<String>,
}

/// What the prose is given, with nothing left out.
pub(super) fn sample() -> impl serde::Serialize {
    let text = || TEXT.to_owned();
    Sentences {
        nothing: true,
        plan_for: text(),
        tail: TEXT,
        firm: text(),
        firm_until: text(),
        indicative: text(),
        saves: text(),
        costs: true,
        cost_with: text(),
        cost_without: text(),
        gap: text(),
        proven: true,
        ordered: true,
        spend: true,
        spent: Some(text()),
        signed: true,
        commits: Some(text()),
        follows: true,
        rented: true,
        short: Some(text()),
        late: Some(text()),
        below_floor: Some(text()),
    }
}

/// Pools whose floor cannot be kept, as a sentence.
fn below_floor(procurement: &ProcurementView) -> Option<String> {
    let of_pool = |pool: &PoolOrdersView| {
        let months = pool.months.iter().filter(|month| month.below_floor > 0).count();
        let most = pool.months.iter().map(|month| month.below_floor).max()?;
        (most > 0).then(|| {
            format!(
                "the floor of {} is not kept in {}, by up to {}",
                pool.pool,
                format::counted(months as f64, "month"),
                format::counted(most as f64, "node"),
            )
        })
    };
    let all: Vec<String> = procurement.pools.iter().filter_map(of_pool).collect();
    let mut said = all.join("; ");
    let first = said.get_mut(..1)?;
    first.make_ascii_uppercase();
    Some(said)
}

fn sentences(view: &BudgetView, format: MoneyFormat) -> Option<Sentences> {
    let procurement = view.procurement.as_ref()?;
    let firm = procurement.orders.iter().filter(|order| order.firm).count();
    let orders = |count: usize| match count {
        0 => "No order".to_owned(),
        1 => "1 order".to_owned(),
        count => format!("{count} orders"),
    };
    let spend = || procurement.spend.iter().flat_map(|spend| &spend.orders);
    let firm_spend = spend().filter(|order| order.firm).count();
    let later_spend = spend().count() - firm_spend;
    let later = match (procurement.orders.len() - firm, later_spend) {
        (0, 0) => "no order".to_owned(),
        (0, spend) => of_spend(spend),
        (nodes, 0) => orders(nodes),
        (nodes, spend) => format!("{} and {}", orders(nodes), of_spend(spend)),
    };
    let saved = procurement.cost_without_orders - procurement.cost_with_orders;
    let late = procurement.orders.iter().filter(|order| order.late.is_some()).count();
    let spent = spend().fold(Money::default(), |sum, order| sum + order.cost);
    Some(Sentences {
        nothing: procurement.pools.is_empty(),
        plan_for: plan_for(procurement),
        tail: match procurement.tail {
            "decay" => "halved every twelve months",
            "growth" => "growing on as over the horizon",
            _ => "held at its last month",
        },
        firm: orders(firm),
        firm_until: format::day(procurement.firm_until),
        indicative: later,
        costs: saved < Money::default(),
        saves: format.sentence(Money::new(saved.decimal().abs())),
        cost_with: format.sentence(procurement.cost_with_orders),
        cost_without: format.sentence(procurement.cost_without_orders),
        gap: gap(procurement.gap),
        proven: procurement.gap <= PROVEN,
        ordered: procurement.orders_anything(),
        spend: procurement.spend.is_some(),
        spent: (spent > Money::default()).then(|| format.sentence(spent)),
        signed: procurement.signed_spend_pays > Money::default(),
        commits: (firm_spend > 0).then(|| of_spend(firm_spend)),
        follows: procurement.stated,
        rented: procurement.cost_without_orders > Money::default(),
        short: short(procurement),
        late: (late > 0).then(|| orders(late)),
        below_floor: below_floor(procurement),
    })
}

/// Node-hours that cannot be had, and what orders change of that.
fn short(procurement: &ProcurementView) -> Option<String> {
    let (before, left) = (procurement.short_without_orders, procurement.short_with_orders);
    let count = |hours: f64| format!("{} node-hours", format::count(hours));
    if before - left <= 0.5 {
        return (left > 0.5).then(|| format!("{} cannot be had", count(left)));
    }
    let before = count(before);
    Some(if left < 0.05 {
        format!("{before} of shortfall are gone")
    } else {
        format!("{before} of shortfall become {}", format::count(left))
    })
}

/// Spend to commit to, counted.
fn of_spend(count: usize) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} commitment{s} of spend")
}

/// The need that is bought for, in words.
pub(super) fn plan_for(view: &ProcurementView) -> String {
    match view.plan_for {
        "cvar" => "the mean of the worst twentieth of futures".to_owned(),
        quantile => format!("the {quantile} of every hour's need"),
    }
}

/// A gap that is none but for rounding.
pub(super) const PROVEN: f64 = 1e-9;

/// A gap with as many places as it needs.
pub(super) fn gap(share: f64) -> String {
    match share * 100.0 {
        percent if percent >= 0.1 => format!("{percent:.1}%"),
        percent if percent >= 0.001 => format!("{percent:.3}%"),
        percent if percent > 0.0 => "0.001%".to_owned(),
        _ => "0%".to_owned(),
    }
}

fn label(order: &OrderView) -> String {
    let nodes = format::counted(order.nodes as f64, "node");
    format!("{}: {nodes}, {}", format::plain(&order.pool), order.product)
}

/// The same of anything that is ordered.
fn label_of(order: Ordered<'_>, currency: Currency) -> String {
    match order {
        Ordered::Nodes(order) => label(order),
        Ordered::Spend(_) => order.what(currency),
    }
}

/// A label that fits beside a chart.
fn short_label(order: Ordered<'_>, currency: Currency) -> String {
    const MOST: usize = 44;
    let text = match order {
        Ordered::Nodes(order) => {
            let product = order.product.replace(" months", " mo");
            format!("{}: {} × {product}", format::plain(&order.pool), order.nodes)
        }
        Ordered::Spend(order) => {
            let per_hour = order.per_hour.decimal().normalize();
            format!("{}: {per_hour} {currency}/hour", format::plain(&order.savings_plan))
        }
    };
    if text.chars().count() <= MOST {
        return text;
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// Orders along the calendar, where there are any.
pub(super) fn calendar_figure(view: &BudgetView, format: MoneyFormat) -> Option<Figure> {
    let procurement = view.procurement.as_ref()?;
    procurement.orders_anything().then(|| figure(view, procurement, format))
}

fn figure(view: &BudgetView, procurement: &ProcurementView, format: MoneyFormat) -> Figure {
    let span = gantt::span(procurement, view.provenance.as_of, view.last_month());
    let orders = procurement.all_orders();
    let late = |order: Ordered<'_>| {
        let order = order.nodes()?;
        Some((label(order), order.late.as_ref()?.needed))
    };
    let finding = match orders.first() {
        Some(order) => match late(*order) {
            Some((what, needed)) => {
                format!("late: {what} could have been used from {}", format::day(needed))
            }
            None => format!(
                "next to order, by {}: {}",
                format::day(order.order_by()),
                label_of(*order, view.currency)
            ),
        },
        None => "nothing to order".to_owned(),
    };
    let left_out = orders.len().saturating_sub(gantt::MOST);
    let more = match left_out {
        0 => String::new(),
        left_out => format!(" The last {left_out} are in the table only."),
    };
    let summary = format!(
        "Orders from the day to ask to the day they are needed, and how long they bind.{more}"
    );
    let title = "Orders along the calendar";
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "orders", title, description: &description };
    Figure {
        finding,
        summary,
        caption: "Dot: last day to ask; line to the median delivery; bar from p50 to p90 of delivery; \
                  diamond: needed, filled where firm; pale bar: the term; vertical line: the as-of day"
            .to_owned(),
        chart: gantt::draw(&orders, span, |order| short_label(order, view.currency), naming),
        data: calendar(&orders, view.currency, format),
    }
}

/// The dates of every order: the data of the chart.
fn calendar(orders: &[Ordered<'_>], currency: Currency, format: MoneyFormat) -> Table {
    let mut table = Table::new("orders-data", "Decision calendar", format.words())
        .columns(Align::Text, &["Order by", "Decide by"])
        .columns(Align::Wrapped, &["What"])
        .columns(
            Align::Text,
            &["In service p50", "In service p90", "Needed", "Binds until", "Chance late"],
        )
        .columns(Align::Wrapped, &["If not bought"]);
    for order in orders {
        let firm = if order.firm() { "firm" } else { "indicative" };
        let (p50, p90) = order.in_service();
        let late = order.nodes().map(|order| format::chance(order.late_chance));
        table.push(
            RowKind::Body,
            vec![
                cell(format::day(order.order_by())),
                cell(format::day(order.decide_by())),
                cell(format!("{} ({firm})", label_of(*order, currency))),
                cell(format::day(p50)),
                cell(format::day(p90)),
                cell(format::day(order.need_by())),
                cell(format::day(order.until())),
                cell(late.unwrap_or_else(|| NONE.to_owned())),
                cell(if_not_bought(*order, format)),
            ],
        );
    }
    table
}

/// What happens without an order.
fn if_not_bought(order: Ordered<'_>, format: MoneyFormat) -> String {
    let money = format.sentence(Money::new(order.saves().decimal().abs()));
    let short = order.nodes().map_or(0.0, |order| order.prevents_short);
    let mut text = if order.saves() >= Money::default() {
        format!("{money} more")
    } else if order.nodes().is_some() {
        format!("{money} less, and no assurance")
    } else {
        format!("{money} less")
    };
    if short >= 0.5 {
        text = format!("{text}; {} node-hours short", format::count(short));
    }
    text
}

/// Every order.
pub(super) fn orders(view: &BudgetView, format: MoneyFormat) -> Table {
    let mut table =
        Table::new("orders-table", "Orders", format!("{}; mean over the draws", format.words()))
            .columns(Align::Text, &["Order by", "Pool"])
            .columns(Align::Number, &["Nodes"])
            .columns(Align::Wrapped, &["Product"])
            .columns(Align::Text, &["Needed", "In service p90"])
            .columns(Align::Number, &["Upfront", "Cost", "Saves"])
            .columns(Align::Wrapped, &["Because"]);
    let Some(procurement) = &view.procurement else { return table };
    let column = |of: fn(&OrderView) -> Money| {
        foot::foot(format, &procurement.orders.iter().map(of).collect::<Vec<_>>())
    };
    let (upfront, all_upfront) = column(|order| order.upfront);
    let (cost, all_cost) = column(|order| order.cost);
    for (at, order) in procurement.orders.iter().enumerate() {
        let late = order.late.as_ref();
        let when = if late.is_some() {
            format!("{} LATE", format::day(order.order_by))
        } else {
            format::day(order.order_by)
        };
        let tone = late.map(|_| Tone::Bad);
        let product = if order.firm {
            order.product.clone()
        } else {
            format!("{} (indicative)", order.product)
        };
        table.push(
            RowKind::Body,
            vec![
                Cell { tone, ..cell(when) },
                plain(&order.pool),
                cell(format::count(order.nodes as f64)),
                cell(product),
                cell(format::day(order.need_by)),
                cell(format::day(order.in_service_p90)),
                amount(upfront[at]),
                amount(cost[at]),
                cell(format.cell(order.saves)),
                cell(because(order)),
            ],
        );
        if let Some(late) = late {
            let are = if late.days == 1 { "is" } else { "are" };
            let days = format::counted(f64::from(late.days), "day");
            // Nothing by the hour takes the place of one's own.
            let bridged = if order.purchase == "owned" {
                format!("{days} go by without it")
            } else {
                let than = if late.cost < Money::default() { "cheaper" } else { "dearer" };
                let cost = format.sentence(Money::new(late.cost.decimal().abs()));
                format!("{days} {are} bridged by rental, {cost} {than}")
            };
            table.notes.push(format!(
                "LATE: {} would pay from {}; {bridged}{}.",
                label(order),
                format::day(late.needed),
                if late.short >= 0.5 {
                    format!(", and {} node-hours cannot be had", format::count(late.short))
                } else {
                    String::new()
                },
            ));
        }
    }
    let mut total = vec![cell("Total"), cell(""), cell(""), cell(""), cell(""), cell("")];
    // Each order's saving is against leaving out that order alone: they do not add.
    total.extend([amount(all_upfront), amount(all_cost), cell("")]);
    total.push(cell(""));
    table.push(RowKind::Total, total);
    table
}

fn because(order: &OrderView) -> String {
    let Some(driver) = &order.driver else { return NONE.to_owned() };
    format!(
        "{} asks for {} of the pool ({})",
        format::plain(&driver.workload),
        format::percent(driver.share),
        format::plain(&driver.place)
    )
}

/// What purchases take in each period.
pub(super) fn cash(view: &BudgetView, format: MoneyFormat) -> Table {
    let mut table = Table::new(
        "orders-cash",
        "Budget requests",
        format!("{}; cash of new orders", format.words()),
    )
    .columns(Align::Text, &["Period"])
    .columns(Align::Number, &["Upfront", "of it capex", "Running", "Together"]);
    let Some(procurement) = &view.procurement else { return table };
    if procurement.has_cash_limit {
        table = table.columns(Align::Number, &["Limit on upfront", "Left"]);
    }
    let periods = &procurement.cash;
    let column = |of: fn(&CashView) -> Money| {
        foot::foot(format, &periods.iter().map(of).collect::<Vec<_>>())
    };
    let (upfront, all_upfront) = column(|period| period.upfront);
    let (running, all_running) = column(|period| period.running);
    let (capex, all_capex) = column(|period| period.capex);
    for (at, period) in periods.iter().enumerate() {
        let (upfront, running) = (upfront[at], running[at]);
        let mut row = vec![cell(format::fiscal_label(&format::plain(&period.period)))];
        row.extend([upfront, capex[at], running, upfront + running].map(amount));
        if procurement.has_cash_limit {
            let limit = period.limit.map(|limit| format.whole(limit));
            row.extend(
                [limit, limit.map(|limit| limit - upfront)]
                    .map(|whole| whole.map_or_else(|| cell(NONE), amount)),
            );
        }
        table.push(RowKind::Body, row);
    }
    let mut total = vec![cell("Total")];
    total.extend([all_upfront, all_capex, all_running, all_upfront + all_running].map(amount));
    if procurement.has_cash_limit {
        total.extend([cell(""), cell("")]);
    }
    table.push(RowKind::Total, total);
    table
}

/// A count in which nothing is a figure too: no grant is another thing than no limit.
fn counted_from_zero(nodes: u64) -> String {
    if nodes == 0 { "0".to_owned() } else { format::count(nodes as f64) }
}

/// Grants of providers.
pub(super) fn limits(view: &BudgetView) -> Table {
    let caption =
        "Nodes; the need that is bought for against what orders and a provider's grant leave";
    let mut table = Table::new("orders-limits", "Limits to raise", caption)
        .columns(Align::Text, &["Ask by", "Pool", "Limit"])
        .columns(Align::Number, &["From", "To"])
        .columns(Align::Text, &["Needed", "Granted p50", "Granted p90"])
        .columns(Align::Number, &["Chance"])
        .columns(Align::Wrapped, &["Then"]);
    let none = || cell(NONE);
    for limit in view.procurement.iter().flat_map(|procurement| &procurement.limits) {
        table.push(
            RowKind::Body,
            vec![
                cell(format::day(limit.ask_by)),
                plain(&limit.pool),
                cell(limit.purchase.unwrap_or("all")),
                limit.from.map_or_else(none, |nodes| cell(counted_from_zero(nodes))),
                cell(format::count(limit.to as f64)),
                limit.needed.map_or_else(none, |day| cell(format::day(day))),
                cell(format::day(limit.granted_p50)),
                cell(format::day(limit.granted_p90)),
                limit.chance.map_or_else(none, |chance| cell(format::percent(chance))),
                cell(limit.then.clone()),
            ],
        );
    }
    table
}

/// Spend that discounts ask for and that is not made.
pub(super) fn promised(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!("{}; with these orders, mean over the draws", format.words());
    let mut table = Table::new("orders-promised", "Spend that is promised and not made", caption)
        .columns(Align::Text, &["Provider", "From", "Until"])
        .columns(Align::Number, &["Promised", "Spent", "Missing", "Chance"]);
    let all = || view.procurement.iter().flat_map(|procurement| &procurement.promised);
    for one in all() {
        table.push(
            RowKind::Body,
            vec![
                plain(&one.provider),
                cell(format::day(one.from)),
                cell(format::day(one.until)),
                cell(format.cell(one.asked)),
                cell(format.cell(one.spent)),
                cell(format.cell(one.missing)),
                cell(format::percent(one.chance)),
            ],
        );
    }
    for one in all() {
        table.notes.push(format!(
            "{} asks for {} until {} ({}); {} of it is missing and falls due in that month. Orders were decided as if \
             it were spent anyway.",
            format::plain(&one.provider),
            format.sentence(one.asked),
            format::day(one.until),
            one.place,
            format.sentence(one.missing)
        ));
    }
    table
}

/// Commitments that end.
pub(super) fn expiries(view: &BudgetView) -> Table {
    let caption = "Inside the horizon";
    let mut table = Table::new("orders-expiries", "Commitments that end", caption)
        .columns(Align::Text, &["Last day", "Commitment", "Serves"])
        .columns(Align::Number, &["How much"])
        .columns(Align::Wrapped, &["Then"]);
    for expiry in view.procurement.iter().flat_map(|procurement| &procurement.expiries) {
        table.push(
            RowKind::Body,
            vec![
                cell(format::day(expiry.until)),
                plain(&expiry.commitment),
                plain(&expiry.serves()),
                cell(expiry.size(view.currency)),
                cell(expiry.then.clone()),
            ],
        );
    }
    table
}

/// Other ways to serve each pool.
pub(super) fn alternatives(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{}; against the recommended orders, over the horizon and its tail, node-hours short inside the horizon",
        format.words()
    );
    let mut table = Table::new("orders-alternatives", "Alternatives", caption)
        .columns(Align::Text, &["Pool"])
        .columns(Align::Wrapped, &["Instead"])
        .columns(Align::Number, &["Costs more", "Node-hours short", "Nodes at most"])
        .columns(Align::Text, &["Binds until"]);
    for pool in view.procurement.iter().flat_map(|procurement| &procurement.pools) {
        for other in &pool.alternatives {
            table.push(
                RowKind::Body,
                vec![
                    plain(&pool.pool),
                    cell(other.label.clone()),
                    cell(format.cell(other.extra)),
                    cell(if other.short < 0.5 {
                        NONE.to_owned()
                    } else {
                        format::count(other.short)
                    }),
                    cell(format::count(other.nodes as f64)),
                    cell(other.bound_until.map_or_else(|| NONE.to_owned(), format::month)),
                ],
            );
        }
        if !pool.not_weighed.is_empty() {
            table.notes.push(format!(
                "{}: {} not weighed; spend would be decided again beside each, which is too long for a plan of this \
                 size.",
                format::plain(&pool.pool),
                pool.not_weighed.join("; ")
            ));
        }
    }
    table
}
