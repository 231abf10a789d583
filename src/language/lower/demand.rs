//! Demand: its unit, its level, its history, growth and events.

use std::sync::Arc;

use super::history::is_read;
use super::{Lower, rules};
use crate::estimate::Estimate;
use crate::language::nodes::{Noun, Range};
use crate::language::quantity::Quantity;
use crate::language::syntax::{Node, Value};
use crate::language::unit::{Base, Dimension, Unit};
use crate::language::values::{Nature, check_range};
use crate::plan::workload::{
    Demand, DemandAt, Event, Growth, GrowthKind, LogisticPace, SeasonPeriod,
};

/// What a demand is counted in.
#[derive(Debug, Clone)]
pub struct DemandUnit {
    /// What is counted: `req`, `byte`, `user`.
    pub name: String,
    /// Whether it is a rate, a second.
    pub is_rate: bool,
    /// The base unit: `req/s`, or `byte`.
    pub unit: Unit,
    /// The base unit in words.
    pub text: String,
}

impl DemandUnit {
    /// The unit of a rate or a stock of something.
    pub(super) fn of(name: &str, is_rate: bool, lower: &Lower<'_, '_>) -> Option<Self> {
        let text = if is_rate { format!("{name}/s") } else { name.to_owned() };
        let unit = lower.values.unit_of(&text)?;
        Some(Self { name: name.to_owned(), is_rate, unit, text })
    }

    /// The unit of a step a month.
    fn a_month(&self, lower: &Lower<'_, '_>) -> Option<(Unit, String)> {
        let text = if self.is_rate {
            format!("{}/s-month", self.name)
        } else {
            format!("{}/month", self.name)
        };
        Some((lower.values.unit_of(&text)?, text))
    }
}

/// What one thing a dimension counts, and whether it is a rate.
fn counted(dimension: &Dimension) -> Option<(String, bool)> {
    let mut name = None;
    let mut time = 0;
    for (base, power) in dimension.powers() {
        match base {
            Base::Second | Base::Month => time += power,
            Base::Counted(counted) if *power == 1 && name.is_none() => {
                name = Some(counted.to_string());
            }
            Base::Byte if *power == 1 && name.is_none() => name = Some("byte".to_owned()),
            _ => return None,
        }
    }
    match time {
        0 => Some((name?, false)),
        -1 => Some((name?, true)),
        _ => None,
    }
}

/// The numerator and denominator of a conversion: `25 req/page`.
fn conversion(dimension: &Dimension) -> Option<(String, String)> {
    let named = |base: &Base| match base {
        Base::Counted(name) => Some(name.to_string()),
        Base::Byte => Some("byte".to_owned()),
        _ => None,
    };
    match dimension.powers() {
        [(a, 1), (b, -1)] => Some((named(a)?, named(b)?)),
        [(a, -1), (b, 1)] => Some((named(b)?, named(a)?)),
        _ => None,
    }
}

impl<'t> Lower<'t, '_> {
    /// The demand of the workload at `index`, as written, where it is right.
    fn demand_node(&self, index: usize) -> Option<&'t Node> {
        let merged = self.merged.get(index)?;
        merged
            .children
            .iter()
            .copied()
            .find(|c| &*c.name.text == "demand")
            .filter(|c| self.sound(c))
    }

    /// What the demand of a workload is counted in.
    pub(super) fn demand_unit(&mut self, index: usize) -> Option<DemandUnit> {
        self.demand_unit_seen(index, &mut Vec::new())
    }

    fn demand_unit_seen(&mut self, index: usize, seen: &mut Vec<usize>) -> Option<DemandUnit> {
        let node = self.demand_node(index)?;
        if let Some(from) = seen.iter().position(|known| *known == index) {
            // A circle is one mistake, wherever one enters it.
            let first = seen[from..].iter().min().and_then(|index| self.demand_node(*index));
            self.report.push(rules::follows_cycle(first.unwrap_or(node)));
            return None;
        }
        seen.push(index);
        if let Some(followed) = followed(node) {
            let by = node.prop("by")?;
            let read = self.values.read(by, None, self.report)?;
            let followed = self.names.find(Noun::Workload, followed.text()?)?;
            let other = self.demand_unit_seen(followed, seen)?;
            let Some((own, of)) = conversion(&read.quantity.unit.dimension) else {
                self.report.push(rules::follows_unit(by, &other.name));
                return None;
            };
            if of != other.name {
                self.report.push(rules::follows_unit(by, &other.name));
                return None;
            }
            return DemandUnit::of(&own, other.is_rate, self);
        }
        let (value, quantity) = self.stated_unit(node)?;
        let found = counted(&quantity.unit.dimension);
        let Some((name, is_rate)) = found else {
            self.report.push(rules::demand_unit(value, &quantity));
            return None;
        };
        DemandUnit::of(&name, is_rate, self)
    }

    /// The quantity that says a demand's unit: its level, or its history's `unit`.
    fn stated_unit(&mut self, node: &'t Node) -> Option<(&'t Value, Quantity)> {
        if let Some(level) = level(node) {
            let read = self.values.read(level, None, self.report)?;
            return Some((level, read.quantity));
        }
        let history = self.setting(node, "history");
        if let Some(unit) = history.and_then(|history| history.prop("unit")) {
            Some((unit, self.values.written_unit(unit, self.report)?))
        } else {
            if node.child("history").is_none() || history.is_some() {
                self.report.push(rules::demand_without_level(node));
            }
            None
        }
    }

    pub(super) fn demand(
        &mut self,
        workload: &str,
        node: &'t Node,
        unit: &DemandUnit,
    ) -> Option<Demand> {
        let path = format!("workload/{workload}");
        let base =
            level(node).map(|level| self.in_unit(level, node, unit, || format!("{path}/demand")));
        let follows = followed(node).map(|followed| {
            let by = node.prop("by")?;
            let id = self.id(Noun::Workload, followed)?;
            let read = self.values.read(by, node.prop("dist"), self.report)?;
            let own = read.quantity.unit.dimension.clone();
            let (above, below) = conversion(&own)?;
            let target = self.values.unit_of(&format!("{above}/{below}"))?;
            let converted = self.values.convert(&read, &target, "", self.report)?;
            Some((id, read.estimate(converted, 1.0, Nature::Plain, || format!("{path}/follows"))))
        });
        let history_node = self.setting(node, "history");
        let history = history_node.and_then(|history| self.history(node, history, unit));
        let measured = history.as_ref().is_some_and(is_read);
        if level(node).is_none() && follows.is_none() && history.is_some() && !measured {
            self.report.push(rules::demand_without_level(node));
            return None;
        }
        if level(node).is_none() && follows.is_none() && history.is_none() {
            return None;
        }
        if let Some(history) = history_node
            && history.prop("fit").is_none()
            && let Some(growth) = node.children.iter().find(|child| is_trend(child))
        {
            self.report.push(rules::history_without_fit(history, growth));
        }
        let growth = self.growth(&node.children, unit, &path);
        let mut events: Vec<Event> = Vec::new();
        for event in self.settings(node, "event") {
            events.extend(self.event(&path, event, unit));
        }
        events.sort_by(|a, b| a.name.cmp(&b.name));
        let at = match node.prop("at").and_then(Value::text) {
            Some("peak") => DemandAt::Peak,
            _ => DemandAt::Mean,
        };
        let base = match base {
            Some(None) => return None,
            Some(base) => base,
            None => None,
        };
        let follows = match follows {
            Some(None) => return None,
            Some(follows) => follows,
            None => None,
        };
        Some(Demand {
            base,
            unit: unit.name.clone(),
            is_rate: unit.is_rate,
            at,
            follows,
            history,
            growth,
            events,
            origin: node.origin(),
        })
    }

    /// A value in the demand's base unit.
    fn in_unit(
        &mut self,
        value: &Value,
        node: &Node,
        unit: &DemandUnit,
        key: impl FnOnce() -> String,
    ) -> Option<Estimate> {
        let read = self.values.read(value, node.prop("dist"), self.report)?;
        let converted = self.values.convert(&read, &unit.unit, &unit.text, self.report)?;
        check_range(&read, converted, Range::NonNegative, self.report).then_some(())?;
        Some(read.estimate(converted, 1.0, Nature::Plain, key))
    }

    /// Growth terms among `children`, of something counted in `unit`, in the order of their kinds.
    pub(super) fn growth(
        &mut self,
        children: &'t [Node],
        unit: &DemandUnit,
        path: &str,
    ) -> Vec<Growth> {
        let mut terms: Vec<(String, Growth)> = Vec::new();
        for node in children {
            if &*node.name.text != "growth" || !self.sound(node) {
                continue;
            }
            let Some(form) = node.arg(0).and_then(Value::text) else { continue };
            let path = format!("{path}/growth.{form}");
            let kind = match form {
                "compound" => {
                    self.estimate(node, 1, "%/month", 0.01, || path).map(GrowthKind::Compound)
                }
                "linear" => self.linear(node, unit, path),
                "logistic" => self.logistic(node, unit, &path),
                "seasonal" => self.seasonal(node, &path),
                "table" => self.growth_table(node, unit, &path),
                _ => self.growth_to(node, unit, path),
            };
            if let Some(kind) = kind {
                terms.push((form.to_owned(), Growth { kind, origin: node.origin() }));
            }
        }
        terms.sort_by(|a, b| a.0.cmp(&b.0));
        terms.into_iter().map(|(_, growth)| growth).collect()
    }

    fn linear(&mut self, node: &'t Node, unit: &DemandUnit, path: String) -> Option<GrowthKind> {
        let read = self.values.read(node.arg(1)?, node.prop("dist"), self.report)?;
        if read.quantity.unit.dimension.power(&Base::Percent) == 1 {
            let target = self.values.unit("%/month", None);
            let converted = self.values.convert(&read, &target, "%/month", self.report)?;
            let rate = read.estimate(converted, 0.01, Nature::Plain, || path);
            return Some(GrowthKind::LinearShare(rate));
        }
        let (target, text) = unit.a_month(self)?;
        let converted = self.values.convert(&read, &target, &text, self.report)?;
        Some(GrowthKind::LinearStep(read.estimate(converted, 1.0, Nature::Plain, || path)))
    }

    fn logistic(&mut self, node: &'t Node, unit: &DemandUnit, path: &str) -> Option<GrowthKind> {
        let ceiling = self.setting(node, "ceiling").and_then(|ceiling| {
            self.in_unit(ceiling.arg(0)?, ceiling, unit, || format!("{path}.ceiling"))
        });
        let pace = match (node.child("midpoint"), node.child("steepness")) {
            (Some(midpoint), None) => {
                self.values.month(midpoint.arg(0)?, self.report).map(LogisticPace::Midpoint)
            }
            (None, Some(steepness)) => self
                .sound(steepness)
                .then(|| {
                    let key = || format!("{path}.steepness");
                    self.estimate(steepness, 0, "%/month", 0.01, key)
                })
                .flatten()
                .map(LogisticPace::Steepness),
            (midpoint, _) => {
                self.report.push(rules::logistic_pace(node, midpoint));
                None
            }
        };
        Some(GrowthKind::Logistic { ceiling: ceiling?, pace: pace? })
    }

    fn seasonal(&mut self, node: &'t Node, path: &str) -> Option<GrowthKind> {
        let period = match self.word(node, "period")? {
            "day" => SeasonPeriod::Day,
            "week" => SeasonPeriod::Week,
            _ => SeasonPeriod::Year,
        };
        let peak = self.setting(node, "peak-to-mean")?;
        let peak_to_mean = self.estimate(peak, 0, "", 1.0, || format!("{path}.peak-to-mean"))?;
        Some(GrowthKind::Seasonal { period, peak_to_mean })
    }

    fn growth_table(
        &mut self,
        node: &'t Node,
        unit: &DemandUnit,
        path: &str,
    ) -> Option<GrowthKind> {
        let mut rows = Vec::new();
        for row in self.settings(node, "at") {
            let month = self.values.month(row.arg(0)?, self.report)?;
            let level = self.in_unit(row.arg(1)?, row, unit, || format!("{path}.{month}"))?;
            rows.push((month, level));
        }
        rows.sort_by_key(|(month, _)| *month);
        Some(GrowthKind::Table(rows))
    }

    fn growth_to(&mut self, node: &'t Node, unit: &DemandUnit, path: String) -> Option<GrowthKind> {
        let level = self.in_unit(node.arg(1)?, node, unit, || path)?;
        let by = self.values.month(node.prop("by")?, self.report)?;
        Some(GrowthKind::To { level, by })
    }

    fn event(&mut self, path: &str, node: &'t Node, unit: &DemandUnit) -> Option<Event> {
        let name = Self::name(node)?;
        let path = format!("{path}/event.{name}");
        let at = self.values.first_day(node.prop("at")?, self.report);
        let until = node.prop("until").map(|day| self.values.last_day(day, self.report));
        let mut factor = |word: &str| {
            let setting = self.setting(node, word)?;
            self.estimate(setting, 0, "", 1.0, || format!("{path}.{word}"))
        };
        let (multiply, scale_capacity) = (factor("multiply"), factor("scale-capacity"));
        let add = self.setting(node, "add").and_then(|add| {
            let value = add.arg(0)?;
            let read = self.values.read(value, add.prop("dist"), self.report)?;
            let converted = self.values.convert(&read, &unit.unit, &unit.text, self.report)?;
            Some(read.estimate(converted, 1.0, Nature::Plain, || format!("{path}.add")))
        });
        let chance_node = self.setting(node, "chance");
        let chance = self.setting_share(node, "chance");
        let shared = chance_node
            .and_then(|chance| chance.arg(0))
            .filter(|value| value.annotation.is_some())
            .and_then(Value::text);
        let chance_key = match shared {
            Some(name) => format!("let/{name}"),
            None => format!("{path}.chance"),
        };
        let ramp_days = self.setting_figure(node, "ramp", "day");
        let (at, until) = (at?, until.flatten());
        if until.is_some_and(|until| until < at) {
            self.report.push(rules::event_backwards(node));
            return None;
        }
        if multiply.is_none() && add.is_none() && scale_capacity.is_none() {
            let given = ["multiply", "add", "scale-capacity"];
            if given.iter().all(|word| node.child(word).is_none()) {
                self.report.push(rules::empty_event(node));
            }
            return None;
        }
        Some(Event {
            name,
            at,
            until,
            multiply,
            add,
            scale_capacity,
            ramp_days,
            chance,
            chance_key: Arc::from(chance_key),
            origin: node.origin(),
        })
    }
}

/// Whether a node is a growth that is a trend, and not a season.
fn is_trend(node: &Node) -> bool {
    &*node.name.text == "growth"
        && node.arg(0).and_then(Value::text).is_some_and(|form| form != "seasonal")
}

/// The stated level of a demand.
pub(super) fn level(node: &Node) -> Option<&Value> {
    node.arg(0).filter(|value| value.text() != Some("follows") || value.annotation.is_some())
}

/// The workload that a demand follows.
pub(super) fn followed(node: &Node) -> Option<&Value> {
    let at = node.args.iter().position(|value| {
        matches!(&value.kind, crate::language::syntax::ValueKind::Bare(word) if &**word == "follows")
            && value.annotation.is_none()
    })?;
    node.args.get(at + 1)
}
