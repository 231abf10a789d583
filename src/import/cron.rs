//! A cron schedule as the language says how often.

/// How often, and at which time of the day; the properties of a run and its `start-at`.
///
/// `None` where the language cannot say it: several times a day, several days of a week, single months.
pub(super) fn often(schedule: &str) -> Option<(&'static str, String)> {
    let named = match schedule.trim() {
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        other => other,
    };
    let parts: Vec<&str> = named.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts[..] else { return None };
    let number = |text: &str, most: u32| text.parse::<u32>().ok().filter(|value| *value <= most);
    let time = format!("{:02}:{:02}", number(hour, 23)?, number(minute, 59)?);
    if month != "*" {
        return None;
    }
    let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let is_day = |text: &str| {
        number(text, 7).is_some() || days.contains(&text.to_ascii_lowercase().as_str())
    };
    match (day, weekday) {
        ("*", "*") => Some(("1 day", time)),
        ("*", weekday) if is_day(weekday) => Some(("1 week", time)),
        (day, "*") if number(day, 31).is_some_and(|day| day > 0) => Some(("1 month", time)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::often;

    #[test]
    fn days_weeks_and_months_are_said_and_others_are_not() {
        assert_eq!(often("30 1 * * *").unwrap(), ("1 day", "01:30".into()));
        assert_eq!(often("0 4 * * Mon").unwrap(), ("1 week", "04:00".into()));
        assert_eq!(often("0 0 15 * *").unwrap(), ("1 month", "00:00".into()));
        assert_eq!(often("@daily").unwrap(), ("1 day", "00:00".into()));
        for other in ["*/5 * * * *", "0 0 * * 1-5", "0 0 1 1 *", "0 25 * * *", "", "0 0 0 * *"] {
            assert_eq!(often(other), None, "{other}");
        }
    }
}
