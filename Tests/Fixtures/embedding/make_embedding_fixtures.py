"""Writes what transformers makes of texts: the states of a model, as sentence-transformers pools them.

    python3 make_embedding_fixtures.py

The model is the fixture huggingface/bert, made by transformers with drawn values; vectors.json has for each text the
mean over all tokens, scaled to length 1, and the first token's state.
"""

import json
import os

import torch
from transformers import AutoModel, AutoTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
TEXTS = ["the cat sees the dog", "A dog.", "nobody knows the cat that the dog sees"]


def main():
    torch.set_grad_enabled(False)
    folder = os.path.join(HERE, "..", "huggingface", "bert")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    result = []
    for text in TEXTS:
        # The fixture's tokenizer has T5's names.
        start, end = tokenizer.convert_tokens_to_ids(["<pad>", "</s>"])
        ids = [start] + tokenizer(text, add_special_tokens=False)["input_ids"] + [end]
        states = model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        mean = torch.nn.functional.normalize(states.mean(0), dim=0)
        result.append({"text": text, "mean": mean.tolist(), "first": states[0].tolist()})
    with open(os.path.join(HERE, "vectors.json"), "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
