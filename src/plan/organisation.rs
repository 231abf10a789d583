//! Departments, teams, projects and environments: who asks and who pays.

use crate::ids::{Id, Named};
use crate::plan::{Plan, Workload};
use crate::source::Span;

/// A department.
#[derive(Debug, Clone)]
pub struct Department {
    /// Its name.
    pub name: String,
    /// Its cost centre.
    pub cost_center: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// A team: what chargeback charges.
#[derive(Debug, Clone)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Its department.
    pub department: Option<Id<Department>>,
    /// Its cost centre.
    pub cost_center: Option<String>,
    /// Who owns it.
    pub owner: Option<String>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// A project of a team; its cost centre wins over the team's.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its team.
    pub team: Id<Team>,
    /// Its cost centre.
    pub cost_center: Option<String>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// An environment, such as production.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Where the plan declares it.
    pub origin: Span,
}

impl Plan {
    /// The cost centre that a workload is charged to: its project's, else its team's, else its department's. Whatever
    /// speaks of cost centres means this one.
    #[must_use]
    pub fn cost_center(&self, workload: Id<Workload>) -> Option<&str> {
        let workload = &self.workloads[workload];
        let project = workload.project.and_then(|id| self.projects[id].cost_center.as_deref());
        project.or_else(|| self.cost_center_of_team(workload.team))
    }

    /// The cost centre of what a team is charged for no workload: its own, else its department's.
    #[must_use]
    pub fn cost_center_of_team(&self, team: Id<Team>) -> Option<&str> {
        let team = &self.teams[team];
        let department = || self.departments[team.department?].cost_center.as_deref();
        team.cost_center.as_deref().or_else(department)
    }

    /// Every cost centre that a team's workloads are charged to, by name; its own where it has none.
    #[must_use]
    pub fn cost_centers_of(&self, team: Id<Team>) -> Vec<&str> {
        let own = self.workloads.iter().filter(|(_, workload)| workload.team == team);
        let mut all: Vec<&str> = own.filter_map(|(id, _)| self.cost_center(id)).collect();
        if all.is_empty() {
            all.extend(self.cost_center_of_team(team));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Named for Department {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Team {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Project {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Environment {
    fn name(&self) -> &str {
        &self.name
    }
}
