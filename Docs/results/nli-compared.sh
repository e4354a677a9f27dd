#!/bin/bash
# What rootstock-mini learns of natural language inference with a head that compares the two texts: 500 updates, chosen among by
# the validation examples, then 20,000 pairs twice, from the released and from drawn values, then all pairs three times, with what
# of them was learned. Docs/LEARNING.md and Docs/MODELS.md show what came out, nli-compared.json has it.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/nli-compared.sh OUTPUT
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
mkdir -p "$1/compared"
cd "$1"
tuned() { # NAME FLAGS
  [ -f "compared/$1/results.json" ] || "$graft" finetune --checkpoint rootstock-mini --task nli-pool --seed 1 \
    --no-overlap --no-baselines --output "compared/$1" "${@:2}"
}
tuned short --limit 20000 --steps 500 --split validation
tuned long --limit 20000 --epochs 2 --suite hans
tuned untrained --limit 20000 --untrained --epochs 2 --split snli-test mnli-mismatched
tuned pool --epochs 3 --suite hans breaking-nli
"$graft" probe --task nli-pool --split snli-test mnli-mismatched --probe hard-subset partial-input --results compared/pool \
  --json pool-probe.json
"$graft" stress evaluate --checkpoint compared/pool --task nli-pool --split snli-test --limit 3000 --transform naik \
  --json pool-naik.json
