"""Makes files as torch.save writes them, of both forms, and what they hold.

    python3 make_torch_files.py        # writes beside itself

Needs torch, numpy and safetensors.

layouts.bin, layouts.legacy.bin
                    tensors of several types: transposed, cut out of a larger one, with steps, of one element, empty,
                    parameters, two that share their memory, and whole numbers, which Graft lists and does not read;
                    the second as torch before version 1.6 wrote it
layouts.safetensors the floating ones of them, contiguous
bert.bin, bert.legacy.bin
                    the weights of ../huggingface/bert as a model's state_dict: with the tied output embedding and an
                    index of positions
large.bin           layouts.bin with the fields of archives of more than 4 GB, written by Python's zipfile
names/*.bin         what no file of weights needs: calls of functions, a model as an object, tensors of numpy, a sparse
                    tensor, a training program's file, an array that is compressed. Reading one in Python may run it
"""

import collections
import io
import os
import struct
import unittest.mock
import zipfile

import numpy
import torch
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def path(name):
    os.makedirs(os.path.dirname(os.path.join(HERE, name)), exist_ok=True)
    return os.path.join(HERE, name)


def layouts():
    generator = torch.Generator().manual_seed(1)
    whole = torch.randn(5, 7, 3, generator=generator)
    shared = torch.randn(4, 3, generator=generator)
    return collections.OrderedDict([
        ("whole", whole.clone()), ("transposed", whole[:, :, 0].clone().t()),
        ("permuted", whole.clone().permute(2, 0, 1)), ("part", whole[1:4, 2:6, 1]), ("stepped", whole[::2, ::3]),
        ("row", shared[2]), ("shared", shared), ("column", shared[:, 1:2]),
        ("number", torch.tensor(2.5)), ("empty", torch.empty(0, 3)), ("one", torch.randn(1, 1, 1, generator=generator)),
        ("parameter", torch.nn.Parameter(torch.randn(3, generator=generator))),
        ("half", torch.randn(5, 3, generator=generator).half().t()),
        ("narrow", torch.randn(9, generator=generator).bfloat16()[2:7]),
        ("double", torch.randn(2, generator=generator).double()), ("long", torch.arange(4)[None]),
        ("byte", torch.tensor([1, 2], dtype=torch.uint8)), ("flag", torch.tensor([True, False])),
        ("short", torch.tensor([3], dtype=torch.int16)), ("int", torch.tensor([4], dtype=torch.int32)),
    ])


class Call:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def with_large_fields(source):
    """The same entries with sizes and places in the extra fields of the directory, as APPNOTE 4.5.3 has them."""
    archive = zipfile.ZipFile(source)
    out, directory = io.BytesIO(), io.BytesIO()
    names = archive.namelist()
    for name in names:
        data = archive.read(name)
        at, encoded, crc = out.tell(), name.encode(), zipfile.crc32(data)
        extra = struct.pack("<HHQQ", 1, 16, len(data), len(data))
        out.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 0, 0, 0, crc, 2**32 - 1, 2**32 - 1, len(encoded), len(extra)))
        out.write(encoded + extra + data)
        extra = struct.pack("<HH", 0x7777, 3) + b"abc" + struct.pack("<HHQQQ", 1, 24, len(data), len(data), at)
        directory.write(struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, crc, 2**32 - 1, 2**32 - 1, len(encoded), len(extra),
            0, 0, 0, 0, 2**32 - 1))
        directory.write(encoded + extra)
    start, entries = out.tell(), directory.getvalue()
    out.write(entries)
    end = out.tell()
    out.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, len(names), len(names), len(entries), start))
    out.write(struct.pack("<IIQI", 0x07064B50, 0, end, 1))
    out.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0))
    assert zipfile.ZipFile(io.BytesIO(out.getvalue())).testzip() is None
    return out.getvalue()


def save(value, name):
    torch.save(value, path(name + ".bin"))
    # The legacy form keeps the source of a model's class and where it lay, which no file here is to have.
    with unittest.mock.patch("torch.serialization.get_source_lines_and_file", lambda _: (["# left out"], 1, "class.py")):
        torch.save(value, path(name + ".legacy.bin"), _use_new_zipfile_serialization=False)


def main():
    tensors = layouts()
    save(tensors, "layouts")
    floats = {k: v.detach().clone().contiguous() for k, v in tensors.items()
              if v.dtype in (torch.float32, torch.float16, torch.bfloat16)}
    save_file(floats, path("layouts.safetensors"))
    with open(path("large.bin"), "wb") as file:
        file.write(with_large_fields(path("layouts.bin")))
    weights = load_file(os.path.join(HERE, "../huggingface/bert/model.safetensors"))
    state = collections.OrderedDict(weights)
    state["bert.embeddings.position_ids"] = torch.arange(64).expand((1, -1))
    state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
    state["cls.predictions.decoder.bias"] = state["cls.predictions.bias"]
    state._metadata = collections.OrderedDict([("", {"version": 1}), ("bert", {"version": 1})])
    save(state, "bert")

    for name, value in {
        "system": {"a": Call(os.system, "echo this was run")},
        "eval": Call(eval, "print('this was run')"),
        "import": {"a": Call(__import__, "os")},
        "object": torch.nn.Linear(2, 2),
        "counter": {"a": collections.Counter("ab")},
        "numpy": {"a": numpy.ones(2, numpy.float32)},
        "sparse": {"a": torch.eye(2).to_sparse()},
        "training": {"epoch": 3, "state_dict": {"a": torch.ones(2)}},
        "list": [torch.ones(2)],
        "device": {"a": torch.device("cpu")},
    }.items():
        save(value, f"names/{name}")
    archive = zipfile.ZipFile(path("layouts.bin"))
    with zipfile.ZipFile(path("names/compressed.bin"), "w", zipfile.ZIP_DEFLATED) as file:
        for name in archive.namelist():
            file.writestr(name, archive.read(name))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
