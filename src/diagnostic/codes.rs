//! Every code there is, in the order of the families.

use super::Code;
use crate::cost::findings;
use crate::history::fault::{HISTORY_NOT_PULLED, HISTORY_UNREADABLE, SNAPSHOT_ALTERED};
use crate::import;
use crate::language::{self, load, parse, quantity, scan};
use crate::report::template;

/// Every code, by family and then by id.
#[must_use]
pub fn all() -> Vec<&'static Code> {
    // A module with codes lists them in its `CODES`; it joins here.
    let lists =
        [scan::CODES, parse::CODES, load::CODES, quantity::CODES, findings::CODES, template::CODES];
    let mut codes: Vec<&'static Code> = lists.into_iter().flatten().copied().collect();
    codes.extend(language::codes());
    codes.extend(import::CODES);
    codes.extend([&HISTORY_NOT_PULLED, &HISTORY_UNREADABLE, &SNAPSHOT_ALTERED]);
    codes.sort_by_key(|code| (code.family, code.id));
    codes
}

/// The code of an id, with `capplan::` before it or without.
#[must_use]
pub fn find(id: &str) -> Option<&'static Code> {
    let id = bare(id);
    all().into_iter().find(|code| code.id == id)
}

/// The ids that are most like one that is none, the nearest first; three at most.
#[must_use]
pub fn near(id: &str) -> Vec<&'static str> {
    let id = bare(id).to_ascii_lowercase().replace('-', "_");
    let mut near: Vec<(f64, &'static str)> = all()
        .into_iter()
        .map(|code| (strsim::jaro_winkler(&id, code.id), code.id))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.into_iter().take(3).map(|(_, id)| id).collect()
}

fn bare(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix("capplan::").unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_id_and_a_page_with_examples() {
        let codes = all();
        let mut ids: Vec<&str> = codes.iter().map(|code| code.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), codes.len());
        for code in codes {
            assert!(code.page.lines().count() >= 4, "{} has a page", code.id);
            assert!(code.page.ends_with('\n'), "{}", code.id);
            let plain =
                |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit();
            assert!(code.id.bytes().all(plain), "{}", code.id);
        }
        for code in [scan::CODES, parse::CODES, load::CODES, quantity::CODES].into_iter().flatten()
        {
            assert!(code.page.contains("Wrong:") && code.page.contains("Right:"), "{}", code.id);
        }
    }

    #[test]
    fn a_code_is_found_by_its_id() {
        assert_eq!(find("capplan::unclosed_block").unwrap().id, "unclosed_block");
        assert_eq!(find("unclosed_block").unwrap().id, "unclosed_block");
        assert!(find("nothing").is_none());
        assert_eq!(near("unclosed-blok").first(), Some(&"unclosed_block"));
    }
}
