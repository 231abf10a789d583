//! The command line as a person meets it: every file in `tests/cli/` is a session that must come out so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

#[test]
fn sessions_come_out_as_written() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd").case("README.md");
}
