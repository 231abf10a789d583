//! What was found in, what is certain of it out: nothing that may only follow from what could not be read.
//!
//! Where a file could not be read, whatever it declares is missing. Then a name that nothing declares may well be
//! right, so what says that something is missing is held back and counted. Everything else is said at once: it holds
//! whatever stands in the file.

use super::load;
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::report::note;
use crate::source::Sources;

/// The codes of this module.
pub static CODES: &[&Code] = &[&HELD_BACK];

/// Errors are held back.
pub static HELD_BACK: Code = note(
    "held_back",
    Family::Files,
    "errors that may follow from a file that could not be read are not shown",
    "Where a file has an error of syntax, or an include leads to no file, everything that it declares is missing. \
Every use of it would be called unknown, although nothing is wrong there. So what says that something is missing is \
held back and counted; what is wrong by itself is still shown. Mend the file, and whatever is left appears.\n\n\
Wrong:\n\n    team \"search\n    workload \"rank\" { team \"search\"; }\n\nRight:\n\n    team \"search\"\n    workload \"rank\" { team \"search\"; }\n",
);

/// What says that something is not there, unknown names aside: it need not hold once more is read.
const ABSENCE: &[&str] = &[
    "changes_nothing",
    "demand_without_level",
    "egress_without_provider",
    "missing_fx",
    "missing_price",
    "model_not_served",
    "no_egress_price",
    "not_there",
    "probabilities",
    "selector_matches_nothing",
    "spend_covers_nothing",
    "spot_unused",
    "spot_without_takers",
    "unknown_region",
    "unknown_unit",
    "unused",
    "unused_pool",
    "work_without_capacity",
];

/// Puts a count in the place of what may only follow from something that could not be read.
///
/// The order stays. Without such a cause nothing changes.
#[must_use]
pub fn hold_back(found: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let causes: Vec<&Diagnostic> = found.iter().filter(|one| loses(one)).collect();
    if causes.is_empty() {
        return found;
    }
    // What a price list holds is prices.
    let only_prices = causes.iter().all(|cause| cause.code.id == "price_list_unreadable");
    let lost = what_is_lost(&causes, sources);
    let follows = |diagnostic: &Diagnostic| {
        speaks_of_absence(diagnostic.code)
            && (!only_prices || diagnostic.code.id == "missing_price")
    };
    let (held, mut rest): (Vec<_>, Vec<_>) = found.into_iter().partition(follows);
    let errors = held.iter().filter(|diagnostic| diagnostic.is_error()).count();
    if errors > 0 {
        rest.push(said(errors, &lost));
    }
    rest
}

/// Whether something of the plan is missing because of it.
fn loses(diagnostic: &Diagnostic) -> bool {
    let code = diagnostic.code;
    // A circle of includes is read all the same.
    let of_files = load::CODES.contains(&code) && code.id != "include_cycle";
    diagnostic.is_error() && (code.family == Family::Syntax || of_files)
}

/// Whether a code says that something is not there.
fn speaks_of_absence(code: &Code) -> bool {
    let unknown_name = code.family == Family::Names && code.id.starts_with("unknown_");
    unknown_name || ABSENCE.contains(&code.id)
}

fn said(errors: usize, lost: &str) -> Diagnostic {
    let message = match errors {
        1 => format!("1 error is held back: it may only follow from {lost}"),
        errors => format!("{errors} errors are held back: they may only follow from {lost}"),
    };
    Diagnostic::new(&HELD_BACK, message).help("mend that first, and the rest is shown")
}

/// What could not be read, in words: the files with an error of syntax, and what includes and lists name.
fn what_is_lost(causes: &[&Diagnostic], sources: &Sources) -> String {
    let named = causes.iter().filter_map(|cause| {
        let span = cause.label.as_ref()?.span;
        let name = match cause.code.family {
            Family::Syntax => sources.file(span.file).path.as_str(),
            _ => sources.text(span).trim_matches('"'),
        };
        (!name.is_empty()).then(|| format!("`{name}`"))
    });
    let mut named: Vec<String> = named.collect();
    named.dedup();
    match named.as_slice() {
        [] => "what could not be read".to_owned(),
        [one] => format!("{one}, which could not be read"),
        [one, rest @ ..] => format!("{one} and {} more, which could not be read", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_declared_in_what_is_lost_and_is_spelled_wrongly_all_the_same() {
        let code = |id: &str| crate::diagnostic::codes::find(id).unwrap();
        for id in ABSENCE.iter().chain(&["unknown_team", "unknown_let"]) {
            assert!(speaks_of_absence(code(id)), "{id}");
        }
        for id in ["bad_name", "duplicate_name", "unknown_node", "unknown_word", "out_of_range"] {
            assert!(!speaks_of_absence(code(id)), "{id}");
        }
    }

    #[test]
    fn without_a_cause_nothing_is_held_back() {
        let code = crate::diagnostic::codes::find("unknown_team").unwrap();
        let found = vec![Diagnostic::new(code, "unknown team `search`")];
        assert_eq!(hold_back(found.clone(), &Sources::default()), found);
    }
}
