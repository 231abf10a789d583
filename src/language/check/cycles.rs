//! No cohort contains itself.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{Arena, Id};
use crate::plan::{Cohort, Plan};

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

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for cycle in cycles(&plan.cohorts, |cohort: &Cohort| cohort.parent) {
        let Some((first, rest)) = cycle.split_first() else { continue };
        let name = |id: &Id<Cohort>| plan.cohorts[*id].name.as_str();
        let message = if rest.is_empty() {
            format!("cohort `{}` belongs to itself", name(first))
        } else {
            format!(
                "cohorts {} belong to each other in a circle",
                figures::names(cycle.iter().map(name))
            )
        };
        let mut diagnostic = Diagnostic::new(&COHORT_CYCLE, message)
            .at(plan.cohorts[*first].origin, "contains itself")
            .help("remove one `parent`, so that one cohort belongs to none");
        for id in rest {
            diagnostic = diagnostic.also(plan.cohorts[*id].origin, "is in the circle");
        }
        found.push(diagnostic);
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
}
