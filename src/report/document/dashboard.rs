//! The dashboard: what matters first, then one panel a question, each with its finding as a title and its
//! data folded below, why it is so with the lines of the plan, and a file of the exact figures. Panels are figures of
//! the budget report, and need by resource.

use super::{
    Align, Block, Cell, Document, Figure, Headline, Link, RowKind, Section, Table, Tone, bridge,
    budget, cell, flows, headroom, opening, procurement, reasons, utilization,
};
use crate::report::chart::Naming;
use crate::report::chart::band::{self, Band};
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{BudgetView, Money, PoolMonthView, ResourceView};

/// Lays the dashboard out.
pub(in crate::report) fn document(view: &BudgetView) -> Document {
    let format = MoneyFormat::of(view);
    let panel = |id, heading: &str, figure: Option<Figure>, why: Option<String>| {
        let why = why.map(|why| Block::prose(format!("*Why.* {why}")));
        let mut blocks = vec![Block::figure(figure?)];
        blocks.extend(why);
        blocks.push(Block { links: Some(vec![file(id)]), ..Block::default() });
        Some(Section { id, heading: heading.to_owned(), blocks })
    };
    let resources = view.resources.iter().map(|resource| {
        let (id, heading) = match resource.resource {
            "gpu" => ("gpus", "GPUs"),
            "cpu" => ("cores", "CPU cores"),
            _ => ("memory", "Memory"),
        };
        panel(id, heading, figure(resource, id, heading), reasons::resource(resource))
    });
    let rest = [
        panel("cost", "Cost by month", cost(view, format), reasons::cost(view, format)),
        panel("use", "Utilisation", utilization::dial(view), reasons::idle(view, format)),
        panel("week", "The tightest week", headroom::tightest(view), reasons::week(view)),
        panel("pools", "Pools", utilization::figure(view, format), reasons::pools(view, format)),
        panel(
            "orders",
            "Orders",
            procurement::calendar_figure(view, format),
            reasons::order(view, format),
        ),
        panel(
            "budget",
            "Budget to forecast",
            bridge::figure(view, format),
            reasons::budget(view, format),
        ),
        panel(
            "flow",
            "Who bears the cost",
            flows::figure(view, format),
            reasons::borne(view, format),
        ),
    ];
    Document {
        title: format!(
            "{}: capacity dashboard, {}",
            format::plain(&view.plan),
            format::months(view.first_month(), view.last_month())
        ),
        byline: opening::byline(view),
        scale: opening::scale(view, format),
        verdict: opening::verdict(view, format),
        figures: strip(view, format),
        sections: resources.chain(rest).flatten().collect(),
    }
}

/// The file of a panel's figures, which lies in a folder beside the page.
fn file(panel: &str) -> Link {
    let address = format!("dashboard/{panel}.csv");
    Link {
        text: "CSV".to_owned(),
        html: address.clone(),
        markdown: address,
        detail: "the figures of this panel, exact".to_owned(),
        download: true,
    }
}

/// Next shortfall, next order, variance, idle cost.
fn strip(view: &BudgetView, format: MoneyFormat) -> Vec<Headline> {
    vec![
        next_shortfall(view),
        next_order(view),
        opening::variance_figure(view, format),
        idle(view, format),
    ]
}

fn next_shortfall(view: &BudgetView) -> Headline {
    let label = "Next shortfall".to_owned();
    match &view.shortfall.first {
        None => Headline {
            label,
            value: "none".to_owned(),
            detail: "no pool is 5% likely to be short in any month".to_owned(),
            tone: Some(Tone::Good),
        },
        Some(first) => Headline {
            label,
            value: format::month(first.month),
            detail: format!(
                "{}, {} likely",
                format::plain(&first.pool),
                format::chance(first.chance)
            ),
            tone: Some(if first.chance >= 0.5 { Tone::Bad } else { Tone::Warn }),
        },
    }
}

fn next_order(view: &BudgetView) -> Headline {
    let label = "Next order by".to_owned();
    let Some(procurement) = &view.procurement else {
        return Headline {
            label,
            value: format::NONE.to_owned(),
            detail: "the plan has no procurement node".to_owned(),
            tone: None,
        };
    };
    procurement.all_orders().first().map_or_else(
        || Headline {
            label: label.clone(),
            value: "none".to_owned(),
            detail: "nothing is to be ordered".to_owned(),
            tone: None,
        },
        |order| Headline {
            label: label.clone(),
            value: format::day(order.order_by()),
            detail: format!(
                "{}{}",
                order.what(view.currency),
                if order.late() { ", LATE" } else { "" }
            ),
            tone: order.late().then_some(Tone::Bad),
        },
    )
}

fn idle(view: &BudgetView, format: MoneyFormat) -> Headline {
    let utilization = &view.utilization;
    let (idle, cost) = (utilization.idle, utilization.cost);
    let share =
        if cost > Money::default() { format.position(idle) / format.position(cost) } else { 0.0 };
    Headline {
        label: "Idle cost".to_owned(),
        value: format.cell(idle),
        detail: if cost > Money::default() {
            format!("{} of the {} that pools cost", format::percent(share), format.cell(cost))
        } else {
            "no pool of nodes costs anything".to_owned()
        },
        tone: None,
    }
}

/// Cost by month, and where it goes.
fn cost(view: &BudgetView, format: MoneyFormat) -> Option<Figure> {
    let figure = budget::base_figure(view, format)?;
    let (first, last) = (view.cost.by_month.first()?, view.cost.by_month.last()?);
    let word = match last.cmp(first) {
        std::cmp::Ordering::Greater => "rises",
        std::cmp::Ordering::Equal => "stays",
        std::cmp::Ordering::Less => "falls",
    };
    let finding = format!(
        "Cost {word} from {} in {} to {} in {}; {} in all",
        format.sentence(*first),
        format::month(view.first_month()),
        format.sentence(*last),
        format::month(view.last_month()),
        format.sentence(view.cost.total.mean)
    );
    Some(Figure { finding, ..figure })
}

/// Need and supply of a resource.
fn figure(resource: &ResourceView, id: &str, heading: &str) -> Option<Figure> {
    let (first, last) = (resource.months.first()?, resource.months.last()?);
    let counted = Counted::of(resource);
    let risk =
        reasons::risk(resource).unwrap_or_else(|| "no pool is 5% likely to be short".to_owned());
    let finding = format!(
        "{heading}: need goes from {} to {}; {risk}",
        counted.text(first.need[2]),
        counted.text(last.need[2])
    );
    let pools: Vec<String> = resource.pools.iter().map(|pool| format::plain(pool)).collect();
    let summary = format!(
        "Median need from {} to {}, p10–p90 {} to {} at the end, summed over {}.",
        format::month(first.month),
        format::month(last.month),
        counted.text(last.need[0]),
        counted.text(last.need[4]),
        format::counted(pools.len() as f64, "pool"),
    );
    let title = format!("Need and supply of {heading}");
    let description = format!("{finding}. {summary}");
    let naming = Naming { id, title: &title, description: &description };
    let months: Vec<PoolMonthView> = resource.months.iter().map(|of| counted.scaled(of)).collect();
    let band = Band { months: &months, unit: counted.unit, gpus_per_node: 0.0 };
    Some(Figure {
        caption: format!(
            "{} of the nodes that each pool needs in its busiest hour; light band p10–p90, dark band p25–p75; {}",
            counted.words,
            named(&pools)
        ),
        chart: band::draw(&band, naming),
        data: data(&months, id, &title, counted.words),
        finding,
        summary,
    })
}

/// `serve-h100, train-b200 and 3 more`.
fn named(pools: &[String]) -> String {
    const NAMED: usize = 4;
    if pools.len() <= NAMED {
        return format!("of {}", pools.join(", "));
    }
    format!("of {} and {} more pools", pools[..NAMED - 1].join(", "), pools.len() - NAMED + 1)
}

/// In which unit a resource is counted.
struct Counted {
    unit: &'static str,
    words: &'static str,
    divisor: f64,
}

impl Counted {
    fn of(resource: &ResourceView) -> Self {
        const GIB: f64 = 1_073_741_824.0;
        let largest = resource.months.iter().map(|month| month.need[4]).fold(0.0, f64::max);
        match resource.resource {
            "gpu" => Self { unit: "GPUs", words: "GPUs", divisor: 1.0 },
            "cpu" => Self { unit: "cores", words: "CPU cores", divisor: 1.0 },
            _ if largest >= 10_240.0 * GIB => {
                Self { unit: "TiB", words: "TiB of memory", divisor: 1024.0 * GIB }
            }
            _ => Self { unit: "GiB", words: "GiB of memory", divisor: GIB },
        }
    }

    fn text(&self, amount: f64) -> String {
        let text = format::units(amount / self.divisor);
        let text = if text == format::NONE { "0".to_owned() } else { text };
        if self.divisor > 1.0 { format!("{text} {}", self.unit) } else { text }
    }

    fn scaled(&self, month: &PoolMonthView) -> PoolMonthView {
        let by = |amount: f64| amount / self.divisor;
        PoolMonthView {
            need: month.need.map(by),
            existing: by(month.existing),
            available: month.available.map(by),
            missing: (by(month.missing.0), by(month.missing.1)),
            ..month.clone()
        }
    }
}

fn data(months: &[PoolMonthView], id: &str, title: &str, words: &str) -> Table {
    let mut table = Table::new(format!("{id}-data"), title, words)
        .columns(Align::Text, &["Month"])
        .columns(Align::Number, &["p10", "Median need", "p90", "Exists", "Can run"])
        .columns(Align::Number, &["Chance short"]);
    for month in months {
        let mut row = vec![cell(format::month(month.month))];
        let shown = [month.need[0], month.need[2], month.need[4], month.existing];
        row.extend(shown.map(|amount| cell(format::units(amount))));
        row.push(cell(month.available.map_or_else(|| "no limit".to_owned(), format::units)));
        let tone = (month.short_chance >= 0.05).then_some(Tone::Bad);
        row.push(Cell { tone, ..cell(format::chance(month.short_chance)) });
        table.push(RowKind::Body, row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, report};
    use crate::report::panels;
    use crate::report::prose::Prose;

    #[test]
    fn every_panel_has_a_finding_and_its_data() {
        let view = report(&Words::default());
        let dashboard = document(&view);
        let ids: Vec<&str> = dashboard.sections.iter().map(|section| section.id).collect();
        assert!(
            ids.contains(&"gpus") && ids.contains(&"cost") && ids.contains(&"budget"),
            "{ids:?}"
        );
        for section in &dashboard.sections {
            let figure = section.blocks[0].figure.as_ref().unwrap();
            assert!(!figure.finding.is_empty() && !figure.data.rows.is_empty(), "{}", section.id);
            let why = section.blocks.iter().find_map(|block| block.prose.as_ref());
            // The made-up plan knows no drivers of need; `tests/outputs.rs` looks at plans that do.
            if let Some(Prose::Markdown(why)) = why {
                assert!(why.contains(".kdl:"), "{} names no line: {why}", section.id);
            } else {
                assert!(!["cost", "use", "budget", "flow"].contains(&section.id), "{}", section.id);
            }
            let link = section.blocks.iter().find_map(|block| block.links.as_ref()).unwrap();
            let file = panels::data(&view, section.id).unwrap();
            assert!(link[0].download && file.rows() > 0, "{}", section.id);
        }
        let labels: Vec<&str> = dashboard.figures.iter().map(|of| of.label.as_str()).collect();
        assert_eq!(labels, ["Next shortfall", "Next order by", "Variance to budget", "Idle cost"]);
    }

    #[test]
    fn a_plan_of_almost_nothing_has_a_dashboard() {
        let mut view = report(&Words::default());
        view.pools.clear();
        view.resources.clear();
        view.headroom.clear();
        view.bridge = None;
        view.flows.clear();
        view.cost.comparison = None;
        view.shortfall.first = None;
        let strip = document(&view).figures;
        assert_eq!(strip[0].value, "none");
        assert_eq!(strip[1].value, format::NONE);
    }
}
