//! The command line as a person meets it: every file in `tests/cli/` is a session that must come out so.

#[test]
fn sessions_come_out_as_written() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd").case("README.md");
}
