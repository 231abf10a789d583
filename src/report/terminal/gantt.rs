//! Orders along the calendar, in characters: `○` ask, `─` approval and delivery, `▒` p50 to p90 of
//! delivery, `◆` needed (`◇` where indicative), `━` the term, `│` the as-of day.

use std::fmt::Write;

use super::{Color, Style};
use crate::calendar::{Date, Month, days_between};
use crate::money::Currency;
use crate::report::format;
use crate::report::view::{BudgetView, Ordered};

/// The orders of a view, one line each; nothing where there is none.
#[must_use]
pub fn gantt(view: &BudgetView, width: usize, color: Color) -> Option<String> {
    let orders = view.procurement.as_ref()?.all_orders();
    let today = view.provenance.as_of;
    let first = orders.iter().map(|order| order.order_by().0).min()?.min(today);
    let last = view.last_month();
    let first = last.calendar().month_of(first);
    let labels: Vec<String> = orders.iter().map(|order| label(*order, view.currency)).collect();
    let widest = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let left = widest.min(width / 2);
    let columns = width.saturating_sub(left + 2).max(20);
    let axis = Axis { first: first.first_day(), last: last.last_day(), columns };
    let mut text = color.paint(Style::Bold, "Orders along the calendar");
    text.push('\n');
    let _ = writeln!(text, "{:left$}  {}", "", axis.months(first, last));
    for (order, label) in orders.iter().zip(&labels) {
        let label: String = label.chars().take(left).collect();
        let line = axis.line(*order, today);
        let line = if order.late() { color.paint(Style::Red, &line) } else { line };
        text.push_str(format!("{label:left$}  {line}").trim_end());
        text.push('\n');
    }
    let key = "○ ask  ─ approval and delivery  ▒ delivery p50 to p90  ◆ needed (◇ indicative)  ━ binds  │ as of";
    text.push_str(&color.paint(Style::Dim, &super::wrap(key, width)));
    text.push('\n');
    Some(text)
}

fn label(order: Ordered<'_>, currency: Currency) -> String {
    match order {
        Ordered::Nodes(order) => {
            let product = order.product.replace(" months", " mo").replace(" upfront", "");
            format!("{} {} {product}", format::plain(&order.pool), order.nodes)
        }
        Ordered::Spend(order) => {
            let per_hour = order.per_hour.decimal().normalize();
            format!("{} {per_hour} {currency}/hour", format::plain(&order.savings_plan))
        }
    }
}

struct Axis {
    first: Date,
    last: Date,
    columns: usize,
}

impl Axis {
    /// The column of a day; the nearest inside.
    fn column(&self, day: Date) -> usize {
        let days = f64::from(days_between(self.first, self.last).max(1));
        let share = (f64::from(days_between(self.first, day)) / days).clamp(0.0, 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a column")]
        let column = (share * (self.columns - 1) as f64).round() as usize;
        column
    }

    /// Names of months where they fit.
    fn months(&self, first: Month, last: Month) -> String {
        let mut line = vec![' '; self.columns];
        let mut free = 0;
        for k in 0..=last.since(first) {
            let month = first.plus(k);
            let at = self.column(month.first_day());
            let name = if k == 0 || month.month() == 1 {
                format!("{} {}", month.short_name(), month.year())
            } else {
                month.short_name().to_owned()
            };
            let end = at + name.chars().count();
            if at >= free && end <= self.columns {
                line.splice(at..end, name.chars());
                free = end + 1;
            }
        }
        line.into_iter().collect::<String>().trim_end().to_owned()
    }

    fn line(&self, order: Ordered<'_>, today: Date) -> String {
        let mut line = vec![' '; self.columns];
        let (p50, p90) = order.in_service();
        let [ask, p50, p90, need, until] =
            [order.order_by(), p50, p90, order.need_by(), order.until()]
                .map(|day| self.column(day.0));
        line[need..=until].fill('━');
        line[ask..=p50].fill('─');
        if order.nodes().is_some() {
            line[p50..=p90].fill('▒');
        }
        line[self.column(today)] = '│';
        line[ask] = '○';
        line[need] = if order.firm() { '◆' } else { '◇' };
        line.into_iter().collect()
    }
}
