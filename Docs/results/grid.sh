#!/usr/bin/env bash
# What stands behind the comparison of objectives and architectures in Docs/RESULTS.md. From the project's root, after
# `make build` and the tokenizer of Docs/results/main.sh:
#   GRAFT_DATA=../shared/data Docs/results/grid.sh
# Everything lands in runs/; what is there is not done again.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
runs=${RUNS:-runs}
: "${GRAFT_DATA:?set GRAFT_DATA to the folder of the data sets}"
export GRAFT_DATA

# The grid.
"$graft" ablate Docs/results/grid.yaml --output "$runs/grid" --cache "$runs/main/cache"

# Replaced token detection against masked LM at 6.25, 12.5, 25 and 50 % of the grid's budget, each with a schedule of its own.
for budget in 1.875e12 3.75e12 7.5e12 1.5e13; do
  sed -e "s/^budget:.*/budget: {flops: $budget}/" \
    -e 's/^baseline:.*/baseline: {objective: masked-lm, backbone: bert-nano}/' \
    -e '/^  - causal-lm/d; /^  - prefix-lm/d; /^  - span-corruption/d; /^  - drop-tokens/d; /^  - deshuffling/d' \
    -e '/preset: t5-nano/d; /preset: gpt-nano/d; /preset: prefix-gpt-nano/d' \
    Docs/results/grid.yaml > "Docs/results/curve-$budget.yaml"
  "$graft" ablate "Docs/results/curve-$budget.yaml" --output "$runs/curve-$budget" --cache "$runs/main/cache" \
    --only masked-lm@bert-nano replaced-token-detection@electra-nano
  rm "Docs/results/curve-$budget.yaml"
done

# Minimal pairs, by the grid's language models.
for cell in causal-lm@gpt-nano masked-lm@bert-nano; do
  for seed in 0 1; do
    "$graft" evaluate --checkpoint "$runs/grid/cells/$cell/seed-$seed/pretrain" --task blimp --by phenomenon \
      --json "$runs/grid/blimp-$cell-$seed.json"
  done
done

# What long and short targets cost, on one encoder-decoder: tokens of text read per second, and operations for each.
for objective in bert-style mass-style deshuffling prefix-lm replace-spans drop-tokens span-corruption; do
  "$graft" pretrain --objective "$objective" --backbone t5-nano --tokenizer "$runs/main/tokenizer.json" \
    --corpus "$GRAFT_DATA/english-novels" --cache "$runs/main/cache" --batch 32 --steps 300 --evaluate-every 300 \
    --save-every 0 --output "$runs/cost-$objective"
done
