#!/usr/bin/env bash
# Checks the plan; errors become annotations. A failed gate does not end the job here: in a pull request
# only what fails newly does, which the diff knows.
set -euo pipefail

code=0
capplan check "$PLAN" --format github || code=$?
echo "code=$code" >> "$GITHUB_OUTPUT"
if [ "$code" -ne 0 ] && [ "$code" -ne 3 ]; then
    exit "$code"
fi
