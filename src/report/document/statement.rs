//! A team's statement: what it is charged and why, against its budget, and how that ties out to the invoice.

use serde::Serialize;

use super::{
    Align, Block, Cell, Document, Headline, RowKind, Section, Table, Tone, cell, moves, opening,
    optional, plain, provenance, variance_share,
};
use crate::report::chart::stacked;
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::template::TEXT;
use crate::report::view::{
    BudgetView, Money, Period, ServiceLine, Spread, StatementMonth, StatementView, StatementsView,
};

/// A team's budget over the months that have one.
#[derive(Debug, Clone, Copy)]
struct Against {
    budget: Money,
    charged: Money,
    months: usize,
}

#[derive(Serialize)]
struct Verdict {
    team: String,
    total: String,
    period: String,
    range: String,
    direct: String,
    idle: String,
    shared: String,
    share: String,
    budget: Option<BudgetWords>,
}

#[derive(Serialize)]
struct BudgetWords {
    amount: String,
    difference: String,
    percent: String,
    over: bool,
    under: bool,
    part: Option<usize>,
    months: usize,
}

#[derive(Serialize)]
struct Method {
    rules: bool,
}

/// What the verdict is given, with nothing left out.
pub(super) fn sample() -> impl Serialize {
    let text = || TEXT.to_owned();
    Verdict {
        team: text(),
        total: text(),
        period: text(),
        range: text(),
        direct: text(),
        idle: text(),
        shared: text(),
        share: text(),
        budget: Some(BudgetWords {
            amount: text(),
            difference: text(),
            percent: text(),
            over: true,
            under: true,
            part: Some(1),
            months: 12,
        }),
    }
}

/// What the words on the method are given.
pub(super) fn sample_method() -> impl Serialize {
    Method { rules: true }
}

/// Lays a statement out. `statements` holds it, for the tie-out.
pub(in crate::report) fn document(
    view: &BudgetView,
    statements: &StatementsView,
    statement: &StatementView,
) -> Document {
    let format = MoneyFormat::cents(view.currency);
    let against = against(statement);
    let mut sections = vec![charges(view, statement, format)];
    sections.push(by_period(view, statement, format));
    sections.extend(moves::section(view, statement, format));
    sections.extend(paid_for(statement, format));
    sections.push(method(statement, format));
    sections.push(tie_out(statements, statement, format));
    sections.push(sign_off());
    sections.push(provenance::section(view));
    Document {
        title: format!(
            "{}: statement of team {}, {}",
            format::plain(&view.plan),
            format::plain(&statement.team),
            format::months(view.first_month(), view.last_month())
        ),
        byline: opening::byline(view),
        scale: format!(
            "A forecast, not yet an invoice. All amounts in {} ({}), amortised means.",
            format.words(),
            view.currency
        ),
        verdict: verdict(view, statements, statement, against, format),
        figures: figures(view, statements, statement, against, format),
        sections,
    }
}

fn against(statement: &StatementView) -> Option<Against> {
    let budgeted = || statement.months.iter().filter(|month| month.budget.is_some());
    let months = budgeted().count();
    (months > 0).then(|| Against {
        budget: budgeted().filter_map(|month| month.budget).sum(),
        charged: budgeted().map(StatementMonth::total).sum(),
        months,
    })
}

/// The spread of the team's cost over the draws.
fn spread(view: &BudgetView, statement: &StatementView) -> Option<Spread> {
    let teams = &view.chargeback.teams;
    teams.iter().find(|team| team.team == statement.team).map(|team| team.total)
}

fn share(part: Money, whole: Money) -> String {
    let (part, whole) = (part.decimal(), whole.decimal());
    if whole.is_zero() {
        return format::NONE.to_owned();
    }
    format::percent(crate::money::to_f64(part / whole))
}

fn verdict(
    view: &BudgetView,
    statements: &StatementsView,
    statement: &StatementView,
    against: Option<Against>,
    format: MoneyFormat,
) -> prose::Prose {
    let range = spread(view, statement).map_or_else(
        || format::NONE.to_owned(),
        |spread| format.sentence_range(spread.p10, spread.p90),
    );
    let full = |amount: Money| format!("{} {}", format.symbol(), format.cell(amount));
    prose::render(
        "statement",
        &Verdict {
            team: format::plain(&statement.team),
            total: full(statement.total),
            period: format!("in {}", format::months(view.first_month(), view.last_month())),
            range,
            direct: format.sentence(statement.direct),
            idle: format.sentence(statement.idle),
            shared: format.sentence(statement.shared),
            share: share(statement.total, statements.invoice),
            budget: against.map(|against| {
                let variance = against.budget - against.charged;
                let size = if variance < Money::default() {
                    against.charged - against.budget
                } else {
                    variance
                };
                BudgetWords {
                    amount: format.sentence(against.budget),
                    difference: format.sentence(size),
                    percent: share(size, against.budget),
                    over: format.whole(variance) < 0,
                    under: format.whole(variance) > 0,
                    part: (against.months < view.months.len()).then_some(against.months),
                    months: view.months.len(),
                }
            }),
        },
    )
}

fn figures(
    view: &BudgetView,
    statements: &StatementsView,
    statement: &StatementView,
    against: Option<Against>,
    format: MoneyFormat,
) -> Vec<Headline> {
    let figure = |label: &str, amount: Money, detail: String| Headline {
        label: label.to_owned(),
        value: format.sentence(amount),
        detail,
        tone: None,
    };
    let of_total = |part: Money| format!("{} of its total", share(part, statement.total));
    let total = figure(
        &format!("Charged, {} months", view.months.len()),
        statement.total,
        format!("{} of the invoice", share(statement.total, statements.invoice)),
    );
    let overhead = statement.idle + statement.shared;
    let last = against.map_or_else(
        || Headline {
            label: "Variance to budget".to_owned(),
            value: format::NONE.to_owned(),
            detail: "no amortised budget of its own".to_owned(),
            tone: None,
        },
        |against| {
            let left = against.budget - against.charged;
            let (tone, word) = match format.whole(left).signum() {
                -1 => (Some(Tone::Bad), "over"),
                1 => (Some(Tone::Good), "under"),
                _ => (None, "on"),
            };
            let detail = format!("{word} {}", format.sentence(against.budget));
            Headline { tone, ..figure("Variance to budget", left, detail) }
        },
    );
    vec![
        total,
        figure("Own services", statement.direct, of_total(statement.direct)),
        figure("Idle and shared", overhead, of_total(overhead)),
        last,
    ]
}

fn charges(view: &BudgetView, statement: &StatementView, format: MoneyFormat) -> Section {
    let caption = format!(
        "{}, {}; quantity × rate is direct cost, but for the rounding of the two",
        format.words(),
        format::months(view.first_month(), view.last_month())
    );
    let mut table = Table::new("lines", "Charges by service", caption)
        .columns(Align::Text, &["Service"])
        .columns(Align::Wrapped, &["Driver"])
        .columns(Align::Number, &["Quantity"])
        .columns(Align::Text, &["Unit"])
        .columns(Align::Number, &["Rate", "Direct", "Shared", "Idle", "Total"]);
    for line in &statement.lines {
        let mut row = service(line);
        row.extend([line.direct, line.shared, line.idle, line.total].map(|a| money(a, format)));
        table.push(RowKind::Body, row);
    }
    let mut row = vec![cell("Total"), cell(""), cell(""), cell(""), cell("")];
    let totals = [statement.direct, statement.shared, statement.idle, statement.total];
    row.extend(totals.map(|amount| money(amount, format)));
    table.push(RowKind::Total, row);
    // Of several, the cell lists them.
    let several = statement.cost_center.as_ref().is_some_and(|all| all.contains(", "));
    let facts = [
        ("department", &statement.department),
        (if several { "cost centres" } else { "cost centre" }, &statement.cost_center),
        ("owner", &statement.owner),
    ];
    let facts: Vec<String> = facts
        .into_iter()
        .filter_map(|(what, value)| Some(format!("{what} {}", format::plain(value.as_ref()?))))
        .collect();
    if !facts.is_empty() {
        table.notes.push(format!("Charged to {}.", facts.join(", ")));
    }
    Section {
        id: "charges",
        heading: "Charges by service".to_owned(),
        blocks: vec![Block::table(table)],
    }
}

fn service(line: &ServiceLine) -> Vec<Cell> {
    let name = line.service.as_deref();
    vec![
        name.map_or_else(|| cell("of no single service"), plain),
        cell(line.driver.unwrap_or(format::NONE)),
        cell(line.quantity.map_or_else(
            || format::NONE.to_owned(),
            |quantity| format::units(crate::money::to_f64(quantity.0)),
        )),
        optional(line.unit.as_deref()),
        cell(line.rate.map_or_else(|| format::NONE.to_owned(), MoneyFormat::rate)),
    ]
}

/// The charges of every fiscal period against the budget.
fn by_period(view: &BudgetView, statement: &StatementView, format: MoneyFormat) -> Section {
    let caption =
        format!("{}; variance = budget less total; parentheses are unfavourable", format.words());
    let mut table = Table::new("periods", "Charges by period, against budget", caption)
        .columns(Align::Text, &["Part"])
        .periods(view)
        .columns(Align::Number, &["All months"]);
    let sums = |of: &dyn Fn(&StatementMonth) -> Money| -> Vec<Money> {
        let by_month: Vec<Money> = statement.months.iter().map(of).collect();
        let mut sums: Vec<Money> =
            view.periods.iter().map(|period: &Period| period.sum(&by_month)).collect();
        sums.push(by_month.into_iter().sum());
        sums
    };
    let mut push = |kind, name: &str, amounts: &[Money]| {
        let mut row = vec![cell(name)];
        row.extend(amounts.iter().map(|amount| money(*amount, format)));
        table.push(kind, row);
    };
    push(RowKind::Body, "Direct", &sums(&|month| month.direct));
    push(RowKind::Body, "Shared", &sums(&|month| month.shared));
    push(RowKind::Body, "Idle", &sums(&|month| month.idle));
    push(RowKind::Total, "Total", &sums(&StatementMonth::total));
    if let Some(against) = against(statement) {
        let charged = sums(&|month| match month.budget {
            Some(_) => month.total(),
            None => Money::default(),
        });
        if against.months < statement.months.len() {
            push(RowKind::Apart, "of which has a budget", &charged);
        }
        let budget = sums(&|month| month.budget.unwrap_or_default());
        push(RowKind::Apart, "Budget", &budget);
        let mut row = vec![cell("Variance")];
        let mut shares = vec![cell("Variance %")];
        for (budget, charged) in budget.iter().zip(&charged) {
            let left = format.whole(*budget) - format.whole(*charged);
            row.push(Cell { tone: tone(left), ..cell(format.print(left)) });
            shares.push(variance_share(left, format.whole(*budget)));
        }
        table.push(RowKind::Apart, row);
        table.push(RowKind::Apart, shares);
    } else {
        table.notes.push("The team has no amortised budget of its own in these months.".to_owned());
    }
    Section {
        id: "periods",
        heading: "Against budget".to_owned(),
        blocks: vec![Block::table(table)],
    }
}

fn tone(left: i64) -> Option<Tone> {
    match left.signum() {
        -1 => Some(Tone::Bad),
        1 => Some(Tone::Good),
        _ => None,
    }
}

/// What direct cost was paid for, and how well it was used.
fn paid_for(statement: &StatementView, format: MoneyFormat) -> Option<Section> {
    if statement.detail.is_empty() {
        return None;
    }
    let caption =
        format!("Direct cost in {}; rates are effective, over all months", format.words());
    let mut table = Table::new("detail", "What direct cost was paid for", caption)
        .columns(Align::Text, &["Service", "Pool", "Category", "Purchase"])
        .columns(Align::Number, &["Quantity"])
        .columns(Align::Text, &["Unit"])
        .columns(Align::Number, &["Rate", "Direct"]);
    for line in &statement.detail {
        table.push(
            RowKind::Body,
            vec![
                line.service.as_deref().map_or_else(|| cell("of no single service"), plain),
                optional(line.pool.as_deref()),
                cell(stacked::words(line.category)),
                cell(line.purchase.unwrap_or(format::NONE)),
                cell(format::units(crate::money::to_f64(line.quantity.0))),
                cell(line.unit),
                cell(line.rate.map_or_else(|| format::NONE.to_owned(), MoneyFormat::price)),
                money(line.direct, format),
            ],
        );
    }
    let mut row = vec![cell("Total")];
    row.extend((0..6).map(|_| cell("")));
    row.push(money(statement.direct, format));
    table.push(RowKind::Total, row);
    let mut blocks = vec![Block::table(pools(statement, format))];
    blocks.push(Block::table(table));
    Some(Section { id: "detail", heading: "What it was paid for".to_owned(), blocks })
}

fn pools(statement: &StatementView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{}; efficiency is use over request of CPU, memory and GPUs, weighed by their cost",
        format.words()
    );
    let mut table = Table::new("pools", "Cost and efficiency by pool", caption)
        .columns(Align::Text, &["Pool"])
        .columns(Align::Number, &["Direct", "Share", "Efficiency"]);
    for pool in &statement.pools {
        let name = pool.pool.as_deref();
        let efficiency = pool.efficiency.map_or_else(|| format::NONE.to_owned(), format::percent);
        table.push(
            RowKind::Body,
            vec![
                name.map_or_else(|| cell("in no pool"), plain),
                money(pool.direct, format),
                cell(share(pool.direct, statement.direct)),
                cell(efficiency),
            ],
        );
    }
    let total = money(statement.direct, format);
    let all = share(statement.direct, statement.direct);
    table.push(RowKind::Total, vec![cell("Total"), total, cell(all), cell("")]);
    table
}

fn method(statement: &StatementView, format: MoneyFormat) -> Section {
    let words = prose::render("statement-method", &Method { rules: !statement.rules.is_empty() });
    let mut blocks = vec![Block::prose(words)];
    if !statement.rules.is_empty() {
        let caption =
            format!("{}; what a rule takes from the team is in parentheses", format.words());
        let mut table = Table::new("rules", "Idle and shared cost by rule", caption)
            .columns(Align::Text, &["Rule"])
            .columns(Align::Wrapped, &["What is spread, and how"])
            .columns(Align::Text, &["Where"])
            .columns(Align::Number, &["To this team"]);
        for rule in &statement.rules {
            let amount = money(rule.amount, format);
            let row = vec![plain(&rule.rule), plain(&rule.method), plain(&rule.place), amount];
            table.push(RowKind::Body, row);
        }
        let total = money(statement.idle + statement.shared, format);
        table.push(RowKind::Total, vec![cell("Idle and shared"), cell(""), cell(""), total]);
        blocks.push(Block::table(table));
    }
    Section { id: "method", heading: "How cost is allocated".to_owned(), blocks }
}

/// This statement, the others and what nobody bears, against the invoice.
fn tie_out(statements: &StatementsView, statement: &StatementView, format: MoneyFormat) -> Section {
    let others = statements.teams.iter().filter(|other| other.team != statement.team);
    let count = others.clone().count();
    let others: Money = others.map(|other| other.total).sum();
    let all = statement.total + others + statements.unborne;
    let mut table = Table::new("tie-out", "Tie-out to the invoice", format.words())
        .columns(Align::Text, &["Part"])
        .columns(Align::Number, &["Amount"]);
    let mut push = |kind, name: String, amount: Money| {
        table.push(kind, vec![cell(name), money(amount, format)]);
    };
    push(RowKind::Body, "This statement".to_owned(), statement.total);
    push(
        RowKind::Body,
        format!("Statements of {count} other team{}", if count == 1 { "" } else { "s" }),
        others,
    );
    push(RowKind::Body, "Borne by no team".to_owned(), statements.unborne);
    push(RowKind::Total, "All of it".to_owned(), all);
    push(RowKind::Apart, "Invoice: the whole ledger".to_owned(), statements.invoice);
    push(RowKind::Apart, "Difference".to_owned(), all - statements.invoice);
    Section {
        id: "tie-out",
        heading: "Tie-out to the invoice".to_owned(),
        blocks: vec![Block::table(table)],
    }
}

fn sign_off() -> Section {
    let mut table = Table::new("signatures", "Sign-off", "Signed for the amounts of this page")
        .columns(Align::Text, &["Role"])
        .columns(Align::Wrapped, &["Name", "Signature", "Date"]);
    for role in ["Team", "Finance"] {
        table.push(RowKind::Body, vec![cell(role), cell(""), cell(""), cell("")]);
    }
    Section { id: "sign-off", heading: "Sign-off".to_owned(), blocks: vec![Block::table(table)] }
}

/// A cell of an amount to the cent.
fn money(amount: Money, format: MoneyFormat) -> Cell {
    cell(format.cell(amount))
}
