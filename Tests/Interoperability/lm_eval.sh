#!/usr/bin/env bash
# Scores models with lm-evaluation-harness and with `graft evaluate --protocol lm-eval` and compares what both print.
#
#   lm_eval.sh GRAFT PYTHON MODEL...
#
# GRAFT is the executable; PYTHON has torch, transformers, PyYAML and lm-eval 0.4.13; a MODEL is a folder of transformers
# with a decoder, or served:RUN for a checkpoint of Graft's that the harness asks through `graft serve` (lm-eval[api], no
# torch). Rows are those of $GRAFT_DATA, read in Python, with the prompts that come with the harness; $TASKS are
# some of them, $SHOTS how many answered examples stand before each prompt (0), $LIMIT how many rows are scored (all).
# Ends with 1 if a score or a standard error differs in the four digits that the harness prints.
set -euo pipefail
export TRANSFORMERS_VERBOSITY=error HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false

export GRAFT=$1
graft=$1 python=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
shots=${SHOTS:-0} limit=${LIMIT:-0}
# Those without a training split here have no examples.
all="copa cb rte mrpc sst2 cola wnli lambada_openai"
[ "$shots" != 0 ] || all="piqa winogrande boolq $all"
tasks=${TASKS:-$all}
status=0
for model in "$@"; do
  # shellcheck disable=SC2086
  "$graft" evaluate --protocol lm-eval --shots "$shots" $([ "$limit" = 0 ] || echo "--limit $limit") \
    --checkpoint "${model#served:}" --task $tasks --data "$GRAFT_DATA" --json "$scratch/ours.json"
  # shellcheck disable=SC2086
  "$python" "$here/lm_eval_scores.py" "$model" "$scratch" "$GRAFT_DATA" "$shots" "$limit" $tasks 2>"$scratch/log" ||
    { status=1; tail -5 "$scratch/log"; }
done
exit $status
