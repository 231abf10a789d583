//! The plan node and the shared assumptions.

use super::{Draft, Lower, count, prop_text};
use crate::calendar::weeks::{Pattern, Weekday, Weeks, YearEnd};
use crate::calendar::{Calendar, FiscalCalendar, FiscalLabel, Horizon};
use crate::draws::Draws;
use crate::language::nodes::Noun;
use crate::language::quantity;
use crate::language::report::Report;
use crate::language::syntax::{Node, Value, ValueKind};
use crate::language::unit;
use crate::language::values::{self, Nature, Values};
use crate::plan::{Assumption, Fx};

use super::rules;

/// Reads the currency, the rates and the calendar, so that amounts and months can be read anywhere.
pub(super) fn currency_and_rates<'t>(plan: &'t Node, values: &mut Values<'t>, report: &mut Report) {
    values.currency =
        plan.child("currency").and_then(|node| node.arg(0)?.text()).and_then(unit::currency);
    values.calendar = plan.child("fiscal-year").map_or(Calendar::Gregorian, calendar);
    for fx in plan.children_named("fx") {
        let Some(code) = fx.arg(0).and_then(Value::text).and_then(unit::currency) else { continue };
        let Some(own) = values.currency else { continue };
        let Some(rate) = fx.arg(1) else { continue };
        if code == own {
            report.push(rules::fx_of_own_currency(fx, own));
            continue;
        }
        let Some(read) = values.read(rate, None, &mut Report::default()) else { continue };
        if read.quantity.unit.dimension.currency() != Some(own) {
            report.push(rules::fx_not_in_plan_currency(rate, code, own));
            values.bad_rates.push(code);
            values.bad_rates.extend(read.quantity.unit.dimension.currency());
            continue;
        }
        if let Some(exact) = read.quantity.low.exact.filter(|exact| !exact.is_zero()) {
            values.fx.insert(code, exact);
        }
    }
}

/// The month of the year in which fiscal years begin.
fn starts(fiscal_year: &Node) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = fiscal_year.prop("starts")?.text()?;
    i8::try_from(MONTHS.iter().position(|month| *month == word)? + 1).ok()
}

/// The calendar that a `fiscal-year` gives the plan's months: the usual one without a `pattern`, or with one that
/// is reported elsewhere.
fn calendar(fiscal_year: &Node) -> Calendar {
    const DAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let weeks = || {
        let pattern = fiscal_year.child("pattern")?;
        let word = pattern.arg(0)?.text()?;
        let day = |word: &str| {
            let place = DAYS.iter().position(|day| *day == word)?;
            Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok()
        };
        Some(Weeks {
            pattern: Pattern::ALL.into_iter().find(|pattern| pattern.word() == word)?,
            starts: starts(fiscal_year)?,
            weeks_begin: match pattern.prop("weeks-begin") {
                Some(word) => day(word.text()?)?,
                None => Weekday::Sunday,
            },
            year_ends: match pattern.prop("year-ends").and_then(Value::text) {
                Some("last") => YearEnd::Last,
                _ => YearEnd::Nearest,
            },
        })
    };
    weeks().map_or(Calendar::Gregorian, Calendar::Weeks)
}

impl<'t> Lower<'t, '_> {
    pub(super) fn plan(&mut self, node: &'t Node, draft: &mut Draft) {
        draft.name = node.arg(0).and_then(Value::text).map(str::to_owned);
        if let Some(version) = self.setting(node, "version").and_then(|v| v.arg(0))
            && values::whole(version) != Some(1)
        {
            self.report.push(rules::unknown_version(version));
        }
        draft.as_of = self
            .setting(node, "as-of")
            .and_then(|as_of| self.values.date(as_of.arg(0)?, self.report));
        draft.currency = self.values.currency;
        draft.horizon = self.setting(node, "horizon").and_then(|horizon| {
            let first = self.values.month(horizon.prop("from")?, self.report)?;
            let months = count(horizon.prop("months"))? as usize;
            if months > 120 {
                self.report.push(rules::horizon_too_long(horizon, months));
                return None;
            }
            Some(Horizon { first, months })
        });
        draft.fiscal = match self.setting(node, "fiscal-year") {
            Some(fiscal) => self.fiscal(fiscal),
            None if node.child("fiscal-year").is_some() => None,
            None => Some(FiscalCalendar {
                starts: 1,
                label: FiscalLabel::StartYear,
                months: Calendar::Gregorian,
            }),
        };
        let number = |name: &str| node.child(name).and_then(|n| n.arg(0)).and_then(values::whole);
        let seed = number("seed").and_then(|seed| u64::try_from(seed).ok()).unwrap_or(0);
        let count = number("draws").and_then(|count| usize::try_from(count).ok()).unwrap_or(1000);
        if count > 1_000_000 {
            self.report.push(rules::too_many_draws(node, count));
        } else if count > 0 {
            draft.draws = Some(Draws::new(seed, count));
        }
        for fx in self.settings(node, "fx") {
            let code = fx.arg(0).and_then(Value::text).and_then(unit::currency);
            let rate = code.and_then(|code| self.values.fx.get(&code).copied());
            if let (Some(code), Some(rate)) = (code, rate) {
                let as_of = fx.prop("as-of").and_then(|day| self.values.date(day, self.report));
                let source = prop_text(fx, "source");
                draft.fx.insert(code, Fx { rate, as_of, source, origin: fx.origin() });
            }
        }
    }

    fn fiscal(&mut self, node: &Node) -> Option<FiscalCalendar> {
        let word = node.prop("starts")?.text()?;
        let starts = starts(node)?;
        let label = match node.prop("label").and_then(Value::text) {
            Some("end-year") => FiscalLabel::EndYear,
            Some(_) => FiscalLabel::StartYear,
            None if starts == 1 => FiscalLabel::StartYear,
            None => {
                self.report.push(rules::fiscal_label(node, word));
                return None;
            }
        };
        Some(FiscalCalendar { starts, label, months: calendar(node) })
    }

    pub(super) fn assumptions(&mut self) -> Vec<Assumption> {
        let names = self.names;
        names.all(Noun::Let).iter().filter_map(|name| self.assumption(name.node)).collect()
    }

    fn assumption(&mut self, node: &Node) -> Option<Assumption> {
        let name = node.arg(0)?.text()?.to_owned();
        let value = node.arg(1)?;
        let text = match &value.kind {
            ValueKind::Quoted(text) | ValueKind::Bare(text) | ValueKind::Number(text) => {
                text.to_string()
            }
            ValueKind::Bool(flag) => flag.to_string(),
            ValueKind::Null => return None,
        };
        let names = self.names;
        let counted = |unit: &str| names.find(Noun::CountedUnit, unit).is_some();
        let is_quantity = quantity::parse(&text, &counted).is_ok();
        let key = || format!("let/{name}");
        let estimate = if is_quantity {
            let read = self.values.read(value, node.prop("dist"), self.report);
            read.and_then(|read| {
                // A percentage is kept as a share, everything else in the unit it is written in.
                let percent =
                    read.quantity.unit.dimension.power(&crate::language::unit::Base::Percent) == 1;
                let own = read.quantity.unit.clone();
                let converted = read.quantity.convert(&own).ok()?;
                let scale = if percent { 0.01 } else { 1.0 };
                let share = percent && read.quantity.unit.dimension.powers().len() == 1;
                let nature = if share { Nature::Share } else { Nature::Plain };
                Some(read.estimate(converted, scale, nature, key))
            })
        } else {
            None
        };
        let date = |lower: &mut Self, name: &str| {
            let day = lower.setting(node, name)?.arg(0)?;
            lower.values.date(day, lower.report)
        };
        let as_of = date(self, "as-of");
        let review_by = date(self, "review-by");
        let value = estimate.map(|mut estimate| {
            estimate.key = std::sync::Arc::from(format!("let/{name}"));
            estimate
        });
        Some(Assumption {
            title: self.text(node, "title"),
            source: self.text(node, "source"),
            note: self.text(node, "note"),
            name,
            text,
            value,
            as_of,
            review_by,
            origin: node.origin(),
        })
    }
}
