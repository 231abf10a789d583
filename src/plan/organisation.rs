//! Departments, teams, projects and environments: who asks and who pays.

use crate::ids::{Id, Named};
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
