//! Nothing follows, or contains, itself.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{Arena, Id};
use crate::plan::{Cohort, Plan, Workload};

/// Cohorts that contain each other.
pub static COHORT_CYCLE: Code = error(
    "cohort_cycle",
    "cohorts that contain each other",
    r#"A cohort may belong to another, `parent`, and so on up to one that belongs to none. A cohort that contains itself,
even by way of others, has no top.

Wrong:

```kdl
cohort "training" { parent "accelerators"; }
cohort "accelerators" { parent "training"; }
```

Right:

```kdl
cohort "training" { parent "accelerators"; }
cohort "accelerators" { weight 1; }
```
"#,
);

/// Demands that follow each other.
pub static FOLLOWS_CYCLE: Code = error(
    "follows_cycle",
    "demands that follow each other",
    r#"A demand may follow another workload's, which may follow a third's, and so on to one that states its own. Where they
follow each other in a circle, none of them has a level.

Wrong:

```kdl
workload "rank" { demand follows "cache" by="0.04 page/req"; }
workload "cache" { demand follows "rank" by="25 req/page"; }
```

Right:

```kdl
workload "rank" { demand "24k page/s"; }
workload "cache" { demand follows "rank" by="25 req/page"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for cycle in cycles(&plan.cohorts, |cohort: &Cohort| cohort.parent) {
        let names = cycle.iter().map(|id| plan.cohorts[*id].name.as_str());
        let (first, rest) = (&plan.cohorts[cycle[0]], &cycle[1..]);
        let mut diagnostic =
            Diagnostic::new(&COHORT_CYCLE, format!("{} in a circle", belong(names, "belong to")))
                .at(first.origin, "contains itself")
                .help("remove one `parent`, so that one cohort belongs to none");
        for id in rest {
            diagnostic = diagnostic.also(plan.cohorts[*id].origin, "is in the circle");
        }
        found.push(diagnostic);
    }
    let follows = |workload: &Workload| Some(workload.demand.as_ref()?.follows.as_ref()?.0);
    for cycle in cycles(&plan.workloads, follows) {
        let names = cycle.iter().map(|id| plan.workloads[*id].name.as_str());
        let (first, rest) = (&plan.workloads[cycle[0]], &cycle[1..]);
        let at = |workload: &Workload| {
            workload.demand.as_ref().map_or(workload.origin, |demand| demand.origin)
        };
        let mut diagnostic =
            Diagnostic::new(&FOLLOWS_CYCLE, format!("{} in a circle", belong(names, "follow")))
                .at(at(first), "follows itself")
                .help("state the demand of one of them: `demand \"24k page/s\"`");
        for id in rest {
            diagnostic = diagnostic.also(at(&plan.workloads[*id]), "is in the circle");
        }
        found.push(diagnostic);
    }
}

fn belong<'a>(names: impl ExactSizeIterator<Item = &'a str>, verb: &str) -> String {
    if names.len() == 1 {
        // One name: `a` follows itself.
        let verb = verb.replacen(' ', "s ", 1);
        let verb = if verb.contains(' ') { verb } else { format!("{verb}s") };
        format!("{} {verb} itself", figures::names(names))
    } else {
        format!("{} {verb} each other", figures::names(names))
    }
}

/// Every cycle, once, from its first name on; steps are at most one a thing.
fn cycles<T>(things: &Arena<T>, next: impl Fn(&T) -> Option<Id<T>>) -> Vec<Vec<Id<T>>> {
    // Which walk reached a thing first; a walk that meets its own mark has gone round.
    let mut reached: Vec<Option<usize>> = vec![None; things.len()];
    let mut cycles = Vec::new();
    for start in things.ids() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(id) = at {
            if let Some(walk) = reached[id.index()] {
                if walk == start.index() {
                    let from = path.iter().position(|one| *one == id).unwrap_or(0);
                    cycles.push(path.split_off(from));
                }
                break;
            }
            reached[id.index()] = Some(start.index());
            path.push(id);
            at = next(&things[id]);
        }
    }
    cycles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Named;

    struct Thing(&'static str, Option<usize>);
    impl Named for Thing {
        fn name(&self) -> &str {
            self.0
        }
    }

    #[test]
    fn every_cycle_is_found_once() {
        let things = [
            Thing("a", Some(1)),
            Thing("b", Some(2)),
            Thing("c", Some(1)),
            Thing("d", Some(3)),
            Thing("e", None),
            Thing("f", Some(4)),
        ];
        let found = cycles(&Arena::new(things.into()), |thing| thing.1.map(Id::new));
        let found: Vec<Vec<usize>> =
            found.iter().map(|cycle| cycle.iter().map(|id| id.index()).collect()).collect();
        assert_eq!(found, [vec![1, 2], vec![3]]);
    }

    #[test]
    fn a_circle_of_one_follows_itself() {
        assert_eq!(belong(["a"].into_iter(), "follow"), "`a` follows itself");
        assert_eq!(belong(["a"].into_iter(), "belong to"), "`a` belongs to itself");
        assert_eq!(belong(["a", "b"].into_iter(), "follow"), "`a` and `b` follow each other");
    }
}
