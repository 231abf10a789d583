//! What a person at a terminal sees beside the data: messages, colors, a spinner when waiting.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::ColorChoice;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::render::{self, Color};
use crate::source::Sources;

/// Chooses colors for the whole process; `NO_COLOR` and pipes are honoured in `Auto`.
pub(super) fn set_color(choice: ColorChoice) {
    let choice = match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether a stream shows colors.
fn shows_color(is_terminal: bool) -> bool {
    match anstream::ColorChoice::global() {
        anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi => true,
        anstream::ColorChoice::Never => false,
        anstream::ColorChoice::Auto => {
            is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// Whether standard output shows colors.
pub(super) fn stdout_shows_color() -> bool {
    shows_color(std::io::stdout().is_terminal())
}

/// The width of the terminal, between 60 and 120; 100 where there is none.
pub(super) fn width() -> usize {
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    width.unwrap_or(100).clamp(60, 120)
}

/// Prints diagnostics for people, on standard error.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources) {
    if !diagnostics.is_empty() {
        let colored = shows_color(std::io::stderr().is_terminal());
        let color = if colored { Color::Always } else { Color::Never };
        say(render::human(diagnostics, sources, color, width()).trim_end());
    }
}

/// Prints one line on standard error. A closed standard error is nobody's loss.
pub(super) fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Prints an error that no place of the plan is to blame for.
pub(super) fn error(message: &str) {
    say(&format!("\x1b[31;1merror\x1b[0m: {message}"));
}

/// A spinner on standard error that appears after half a second, where a person watches.
pub(super) struct Spinner {
    done: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Spinner {
    /// Starts waiting for `what`.
    pub(super) fn start(what: &'static str) -> Option<Self> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let (done, wait) = channel();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(Duration::from_millis(500)) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_message(what);
            bar.enable_steady_tick(Duration::from_millis(100));
            let _ = wait.recv();
            bar.finish_and_clear();
        });
        Some(Self { done, thread: Some(thread) })
    }
}

/// A bar on standard error, where a person watches, of work whose size is told as it goes.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar that is still empty.
    pub(super) fn new() -> Self {
        Self(progress(0, "{bar:30} {pos}/{len} {wide_msg}"))
    }

    /// Shows that `done` of `total` are done, and what is next.
    pub(super) fn show(&self, done: usize, total: usize, next: &str) {
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        self.0.set_message(next.to_owned());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        let _ = self.done.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A progress bar on standard error where a person watches; else one that is never seen.
pub(super) fn progress(length: u64, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
