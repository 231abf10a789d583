//! The scaling rules of an autoscaler: how fast it may move, how long it waits, in either direction.

/// The rules of both directions, as `behavior` of a `HorizontalPodAutoscaler` states them.
#[derive(Debug, Clone, PartialEq)]
pub struct Behavior {
    /// When it grows.
    pub up: ScalingRules,
    /// When it shrinks.
    pub down: ScalingRules,
}

/// The rules of one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingRules {
    /// The stabilisation window in seconds; the controller's own where absent.
    pub window_seconds: Option<i64>,
    /// Which policy wins.
    pub select: SelectPolicy,
    /// How far it may move in a period.
    pub policies: Vec<ScalingPolicy>,
    /// How far the measured ratio may be from 1 before anything moves, 0.1 for 10%; the controller's own
    /// where absent.
    pub tolerance: Option<f64>,
}

/// Which of several policies wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectPolicy {
    /// The one that allows the largest change.
    Max,
    /// The one that allows the smallest change.
    Min,
    /// None: it does not move in this direction.
    Disabled,
}

impl SelectPolicy {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Max => "Max",
            Self::Min => "Min",
            Self::Disabled => "Disabled",
        }
    }
}

/// How far it may move in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// What the value counts.
    pub kind: PolicyKind,
    /// Pods, or per cent of those there were at the period's start.
    pub value: i32,
    /// The period, in seconds.
    pub period_seconds: i64,
}

/// What the value of a policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Pods.
    Pods,
    /// Per cent of the pods there were.
    Percent,
}

impl PolicyKind {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pods => "Pods",
            Self::Percent => "Percent",
        }
    }
}

impl ScalingRules {
    /// What the API server fills in for growth: 4 pods or 100% in 15 s, whichever is more, at once.
    #[must_use]
    pub fn default_up() -> Self {
        Self {
            window_seconds: Some(0),
            select: SelectPolicy::Max,
            policies: vec![
                ScalingPolicy { kind: PolicyKind::Pods, value: 4, period_seconds: 15 },
                ScalingPolicy { kind: PolicyKind::Percent, value: 100, period_seconds: 15 },
            ],
            tolerance: None,
        }
    }

    /// What the API server fills in for shrinking: 100% in 15 s, after the controller's window.
    #[must_use]
    pub fn default_down() -> Self {
        Self {
            window_seconds: None,
            select: SelectPolicy::Max,
            policies: vec![ScalingPolicy {
                kind: PolicyKind::Percent,
                value: 100,
                period_seconds: 15,
            }],
            tolerance: None,
        }
    }
}

impl Default for Behavior {
    fn default() -> Self {
        Self { up: ScalingRules::default_up(), down: ScalingRules::default_down() }
    }
}
