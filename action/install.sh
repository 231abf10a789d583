#!/usr/bin/env bash
# Puts capplan on the path: the one that is named, the one that is there, or one built from this source.
set -euo pipefail

if [ -n "${BINARY:-}" ]; then
    folder=$(cd "$(dirname "$BINARY")" && pwd)
    echo "$folder" >> "$GITHUB_PATH"
elif command -v capplan > /dev/null; then
    capplan --version
else
    cargo install --locked --path "$GITHUB_ACTION_PATH"
fi
