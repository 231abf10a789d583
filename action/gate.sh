#!/usr/bin/env bash
# Ends the job: in a pull request by what the diff says, elsewhere by what the check says.
set -euo pipefail

code=${DIFF:-${CHECK:-0}}
if [ "$code" = 3 ]; then
    echo "::error::a budget or a policy fails; the comment or the check above says which"
fi
exit "$code"
