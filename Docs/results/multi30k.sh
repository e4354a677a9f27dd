#!/usr/bin/env bash
# English to German on Multi30k: the search for a recipe, by validation scores, and what it comes to with and without
# pretraining, for Docs/results/translation.md. From the project's root, after `make build`:
#   GRAFT_DATA=../shared/data Docs/results/multi30k.sh
# Each part is skipped if its results exist and goes on where it was stopped, so the script can be run again.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
runs=${RUNS:-runs/main}/multi30k
: "${GRAFT_DATA:?set GRAFT_DATA to the folder of the data sets}"
export GRAFT_DATA
mkdir -p "$runs"
captions=("$GRAFT_DATA/multi30k/train.en.gz" "$GRAFT_DATA/multi30k/train.de.gz")

[ -f "$runs/tokenizer.json" ] ||
  "$graft" tokenizer train --corpus "${captions[@]}" --vocabulary-size 6000 --output "$runs/tokenizer.json"

common=(--batch 128 --optimizer adamw --schedule inverse-square-root --input-length 96 --target-length 96)
part() { # part NAME FLAGS…
  local name=$1
  shift
  if [ -f "$runs/$name/results.json" ]; then return; fi
  echo "== $name: $*"
  "$graft" finetune "${common[@]}" "$@" --save-every 1000 --output "$runs/$name" --resume
}
scratch=(--backbone t5-nano --tokenizer "$runs/tokenizer.json")

# The search: six passes each, greedy answers. Chosen by BLEU on validation.
six=(--task multi30k-en-de --epochs 6 --label-smoothing 0.1 --warmup 400)
part search-dropout-0.1 "${scratch[@]}" "${six[@]}" --learning-rate 3e-3 --dropout 0.1
part search-dropout-0.3 "${scratch[@]}" "${six[@]}" --learning-rate 3e-3 --dropout 0.3
part search-rate-6e-3 "${scratch[@]}" "${six[@]}" --learning-rate 6e-3 --dropout 0.1
part search-rate-1.5e-3 "${scratch[@]}" "${six[@]}" --learning-rate 1.5e-3 --dropout 0.1

# Both languages by span corruption: the captions, and Tatoeba's sentences.
if [ ! -d "$runs/pretrained/model" ]; then
  "$graft" pretrain --objective span-corruption --set noise-density=0.3 --backbone t5-nano --tokenizer "$runs/tokenizer.json" \
    --corpus "${captions[@]}" --task-text tatoeba-en-de tatoeba-de-en --cache "$runs/cache" --sequence-length 64 \
    --batch 64 --steps 1200 --optimizer adamw --learning-rate 3e-3 --schedule cosine --warmup 200 \
    --evaluate-every 400 --save-every 400 --output "$runs/pretrained" --resume
fi

# The best of these, longer, with and without pretraining.
best=(--task multi30k-en-de --epochs 14 --label-smoothing 0.1 --warmup 400 --learning-rate 3e-3 --dropout 0.1 --beam 4)
part from-scratch "${scratch[@]}" "${best[@]}"
part from-pretrained --checkpoint "$runs/pretrained" "${best[@]}"
