#!/usr/bin/env bash
# scripts/soak, on a tree of its own with tests that pass and fail as told: it goes round, counts seeds up, stops at the
# first failure, and what it says then repeats the failure; a test that was not asked for does not run.
set -euo pipefail

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{scripts,tests/fault,tests/fuzz,build/asan/tests}
cp "$CHAOXUN_SOURCE/scripts/soak" "$tree/scripts/"
printf '#!/bin/sh\n' | tee "$tree/scripts/install-packages" >"$tree/scripts/build"
printf 'CHAOXUN_SOURCE=%s\n' "$tree" >"$tree/build/asan/tests/environment"
cat >"$tree/tests/fault/test_steady.sh" <<'END'
#!/bin/sh
echo "steady $CHAOXUN_SEED $CHAOXUN_SOAK_SECONDS" >>"$CHAOXUN_SOURCE/said"
END
# As a test with rounds: the first seed that is given, and the one behind it.
cat >"$tree/tests/fault/test_second.sh" <<'END'
#!/bin/sh
for seed in "$CHAOXUN_SEED" $((CHAOXUN_SEED + 1)); do
    echo "CHAOXUN_SEED=$seed"
    echo "second $seed" >>"$CHAOXUN_SOURCE/said"
    [ "$seed" -ne 2006 ] || { echo "the words of the failure"; exit 3; }
done
END
cat >"$tree/tests/fuzz/run" <<'END'
#!/bin/sh
echo "fuzz $CHAOXUN_FUZZ_SEED $CHAOXUN_FUZZ_SECONDS" >>"$CHAOXUN_SOURCE/said"
END
chmod +x "$tree"/scripts/* "$tree"/tests/*/*

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# soak STATUS OPTION...: what it says goes to $tree/output, what its tests say to $tree/said.
soak() {
    local wanted=$1 status=0
    shift
    rm -f "$tree/said"
    "$tree/scripts/soak" "$@" >"$tree/output" 2>&1 || status=$?
    [ "$status" -eq "$wanted" ] || fail "soak $* ended with $status instead of $wanted: $(tail -n 20 "$tree/output")"
}

has() {
    grep -qF -- "$2" "$tree/$1" || fail "no '$2' in $(cat "$tree/$1")"
}

soak 0 --minutes 0 --seed 7
has said 'steady 7 0'
has said 'second 8'
has said 'fuzz 7 4'
has output '3 runs of 3 tests'
[ "$(wc -l <"$tree/said")" -eq 4 ] || fail "each runs once: $(cat "$tree/said")"

soak 1 --minutes 1 --seed 5 --only second --only fuzz
has said 'second 5'
has output 'the words of the failure'
has output 'second failed with seed 2006'
if grep -q steady "$tree/said"; then fail "it ran what was not asked for"; fi
again=$(grep '^  scripts/soak ' "$tree/output")
[ "$again" = '  scripts/soak --minutes 0 --seed 2006 --only second' ] || fail "it cannot be repeated by: $again"
# shellcheck disable=SC2086 # the words of the command
soak 1 ${again#*soak}
[ "$(cat "$tree/said")" = 'second 2006' ] || fail "the command does not repeat it: $(cat "$tree/said")"

soak 2 --minutes 0 --only no-such-test
soak 2 --minutes soon
soak 2 --minutes
echo "1 passed, 0 failed"
