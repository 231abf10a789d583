//! The decision calendar as an `iCalendar` file: one event a date to act by.
//!
//! Text as RFC 5545 wants it: CRLF, lines folded at 75 octets, commas and semicolons escaped. The time
//! stamp is the as-of day and the identities are the orders' names, so the same plan gives the same bytes
//! and a calendar that reads the file again moves its events instead of doubling them.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::format::plain;
use super::view::{BudgetView, Day, LimitRequestView, Ordered};
use crate::calendar::{Date, plus_days};

/// Every date to act by: to ask, to decide, to be there; and the last days of commitments.
#[must_use]
pub fn calendar(view: &BudgetView) -> String {
    let mut file =
        File { text: String::new(), stamp: format!("{}T000000Z", digits(view.provenance.as_of)) };
    file.line("BEGIN:VCALENDAR");
    file.line("VERSION:2.0");
    file.line(&format!("PRODID:-//capplan//capplan {}//EN", view.provenance.version));
    file.line("CALSCALE:GREGORIAN");
    file.line("METHOD:PUBLISH");
    file.line(&format!("X-WR-CALNAME:{}", escaped(&format!("{} procurement", plain(&view.plan)))));
    if let Some(procurement) = &view.procurement {
        for order in procurement.all_orders() {
            of_order(&mut file, view, order);
        }
        for limit in &procurement.limits {
            of_limit(&mut file, view, limit);
        }
        for expiry in &procurement.expiries {
            let uid = uid(&view.plan, &expiry.commitment, "ends");
            let summary = format!(
                "{} ends: {} of {}",
                plain(&expiry.commitment),
                expiry.size(view.currency),
                plain(&expiry.serves())
            );
            file.event(&uid, expiry.until, &summary, &expiry.then);
        }
    }
    file.line("END:VCALENDAR");
    file.text
}

fn of_order(file: &mut File, view: &BudgetView, order: Ordered<'_>) {
    let mut what = order.what(view.currency);
    let firm = if order.firm() { "firm" } else { "indicative" };
    let about = match order {
        Ordered::Nodes(order) => {
            what = format!("{what}, {}", order.product);
            let because = order.driver.as_ref().map_or_else(String::new, |driver| {
                format!(" Because of {} ({}).", plain(&driver.workload), plain(&driver.place))
            });
            format!(
                "{firm} order. Needed {}, in service {} (p50) to {} (p90).{because}",
                order.need_by.0, order.in_service_p50.0, order.in_service_p90.0
            )
        }
        Ordered::Spend(order) => {
            let term = order.term_months;
            format!("{firm} order. From {}, for {term} months.", order.need_by.0)
        }
    };
    let ask = if order.late() { "LATE, order now" } else { "Order by today" };
    let mut dates = vec![("order-by", order.order_by(), ask)];
    if order.decide_by() != order.order_by() {
        dates.push(("decide-by", order.decide_by(), "Decide by today"));
    }
    dates.push(("need-by", order.need_by(), "Needed"));
    for (kind, day, verb) in dates {
        let uid = uid(&view.plan, order.name(), kind);
        file.event(&uid, day, &format!("{verb}: {what}"), &about);
    }
}

/// A limit to ask for, or that was asked for: the day to ask, and the day by which an answer is there.
fn of_limit(file: &mut File, view: &BudgetView, limit: &LimitRequestView) {
    let which = limit.purchase.unwrap_or("whole");
    let from = limit.from.map_or_else(String::new, |nodes| format!("from {nodes} "));
    let what = format!("the {which} limit of {} {from}to {} nodes", plain(&limit.pool), limit.to);
    let about = match &limit.needed {
        Some(day) => format!(
            "Needed {}, granted {} (p50) to {} (p90): {}.",
            day.0, limit.granted_p50.0, limit.granted_p90.0, limit.then
        ),
        None => format!(
            "Asked {}, granted {} (p50) to {} (p90).",
            limit.ask_by.0, limit.granted_p50.0, limit.granted_p90.0
        ),
    };
    let name = format!("{} {which} limit {}", limit.pool, limit.to);
    let (kind, day, verb) = match limit.needed {
        Some(_) => ("ask-by", limit.ask_by, "Ask by today for"),
        None => ("granted", limit.granted_p90, "Answer on"),
    };
    let uid = uid(&view.plan, &name, kind);
    file.event(&uid, day, &format!("{verb} {what}"), &about);
}

struct File {
    text: String,
    stamp: String,
}

impl File {
    fn event(&mut self, uid: &str, day: Day, summary: &str, description: &str) {
        let next = plus_days(day.0, 1);
        self.line("BEGIN:VEVENT");
        self.line(&format!("UID:{uid}"));
        self.line(&format!("DTSTAMP:{}", self.stamp));
        self.line(&format!("DTSTART;VALUE=DATE:{}", digits(day.0)));
        self.line(&format!("DTEND;VALUE=DATE:{}", digits(next)));
        self.line(&format!("SUMMARY:{}", escaped(summary)));
        self.line(&format!("DESCRIPTION:{}", escaped(description)));
        self.line("TRANSP:TRANSPARENT");
        self.line("END:VEVENT");
    }

    /// A content line, folded so that none is longer than 75 octets; never inside a character.
    fn line(&mut self, line: &str) {
        let mut octets = 0;
        for character in line.chars() {
            if octets + character.len_utf8() > 75 {
                self.text.push_str("\r\n ");
                octets = 1;
            }
            self.text.push(character);
            octets += character.len_utf8();
        }
        self.text.push_str("\r\n");
    }
}

/// A day as eight digits.
fn digits(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// A text value: backslash, semicolon, comma and line break escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => {}
            other => out.push(other),
        }
    }
    out
}

/// An identity that stays while the plan, the name and the kind do.
fn uid(plan: &str, name: &str, kind: &str) -> String {
    let mut hash = Sha256::new();
    for part in [plan, name, kind] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut uid = String::with_capacity(40);
    for byte in hash.finalize().iter().take(16) {
        let _ = write!(uid, "{byte:02x}");
    }
    uid + "@capplan"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> File {
        File { text: String::new(), stamp: "20261123T000000Z".to_owned() }
    }

    #[test]
    fn long_lines_are_folded_at_75_octets_and_never_inside_a_character() {
        let mut file = file();
        let text = "é".repeat(100);
        file.line(&format!("SUMMARY:{text}"));
        assert!(file.text.split("\r\n").all(|line| line.len() <= 75));
        assert_eq!(file.text.replace("\r\n ", ""), format!("SUMMARY:{text}\r\n"));
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a, b; c\\d\ne"), "a\\, b\\; c\\\\d\\ne");
    }

    #[test]
    fn an_event_is_a_day_with_a_lasting_identity() {
        let mut file = file();
        let day = Day(crate::calendar::parse_date("2027-02-28").unwrap());
        file.event(&uid("p", "order a", "order-by"), day, "Order", "About");
        assert!(file.text.contains("DTSTART;VALUE=DATE:20270228\r\nDTEND;VALUE=DATE:20270301\r\n"));
        assert_eq!(uid("p", "order a", "order-by"), uid("p", "order a", "order-by"));
        assert_ne!(uid("p", "order a", "order-by"), uid("p", "order a", "need-by"));
        assert_ne!(uid("p", "order a", "x"), uid("po", "rder a", "x"));
    }
}
