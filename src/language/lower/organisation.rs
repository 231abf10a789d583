//! Departments, teams, projects and environments.

use super::Lower;
use crate::language::nodes::Noun;
use crate::language::syntax::Node;
use crate::plan::{Department, Environment, Project, Team};

impl<'t> Lower<'t, '_> {
    pub(super) fn name(node: &Node) -> Option<String> {
        Some(node.arg(0)?.text()?.to_owned())
    }

    pub(super) fn department(&mut self, node: &'t Node) -> Option<Department> {
        Some(Department {
            name: Self::name(node)?,
            cost_center: self.text(node, "cost-center"),
            owner: self.text(node, "owner"),
            origin: node.origin(),
        })
    }

    pub(super) fn team(&mut self, node: &'t Node) -> Option<Team> {
        Some(Team {
            name: Self::name(node)?,
            department: self.refer(node, "department", Noun::Department),
            cost_center: self.text(node, "cost-center"),
            owner: self.text(node, "owner"),
            origin: node.origin(),
        })
    }

    pub(super) fn project(&mut self, node: &'t Node) -> Option<Project> {
        Some(Project {
            name: Self::name(node)?,
            team: self.refer(node, "team", Noun::Team)?,
            cost_center: self.text(node, "cost-center"),
            origin: node.origin(),
        })
    }

    pub(super) fn environment(&mut self, node: &'t Node) -> Option<Environment> {
        let _ = self.names;
        Some(Environment { name: Self::name(node)?, origin: node.origin() })
    }
}
