#!/usr/bin/env bash
# The demonstration is what make-demo makes of the real activities.
set -euo pipefail
cd "$CHAOXUN_SOURCE/scripts/data"
./make-demo | cmp - demo-activities.csv || {
    echo "run: scripts/data/make-demo > scripts/data/demo-activities.csv"
    exit 1
}
