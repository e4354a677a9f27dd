#!/usr/bin/env bash
# What was added from outside is there: it is listed, trained and scored with, and misspelt names find it.
#   check.sh PROGRAM
set -euo pipefail
graft=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() { echo "plugin: $1" >&2; exit 1; }

"$graft" list objectives | grep -q '^reversed-text  *read a text backwards' || fail 'the objective is not listed'
"$graft" pretrain --help | grep -q 'reversed-text' || fail 'the objective is not in the help'
"$graft" list metrics | grep -q '^first-word ' || fail 'the metric is not listed'
if "$graft" metric first-wort --predictions a --references b 2>errors; then fail 'a misspelt name is taken'; fi
grep -q "first-word" errors || fail 'a misspelt name does not find the metric'

printf 'a b\nc d\ne f\n' >predictions
printf 'a x\nc y\nz f\n' >references
"$graft" metric first-word --predictions predictions --references references --json scores.json
grep -q '0.66666' scores.json || fail 'two of three first words are right'

"$graft" list transforms | grep -q '^emphatic ' || fail 'the transform is not listed'
"$graft" list probes | grep -q '^opening-word ' || fail 'the probe is not listed'

"$graft" microworld --output world >/dev/null
here=(--task micro-nli --tasks world --data world)
"$graft" inspect transform emphatic "${here[@]}" >shown
grep -q '!' shown || fail 'the transform does nothing'
"$graft" stress make --transform emphatic "${here[@]}" --keep-rejected --output stress >/dev/null
grep -q '"emphatic"' stress/report.json || fail 'the transform makes no set'
"$graft" probe --probe opening-word "${here[@]}" --json probes.json >/dev/null
grep -q '"opening-word"' probes.json || fail 'the probe does not report'
"$graft" inspect objective reversed-text --text 'a cat sat on a mat' --json shown.json >/dev/null
grep -q '"reversed-text"' shown.json || fail 'the objective is not shown'
"$graft" tokenizer train --corpus world/corpus.txt --vocabulary-size 400 --output tokenizer.json >/dev/null
"$graft" pretrain --objective reversed-text --backbone t5-nano --corpus world/corpus.txt --tokenizer tokenizer.json \
  --sequence-length 32 --steps 2 --batch 4 --held-out 0 --output run >/dev/null
grep -q '"objective" : "reversed-text"' run/run.json || fail 'the objective was not trained'
echo 'plugin: ok'
