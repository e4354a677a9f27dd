#!/usr/bin/env bash
# What of NLI is the task and what the data set, for nli.md, transfer.md and prefixes.md beside it, about two and a
# quarter hours. From the project's root, after `make build` and Docs/results/main.sh, whose pretrained model it starts from:
#   GRAFT_DATA=../shared/data Docs/results/artifacts.sh [PART…]
# Parts: probes, pool, own, transfer, prefixes, subsets, stress; all by default, in that order, as `subsets` needs `pool`.
# What has results is skipped, and what was stopped goes on, so the script can be run again.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
runs=${RUNS:-runs/main}
: "${GRAFT_DATA:?set GRAFT_DATA to the folder of the data sets}"
export GRAFT_DATA

recipe=(--optimizer adafactor --learning-rate 3e-3 --schedule linear --warmup 100 --batch 64 --dropout 0.1)
start=(--checkpoint "$runs/span-corruption" "${recipe[@]}")
suites=(--suite hans breaking-nli)

tune() { # tune NAME FLAGS…: a run of fine-tuning
  local name=$1
  shift
  [ -f "$runs/$name/results.json" ] || "$graft" finetune "${start[@]}" "$@" --output "$runs/$name" --resume
}

once() { # once FILE COMMAND…: the command, which writes the file
  [ -f "$1" ] || "${@:2}" --json "$1"
}

# The pool of NLI pairs, five seeds; of the first, what happened to each training example.
pool() {
  tune nli/seed-0 --task nli --epochs 4 "${suites[@]}" --dynamics --no-baselines --no-overlap
  tune nli --task nli --epochs 4 "${suites[@]}" --seeds 5
  once "$runs/nli-suites.json" "$graft" evaluate --checkpoint "$runs/nli" --task nli --split snli-test --precision bf16 \
    --suite monli med help cad-nli contrast-perspectrum function-words-nli taxinli --no-baselines --no-overlap
  once "$runs/nli-hypothesis.json" "$graft" evaluate --checkpoint "$runs/nli" --task nli --split snli-test \
    --precision bf16 --only-field hypothesis --no-baselines --no-overlap
}

# Models of one data set each: on examples that give themselves away and on the others, on suites, on changed examples.
own() {
  local task split
  for task in snli-dev:snli-test mnli-dev:mnli-mismatched conjnli:validation; do
    split=${task#*:} task=${task%:*}
    tune "$task" --task "$task" --epochs 6 --seeds 2 "${suites[@]}"
    once "$runs/$task-hard.json" "$graft" probe --task "$task" --split "$split" --probe hard-subset \
      --results "$runs/$task" --output "$runs/$task-probes"
    once "$runs/$task-stress.json" "$graft" stress evaluate --checkpoint "$runs/$task/seed-0" --task "$task" \
      --split "$split" --transform naik --precision bf16
  done
}

transfer() {
  "$graft" transfer "${start[@]}" --steps 400 --seeds 2 --evaluation-limit 2000 \
    --task snli-dev mnli-dev conjnli mpe joci sick --evaluate mnli-dev:mnli-mismatched scitail:test add-one-rte --output "$runs/transfer"
}

prefixes() {
  "$graft" prefixes "${start[@]}" --task sst2 sick --steps 500 --evaluate-every 100 --seeds 5 --output "$runs/prefixes"
}

# A third of the pool: what training found ambiguous or hard, and as much at random.
subsets() {
  [ -f "$runs/nli-map/subsets-nli.json" ] || "$graft" cartography "$runs/nli/seed-0" --output "$runs/nli-map"
  local third=(--task nli --epochs 4 "${suites[@]}" --no-baselines --no-overlap)
  tune nli-ambiguous "${third[@]}" --subset "$runs/nli-map/subsets-nli.json:ambiguous"
  tune nli-random "${third[@]}" --random-subset 15013
  tune nli-hard "${third[@]}" --subset "$runs/nli-map/subsets-nli.json:hard"
}

# What the three data sets give away, for results/probes.md.
probes() {
  once "$runs/probes-snli.json" "$graft" probe --task snli-dev --split snli-test --top 5
  once "$runs/probes-mnli.json" "$graft" probe --task mnli-dev --split mnli-mismatched --top 5
  once "$runs/probes-conjnli.json" "$graft" probe --task conjnli --top 5
}

# How main.sh's models fall on changed examples and on checklists, for results/stress.md.
stress() {
  local flags=(--precision bf16)
  once "$runs/stress-naik.json" "$graft" stress evaluate --checkpoint "$runs/nli-pretrained/seed-0" --task nli \
    --transform naik "${flags[@]}"
  once "$runs/stress-sentiment.json" "$graft" stress evaluate --checkpoint "$runs/sst2-pretrained/seed-0" --task sst2 \
    --checklist sentiment "${flags[@]}"
  once "$runs/stress-inference.json" "$graft" stress evaluate --checkpoint "$runs/nli-pretrained/seed-0" --task nli \
    --checklist inference "${flags[@]}"
}

[ $# -gt 0 ] || set -- probes pool own transfer prefixes subsets stress
for part; do "$part"; done
