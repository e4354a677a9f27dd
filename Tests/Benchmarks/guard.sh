#!/usr/bin/env bash
# Fails if training steps have become slower, as a fraction of the rate of matrix products that the same process
# measures. From the project's root, after `make build`, on a machine that does nothing else:
#   Tests/Benchmarks/guard.sh
# The thresholds are nine tenths of what was measured with products on AMX tiles (0.368 and 0.347), whose rate is higher
# than the library's; no part of `make test`.
set -uo pipefail
graft=${GRAFT:-.build/release/graft}
failed=0
while read -r objective size precision fraction; do
  [ -n "$objective" ] || continue
  "$graft" benchmark train --objective "$objective" --size "$size" --precision "$precision" --steps 12 \
    --require-fraction "$fraction" || failed=1
done <<'THRESHOLDS'
causal-lm S bf16 0.33
span-corruption S bf16 0.31
THRESHOLDS
exit "$failed"
