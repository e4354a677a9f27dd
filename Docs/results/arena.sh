#!/bin/sh
# The Penn Treebank by models of all eras, networks by 1.5e13 operations each and three learning rates: an hour and a
# quarter on two cores.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data sh Docs/results/arena.sh OUTPUT
set -e
graft=${GRAFT:-.build/release/graft}
output=$1
mkdir -p "$output"
# AWD-LSTM's regularisers, as mild as so short a training wants them.
cat > "$output/awd-lstm-nano.json" <<'SIZES'
{"family": "lstm", "width": 256, "decoderLayers": 1, "lockedDropout": true, "inputDropout": 0.2, "layerDropout": 0.2,
 "embeddingDropout": 0.05, "recurrentDropout": 0.2, "activationRegularization": 2, "temporalActivationRegularization": 1}
SIZES
echo '{"family": "nplm", "width": 256, "hidden": 256, "order": 9}' > "$output/nplm-nano.json"
echo '{"family": "mlstm", "width": 256, "decoderLayers": 1}' > "$output/mlstm-nano.json"
echo '{"family": "conv-lm", "width": 256, "decoderLayers": 6, "kernel": 5, "bottleneck": 64, "epsilon": 1e-5}' \
  > "$output/conv-lm-nano.json"
echo '{"family": "sha-rnn", "width": 192, "decoderLayers": 2, "feedForward": 768, "window": 64, "epsilon": 1e-5}' \
  > "$output/sha-rnn-nano.json"
"$graft" arena --corpus "$GRAFT_DATA/ptb/ptb.train.txt.gz" --validation "$GRAFT_DATA/ptb/ptb.valid.txt.gz" --unit word \
  --vocabulary-size 10003 --flops 1.5e13 --optimizer adamw --rate 1e-3 3e-3 1e-2 --batch 16 --sequence-length 64 \
  --cache-weight 0.1 --prompt 'the company' --output "$output/ptb" --model uniform unigram bigram kneser-ney-3 \
  kneser-ney-5 "$output/nplm-nano.json" rnn-nano lstm-nano gru-nano "$output/mlstm-nano.json" qrnn-nano \
  "$output/awd-lstm-nano.json" "$output/conv-lm-nano.json" gpt-nano "$output/sha-rnn-nano.json" llama-nano modern-nano
