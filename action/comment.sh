#!/usr/bin/env bash
# Says what a pull request costs, in one comment that each push writes anew, and in the job's summary.
set -euo pipefail

base=${BASE:-"origin/$GITHUB_BASE_REF"}
comment="$RUNNER_TEMP/capplan-comment.md"
code=0
capplan diff "$base...HEAD" "$PLAN" --format md > "$comment" || code=$?
echo "code=$code" >> "$GITHUB_OUTPUT"
echo "comment=$comment" >> "$GITHUB_OUTPUT"
if [ "$code" -ne 0 ] && [ "$code" -ne 3 ]; then
    exit "$code"
fi
cat "$comment" >> "$GITHUB_STEP_SUMMARY"
if [ "${COMMENT:-true}" != true ]; then
    exit 0
fi

# The comment's first line is a hidden marker of this plan: the comment that begins with it is ours.
marker=$(head -n 1 "$comment")
known=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments" \
    --jq ".[] | select(.body | startswith(\"$marker\")) | .id") || known=""
known=${known%%$'\n'*}
if [ -n "$known" ]; then
    set -- --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$known"
else
    set -- --method POST "repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
fi
if ! gh api "$@" --field "body=@$comment" > /dev/null; then
    # A pull request from a fork has a token that only reads.
    echo "::warning::the comment could not be written; the job's summary holds it"
fi
