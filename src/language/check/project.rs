//! A workload and its project have one team.

use super::error;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;

/// A workload whose project belongs to another team.
pub static PROJECT_OF_ANOTHER_TEAM: Code = error(
    "project_of_another_team",
    "a workload's project belongs to another team",
    r#"A project belongs to one team, and so do the workloads in it: their cost is charged once, to that team. A
workload that says `project` may leave out `team`.

Wrong:

```kdl
project "assistant-v2" { team "assistant"; }
workload "chat" { kind inference; team "search"; project "assistant-v2"; pool "serving"; }
```

Right:

```kdl
project "assistant-v2" { team "assistant"; }
workload "chat" { kind inference; team "assistant"; project "assistant-v2"; pool "serving"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let Some(project) = workload.project.map(|project| &plan.projects[project]) else {
            continue;
        };
        if project.team == workload.team {
            continue;
        }
        let (own, other) = (&plan.teams[workload.team].name, &plan.teams[project.team].name);
        let name = &workload.name;
        found.push(
            Diagnostic::new(
                &PROJECT_OF_ANOTHER_TEAM,
                format!("`{name}` is of team `{own}`, its project of team `{other}`"),
            )
            .at(workload.origin, format!("team `{own}`, project `{}`", project.name))
            .also(project.origin, format!("the project belongs to `{other}`"))
            .help(format!("write `team \"{other}\"`, or choose a project of `{own}`")),
        );
    }
}
