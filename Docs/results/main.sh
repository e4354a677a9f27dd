#!/usr/bin/env bash
# What Docs/results/pretraining.md and fine-tuning.md have, and what the other scripts start from; about
# three hours. From the project's root, after `make build`:
#   GRAFT_DATA=../shared/data Docs/results/main.sh
# Everything lands in runs/main; each part is skipped if its results exist, so the script can be run again after
# an interruption.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
runs=${RUNS:-runs/main}
: "${GRAFT_DATA:?set GRAFT_DATA to the folder of the data sets}"
export GRAFT_DATA
corpus=("$GRAFT_DATA/english-novels" "$GRAFT_DATA/wikitext-2/wiki.train.tokens.gz")
mkdir -p "$runs"

part() { # part NAME COMMAND…: runs the command unless its results are there, and goes on with a stopped run
  local name=$1
  shift
  if [ -f "$runs/$name/results.json" ]; then return; fi
  echo "== $name: $*"
  "$@" --output "$runs/$name" --resume
}

[ -f "$runs/tokenizer.json" ] ||
  "$graft" tokenizer train --corpus "${corpus[@]}" --task-text sst2 cola mrpc rte nli multi30k-en-de \
    --vocabulary-size 8192 --output "$runs/tokenizer.json"

pretraining=(--corpus "${corpus[@]}" --task-text sst2:4 cola:4 mrpc:4 rte:4 nli:3 multi30k-en-de
  --tokenizer "$runs/tokenizer.json" --embeddings cooccurrence --cache "$runs/cache" --sequence-length 128
  --batch 32 --schedule cosine --warmup 200 --evaluate-every 200 --save-every 200)
part span-corruption "$graft" pretrain --objective span-corruption --backbone t5-mini "${pretraining[@]}" \
  --set noise-density=0.5 mean-span-length=3 --steps 4400 --optimizer adafactor --learning-rate 3e-3

# One recipe for every task; only the number of passes over the training examples differs.
recipe=(--optimizer adafactor --learning-rate 3e-3 --schedule linear --warmup 100 --batch 64 --dropout 0.1)
tune() { # tune NAME EPOCHS SEEDS FLAGS…: once from the pretrained model, once from scratch
  local name=$1 epochs=$2 seeds=$3
  shift 3
  part "$name-pretrained" "$graft" finetune --checkpoint "$runs/span-corruption" \
    --epochs "$epochs" --seeds "$seeds" "${recipe[@]}" "$@"
  part "$name-scratch" "$graft" finetune --backbone t5-mini --tokenizer "$runs/tokenizer.json" --no-baselines \
    --epochs "$epochs" --seeds "$seeds" "${recipe[@]}" "$@"
}
tune sst2 1 2 --task sst2
tune nli 4 2 --task nli --suite hans breaking-nli
tune cola 6 2 --task cola
tune mrpc 6 2 --task mrpc
tune rte 6 2 --task rte
# How the worth of pretraining depends on the number of labelled examples, and on passes over them.
tune sst2-4000 6 2 --task sst2 --limit 4000 --no-baselines
tune sst2-twice 2 2 --task sst2 --no-baselines
tune multi30k 5 1 --task multi30k-en-de

part causal-lm "$graft" pretrain --objective causal-lm --backbone gpt-mini "${pretraining[@]}" \
  --steps 8800 --optimizer adamw --learning-rate 3e-3
