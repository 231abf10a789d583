//! Events: what they multiply, add and scale on a day, one effect a draw.
//!
//! A ramp of so many days arrives in whole weeks: of n = ceil(days ÷ 7) steps, step i (from 0) begins
//! 7·i days after the first day and brings the effect to (i + 1)/n of its full size. An end is sudden.
//! All multiplications come before all additions, so the order of events changes nothing.

use crate::calendar::{Date, plus_days};
use crate::draws::Draws;
use crate::plan::workload::Event;

/// The events of one workload, drawn.
#[derive(Debug)]
pub struct Effects<'a> {
    events: Vec<Drawn<'a>>,
    /// The day whose level is known: what events did by then is in it.
    known: Option<Date>,
}

#[derive(Debug)]
struct Drawn<'a> {
    event: &'a Event,
    multiply: Option<Vec<f64>>,
    add: Option<Vec<f64>>,
    scale_capacity: Option<Vec<f64>>,
}

impl<'a> Effects<'a> {
    /// Draws what every event does, once for all days; nothing where it does not happen.
    #[must_use]
    pub fn draw(events: &'a [Event], draws: Draws) -> Self {
        let mut events: Vec<Drawn<'a>> = events.iter().map(|event| drawn(event, draws)).collect();
        events.sort_by(|a, b| a.event.name.cmp(&b.event.name));
        Self { events, known: None }
    }

    /// The same on top of a level that was measured to the end of a day: what an event did by then is in
    /// it, and only what changes afterwards is applied.
    #[must_use]
    pub fn after(self, known: Date) -> Self {
        Self { known: Some(known), ..self }
    }

    /// The share of an event's effect that is in the level already.
    fn before(&self, event: &Event) -> f64 {
        self.known.map_or(0.0, |known| share(event, known))
    }

    /// The days on which a level may change: where an event begins, steps or is over.
    #[must_use]
    pub fn breaks(&self) -> Vec<Date> {
        let mut days = Vec::new();
        for Drawn { event, .. } in &self.events {
            days.extend((0..ramp_steps(event)).map(|step| plus_days(event.at, 7 * step)));
            days.extend(event.until.map(|until| plus_days(until, 1)));
        }
        days
    }

    /// Applies the events of a day to a level: multiplies, then adds, never below zero.
    pub fn apply(&self, day: Date, level: &mut [f64]) {
        for drawn in &self.events {
            let (share, before) = (share(drawn.event, day), self.before(drawn.event));
            if let Some(factors) = drawn.multiply.as_ref().filter(|_| share > 0.0 || before > 0.0) {
                for (level, factor) in level.iter_mut().zip(factors) {
                    let by = |share: f64| (1.0 + (factor - 1.0) * share).max(0.0);
                    // What a factor of zero took away cannot be told from what is left.
                    let known = if by(before) > 0.0 { by(before) } else { 1.0 };
                    *level *= by(share) / known;
                }
            }
        }
        for drawn in &self.events {
            let (share, before) = (share(drawn.event, day), self.before(drawn.event));
            if let Some(amounts) = drawn.add.as_ref().filter(|_| share > 0.0 || before > 0.0) {
                for (level, amount) in level.iter_mut().zip(amounts) {
                    *level += amount * (share - before);
                }
            }
        }
        for level in level {
            *level = level.max(0.0);
        }
    }

    /// What the events of a day multiply the serving capacity by; `None` where they leave it alone.
    #[must_use]
    pub fn capacity_factor(&self, day: Date, draws: Draws) -> Option<Vec<f64>> {
        let mut product: Option<Vec<f64>> = None;
        for drawn in &self.events {
            let share = share(drawn.event, day);
            if let Some(factors) = drawn.scale_capacity.as_ref().filter(|_| share > 0.0) {
                let product = product.get_or_insert_with(|| vec![1.0; draws.count()]);
                for (product, factor) in product.iter_mut().zip(factors) {
                    *product *= (1.0 + (factor - 1.0) * share).max(0.0);
                }
            }
        }
        product
    }
}

fn drawn(event: &Event, draws: Draws) -> Drawn<'_> {
    let happens = event.chance.map(|chance| draws.happens(chance, &event.chance_key));
    let keep = |mut values: Vec<f64>, without: f64| {
        for (value, happens) in values.iter_mut().zip(happens.iter().flatten()) {
            if !happens {
                *value = without;
            }
        }
        values
    };
    Drawn {
        event,
        multiply: event.multiply.as_ref().map(|factor| keep(draws.values(factor), 1.0)),
        add: event.add.as_ref().map(|amount| keep(draws.values(amount), 0.0)),
        scale_capacity: event.scale_capacity.as_ref().map(|factor| keep(draws.values(factor), 1.0)),
    }
}

/// How many weekly steps an event arrives in, at least one.
#[expect(clippy::cast_possible_truncation, reason = "a ramp is far shorter than 2^31 weeks")]
fn ramp_steps(event: &Event) -> i32 {
    event.ramp_days.map_or(1, |days| ((days / 7.0).ceil() as i32).max(1))
}

/// The share of its full effect that an event has on a day.
pub(super) fn share(event: &Event, day: Date) -> f64 {
    if day < event.at || event.until.is_some_and(|until| day > until) {
        return 0.0;
    }
    let steps = ramp_steps(event);
    let begun = crate::calendar::days_between(event.at, day) / 7 + 1;
    f64::from(begun.min(steps)) / f64::from(steps)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::forecast::sample::{between, event, fixed};
    use jiff::civil::date;

    fn level_on(events: &[Event], day: Date) -> f64 {
        let mut level = vec![100.0];
        Effects::draw(events, Draws::new(1, 1)).apply(day, &mut level);
        level[0]
    }

    #[test]
    fn a_ramp_steps_every_week_and_its_end_is_sudden() {
        let launch = Event {
            multiply: Some(fixed(2.0)),
            ramp_days: Some(28.0),
            until: Some(date(2027, 5, 31)),
            ..event("launch", date(2027, 3, 1))
        };
        let on = |month, day| level_on(std::slice::from_ref(&launch), date(2027, month, day));
        assert_eq!(on(2, 28), 100.0);
        assert_eq!(
            [on(3, 1), on(3, 7), on(3, 8), on(3, 15), on(3, 22)],
            [125.0, 125.0, 150.0, 175.0, 200.0]
        );
        assert_eq!([on(5, 31), on(6, 1)], [200.0, 100.0]);
        let breaks = Effects::draw(std::slice::from_ref(&launch), Draws::new(1, 1)).breaks();
        let days = [(3, 1), (3, 8), (3, 15), (3, 22), (6, 1)];
        assert_eq!(breaks, days.map(|(month, day)| date(2027, month, day)));
    }

    #[test]
    fn what_an_event_did_by_the_day_of_a_measured_level_is_not_done_again() {
        let launch = Event { multiply: Some(fixed(2.0)), ..event("launch", date(2026, 3, 1)) };
        let sale = Event {
            add: Some(fixed(20.0)),
            until: Some(date(2027, 1, 31)),
            ..event("sale", date(2026, 11, 1))
        };
        let events = [launch, sale];
        let effects = Effects::draw(&events, Draws::new(1, 1)).after(date(2026, 11, 30));
        let on = |day| {
            let mut level = vec![100.0];
            effects.apply(day, &mut level);
            level[0]
        };
        assert_eq!([on(date(2027, 1, 1)), on(date(2027, 2, 1))], [100.0, 80.0]);
    }

    #[test]
    fn multiplications_come_before_additions_in_any_order_of_events() {
        let at = date(2027, 3, 1);
        let add = Event { add: Some(fixed(10.0)), ..event("a", at) };
        let multiply = Event { multiply: Some(fixed(3.0)), ..event("b", at) };
        assert_eq!(level_on(&[add.clone(), multiply.clone()], at), 310.0);
        assert_eq!(level_on(&[multiply, add], at), 310.0);
    }

    #[test]
    fn an_event_of_chance_happens_in_its_share_of_draws_and_shared_keys_happen_together() {
        let draws = Draws::new(5, 1000);
        let at = date(2027, 3, 1);
        let win = |name: &str| Event {
            multiply: Some(fixed(2.0)),
            chance: Some(0.3),
            chance_key: "let/win".into(),
            ..event(name, at)
        };
        let events = [win("a"), win("b")];
        let mut level = vec![1.0; 1000];
        Effects::draw(&events, draws).apply(at, &mut level);
        assert_eq!(level.iter().filter(|level| **level == 4.0).count(), 300);
        assert_eq!(level.iter().filter(|level| **level == 1.0).count(), 700);
    }

    #[test]
    fn a_heavier_model_scales_capacity_from_its_day_on() {
        let draws = Draws::new(1, 100);
        let heavier =
            Event { scale_capacity: Some(between(0.6, 0.8)), ..event("v3", date(2027, 3, 15)) };
        let events = [heavier];
        let effects = Effects::draw(&events, draws);
        assert!(effects.capacity_factor(date(2027, 3, 14), draws).is_none());
        let factors = effects.capacity_factor(date(2027, 3, 15), draws).unwrap();
        assert!(factors.iter().all(|factor| (0.4..1.0).contains(factor)));
    }
}
