//! A `HorizontalPodAutoscaler` (`autoscaling/v2`) as kube-controller-manager runs it, and what it would make
//! of a load.
//!
//! `pods`, `proposal`, `recent`, `limits` and `controller` are the rule, figure for figure. `load` and
//! `fleet` are the world around it: what is asked, and how long pods and nodes take. `run` puts one into
//! the other, `tally` adds up; `recommend` searches. `manifest` makes a setup of what a
//! cluster is given, `planned` of a plan's forecast.

pub mod bins;
pub mod controller;
pub mod fleet;
pub mod limits;
pub mod load;
pub mod manifest;
pub mod planned;
pub mod pods;
pub mod proposal;
pub mod recent;
pub mod recommend;
pub mod run;
pub mod settings;
pub mod tally;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
