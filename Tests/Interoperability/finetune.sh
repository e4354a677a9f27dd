#!/usr/bin/env bash
# Fine-tunes a published encoder on a task with Graft and with transformers, by the same hyperparameters, and prints scores
# and times of both.
#
#   finetune.sh GRAFT PYTHON MODEL TASK [SEEDS]
#
# GRAFT is the executable; PYTHON has torch and transformers; MODEL is a folder of a BERT; TASK one of rte, mrpc, cola, stsb,
# snli-dev, whose data $GRAFT_DATA has. Three passes, AdamW 5e-5 without decay, batches of 32, a tenth of the updates as warm-up, then
# linear to zero, at most 128 tokens, bf16. If tcmalloc is there, Python runs with it. The two take turns, seed by seed.
set -euo pipefail
export TRANSFORMERS_VERBOSITY=error HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false

graft=$1 python=$2 model=$3 task=$4 seeds=${5:-3}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tcmalloc=$(ls /usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4 2>/dev/null || true)
split=validation
[ "$task" = snli-dev ] && split=snli-test
for seed in $(seq 1 "$seeds"); do
  "$graft" finetune --checkpoint "$model" --task "$task" --split "$split" --layout segments --data "$GRAFT_DATA" \
    --optimizer adamw --learning-rate 5e-5 --epochs 3 --batch 32 --warmup 10% --schedule linear --precision bf16 \
    --seed "$seed" --no-baselines --no-overlap --output "$scratch/$seed" >/dev/null 2>&1
  "$python" "$here/finetune_scores.py" graft "$scratch/$seed" "$task"
  LD_PRELOAD=$tcmalloc "$python" "$here/finetune_scores.py" transformers "$model" "$task" "$GRAFT_DATA" "$seed"
done
