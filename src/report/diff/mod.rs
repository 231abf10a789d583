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
use super::template::{Made, Output, Templates};
use std::sync::LazyLock;

pub(super) use layout::cause_words;
use layout::{Room, page};

/// The most characters a comment may have; forges allow 65,536.
pub const COMMENT_MAX: usize = 60_000;

/// Rooms to try, the largest first.
const ROOMS: [usize; 9] = [usize::MAX / 4, 200, 100, 50, 25, 12, 6, 3, 1];

/// The template of a comment.
const TEMPLATE: &str = "comment";

/// The comparison as a comment of at most [`COMMENT_MAX`] characters, unless its failures alone are more.
///
/// # Errors
/// If a template of the plan fails, or says so much that nothing folds away enough.
pub fn comment(view: &DiffView, flavour: Flavour, templates: &Templates) -> Made<String> {
    let fits = |text: &str| text.chars().count() <= COMMENT_MAX;
    let mut last = String::new();
    for room in ROOMS {
        last = markdown::render(&page(view, Room(room)), flavour, TEMPLATE, templates)?;
        if fits(&last) {
            return Ok(last);
        }
    }
    let [.., least] = ROOMS;
    let bare = markdown::render(&page(view, Room(least)), flavour, TEMPLATE, &BUILT_IN)?;
    if fits(&bare) {
        let message = format!("the comment would be longer than {COMMENT_MAX} characters");
        return Err(templates.too_much(Output::Markdown, TEMPLATE, message));
    }
    Ok(last)
}

/// The templates of this program.
static BUILT_IN: LazyLock<Templates> = LazyLock::new(Templates::built_in);

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
