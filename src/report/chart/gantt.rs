//! Orders along the calendar: asked for, decided, delivered (p50 to p90), needed, and how long they bind.
//!
//! One row an order, of nodes or of spend by the hour. A thin line runs from the last day to ask to the median delivery, a bar from there to
//! the 90th percentile, a diamond marks the day it is needed, and a pale bar the part of the term inside
//! the horizon.

use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both, shortened};
use crate::calendar::{Date, Month, days_between};
use crate::report::view::{Ordered, ProcurementView};

/// What a chart of orders spans.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Span {
    /// The first month shown.
    pub(in crate::report) first: Month,
    /// The last month shown.
    pub(in crate::report) last: Month,
    /// The day it is looked at from.
    pub(in crate::report) today: Date,
}

/// The most orders drawn.
pub(in crate::report) const MOST: usize = 24;

/// The span that holds every date of the drawn orders: from before the first is asked for to the horizon's
/// end.
pub(in crate::report) fn span(view: &ProcurementView, today: Date, last: Month) -> Span {
    let orders = view.all_orders();
    let asked = orders.iter().take(MOST).map(|order| order.order_by().0);
    let first = asked.chain(std::iter::once(today)).min();
    let first = first.map_or(last, |day| last.calendar().month_of(day));
    Span { first, last, today }
}

/// Draws the orders, the first to be asked for on top.
pub(in crate::report) fn draw(
    orders: &[Ordered<'_>],
    span: Span,
    label: impl Fn(Ordered<'_>) -> String,
    naming: Naming<'_>,
) -> Chart {
    both(naming, |layout| picture(orders, span, &label, layout))
}

const ROW: f64 = 24.0;

struct Axis {
    left: f64,
    right: f64,
    first: Date,
    days: f64,
}

impl Axis {
    /// Where a day lies, inside the chart.
    fn x(&self, day: Date) -> f64 {
        let share = f64::from(days_between(self.first, day)) / self.days;
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

fn picture(
    orders: &[Ordered<'_>],
    span: Span,
    label: &dyn Fn(Ordered<'_>) -> String,
    layout: Layout,
) -> Svg {
    let shown = &orders[..orders.len().min(MOST)];
    let top = 48.0;
    // On phones the label stands above its row.
    let row = layout.choose(ROW, ROW + 16.0);
    let bottom = top + row * shown.len() as f64;
    let mut svg = Svg::new(bottom + 14.0);
    let first = span.first.first_day();
    let axis = Axis {
        left: layout.choose(330.0, 8.0),
        right: layout.width() - 12.0,
        first,
        days: f64::from(days_between(first, span.last.last_day())).max(1.0),
    };
    months(&mut svg, &axis, span, (top, bottom), layout);
    let today = axis.x(span.today);
    svg.line("today", (today, top - 6.0), (today, bottom));
    for (place, order) in shown.iter().enumerate() {
        let y = top + row * place as f64 + row - ROW / 2.0;
        let name = shortened(&label(*order), layout.choose(46, 60));
        let at = layout.choose((axis.left - 10.0, y + 4.0), (axis.left, y - 14.0));
        svg.text("orderlabel", at, layout.choose(Anchor::End, Anchor::Start), &name);
        bar(&mut svg, &axis, *order, y);
    }
    svg
}

fn months(svg: &mut Svg, axis: &Axis, span: Span, (top, bottom): (f64, f64), layout: Layout) {
    let count = span.last.since(span.first) + 1;
    let step = (axis.right - axis.left) / f64::from(count.max(1));
    let every = [1, 2, 3, 6, 12]
        .into_iter()
        .find(|every| step * f64::from(*every) >= layout.choose(34.0, 40.0))
        .unwrap_or(12);
    let mut year = None;
    for k in (0..count).step_by(usize::try_from(every).unwrap_or(1)) {
        let month = span.first.plus(k);
        let x = axis.x(month.first_day());
        svg.line("grid", (x, top - 6.0), (x, bottom));
        svg.text("ax", (x + 3.0, top - 12.0), Anchor::Start, month.short_name());
        if year.replace(month.year()) != Some(month.year()) {
            svg.text("ax", (x + 3.0, top - 28.0), Anchor::Start, &month.year().to_string());
        }
    }
}

fn bar(svg: &mut Svg, axis: &Axis, order: Ordered<'_>, y: f64) {
    let (p50, p90) = order.in_service();
    let [ask, p50, p90, need, until] =
        [order.order_by(), p50, p90, order.need_by(), order.until()].map(|day| axis.x(day.0));
    svg.rect("term", (need, y - 6.0), ((until - need).max(0.0), 12.0));
    svg.line("leadtime", (ask, y), (p50, y));
    svg.circle("asked", (ask, y), 3.0);
    let late = order.nodes().and_then(|order| order.late.as_ref());
    // Spend is not delivered.
    if order.nodes().is_some() {
        let class = if late.is_some() { "slip lateslip" } else { "slip" };
        svg.rect(class, (p50, y - 4.0), ((p90 - p50).max(1.5), 8.0));
    }
    if let Some(late) = late {
        let needed = axis.x(late.needed.0);
        svg.line("bridge", (needed, y + 8.0), (need, y + 8.0));
    }
    let class = if order.firm() { "need firmneed" } else { "need" };
    svg.area(class, [(need, y - 6.0), (need + 6.0, y), (need, y + 6.0), (need - 6.0, y)]);
}
