//! Asking again where a server may yet answer: later each time, and when it says so itself.

use std::time::Duration;

use super::fault::Fault;

/// How often and how late to ask again.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Requests in all, the first included.
    pub attempts: u32,
    /// The wait before the second; it doubles.
    pub first: Duration,
    /// The longest wait, also where the server asks for one.
    pub most: Duration,
}

impl Policy {
    /// Half a second, one, two, four.
    pub const USUAL: Self =
        Self { attempts: 5, first: Duration::from_millis(500), most: Duration::from_mins(2) };
}

/// Calls until it succeeds, or fails in a way that a wait does not mend.
///
/// # Errors
/// The last failure. A server that asks for a wait longer than the policy's longest is not asked again.
pub fn with<T>(
    policy: Policy,
    sleep: &dyn Fn(Duration),
    mut call: impl FnMut() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut wait = policy.first;
    let mut attempt = 1;
    loop {
        let fault = match call() {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        let asked = fault.retry_after();
        if attempt == policy.attempts || !fault.may_pass() || asked.is_some_and(|w| w > policy.most)
        {
            return Err(fault);
        }
        sleep(asked.unwrap_or(wait).max(wait).min(policy.most));
        wait *= 2;
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn waits(faults: &[Fault]) -> (Vec<u64>, Result<(), Fault>) {
        let slept = RefCell::new(Vec::new());
        let sleep = |wait: Duration| {
            slept.borrow_mut().push(u64::try_from(wait.as_millis()).unwrap());
        };
        let mut faults = faults.iter().cloned();
        let result = with(Policy::USUAL, &sleep, || faults.next().map_or(Ok(()), Err));
        (slept.into_inner(), result)
    }

    fn busy(after: Option<u64>) -> Fault {
        Fault::Busy { status: 503, text: String::new(), after: after.map(Duration::from_secs) }
    }

    #[test]
    fn waits_double_and_end() {
        assert_eq!(waits(&[busy(None), busy(None)]), (vec![500, 1000], Ok(())));
        let (slept, result) = waits(&vec![busy(None); 9]);
        assert_eq!(slept, [500, 1000, 2000, 4000]);
        assert!(result.is_err());
    }

    #[test]
    fn a_server_is_waited_for_as_long_as_it_asks_but_not_for_ever() {
        assert_eq!(waits(&[busy(Some(7))]), (vec![7000], Ok(())));
        assert_eq!(waits(&[busy(Some(3600))]), (Vec::new(), Err(busy(Some(3600)))));
    }

    #[test]
    fn what_is_refused_is_not_asked_again() {
        let refused = Fault::Rejected { status: 400, text: "parse error".into() };
        assert_eq!(waits(std::slice::from_ref(&refused)), (Vec::new(), Err(refused)));
    }
}
