//! A comparison as people and machines read it: a comment of a pull request, a page, text, JSON.
//!
//! A [`DiffView`] goes in. A comment keeps within what forges allow: the smallest rows of every table go
//! together until it does. Nothing is compared or computed here.

mod amounts;
mod bridge;
mod decisions;
pub mod json;
mod layout;
mod orders;
mod view;

#[cfg(test)]
mod tests;

pub use view::{ChangeView, DiffView, Frame, PlanText, RenameView, of_new_plan, view};

use super::page::markdown::{self, Flavour};
use super::page::{Page, html, text};
use super::template::{Made, Templates};
pub(super) use layout::cause_words;
use layout::{Room, page};

/// The most characters a comment may have; forges allow 65,536.
pub const COMMENT_MAX: usize = 60_000;

/// Rooms to try, the largest first.
const ROOMS: [usize; 9] = [usize::MAX / 4, 200, 100, 50, 25, 12, 6, 3, 1];

/// The comparison as a comment of at most [`COMMENT_MAX`] characters, unless its failures alone are more.
#[must_use]
pub fn comment(view: &DiffView, flavour: Flavour) -> String {
    let fits = |text: &String| text.chars().count() <= COMMENT_MAX;
    let mut rendered = ROOMS.iter().map(|room| markdown::render(&page(view, Room(*room)), flavour));
    let mut last = String::new();
    for text in rendered.by_ref() {
        if fits(&text) {
            return text;
        }
        last = text;
    }
    last
}

/// The comparison as one HTML page, with every row.
///
/// # Errors
/// If a template of the plan fails.
pub fn html(view: &DiffView, templates: &Templates) -> Made<String> {
    html::render(&whole(view), templates)
}

/// The comparison for a terminal, with every row.
#[must_use]
pub fn table(view: &DiffView, width: usize) -> String {
    text::render(&whole(view), width)
}

fn whole(view: &DiffView) -> Page {
    page(view, Room(ROOMS[0]))
}
