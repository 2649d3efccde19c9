#!/usr/bin/env bash
# scripts/bench runs to its end and fills every row with a figure. The figures themselves are no test's business, so it
# takes the programs that the tests of faults have: optimised as those of a release, which the tests in containers build.
set -euo pipefail

root=${CHAOXUN_SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
output=$("$root/scripts/bench" --preset fault --seconds 1 --rounds 1)
printf '%s\n' "$output"
for row in 'raw disk: 512-byte append' 'raw disk: the same on a recycled' 'receipts, 1 client' \
    'receipts, 64 clients, one at a time' 'receipts, 64 clients, 64 in flight' 'submit to live total' 'start, empty' \
    'start with the totals made again' 'memory of intake' 'memory of aggregator' 'memory of portal'; do
    grep -E "^$row.* [1-9][0-9.]*" <<<"$output" >/dev/null || { printf 'no figure for: %s\n' "$row"; exit 1; }
done
echo '1 passed, 0 failed'
