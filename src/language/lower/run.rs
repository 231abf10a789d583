//! Runs of training and batch.

use super::serving::Served;
use super::{DemandUnit, Lower, count, rules};
use crate::calendar::Date;
use crate::estimate::Estimate;
use crate::language::nodes::Range;
use crate::language::syntax::{Node, Value};
use crate::language::unit::{Base, Unit};
use crate::language::values::{self, Nature, check_range};
use crate::plan::workload::{
    Checkpoint, Deadline, Every, Finish, Run, RunTimes, RunWork, WorkUnit,
};

impl<'t> Lower<'t, '_> {
    pub(super) fn run(
        &mut self,
        workload: &str,
        node: &'t Node,
        served: Option<&Served>,
        first_day: Option<Date>,
        checkpoint: Option<&'t Node>,
    ) -> Option<Run> {
        if !self.sound(node) {
            return None;
        }
        let name = Self::name(node)?;
        let path = format!("workload/{workload}/run.{name}");
        let when = self.run_times(node);
        let work = self.run_work(&path, node, served, when.as_ref());
        let starts = match &when {
            Some(RunTimes::At(day) | RunTimes::Every { from: Some(day), .. }) => Some(*day),
            _ => first_day,
        };
        let start_hour = self.start_hour(node, starts);
        let restarts_per_hour = self.restarts(&path, node);
        let checkpoint =
            node.child("checkpoint").or(checkpoint).and_then(|node| self.checkpoint(node));
        let finish = match &work {
            Some(RunWork::Gang { .. } | RunWork::Flops { .. }) => {
                let states = |name: &str| node.child(name).is_some();
                let deadline = states("finish-within") || states("finish-by");
                if deadline { Some(self.finish(node, when.as_ref())?) } else { None }
            }
            _ => None,
        };
        let min_gpus = self.min_gpus(node, work.as_ref());
        let soft = self.word(node, "deadline") == Some("soft");
        Some(Run {
            name,
            when: when?,
            work: work?,
            min_gpus,
            start_hour: start_hour?,
            restarts_per_hour,
            checkpoint,
            finish,
            deadline: if soft { Deadline::Soft } else { Deadline::Hard },
            origin: node.origin(),
        })
    }

    fn run_times(&mut self, node: &'t Node) -> Option<RunTimes> {
        match (node.prop("at"), node.prop("every")) {
            (Some(at), None) => {
                if let Some(prop) =
                    node.props.iter().find(|p| matches!(&*p.name.text, "from" | "until"))
                {
                    self.report.push(rules::once_with_range(prop));
                    return None;
                }
                self.values.first_day(at, self.report).map(RunTimes::At)
            }
            (None, Some(every)) => {
                let step = self.every(every);
                let from = node.prop("from").map(|day| self.values.first_day(day, self.report));
                let until = node.prop("until").map(|day| self.values.last_day(day, self.report));
                let (from, until) = (from.flatten(), until.flatten());
                if let (Some(from), Some(until)) = (from, until)
                    && until < from
                {
                    self.report.push(rules::run_backwards(node));
                    return None;
                }
                Some(RunTimes::Every { every: step?, from, until })
            }
            (at, _) => {
                self.report.push(rules::run_times(node, at.is_some()));
                None
            }
        }
    }

    fn every(&mut self, value: &Value) -> Option<Every> {
        let read = self.values.read(value, None, self.report)?;
        let dimension = &read.quantity.unit.dimension;
        let (unit, is_months) =
            if dimension.power(&Base::Month) == 1 { ("month", true) } else { ("day", false) };
        let target = self.values.unit(unit, None);
        let converted = self.values.convert(&read, &target, unit, self.report)?;
        values::check_certain(&read, converted, self.report).then_some(())?;
        let whole = converted.low.round();
        if (converted.low - whole).abs() > 1e-9 || !(1.0..=3660.0).contains(&whole) {
            self.report.push(rules::run_every(value));
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked above"
        )]
        let whole = whole as u32;
        Some(if is_months { Every::Months(whole) } else { Every::Days(whole) })
    }

    /// Failures an hour.
    fn restarts(&mut self, path: &str, node: &'t Node) -> Option<Estimate> {
        let rate = self.setting(node, "restarts")?;
        let read = self.values.read(rate.arg(0)?, rate.prop("dist"), self.report)?;
        let unit = self.values.unit("/hour", None);
        let converted = self.values.convert(&read, &unit, "/week", self.report)?;
        check_range(&read, converted, Range::NonNegative, self.report).then_some(())?;
        Some(read.estimate(converted, 1.0, Nature::Plain, || format!("{path}.restarts")))
    }

    /// How a run saves its state. It takes as long to be back as to save, unless that is stated.
    pub(super) fn checkpoint(&mut self, node: &Node) -> Option<Checkpoint> {
        if !self.sound(node) {
            return None;
        }
        let every_hours = self.setting_figure(node, "every", "hour")?;
        let takes_hours = self.setting_figure(node, "takes", "hour")?;
        let restore_hours = self.setting_figure(node, "restore", "hour").unwrap_or(takes_hours);
        Some(Checkpoint { every_hours, takes_hours, restore_hours })
    }

    fn start_hour(&mut self, node: &'t Node, day: Option<Date>) -> Option<f64> {
        let Some(start) = self.setting(node, "start-at") else { return Some(0.0) };
        let hour = values::clock(start.arg(0)?, self.report)?;
        let Some(zone) = start.prop("zone") else { return Some(hour) };
        let found = crate::calendar::utc_hour(day?, hour, zone.text()?);
        if found.is_none() {
            self.report.push(rules::unknown_zone(zone));
        }
        found
    }

    fn run_work(
        &mut self,
        path: &str,
        node: &'t Node,
        served: Option<&Served>,
        when: Option<&RunTimes>,
    ) -> Option<RunWork> {
        let has = |name: &str| node.child(name).is_some();
        match (has("duration"), has("flops"), has("work")) {
            (true, false, false) => {
                let gpus = self.gpus(node)?;
                let duration = self.setting(node, "duration")?;
                let hours =
                    self.estimate(duration, 0, "hour", 1.0, || format!("{path}.duration"))?;
                Some(RunWork::Gang { gpus, hours })
            }
            (false, true, false) => {
                let gpus = self.gpus(node);
                let flops = self.setting(node, "flops").and_then(|flops| {
                    self.estimate(flops, 0, "flop", 1.0, || format!("{path}.flops"))
                });
                if !has("mfu") {
                    self.report.push(rules::run_lacks(node, "mfu", "mfu \"36% to 44%\""));
                }
                let mfu = self
                    .setting(node, "mfu")
                    .and_then(|mfu| self.share(mfu, 0, || format!("{path}.mfu")));
                let dtype = self.word(node, "dtype").unwrap_or("bf16").to_owned();
                Some(RunWork::Flops { flops: flops?, gpus: gpus?, mfu: mfu?, dtype })
            }
            (false, false, true) => self.work(path, node, served, when),
            _ => {
                self.report.push(rules::run_form(node));
                None
            }
        }
    }

    fn gpus(&mut self, node: &'t Node) -> Option<f64> {
        let Some(gpus) = node.child("gpus") else {
            self.report.push(rules::run_lacks(node, "gpus", "gpus 16"));
            return None;
        };
        self.sound(gpus).then(|| count(gpus.arg(0))).flatten().map(f64::from)
    }

    /// The fewest GPUs of a gang.
    fn min_gpus(&mut self, run: &'t Node, work: Option<&RunWork>) -> Option<f64> {
        let node = run.child("min-gpus").filter(|node| self.sound(node))?;
        let fewest = f64::from(count(node.arg(0))?);
        match work? {
            RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. } if fewest <= *gpus => {
                Some(fewest)
            }
            RunWork::Gang { .. } | RunWork::Flops { .. } => {
                self.report.push(rules::more_than_all(node, run.child("gpus").unwrap_or(run)));
                None
            }
            RunWork::Work { .. } => {
                self.report.push(rules::fewest_of_work(node, run.child("work").unwrap_or(run)));
                None
            }
        }
    }

    fn work(
        &mut self,
        path: &str,
        run: &'t Node,
        served: Option<&Served>,
        when: Option<&RunTimes>,
    ) -> Option<RunWork> {
        let finish = self.finish(run, when);
        let node = self.setting(run, "work")?;
        let read = self.values.read(node.arg(0)?, node.prop("dist"), self.report)?;
        let dimension = &read.quantity.unit.dimension;
        let named = |name: &'static str, unit: WorkUnit| (name.to_owned(), unit);
        let (name, work_unit) = if dimension.power(&Base::Gpu) == 1 {
            named("gpu-hour", WorkUnit::GpuHours)
        } else if dimension.power(&Base::Core) == 1 {
            named("core-hour", WorkUnit::CoreHours)
        } else {
            let counted = served.and_then(|served| counted_name(&served.unit));
            if let Some(counted) = counted {
                (counted, WorkUnit::Served)
            } else {
                self.report.push(rules::work_without_capacity(node, &read.quantity.unit_text));
                return None;
            }
        };
        let unit = self.values.unit_of(&name)?;
        let converted = self.values.convert(&read, &unit, &name, self.report)?;
        check_range(&read, converted, Range::NonNegative, self.report).then_some(())?;
        let path = format!("{path}.work");
        let amount = read.estimate(converted, 1.0, Nature::Plain, || path.clone());
        let unit = DemandUnit { name: name.clone(), is_rate: false, unit, text: name };
        let growth = self.growth(&node.children, &unit, &path);
        Some(RunWork::Work { amount, unit: work_unit, growth, finish: finish? })
    }

    fn finish(&mut self, node: &'t Node, when: Option<&RunTimes>) -> Option<Finish> {
        match (node.child("finish-within"), node.child("finish-by")) {
            (Some(within), None) => self
                .sound(within)
                .then(|| self.figure(within, 0, "hour"))
                .flatten()
                .map(Finish::Within),
            (None, Some(by)) => {
                if !self.sound(by) {
                    return None;
                }
                let day = self.values.last_day(by.arg(0)?, self.report)?;
                match when {
                    Some(RunTimes::At(start)) if day < *start => {
                        self.report.push(rules::deadline_before_start(by, node));
                        None
                    }
                    Some(RunTimes::Every { .. }) => {
                        self.report.push(rules::finish_by_of_repeated(by));
                        None
                    }
                    _ => Some(Finish::By(day)),
                }
            }
            (within, _) => {
                self.report.push(rules::run_deadline(node, within.is_some()));
                None
            }
        }
    }
}

fn counted_name(unit: &Unit) -> Option<String> {
    unit.dimension.powers().iter().find_map(|(base, power)| match base {
        Base::Counted(name) if *power == 1 => Some(name.to_string()),
        Base::Byte if *power == 1 => Some("byte".to_owned()),
        _ => None,
    })
}
