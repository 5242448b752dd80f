"""Writes the small files beside this script with real PyTorch, and expected.json with their values.

python make_torch_files.py        # torch 2.15.0, safetensors; any newer torch writes files of the same content
"""
import argparse
import collections
import io
import json
import pathlib
import pickle
import struct
import zipfile

import numpy
import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent


def tensors():
    base = torch.arange(24.0).reshape(2, 3, 4) / 3 - 2
    shared = torch.arange(10.0)
    return collections.OrderedDict(
        f64=torch.tensor([1 / 3, -1e300, 5e-324], dtype=torch.float64),
        f32=base,
        f16=torch.tensor([1.0, -0.0, 65504, 6e-8, 6.1e-5, float("inf"), float("nan"), 0.333], dtype=torch.float16),
        bf16=torch.tensor([1.0, -3.140625, 1e38, 1e-40, float("-inf")], dtype=torch.bfloat16),
        i64=torch.tensor([-(2**63), 2**63 - 1]),
        i32=torch.tensor([-(2**31), 7], dtype=torch.int32),
        i16=torch.tensor([-(2**15), 7], dtype=torch.int16),
        i8=torch.tensor([-128, 127], dtype=torch.int8),
        u8=torch.tensor([0, 255], dtype=torch.uint8),
        bool=torch.tensor([True, False]),
        scalar=torch.tensor(41),
        empty=torch.zeros(0, 3),
        transposed=base.transpose(0, 2),
        sliced=base[:, 1:, ::2],
        column=base[1, :, 3],
        expanded=torch.tensor([[2.5]]).expand(2, 3),
        permuted_half=base.half().permute(1, 2, 0),
        first=shared[:4],
        second=shared[4:],
        channels_last=torch.arange(16.0).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
    )


def values(tensor):
    wide = tensor.double() if tensor.is_floating_point() else tensor.long()
    return [str(v) for v in wide.flatten().tolist()]


def expectation(state):
    return {
        name: {"type": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "values": values(t)}
        for name, t in state.items()
    }


def big_endian(path, target):
    """The same zip as a big-endian machine writes it."""
    sizes = {"f64": 8, "f32": 4}
    state = torch.load(path, weights_only=True)
    keys = {}
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as out:
        for index, name in enumerate(state):
            keys[str(index)] = sizes[name]
        for member in source.namelist():
            data = source.read(member)
            if member.endswith("byteorder"):
                data = b"big"
            elif "/data/" in member:
                size = keys[member.rsplit("/", 1)[1]]
                data = b"".join(data[i : i + size][::-1] for i in range(0, len(data), size))
            out.writestr(member, data)


def lightning():
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(3, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 1,
        "global_step": 7,
        "pytorch-lightning_version": "1.9.0",
        "state_dict": model.state_dict(),
        "loops": {"fit_loop": {"state_dict": {}, "done": True}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val'}": {"best_model_score": torch.tensor(0.5), "best_k": {}}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": argparse.Namespace(
            lr=1e-3, sizes=[1, 2], tags={"a"}, raw=b"x", big=2**70, extra=collections.defaultdict(list)
        ),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "size": torch.Size([1, 2]),
        "best": numpy.float64(0.5),
    }


def with_attributes():
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.note = "x"
    buffer = torch.zeros(2)
    buffer.note = "y"
    return {"parameter": parameter, "buffer": buffer, "u16": torch.tensor([0, 65535], dtype=torch.uint16)}


def python2(state):
    """An old file as Python 2 pickled it: an ordered dictionary as a list of pairs, names as byte strings."""
    buffer = io.BytesIO()
    torch.save(state, buffer, _use_new_zipfile_serialization=False)
    data = buffer.getvalue()
    head = data.index(b"\x80\x02ccollections\nOrderedDict")
    tensor = next(iter(state.values()))
    key = b"0"

    def text(s):
        return b"U" + bytes([len(s)]) + s

    body = b"\x80\x02ccollections\nOrderedDict\nq\x00]q\x01]q\x02(" + text(b"weight")
    body += b"ctorch._utils\n_rebuild_tensor\nq\x03((" + text(b"storage") + b"ctorch\nFloatStorage\n" + text(key)
    body += text(b"cpu") + b"K" + bytes([tensor.numel()]) + b"NtQK\x00K" + bytes([tensor.numel()]) + b"\x85K\x01\x85tR"
    body += b"ea\x85Rq\x04."
    keys = b"\x80\x02]q\x00" + text(key) + b"a."
    raw = struct.pack("<q", tensor.numel()) + struct.pack(f"<{tensor.numel()}f", *tensor.tolist())
    return data[:head] + body + keys + raw


def main():
    state = tensors()
    torch.save(state, HERE / "state.pth")
    for protocol in (3, 4, 5):
        torch.save(state, HERE / f"state-protocol{protocol}.pth", pickle_protocol=protocol)
    torch.save(state, HERE / "state-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(lightning(), HERE / "lightning.ckpt")
    torch.save(with_attributes(), HERE / "attributes.pth")
    torch.save(torch.nn.Linear(2, 2), HERE / "module.pth")
    torch.save(torch.ones(3), HERE / "tensor.pth")
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), HERE / "script.pt")
    little = {"f64": state["f64"], "f32": state["f32"]}
    torch.save(little, HERE / "little.pth")
    big_endian(HERE / "little.pth", HERE / "big-endian.pth")
    (HERE / "little.pth").unlink()
    (HERE / "python2.pth").write_bytes(python2(collections.OrderedDict(weight=torch.tensor([1.5, -2.0]))))
    assert torch.load(HERE / "python2.pth", weights_only=False)["weight"].tolist() == [1.5, -2.0]
    (HERE / "plain.pkl").write_bytes(pickle.dumps({"a": 1}))
    flat = {name: t.contiguous().clone() for name, t in state.items()}
    safetensors.torch.save_file(flat, HERE / "state.safetensors", metadata={"format": "pt"})
    (HERE / "expected.json").write_text(json.dumps(expectation(state), indent=1) + "\n")


main()
