"""Compares an ARPA file of `graft ngram train --arpa` with what KenLM reads in it.

    pip install kenlm
    graft ngram train --corpus ptb.train.txt --order 5 --arpa ptb-5.arpa --output ptb-5
    python3 Tests/Interoperability/ngrams.py ptb-5.arpa ptb.valid.txt.gz

Prints KenLM's sum of all logarithms in nats, and the perplexity, which `graft ngram score` prints, too.
"""

import gzip
import math
import sys

import kenlm


def main(model, text):
    model = kenlm.Model(model)
    nats = count = 0
    with (gzip.open if text.endswith(".gz") else open)(text, "rt") as lines:
        for line in lines:
            if line.strip():
                nats -= model.score(line, bos=True, eos=True) * math.log(10)
                count += len(line.split()) + 1
    print(f"{nats:.2f} nats, perplexity {math.exp(nats / count):.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
