//! Runs: when, how long, how much work.

use super::codes::{
    BACKWARDS, CONFLICTING_SETTINGS, IMPOSSIBLE_DEADLINE, NOT_WHOLE, WORK_WITHOUT_CAPACITY,
};
use super::{conflict, lacks};
use crate::diagnostic::Diagnostic;
use crate::language::shape::{MISSING_PROPERTY, described, head};
use crate::language::syntax::{Node, Prop, Value};

pub(crate) fn once_with_range(prop: &Prop) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "a run `at` a day has no `from` and `until`")
        .at(prop.name.span, "this belongs to `every=`")
        .help("remove it, or write `every=\"1 week\"` in place of `at=`")
}

pub(crate) fn run_backwards(run: &Node) -> Diagnostic {
    Diagnostic::new(&BACKWARDS, format!("{} ends before it begins", described(run)))
        .at(head(run), "`until` is before `from`")
        .help("both days are included; exchange them")
}

pub(crate) fn run_times(run: &Node, both: bool) -> Diagnostic {
    if both {
        Diagnostic::new(&CONFLICTING_SETTINGS, format!("{} has `at` and `every`", described(run)))
            .at(head(run), "once, or again and again?")
            .help("keep one of them")
    } else {
        Diagnostic::new(&MISSING_PROPERTY, format!("{} does not say when", described(run)))
            .at(head(run), "`at=` or `every=` is missing")
            .help("add `at=\"2027-03-01\"`, or `every=\"1 week\"`")
    }
}

pub(crate) fn run_every(every: &Value) -> Diagnostic {
    Diagnostic::new(&NOT_WHOLE, "this is no whole number of days or months")
        .at(every.span, "a run repeats by whole days, weeks or months")
        .help("write it as in `every=\"1 day\"`, `\"2 weeks\"` or `\"1 month\"`")
}

pub(crate) fn run_lacks(run: &Node, word: &str, example: &str) -> Diagnostic {
    lacks(run, word, example)
}

pub(crate) fn run_form(run: &Node) -> Diagnostic {
    let given: Vec<&Node> =
        ["duration", "flops", "work"].into_iter().filter_map(|word| run.child(word)).collect();
    if let [first, second, ..] = given[..] {
        let message = format!("{} says twice what it takes", described(run));
        return conflict(message, second, first, "keep one of `duration`, `flops` and `work`");
    }
    lacks(run, "duration", "duration \"20 hours\"")
        .help("add `gpus 24; duration \"20 hours\"`, or `flops`, `gpus` and `mfu`, or `work` and `finish-within`")
}

pub(crate) fn more_than_all(fewest: &Node, gpus: &Node) -> Diagnostic {
    let message = "the fewest GPUs of a run are more than all of them";
    conflict(message.to_owned(), fewest, gpus, "write `min-gpus` at or below `gpus`")
}

pub(crate) fn fewest_of_work(fewest: &Node, work: &Node) -> Diagnostic {
    let message = "`min-gpus` is of a gang, and `work` is spread over its window";
    conflict(message.to_owned(), fewest, work, "remove `min-gpus`, or say `gpus` and `duration`")
}

pub(crate) fn work_without_capacity(work: &Node, unit: &str) -> Diagnostic {
    Diagnostic::new(
        &WORK_WITHOUT_CAPACITY,
        format!("nothing says how fast `{unit}` are worked off"),
    )
    .at(head(work), "this is neither GPU-hours nor core-hours")
    .help(format!("add to the workload: `capacity \"420 {unit}/s\" per=gpu`"))
}

pub(crate) fn deadline_before_start(by: &Node, run: &Node) -> Diagnostic {
    Diagnostic::new(
        &IMPOSSIBLE_DEADLINE,
        format!("{} must be finished before it starts", described(run)),
    )
    .at(by.span, "this day is before the start")
    .also(head(run), "the run starts here")
    .help("move one of the days")
}

pub(crate) fn finish_by_of_repeated(by: &Node) -> Diagnostic {
    Diagnostic::new(&CONFLICTING_SETTINGS, "a run that repeats is not finished by one day")
        .at(by.span, "every one of its runs needs a time of its own")
        .help("write `finish-within \"10 hours\"`")
}

pub(crate) fn run_deadline(run: &Node, both: bool) -> Diagnostic {
    match (both, run.child("finish-within"), run.child("finish-by")) {
        (true, Some(within), Some(by)) => {
            let message = format!("{} has two deadlines", described(run));
            conflict(message, by, within, "keep one of them")
        }
        _ => lacks(run, "finish-within", "finish-within \"10 hours\""),
    }
}
