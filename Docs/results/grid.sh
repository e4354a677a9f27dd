#!/usr/bin/env bash
# What stands behind the comparison of objectives and architectures in Docs/results/grid.md, about four hours. From the
# project's root, after `make build` and the tokenizer of Docs/results/main.sh:
#   GRAFT_DATA=../shared/data Docs/results/grid.sh
# Everything lands in runs/; what is there is not done again.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
runs=${RUNS:-runs}
: "${GRAFT_DATA:?set GRAFT_DATA to the folder of the data sets}"
export GRAFT_DATA

if [ ! -f "$runs/main/tokenizer.json" ]; then
  echo "grid.sh: $runs/main/tokenizer.json is missing; Docs/results/main.sh makes it first" >&2
  exit 66
fi
# variant NAME SED…: Docs/results/grid.yaml changed, as $runs/NAME.yaml.
variant() {
  local name=$1
  shift
  sed -e "s#^  tokenizer:.*#  tokenizer: $runs/main/tokenizer.json#" "$@" Docs/results/grid.yaml > "$runs/$name.yaml"
}

# The grid.
variant grid
"$graft" ablate "$runs/grid.yaml" --output "$runs/grid" --cache "$runs/main/cache"

# The same runs beside the same architecture without pretraining.
for backbone in t5-nano gpt-nano prefix-gpt-nano bert-nano electra-nano; do
  variant "grid-none-$backbone" -e "s/^baseline:.*/baseline: none@$backbone/"
  [ -d "$runs/grid-none-$backbone" ] || cp -r "$runs/grid" "$runs/grid-none-$backbone"
  "$graft" ablate "$runs/grid-none-$backbone.yaml" --output "$runs/grid-none-$backbone" --report-only
done

# Replaced token detection against masked LM at 6.25, 12.5, 25 and 50 % of the grid's budget, each with a schedule of its own.
for budget in 1.875e12 3.75e12 7.5e12 1.5e13; do
  variant "curve-$budget" -e "s/^  flops:.*/  flops: $budget/" -e 's/^baseline:.*/baseline: masked-lm@bert-nano/' \
    -e '/^    - causal-lm/d; /^    - prefix-lm/d; /^    - span-corruption/d; /^    - drop-tokens/d; /^    - deshuffling/d' \
    -e '/backbone: t5-nano/d; /backbone: gpt-nano/d; /backbone: prefix-gpt-nano/d'
  "$graft" ablate "$runs/curve-$budget.yaml" --output "$runs/curve-$budget" --cache "$runs/main/cache" \
    --only masked-lm@bert-nano replaced-token-detection@electra-nano
done
# python3 Docs/results/curve.py "$runs" Docs/results/curve.svg makes the table and the plot of these.

# Minimal pairs, by the grid's language models.
for cell in causal-lm@gpt-nano masked-lm@bert-nano; do
  for seed in 0 1; do
    "$graft" evaluate --checkpoint "$runs/grid/cells/$cell/seed-$seed/pretrain" --task blimp --by phenomenon \
      --json "$runs/grid/blimp-$cell-$seed.json"
  done
done

# What long and short targets cost on one encoder-decoder: positions and steps of the same operations.
variant cost -e 's/^    - causal-lm/    - bert-style\n    - mass-style\n    - replace-spans/'
"$graft" ablate "$runs/cost.yaml" --output "$runs/cost" --list | grep -E '^(model|-|[a-z-]+@t5-nano +[0-9])' | sed 's/ *[^ ]*$//' \
  > "$runs/cost.txt"
