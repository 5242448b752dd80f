"""Writes the golden fixtures of SENSE from the reference.

python make_golden_sense.py --out DIR --seed N --profile tiny|odd

A tensor fixture is NAME.safetensors (float64, int64; float32 for K-means) with NAME.json beside it; case tables are
one .json. File names and tensor names are the same in every profile. Everything is synthetic.
"""
from __future__ import annotations

import argparse
import copy
import json
import math
import platform
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
import torchvision
import transformers
from torch import Tensor

import sense as S
from sense import Keys, unit

torch.set_num_threads(1)

PROFILES = {
    "tiny": dict(batch=6, dim=8, queue=10, filled=7, clusters=5, hidden=6, tokens=5, km=(600, 16, 40, 5), tau=0.1,
                 phi=0.15, image=(32, 32), studies=14, step_batch=3, max_tokens=9),
    "odd": dict(batch=7, dim=5, queue=13, filled=9, clusters=6, hidden=9, tokens=7, km=(451, 11, 23, 4), tau=0.07,
                phi=0.2, image=(40, 56), studies=23, step_batch=5, max_tokens=11),
}
CONFIGS = {
    "tiny": dict(block="BASIC", blocks=(1, 1, 1, 1), width=4, vocabulary=50, hidden=24, text_layers=3, heads=3, intermediate=40,
                 positions=16, frozen_layers=1, dim=8, queue_length=10, clusters=4, tau=0.1, tau_p=0.15),
    "odd": dict(block="BOTTLENECK", blocks=(1, 2, 1, 1), width=4, vocabulary=37, hidden=20, text_layers=2, heads=2, intermediate=36,
                positions=13, frozen_layers=1, dim=7, queue_length=12, clusters=5, tau=0.2, tau_p=0.1, concentration=True),
}
HASH_GOLDENS = [
    ((), 0x0000000000000000),
    ((0,), 0xA706DD2F4D197E6F),
    ((-1,), 0x2DD82C88FA32B270),
    (("",), 0xBCCDFD9C96A18897),
    (("a",), 0xDDE595192394458C),
    (("12345678",), 0xDBA8CFD5510FF9EB),
    (("123456789",), 0x4C0500F6D11DD189),
    ((20261, "order", 0), 0x5DF3D0D49B036416),
    ((20261, "pick", 3, "s50414267"), 0x56B603CB9FE5F491),
    ((20261, "kmeans", 7), 0x0E6E7ABC1B1A88CD),
    ((20261, "subset", 2, "s50414267", 1), 0xA29992381485B24B),
    ((20261, "subset", 2, "s50414267", 2), 0xA00F293F358AFD7C),
]
VERSIONS = {"python": platform.python_version(), "torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0],
            "transformers": transformers.__version__, "numpy": np.__version__, "safetensors": safetensors.__version__}


# ---- writing -----------------------------------------------------------------------------------------------------


def to_json(x, depth: int = 0) -> str:
    """JSON with 17 significant digits for floats; short lists on one line."""
    pad = "  " * (depth + 1)
    if isinstance(x, dict):
        if not x:
            return "{}"
        return "{\n" + ",\n".join(f"{pad}{json.dumps(str(k))}: {to_json(v, depth + 1)}" for k, v in x.items()) + "\n" + "  " * depth + "}"
    if isinstance(x, np.ndarray):
        return to_json(x.tolist(), depth)
    if isinstance(x, (list, tuple)):
        flat = all(not isinstance(v, (dict, list, tuple, np.ndarray)) for v in x)
        if flat or all(isinstance(v, (list, tuple)) and len(v) <= 40 and not any(isinstance(u, (dict, list)) for u in v) for v in x):
            return "[" + ", ".join(to_json(v, depth) for v in x) + "]"
        return "[\n" + ",\n".join(pad + to_json(v, depth + 1) for v in x) + "\n" + "  " * depth + "]"
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, Tensor):
        return to_json(x.item(), depth)
    if isinstance(x, (float, np.floating)):
        text = format(float(x), ".17g")
        return text if any(c in text for c in ".en") else text + ".0"
    if isinstance(x, np.integer):
        return str(int(x))
    return json.dumps(x, ensure_ascii=True)


def write_json(path: Path, value: dict) -> None:
    path.write_text(to_json(value) + "\n", encoding="utf-8")


class Fixture:
    """Tensors with role and meaning, scalars and configuration of one fixture."""

    def __init__(self, name: str, about: str):
        self.name, self.about = name, about
        self.config: dict = {}
        self.scalars: dict = {}
        self.tensors: dict[str, Tensor] = {}
        self.notes: list[dict] = []

    def add(self, role: str, name: str, value, meaning: str) -> None:
        t = torch.as_tensor(value).detach().clone().contiguous()
        if t.dtype == torch.bool:
            t = t.long()
        if name in self.tensors:
            raise ValueError(f"twice: {name}")
        self.tensors[name] = t
        self.notes.append({"name": name, "role": role, "shape": list(t.shape), "dtype": str(t.dtype).split(".")[1], "meaning": meaning})

    def write(self, out: Path, profile: str, seed: int) -> None:
        (out / f"{self.name}.safetensors").write_bytes(safetensors.torch.save(self.tensors))
        head = {"fixture": self.name, "about": self.about, "profile": profile, "seed": seed, "versions": VERSIONS}
        write_json(out / f"{self.name}.json", head | {"config": self.config, "scalars": self.scalars, "tensors": self.notes})


def normal(rng: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(rng.standard_normal(shape))


def integers(rng: np.random.Generator, low: int, high: int, *shape: int) -> Tensor:
    return torch.from_numpy(rng.integers(low, high, shape))


def leaf(x: Tensor) -> Tensor:
    return x.detach().clone().requires_grad_()


def ragged_mask(rng: np.random.Generator, rows: int, tokens: int) -> Tensor:
    lengths = integers(rng, 2, tokens + 1, rows)
    lengths[0], lengths[-1] = tokens, 2
    return (torch.arange(tokens).unsqueeze(0) < lengths.unsqueeze(1)).long()


# ---- small fixtures ------------------------------------------------------------------------------------------------


def max_pooling(p: dict, rng) -> Fixture:
    f = Fixture("max_pooling", "Maximum over the valid tokens of one row per report; ties give the gradient to the lowest token index.")
    hidden, mask = leaf((normal(rng, p["batch"], p["tokens"], p["hidden"]) * 2).round() / 2), ragged_mask(rng, p["batch"], p["tokens"])
    cot = normal(rng, p["batch"], p["hidden"])
    value, token = S.max_pool_tokens(hidden, mask)
    (g,) = torch.autograd.grad((value * cot).sum(), hidden)
    f.config = {"padValue": S.PAD_VALUE}
    f.add("input", "hidden", hidden, "token vectors [B, T, H]; multiples of 0.5, so ties occur")
    f.add("input", "mask", mask, "1 = valid token [B, T]")
    f.add("input", "cotangent", cot, "weights of the scalar sum(output.vector * cotangent) that the gradient belongs to")
    f.add("output", "output.vector", value, "maximum [B, H]")
    f.add("output", "output.token", token, "winning token [B, H]")
    f.add("gradient", "grad.hidden", g, "by hidden")
    return f


def max_max_pooling(p: dict, rng) -> Fixture:
    f = Fixture("max_max_pooling", "Two-stage maximum: valid tokens to sentences, sentences to reports; ragged, with ties within and across sentences.")
    counts = [1, 4, 2] + rng.integers(1, 6, p["batch"] - 3).tolist()
    offsets = torch.tensor([0] + list(np.cumsum(counts)))
    rows = int(offsets[-1])
    hidden = (normal(rng, rows, p["tokens"], p["hidden"]) * 2).round() / 2
    hidden[2] = hidden[1]  # a duplicate sentence
    hidden, mask = leaf(hidden), ragged_mask(rng, rows, p["tokens"])
    cot = normal(rng, len(counts), p["hidden"])
    report, sentence, row, token = S.max_max_pool(hidden, mask, offsets)
    (g,) = torch.autograd.grad((report * cot).sum(), hidden)
    f.config = {"padValue": S.PAD_VALUE}
    f.add("input", "hidden", hidden, "token vectors of all sentences [S, T, H]; multiples of 0.5")
    f.add("input", "mask", mask, "1 = valid token [S, T]")
    f.add("input", "offsets", offsets, "report r owns sentences offsets[r]..offsets[r+1]-1 [B + 1]")
    f.add("input", "cotangent", cot, "weights of the scalar sum(output.report * cotangent)")
    f.add("output", "output.sentence", sentence, "stage 1 [S, H]")
    f.add("output", "output.report", report, "stage 2 [B, H]")
    f.add("output", "output.row", row, "winning sentence row [B, H]")
    f.add("output", "output.token", token, "winning token in that row [B, H]")
    f.add("output", "output.activation", S.token_activation(row, token, offsets, tuple(mask.shape)), "share of dimensions won by each token [S, T]")
    f.add("gradient", "grad.hidden", g, "by hidden")
    return f


def heads(p: dict, rng) -> Fixture:
    f = Fixture("heads", "The four projectors (Linear, ReLU, Linear) and l2 normalisation.")
    widths = {"image": p["hidden"] * 2, "text": p["hidden"] + 3}
    inputs, nets = {}, {}
    for branch, width in widths.items():
        inputs[branch] = leaf(normal(rng, p["batch"], width))
        for kind in ("cross", "uni"):
            net = S.head(width, p["dim"]).double()
            for q in net.parameters():
                q.data.copy_(normal(rng, *q.shape) / math.sqrt(width))
            nets[f"{branch}.{kind}Head"] = net
    loss, found = 0.0, {}
    for name, net in nets.items():
        raw = net(inputs[name.split(".")[0]])
        cot = normal(rng, *raw.shape)
        loss = loss + (unit(raw) * cot).sum()
        found[name] = (raw, unit(raw), cot)
    f.config = {"epsilon": S.EPS}
    f.scalars = {"objective": loss}
    for branch in widths:
        f.add("input", f"input.{branch}", inputs[branch], f"{branch} features [B, d]")
    for name, net in nets.items():
        for n, q in net.named_parameters():
            f.add("weight", f"{name}.{n}", q, "[out, in] or [out]")
        raw, out, cot = found[name]
        f.add("input", f"cotangent.{name}", cot, "objective = sum over heads of sum(unit * cotangent)")
        f.add("output", f"raw.{name}", raw, "projector output [B, D]")
        f.add("output", f"unit.{name}", out, "normalised [B, D]")
    wrt = {f"input.{b}": x for b, x in inputs.items()} | {f"{h}.{n}": q for h, net in nets.items() for n, q in net.named_parameters()}
    for name, g in zip(wrt, torch.autograd.grad(loss, list(wrt.values()))):
        f.add("gradient", f"grad.{name}", g, f"of objective by {name}")
    return f


def add_raw(f: Fixture, raws: dict[str, Tensor]) -> dict[str, Tensor]:
    for name, x in raws.items():
        f.add("input", f"raw.{name}", x, "projector outputs before normalisation [B, D]")
    return {name: unit(x) for name, x in raws.items()}


def add_gradients(f: Fixture, case: str, loss: Tensor, tensors: dict[str, Tensor]) -> None:
    found = torch.autograd.grad(loss, list(tensors.values()), retain_graph=True, allow_unused=True)
    for (name, x), g in zip(tensors.items(), found):
        f.add("gradient", f"{case}.grad.{name}", torch.zeros_like(x) if g is None else g, f"of {case}.loss by {name}")


def key_inputs(f: Fixture, p: dict, rng, names: dict[str, str]) -> dict[str, Tensor]:
    """Adds batch keys and full rings for key spaces {queue name: hatted name}."""
    out = {}
    for ring, hat in names.items():
        out[hat] = unit(normal(rng, p["batch"], p["dim"]))
        out[ring] = unit(normal(rng, p["queue"], p["dim"]))
        out[ring][p["filled"] :] = 0
        f.add("input", f"keys.{hat}", out[hat], "momentum keys of the batch [B, D]")
        f.add("input", f"queue.{ring}", out[ring], "ring [L, D]; slots from `filled` on are free")
    return out


def study_cases(p: dict, rng) -> dict[str, dict]:
    """Cases of candidates: (study keys of the batch, of the ring, filled slots, options)."""
    b, length, filled = p["batch"], p["queue"], p["filled"]
    ids = torch.from_numpy(rng.permutation(100)[:b].copy())
    distinct = torch.cat([torch.arange(200, 200 + filled), torch.full((length - filled,), S.NO_STUDY)])
    repeated = distinct.clone()
    repeated[1], repeated[3], repeated[4] = ids[0], ids[2], ids[0]
    twins = ids.clone()
    twins[-1] = twins[1]
    table = {
        "emptyQueue": (ids, distinct, 0, {}),
        "partQueue": (ids, distinct, filled, {}),
        "maskedStudies": (ids, repeated, filled, {}),
        "maskedInBatch": (twins, repeated, filled, {}),
        "positiveStudies": (twins, repeated, filled, {"same_study": "POSITIVE"}),
        "ownKeyAndQueue": (ids, repeated, filled, {"in_batch": False}),
        "clusterMask": (ids, repeated, filled, {"cluster_mask": True}),
        "clusterMaskPositive": (twins, repeated, filled, {"cluster_mask": True, "same_study": "POSITIVE"}),
    }
    return {n: dict(ids=a, queue_ids=q, filled=k, options=o) for n, (a, q, k, o) in table.items()}


def switches(options: dict) -> dict:
    return {"inBatchNegatives": options.get("in_batch", True), "sameStudyKeys": options.get("same_study", "DROP"),
            "clusterMask": options.get("cluster_mask", False)}


def contrast(f: Fixture, p: dict, rng, anchors: dict[str, Tensor], spaces: dict[str, tuple[str, str]], keys: dict[str, Tensor], cases: list[str]) -> None:
    """All cases of one two-way loss. spaces: anchor name -> (hatted key name, ring name)."""
    labels, queue_labels = integers(rng, 0, 3, p["batch"]), integers(rng, 0, 3, p["queue"])
    f.add("input", "labels", labels, "cluster of each batch study; read by clusterMask only [B]")
    f.add("input", "queueLabels", queue_labels, "cluster of each ring slot's study; read by clusterMask only [L]")
    f.config |= {"tau": p["tau"], "cases": {}}
    everything = study_cases(p, rng)
    for case in cases:
        c = everything[case]
        k, sides, units = c["filled"], [], {}
        for name, (hat, ring) in spaces.items():
            units[name] = unit(anchors[name])
            space = Keys(keys[hat], c["ids"], keys[ring][:k], c["queue_ids"][:k], labels, queue_labels[:k])
            per = S.nce(units[name], space, p["tau"], **c["options"])
            S.assert_close(per, S.oracle_nce(units[name].detach(), space, p["tau"], **c["options"]))
            candidates, positives = S.candidate_masks(space, **({"in_batch": True, "same_study": "DROP", "cluster_mask": False} | c["options"]))
            f.add("output", f"{case}.perAnchor.{name}", per, f"nce of each {name} anchor against {hat} [B]")
            f.add("output", f"{case}.candidates.{name}", candidates, "1 = candidate [B, B + filled], batch keys first")
            f.add("output", f"{case}.positives.{name}", positives, "1 = positive [B, B + filled]")
            f.scalars[f"{case}.{name}"] = per.mean()
            sides.append(per.mean())
        loss = (sides[0] + sides[1]) / 2
        f.scalars[f"{case}.loss"] = loss
        f.config["cases"][case] = switches(c["options"]) | {"filled": k}
        f.add("input", f"{case}.studyKeys", c["ids"], "study key of each batch row [B]")
        f.add("input", f"{case}.queue.studyKeys", c["queue_ids"], "study key of each slot, -1 = free [L]")
        add_gradients(f, case, loss, {f"raw.{n}": x for n, x in anchors.items()} | {f"unit.{n}": x for n, x in units.items()})


CASES = ["emptyQueue", "partQueue", "maskedStudies", "maskedInBatch", "positiveStudies", "ownKeyAndQueue", "clusterMask", "clusterMaskPositive"]


def s_cmc(p: dict, rng) -> Fixture:
    f = Fixture("s_cmc", "Eq. 2: image anchors against text keys, text anchors against image keys. CASE.loss = mean of both sides.")
    raws = {n: leaf(normal(rng, p["batch"], p["dim"])) for n in ("imageCross", "textCross")}
    add_raw(f, raws)
    keys = key_inputs(f, p, rng, {"imageCross": "imageCross.hat", "textCross": "textCross.hat"})
    contrast(f, p, rng, raws, {"imageCross": ("textCross.hat", "textCross"), "textCross": ("imageCross.hat", "imageCross")}, keys, CASES)
    return f


def s_umc(p: dict, rng) -> Fixture:
    f = Fixture("s_umc", "Eq. 7: anchors against keys of their own modality. With uniProjectors=false the same function is fed with "
                "the cross-modal vectors and rings; case `uniProjectorsOff` does so.")
    uni = {n: leaf(normal(rng, p["batch"], p["dim"])) for n in ("imageUni", "textUni")}
    cross = {n: leaf(normal(rng, p["batch"], p["dim"])) for n in ("imageCross", "textCross")}
    add_raw(f, uni | cross)
    keys = key_inputs(f, p, rng, {n: f"{n}.hat" for n in (*uni, *cross)})
    contrast(f, p, rng, uni, {n: (f"{n}.hat", n) for n in uni}, keys, CASES)
    c = study_cases(p, rng)["maskedStudies"]
    k, sides = c["filled"], []
    for name, x in cross.items():
        space = Keys(keys[f"{name}.hat"], c["ids"], keys[name][:k], c["queue_ids"][:k])
        per = S.nce(unit(x), space, p["tau"])
        S.assert_close(per, S.oracle_nce(unit(x).detach(), space, p["tau"]))
        f.add("output", f"uniProjectorsOff.perAnchor.{name}", per, "nce of each anchor [B]")
        f.scalars[f"uniProjectorsOff.{name}"] = per.mean()
        sides.append(per.mean())
    f.scalars["uniProjectorsOff.loss"] = loss = (sides[0] + sides[1]) / 2
    f.config["cases"]["uniProjectorsOff"] = switches({}) | {"filled": k, "uniProjectors": False}
    f.add("input", "uniProjectorsOff.studyKeys", c["ids"], "study key of each batch row [B]")
    f.add("input", "uniProjectorsOff.queue.studyKeys", c["queue_ids"], "study key of each slot, -1 = free [L]")
    add_gradients(f, "uniProjectorsOff", loss, {f"raw.{n}": x for n, x in cross.items()})
    return f


def s_mmc(p: dict, rng) -> Fixture:
    f = Fixture("s_mmc", "Eq. 5 in every form. Centroids have unit norm; phi is tau_p unless the case says otherwise.")
    b, d, k = p["batch"], p["dim"], p["clusters"]
    raws = {n: leaf(normal(rng, b, d)) for n in ("imageCross", "textCross")}
    z = add_raw(f, raws)
    zv, zt = z["imageCross"], z["textCross"]
    labels = integers(rng, 0, k, b)
    labels[0] = labels[1]
    centroids, wide = unit(normal(rng, k, d)), unit(normal(rng, k, 2 * d))
    members = integers(rng, 0, k - 1, 12 * k)  # the last cluster is empty
    members[members == 0] = 1
    members[0] = 0  # cluster 0 has one member
    distances = torch.from_numpy(rng.random(len(members)) + 0.1)
    phi = torch.from_numpy(S.concentration(distances.numpy(), members.numpy(), k, p["phi"]))
    flat = torch.full((k,), p["phi"], dtype=torch.float64)
    hats = {n: unit(normal(rng, b, d)) for n in raws}
    keys, wide_keys = S.fuse(hats["imageCross"], hats["textCross"]), S.fuse(hats["imageCross"], hats["textCross"], "CONCAT")
    queue, queue_labels, filled = unit(normal(rng, p["queue"], d)), integers(rng, 0, k, p["queue"]), p["filled"]
    wide_queue = unit(normal(rng, p["queue"], 2 * d))
    queue[filled:], wide_queue[filled:], queue_labels[filled:] = 0, 0, -1
    q, wq, ql = queue[:filled], wide_queue[:filled], queue_labels[:filled]
    lone = torch.arange(b) + 100  # labels that nothing in the queue has
    f.config = {"tau": p["tau"], "tauP": p["phi"], "filled": filled, "cases": {}}
    f.add("input", "labels", labels, "cluster y of each study [B]")
    f.add("input", "centroids", centroids, "unit centroids [K, D]")
    f.add("input", "centroids.concat", wide, "unit centroids for fusion CONCAT [K, 2D]")
    f.add("input", "members.labels", members, "final labels of all studies, for the concentration")
    f.add("input", "members.distances", distances, "Euclidean distance of each study to its centroid")
    f.add("output", "phi.concentration", phi, "phi_k with concentration on [K]")
    f.add("output", "phi.beforeClipping", S.concentration(distances.numpy(), members.numpy(), k, p["phi"], False), "before clipping and rescaling [K]")
    for n, x in hats.items():
        f.add("input", f"keys.{n}.hat", x, "momentum vectors of the batch [B, D]")
    f.add("output", "keys.fused", keys, "n((z_hat^v + z_hat^t)/2) [B, D]")
    f.add("output", "keys.fused.concat", wide_keys, "n([z_hat^v; z_hat^t]) [B, 2D]")
    f.add("input", "queue.fused", queue, "ring of fused keys [L, D]; slots from `filled` on are free")
    f.add("input", "queue.fused.concat", wide_queue, "the same for CONCAT [L, 2D]")
    f.add("input", "queue.fusedLabels", queue_labels, "labels of the slots, -1 = free [L]")
    half = [unit(h) for h in wide.chunk(2, 1)]
    fz, fw = S.fuse(zv, zt), S.fuse(zv, zt, "CONCAT")
    P, L, OP, OL = S.proto, S.label_nce, S.oracle_proto, S.oracle_label_nce
    rest, wrest = (keys, labels, q, ql, p["tau"]), (wide_keys, labels, wq, ql, p["tau"])
    none = (keys, lone, torch.zeros(0, d, dtype=torch.float64), torch.zeros(0, dtype=torch.int64), p["tau"])
    table = {  # case: [(anchor name, anchors, function, oracle, arguments)], switches
        "protoPerModality": ([("imageCross", zv, P, OP, (labels, centroids, flat)), ("textCross", zt, P, OP, (labels, centroids, flat))],
                             S.s_mmc_proto(zv, zt, labels, centroids, flat), ("PROTO", "PER_MODALITY", "MEAN")),
        "protoFused": ([("fused", fz, P, OP, (labels, centroids, flat))], S.s_mmc_proto(zv, zt, labels, centroids, flat, "FUSED"), ("PROTO", "FUSED", "MEAN")),
        "protoConcentration": ([("imageCross", zv, P, OP, (labels, centroids, phi)), ("textCross", zt, P, OP, (labels, centroids, phi))],
                               S.s_mmc_proto(zv, zt, labels, centroids, phi), ("PROTO", "PER_MODALITY", "MEAN")),
        "protoConcat": ([("imageCross", zv, P, OP, (labels, half[0], flat)), ("textCross", zt, P, OP, (labels, half[1], flat))],
                        S.s_mmc_proto(zv, zt, labels, wide, flat, fusion="CONCAT"), ("PROTO", "PER_MODALITY", "CONCAT")),
        "protoConcatFused": ([("fused", fw, P, OP, (labels, wide, flat))], S.s_mmc_proto(zv, zt, labels, wide, flat, "FUSED", "CONCAT"), ("PROTO", "FUSED", "CONCAT")),
        "queueLabel": ([("imageCross", zv, L, OL, rest), ("textCross", zt, L, OL, rest)], S.s_mmc_queue_label(zv, zt, *rest), ("QUEUE_LABEL", "PER_MODALITY", "MEAN")),
        "queueLabelFused": ([("fused", fz, L, OL, rest)], S.s_mmc_queue_label(zv, zt, *rest, "FUSED"), ("QUEUE_LABEL", "FUSED", "MEAN")),
        "queueLabelConcatFused": ([("fused", fw, L, OL, wrest)], S.s_mmc_queue_label(zv, zt, *wrest, "FUSED", "CONCAT"), ("QUEUE_LABEL", "FUSED", "CONCAT")),
        "queueLabelEmpty": ([("imageCross", zv, L, OL, none), ("textCross", zt, L, OL, none)], S.s_mmc_queue_label(zv, zt, *none), ("QUEUE_LABEL", "PER_MODALITY", "MEAN")),
    }
    f.add("input", "queueLabelEmpty.labels", lone, "labels of case queueLabelEmpty: all different, the queue is empty [B]")
    for case, (sides, loss, (form, anchor, fusion)) in table.items():
        means = []
        for name, a, function, oracle, arguments in sides:
            per = function(a, *arguments)
            S.assert_close(per, oracle(a.detach(), *arguments))
            f.add("output", f"{case}.perAnchor.{name}", per, "loss of each anchor [B]")
            f.scalars[f"{case}.{name}"] = per.mean()
            means.append(per.mean())
        assert abs(sum(means) / len(means) - loss) < 1e-13
        f.scalars[f"{case}.loss"] = loss
        f.config["cases"][case] = {"mmcForm": form, "mmcAnchor": anchor, "fusion": fusion, "concentration": case == "protoConcentration"}
        add_gradients(f, case, loss, {f"raw.{n}": x for n, x in raws.items()})
    return f


def total(p: dict, rng) -> Fixture:
    f = Fixture("total", "Eq. 8 on one set of vectors (rings filled, PROTO, PER_MODALITY, own uni projectors) for several weights.")
    raws = {n: leaf(normal(rng, p["batch"], p["dim"])) for n in ("imageCross", "textCross", "imageUni", "textUni")}
    z = add_raw(f, raws)
    keys = key_inputs(f, p, rng, {n: f"{n}.hat" for n in raws})
    c = study_cases(p, rng)["maskedStudies"]
    space = {n: Keys(keys[f"{n}.hat"], c["ids"], keys[n][: c["filled"]], c["queue_ids"][: c["filled"]]) for n in raws}
    labels, centroids = integers(rng, 0, p["clusters"], p["batch"]), unit(normal(rng, p["clusters"], p["dim"]))
    phi = torch.full((p["clusters"],), p["phi"], dtype=torch.float64)
    f.add("input", "studyKeys", c["ids"], "[B]")
    f.add("input", "queue.studyKeys", c["queue_ids"], "-1 = free [L]")
    f.add("input", "labels", labels, "[B]")
    f.add("input", "centroids", centroids, "unit centroids [K, D]")
    cmc = S.s_cmc(z["imageCross"], z["textCross"], space["imageCross"], space["textCross"], p["tau"])
    mmc = S.s_mmc_proto(z["imageCross"], z["textCross"], labels, centroids, phi)
    umc = S.s_umc(z["imageUni"], z["textUni"], space["imageUni"], space["textUni"], p["tau"])
    f.config = {"tau": p["tau"], "tauP": p["phi"], "filled": c["filled"], "weights": {}}
    f.scalars = {"cmc": cmc, "mmc": mmc, "umc": umc}
    for case, weights in {"equal": (1.0, 1.0, 1.0), "halving": (1.0, 0.5, 0.25), "cmcOnly": (1.0, 0.0, 0.0), "withoutMmc": (0.7, 0.0, 1.3)}.items():
        loss = S.total_loss(cmc, mmc, umc, weights)
        f.config["weights"][case] = weights
        f.scalars[f"{case}.loss"] = loss
        add_gradients(f, case, loss, {f"raw.{n}": x for n, x in raws.items()})
    return f


def study_feature_cases(p: dict, rng) -> Fixture:
    f = Fixture("study_features", "Eq. 3 for studies with 1 to 4 images; the last study's image is minus its text (zero sum).")
    counts = [1, 2, 3, 4] + rng.integers(1, 4, p["batch"]).tolist() + [1]
    offsets = torch.tensor([0] + list(np.cumsum(counts)))
    images, texts = unit(normal(rng, int(offsets[-1]), p["dim"])), unit(normal(rng, len(counts), p["dim"]))
    images[-1] = -texts[-1]
    picks = [int(rng.integers(0, c)) for c in counts]
    f.config = {"zeroSumBound": 1e-6}
    f.add("input", "images", images, "momentum vectors of all images, unit norm [J, D]")
    f.add("input", "imageOffsets", offsets, "study s owns images offsets[s]..offsets[s+1]-1 [N + 1]")
    f.add("input", "texts", texts, "momentum vectors of the reports, unit norm [N, D]")
    f.add("input", "picks", picks, "image of each study for SAMPLED [N]")
    for mode in ("ALL", "SAMPLED"):
        for fusion in ("MEAN", "CONCAT"):
            f.add("output", f"output.{mode}.{fusion}", S.study_features(images, offsets, texts, mode, fusion, picks), "study features [N, D] or [N, 2D]")
    return f


class EmaNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 3, 3, bias=False)
        self.bn = torch.nn.BatchNorm2d(3)
        self.fc = torch.nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(torch.relu(self.bn(self.conv(x))).mean((2, 3)))


def ema(p: dict, rng) -> Fixture:
    f = Fixture("ema", "Five steps: forward in train mode (BatchNorm statistics move), given changes of the parameters, then EMA of parameters "
                "and running statistics; integer buffers are copied.")
    net = EmaNet().double()
    for q in net.parameters():
        q.data.copy_(normal(rng, *q.shape))
    hat, m = S.momentum_copy(net), 0.97
    f.config = {"m": m, "batchNormMomentum": 0.1, "batchNormEps": 1e-5, "runningVariance": "unbiased"}
    for n, x in net.state_dict().items():
        f.add("state", f"step0.{n}", x, "start of both networks")
    for step in range(1, 6):
        x = normal(rng, p["step_batch"], 2, 5, 6)
        f.add("input", f"step{step}.images", x, "forward in train mode [B, 2, 5, 6]")
        f.add("output", f"step{step}.output", net(x), "of the normal network in train mode [B, 2]")
        for n, q in net.named_parameters():
            change = normal(rng, *q.shape) * 0.1
            f.add("input", f"step{step}.change.{n}", change, "added to the parameter after the forward pass")
            q.data.add_(change)
        S.ema_update(hat, net, m)
        for n, v in net.state_dict().items():
            f.add("state", f"step{step}.{n}", v, "normal network after the step")
            f.add("state", f"step{step}.momentum.{n}", hat.state_dict()[n], "momentum network after the EMA update")
        f.add("output", f"step{step}.momentum.output", hat(x), "of the momentum network in eval mode, after the update [B, 2]")
    return f


def queue(p: dict, rng) -> Fixture:
    f = Fixture("queue", "Four rings over seven enqueues; B does not divide L. `seen` is what the losses of that step read: the filled slots before the enqueue.")
    length, b = p["queue"], p["step_batch"]
    q = S.Queues(length, p["dim"])
    f.config = {"length": length, "batch": b, "freeStudyKey": S.NO_STUDY, "positions": [], "counts": []}
    for step in range(1, 8):
        rows = {n: unit(normal(rng, b, p["dim"])) for n in S.Queues.NAMES}
        ids = torch.arange(b) + 10 * step
        f.add("input", f"step{step}.studyKeys", ids, "study keys of the batch [B]")
        for n, x in rows.items():
            f.add("input", f"step{step}.keys.{n}", x, "keys of the batch [B, D]")
        if step in (1, 2, 4, 7):
            f.add("output", f"step{step}.seen.imageCross", q.filled("imageCross"), "visible keys in slot order [count, D]")
            f.add("output", f"step{step}.seen.studyKeys", q.filled_study_keys(), "their study keys [count]")
        q.enqueue(rows, ids)
        f.config["positions"].append(q.position)
        f.config["counts"].append(q.count)
        for n, x in q.state().items():
            f.add("state", f"step{step}.{n}", x, "after the enqueue")
    return f


def kmeans(p: dict, rng, seed: int) -> Fixture:
    n, d, k, empties = p["km"]
    f = Fixture("kmeans", "Plain Lloyd on float32 points: sums in double in ascending order of points and coordinates, centroids rounded to float32, ties to the "
                "lowest id. Objective = sum of squared distances at each assignment. CASE.trace holds the labels of every assignment.")
    for attempt in range(200):
        centers = unit(normal(rng, k - 8, d)) * 0.9
        pick = integers(rng, 0, k - 8, n)
        points = unit(centers[pick] + 0.35 * normal(rng, n, d) / math.sqrt(d)).float().numpy()
        planted = points[rng.permutation(n)[:k]].copy()
        for i in range(empties):
            planted[3 + 5 * i] = (rng.standard_normal(d) + 20 + i).astype(np.float32)
        runs = {
            "permutation": S.kmeans(points, k, seed, 0),
            "planted": S.kmeans(points, k, seed, 1, initial=planted),
            "plantedLargest": S.kmeans(points, k, seed, 1, initial=planted, empty="LARGEST"),
            "fewIterations": S.kmeans(points, k, seed, 2, iterations=3),
            "everyPoint": S.kmeans(points[: k - 3], k - 3, seed, 3),
        }
        if min(r.margin for r in runs.values()) > 2e-5:
            break
    else:
        raise RuntimeError("no data with a clear margin in 200 tries")
    f.config = {"n": n, "d": d, "k": k, "iterations": 20, "seed": seed, "cases": {}, "resolvedClusters": [
        {"n": a, "k": b, "clusters": S.resolve_clusters(a, b)} for a, b in ((200, 10), (18, 4), (150000, 10000), (99999, 10000), (100000, 10000), (7, 5))]}
    f.add("input", "points", points, "[N, D] float32, unit norm")
    f.add("input", "planted.initial", planted, "initial centroids of the planted cases [K, D]; some lie far from all points, so their clusters are empty")
    for case, r in runs.items():
        few = case == "everyPoint"
        kk, epoch = (k - 3 if few else k), {"permutation": 0, "planted": 1, "plantedLargest": 1, "fewIterations": 2, "everyPoint": 3}[case]
        f.config["cases"][case] = {
            "epoch": epoch, "points": k - 3 if few else n, "clusters": kk, "iterations": 3 if case == "fewIterations" else 20,
            "initial": "planted.initial" if case.startswith("planted") else "permutation", "emptyClusters": "LARGEST" if case == "plantedLargest" else "SCAN",
            "splits": r.splits, "donors": [list(x) for x in r.donors], "margin": r.margin}
        if not case.startswith("planted"):
            f.add("output", f"{case}.initialIndices", S.initial_indices(k - 3 if few else n, kk, seed, epoch), "first K of the permutation from (seed, kmeans, epoch) [K]")
        f.scalars[f"{case}.objective"] = r.objective
        f.add("output", f"{case}.labels", r.labels, "last assignment [N]")
        f.add("output", f"{case}.centroids", r.centroids, "unnormalised, float32 [K, D]")
        f.add("output", f"{case}.unitCentroids", unit(torch.from_numpy(r.centroids).double()), "normalised in double [K, D]")
        f.add("output", f"{case}.sizes", r.sizes, "[K]")
        f.add("output", f"{case}.distances", r.distances, "Euclidean distance to the own centroid, float64 [N]")
        f.add("output", f"{case}.trace", np.stack(r.trace), "labels of each assignment [assignments, N]")
        if not few:
            f.add("output", f"{case}.concentration", S.concentration(r.distances, r.labels, kk, 0.1), "phi with tau_p 0.1 [K]")
    return f


def optimizer(p: dict, rng) -> Fixture:
    f = Fixture("optimizer", "Ten steps of clipping by the global norm, AdamW with no-decay groups and the warm-up/cosine rate (two steps per epoch).")
    shapes = {"image.backbone.conv1.weight": (3, 2, 3, 3), "image.backbone.bn1.weight": (3,), "image.backbone.bn1.bias": (3,),
              "text.bert.encoder.layer.1.output.LayerNorm.weight": (4,), "text.bert.encoder.layer.1.output.LayerNorm.bias": (4,),
              "text.crossHead.0.weight": (5, 4), "text.crossHead.0.bias": (5,)}
    c = dict(lr=3e-3, betas=[0.9, 0.999], eps=1e-6, weightDecay=0.05, clip=0.25, warmup=2, epochs=5, stepsPerEpoch=2)
    params = {n: normal(rng, *s) for n, s in shapes.items()}
    opt = S.AdamW((0.9, 0.999), 1e-6, c["weightDecay"])
    f.config = c | {"decays": {n: S.decays(n) for n in shapes}}
    f.scalars = {"lr": [], "gradientNorm": [], "scale": []}
    for n, x in params.items():
        f.add("weight", f"step0.{n}", x, "start")
    for step in range(1, 11):
        grads = {n: normal(rng, *s) * (0.01 if step % 3 == 0 else 1.5) for n, s in shapes.items()}
        lr = S.epoch_lr(c["lr"], (step - 1) // 2, c["warmup"], c["epochs"])
        clipped, norm = S.clip_gradients(grads, c["clip"])
        opt.step(params, clipped, lr)
        f.scalars["lr"].append(lr)
        f.scalars["gradientNorm"].append(norm)
        f.scalars["scale"].append(min(1.0, c["clip"] / (norm + 1e-6)))
        for n in shapes:
            f.add("input", f"step{step}.grad.{n}", grads[n], "gradient before clipping")
            f.add("weight", f"step{step}.{n}", params[n], "after the step")
    for n in shapes:
        f.add("state", f"optimizer.exp_avg.{n}", opt.exp_avg[n], "first moment after step 10")
        f.add("state", f"optimizer.exp_avg_sq.{n}", opt.exp_avg_sq[n], "second moment after step 10")
    return f


def segmentation_loss(p: dict, rng) -> Fixture:
    f = Fixture("segmentation_loss", "Focal and soft Dice over the batch, both combinations, hard Dice per image; image 2 has an empty truth.")
    logits = leaf(normal(rng, 4, 1, p["tokens"], p["hidden"]) * 2)
    targets = (normal(rng, 4, 1, p["tokens"], p["hidden"]) > 0.6).double()
    targets[1], targets[2] = 0, 0
    with torch.no_grad():
        logits[2] = -logits[2].abs() - 0.1
    f.config = {"gamma": 2.0, "default": "10*focal - ln(softDice)", "alternative": "1 - softDice + 0.5*focal"}
    default, other = S.segmentation_loss(logits, targets), S.segmentation_loss(logits, targets, True)
    f.scalars = {"focal": S.focal_loss(logits, targets), "softDice": S.soft_dice(logits, targets), "default.loss": default, "alternative.loss": other,
                 "hardDice": [S.hard_dice(a, b) for a, b in zip(logits.detach(), targets)]}
    f.add("input", "logits", logits, "[B, 1, H, W]")
    f.add("input", "targets", targets, "0 or 1 [B, 1, H, W]")
    add_gradients(f, "default", default, {"logits": logits})
    add_gradients(f, "alternative", other, {"logits": logits})
    return f


# ---- the whole epoch -------------------------------------------------------------------------------------------------


def config(profile: str, **changes) -> S.Config:
    return S.Config(**(CONFIGS[profile] | dict(dropout=0.0, ema=0.98, lr=2e-3, weight_decay=1e-2, epochs=10, warmup=3) | changes))


def build_net(c: S.Config, seed: int) -> S.Net:
    """Networks with well spread random weights and running statistics."""
    rng, net = np.random.default_rng(seed), S.Net(c).double()
    for name, x in net.state_dict().items():
        if not x.is_floating_point():
            continue
        r = normal(rng, *x.shape)
        if name.endswith("running_var"):
            x.copy_(0.5 + r.abs())
        elif name.endswith("running_mean"):
            x.copy_(0.1 * r)
        elif ".bn" in name or "downsample.1" in name or "LayerNorm" in name:
            x.copy_(0.1 * r + (1 if name.endswith("weight") else 0))
        elif "embeddings" in name:
            x.copy_(0.6 * r)
        elif name.endswith("bias"):
            x.copy_(0.1 * r)
        else:
            x.copy_(r * math.sqrt((2 if ".conv" in name else 1) / x[0].numel()))
    return net


class Studies:
    """Synthetic studies with a latent class that shapes images and words."""

    def __init__(self, p: dict, c: S.Config, rng, n: int):
        h, w = p["image"]
        self.keys = [f"s{50000000 + int(x)}" for x in rng.permutation(1000000)[:n]]
        kinds = rng.integers(0, 3, n)
        base = normal(rng, 3, 3, h, w)
        images, ids, lengths, image_offsets, sentence_offsets = [], [], [], [0], [0]
        for kind in kinds:
            for _ in range(int(rng.integers(1, 4))):
                images.append(base[kind] + 0.7 * normal(rng, 3, h, w))
            count = int(rng.integers(1, 7))
            for _ in range(count):
                length = int(rng.integers(3, p["max_tokens"] + 1))
                words = rng.integers(5, c.vocabulary, length - 2)
                words[0] = 5 + kind
                ids.append([2] + words.tolist() + [3] + [0] * (p["max_tokens"] - length))
                lengths.append(length)
            image_offsets.append(len(images))
            sentence_offsets.append(len(ids))
        self.images, self.ids = torch.stack(images), torch.tensor(ids)
        self.mask = (torch.arange(p["max_tokens"]).unsqueeze(0) < torch.tensor(lengths).unsqueeze(1)).long()
        self.image_offsets, self.sentence_offsets = torch.tensor(image_offsets), torch.tensor(sentence_offsets)

    def view(self, images: Tensor, studies: list[int], seed: int, epoch: int, view: int) -> tuple[S.View, Tensor]:
        rows, offsets = [], [0]
        for s in studies:
            start, end = self.sentence_offsets[s : s + 2].tolist()
            rows += [start + i for i in S.sentence_subset(seed, epoch, self.keys[s], view, end - start)]
            offsets.append(len(rows))
        r = torch.tensor(rows)
        return S.View(images, self.ids[r], self.mask[r], torch.tensor(offsets)), r


def draw_batch(p: dict, data: Studies, rng, studies: list[int], seed: int, epoch: int) -> tuple[S.Batch, dict]:
    picked = [S.pick_image(seed, epoch, data.keys[s], int(data.image_offsets[s + 1] - data.image_offsets[s])) for s in studies]
    base = torch.stack([data.images[data.image_offsets[s] + j] for s, j in zip(studies, picked)])
    (v1, r1), (v2, r2) = (data.view(base + 0.3 * normal(rng, *base.shape), studies, seed, epoch, k) for k in (1, 2))
    return S.Batch(v1, v2, torch.tensor(studies)), {"picks": torch.tensor(picked), "rows1": r1, "rows2": r2}


def small_world(profile: str, seed: int, **changes) -> tuple[S.Batch, S.Epoch, S.Sense]:
    """A batch, an epoch state and a model whose queues hold keys."""
    p, c, rng = PROFILES[profile], config(profile, **changes), np.random.default_rng(seed)
    data = Studies(p, c, rng, p["studies"])
    sense = S.Sense(c, build_net(c, seed))
    features = sense.features(data.images, data.image_offsets, S.View(None, data.ids, data.mask, data.sentence_offsets))
    epoch, _ = sense.start_epoch(features, seed, 0)
    sense.queues.enqueue({n: unit(normal(rng, 6, c.dim)) for n in sense.queues.rings}, torch.arange(6) + 10)
    return draw_batch(p, data, rng, list(range(p["step_batch"])), seed, 0)[0], epoch, sense


def whole_epoch(p: dict, rng, profile: str, seed: int) -> Fixture:
    f = Fixture("whole_epoch", "One epoch of section 3: study features, K-means, then four mini-batch steps with all three losses and dropout 0. Names after "
                "`before.` and `after.` are checkpoint names.")
    c, e, steps, b = config(profile), 1, 4, p["step_batch"]
    data = Studies(p, c, rng, p["studies"])
    n = len(data.keys)
    sense = S.Sense(c, build_net(c, seed + 1))
    lr = S.epoch_lr(c.lr, e, c.warmup, c.epochs)
    f.config = {
        "image": {"block": c.block, "blocks": c.blocks, "width": c.width, "batchNormEps": 1e-5, "batchNormMomentum": 0.1},
        "text": {"vocabulary": c.vocabulary, "hidden": c.hidden, "layers": c.text_layers, "heads": c.heads, "intermediate": c.intermediate, "positions": c.positions,
                 "typeVocabulary": 2, "activation": "gelu (erf)", "layerNormEps": 1e-12, "frozenLayers": c.frozen_layers, "dropout": 0.0, "pooler": False},
        "dim": c.dim, "queueLength": c.queue_length, "clusters": c.clusters, "tau": c.tau, "tauP": c.tau_p, "m": c.ema, "weights": c.weights, "concentration": c.concentration,
        "uniProjectors": True, "inBatchNegatives": True, "sameStudyKeys": "DROP", "clusterMask": False, "mmcForm": "PROTO", "mmcAnchor": "PER_MODALITY",
        "studyImages": "ALL", "fusion": "MEAN", "symmetricViews": False,
        "adamw": {"baseLr": c.lr, "betas": c.betas, "eps": c.adam_eps, "weightDecay": c.weight_decay}, "clip": c.clip, "epochs": c.epochs, "warmup": c.warmup,
        "seed": seed, "epoch": e, "batch": b, "steps": steps, "studies": n, "studyKeys": data.keys,
        "notes": ["clusters is taken as given: the K' rule of section 3b is not applied", "study keys in tensors are rows of the manifest, 0..N-1"]}
    for name, x in sense.net.state_dict().items():
        f.add("weight", f"before.{name}", x, "start of the normal and the momentum network")
    f.add("input", "studies.images", data.images, "deterministic views of all images [J, 3, H, W]")
    f.add("input", "studies.imageOffsets", data.image_offsets, "study s owns images offsets[s]..offsets[s+1]-1 [N + 1]")
    f.add("input", "studies.ids", data.ids, "token ids of all sentences, 0 = padding [S, T]")
    f.add("input", "studies.mask", data.mask, "1 = valid token [S, T]")
    f.add("input", "studies.sentenceOffsets", data.sentence_offsets, "study s owns sentences offsets[s]..offsets[s+1]-1 [N + 1]")
    features = sense.features(data.images, data.image_offsets, S.View(None, data.ids, data.mask, data.sentence_offsets))
    epoch, found = sense.start_epoch(features, seed, e)
    f.add("output", "features", features, "study features before rounding to float32 [N, D]")
    f.add("output", "labels", epoch.labels, "K-means labels [N]")
    f.add("output", "centroids", found.centroids, "float32, unnormalised [K, D]")
    f.add("output", "unitCentroids", epoch.centroids, "[K, D]")
    f.add("output", "phi", epoch.phi, "[K]")
    f.scalars["kmeans.objective"], f.config["kmeansSplits"], f.config["kmeansMargin"] = found.objective, found.splits, found.margin
    order = S.epoch_order(seed, e, n)
    f.add("output", "order", order, "study order of the epoch; the last partial batch is dropped [N]")
    batches = [draw_batch(p, data, rng, order[i * b : (i + 1) * b], seed, e) for i in range(steps)]
    symmetric = S.Sense(config(profile, symmetric_views=True), copy.deepcopy(sense.net))
    for name in ("cmc", "mmc", "umc", "total", "gradientNorm", "lr", "fill"):
        f.scalars[name] = []
    for i, (batch, drawn) in enumerate(batches, 1):
        f.add("input", f"step{i}.studies", batch.studies, "rows of the manifest [B]")
        f.add("output", f"step{i}.picks", drawn["picks"], "image drawn in each study [B]")
        for k, view, rows in ((1, batch.view1, drawn["rows1"]), (2, batch.view2, drawn["rows2"])):
            f.add("input", f"step{i}.view{k}.images", view.images, "[B, 3, H, W]")
            f.add("input", f"step{i}.view{k}.sentences", rows, "kept rows of studies.ids, report by report")
            f.add("input", f"step{i}.view{k}.offsets", view.offsets, "report r owns kept rows offsets[r]..offsets[r+1]-1 [B + 1]")
        f.scalars["fill"].append(sense.queues.count)
        out, grads, norm = sense.step(batch, epoch, lr)
        for name in ("cmc", "mmc", "umc", "total"):
            f.scalars[name].append(out[name])
        f.scalars["gradientNorm"].append(norm)
        f.scalars["lr"].append(lr)
        if i == 1:
            for name in ("v", "t", "vHat", "tHat"):
                f.add("output", f"step1.{name}", out[name], "encoder output [B, d]; Hat = momentum network on view 2")
            for name in ("zv", "zt", "uv", "ut", "zvHat", "ztHat", "uvHat", "utHat"):
                f.add("output", f"step1.{name}", out[name], "unit vectors [B, D]: z = crossHead, u = uniHead")
            for name, g in grads.items():
                f.add("gradient", f"grad.{name}", g, "of the total loss of step 1, before clipping; frozen parameters have none")
    for name, x in sense.state().items():
        f.add("state", f"after.{name}", x, "after step 4")
    out, grads = symmetric.gradients(batches[0][0], epoch)
    f.scalars["symmetric"] = {name: out[name] for name in ("cmc", "mmc", "umc", "total")} | {"gradientNorm": S.clip_gradients(grads, 1.0)[1]}
    for name, g in grads.items():
        if "Head." in name or name.endswith("backbone.conv1.weight") or "LayerNorm" in name:
            f.add("gradient", f"symmetric.grad.{name}", g, "step 1 with symmetricViews: mean of both assignments, queues empty")
    for name, x in symmetric.net.state_dict().items():
        if "backbone.bn1." in name:
            f.add("state", f"symmetric.{name}", x, "after both forward passes (view 1, then view 2)")
    return f


# ---- case tables -----------------------------------------------------------------------------------------------------


def schedules(rng) -> dict:
    lr = [{"lr": a, "warmup": w, "epochs": e, "values": [S.epoch_lr(a, i, w, e) for i in range(e)]} for a, w, e in
          ((1e-4, 5, 50), (float(rng.random()) * 1e-2, int(rng.integers(0, 4)), int(rng.integers(8, 20))), (4e-4, 20, 60), (1e-3, 0, 7))]
    sequences = [[1.0, 0.9] + [0.95] * 7, [1.0, 0.9] + [0.95] * 5, [1.0, 0.99995, 0.9998, 0.99979, 0.9998, 0.9998, 0.5, 0.5, 0.5, 0.5, 0.5]]
    sequences += [np.round(rng.random(40) * (1 - np.arange(40) / 60), 2).tolist() for _ in range(4)]
    plateau = []
    for values, patience, start in zip(sequences, (5, 3, 2, 0, 1, 3, 5), (1e-4, 5e-4, 1e-4, 3e-8, 1e-3, 5e-4, 1e-4)):
        rule = S.Plateau(start, patience)
        plateau.append({"lr": start, "patience": patience, "factor": 0.5, "values": values, "lrAfter": [rule.step(v) for v in values]})
    stops = []
    for patience in (2, 3, 20):
        values = np.round(rng.random(45), 2).tolist()
        rule = S.EarlyStop(patience)
        flags = [rule.step(v) for v in values]
        stop = flags.index(True) if True in flags else -1
        rule = S.EarlyStop(patience)
        for v in values[: stop + 1 if stop >= 0 else len(values)]:
            rule.step(v)
        stops.append({"patience": patience, "values": values, "stopsAfterEpoch": stop, "bestEpoch": rule.best_epoch})
    return {"about": "warm-up/cosine rate per epoch; plateau rate after each value; early stop (greater is better)", "epochLr": lr, "plateau": plateau, "earlyStop": stops}


def draws(rng, seed: int) -> dict:
    def word(x):
        return f"{x:016x}"

    key = lambda: f"s{int(rng.integers(50000000, 60000000))}"
    hashes = [{"parts": list(parts), "hash": word(S.hash64(*parts))} for parts, _ in HASH_GOLDENS]
    for _ in range(20):
        parts = [int(rng.integers(-(2**62), 2**62)) if rng.random() < 0.5 else "x" * int(rng.integers(0, 20)) + key() for _ in range(int(rng.integers(1, 6)))]
        hashes.append({"parts": parts, "hash": word(S.hash64(*parts))})
    hashes.append({"parts": ["\u00b5m \u20ac"], "hash": word(S.hash64("\u00b5m \u20ac"))})
    streams = []
    for start in (0, 1234567, S.hash64(seed, "order", 0)):
        s, d = S.Stream(start), S.Stream(start)
        streams.append({"seed": word(start), "next": [word(s.next()) for _ in range(6)], "nextDouble": [d.next_double() for _ in range(6)]})
    bounded = []
    for n in (1, 2, 3, 10, 64, 65, 1000, 2**31 - 1):
        s = S.Stream(seed + n)
        bounded.append({"seed": word(seed + n), "n": n, "values": [s.bounded(n) for _ in range(12)]})
    picks = [{"seed": seed, "epoch": int(e), "studyKey": k, "images": int(j), "pick": S.pick_image(seed, int(e), k, int(j))}
             for e, k, j in ((rng.integers(0, 60), key(), rng.integers(1, 8)) for _ in range(40))]
    orders = [{"seed": seed, "epoch": e, "studies": n, "order": S.epoch_order(seed, e, n)} for n in (1, 2, 10, 1000) for e in (0, 1)]
    subsets = []
    for _ in range(30):
        k, e, n = key(), int(rng.integers(0, 60)), int(rng.integers(1, 15))
        subsets += [{"seed": seed, "epoch": e, "studyKey": k, "view": v, "sentences": n, "kept": S.sentence_subset(seed, e, k, v, n)} for v in (1, 2)]
    crops = []
    for _ in range(30):
        k, e, v = key(), int(rng.integers(0, 60)), int(rng.integers(1, 3))
        crops.append({"seed": seed, "epoch": e, "studyKey": k, "view": v, "box": list(S.crop_box(seed, e, k, v)), "flip": S.flip(seed, e, k, v)})
    kinit = [{"seed": seed, "epoch": e, "points": 1000, "clusters": 12, "indices": S.initial_indices(1000, 12, seed, e)} for e in (0, 1, 7)]
    return {"about": "hash64 and every draw made from it; 64-bit words are unsigned hexadecimal; box = top, left, height, width in a 256 x 256 image",
            "hash64": hashes, "stream": streams, "bounded": bounded, "pick": picks, "order": orders, "subset": subsets, "crop": crops, "kmeansInitial": kinit}


REPORTS = [
    "The lungs are clear.  There is a 1.5 cm nodule, left upper lobe.\n 2. No pneumothorax.",
    "", "   \n ", ".", "No change", "No change.", "NO CHANGE. NO CHANGE.",
    "1. Heart size is normal. 2. No effusion. 3. No fracture.",
    "1. 2. Clear lungs.", "Measures 3. No effusion.", "Measures 3.2.1 units. Stable.", "Rib 10. Rib 11 is intact.", "12. Right base atelectasis.", "100. Hundred is no list number.",
    "Seen by ___ at ___ today.", "____ reviewed ____. Stable.", "Nodule of 4 mm ... unchanged.", "Wait. . . what? Nothing!",
    "Mild-to-moderate edema; no effusion: stable (see above).", "Size (1.5 x 2.0 cm) [prior 1.4]. <5% change.",
    'He said "clear" and it\'s fine. A/P view, PA\\lateral.', "50% + 2 = more & less^2 * @home {x}.", "T11. vertebra is intact. L1. too.",
    "First line\r\nsecond\tline. Third.", "No spaces.after the dot.But one. Here", "Ends with number 2.", "A. B. C.", "0.5 mm. .5 mm. 5. mm.", "1.5", "v1. 5 cm",
    "Tip 3.5 cm above the carina ,well placed .", "Caf\u00e9 au lait. 5 \u00b5m.", "- Hyphen stays -. --", "Dr. Smith notified at 5 p.m. today.", "1.Heart normal. 2.Lungs clear.",
]
FRAGMENTS = ["The heart is enlarged", "no pleural effusion", "1.5 cm nodule", "2. ", "3. ", "1. ", "..", "___", ".", ". ", ". ", "\n", "  ", "tube 3.2 cm, in place", "LEFT lung (base)", "A/P", '"stable"',
             "x-ray", "; ", ": ", "10. ", "?", "!", "% of 4.", "[old]", "0.7", "7", "_", "Rib 9. ", "& so on"]


def reports(rng, profile: str) -> list[dict]:
    texts = list(REPORTS) if profile == "tiny" else []
    for _ in range(20 if profile == "tiny" else 45):
        picks = [FRAGMENTS[i] for i in rng.integers(0, len(FRAGMENTS), int(rng.integers(2, 14)))]
        texts.append("".join(x + (" " if rng.random() < 0.5 else "") for x in picks))
    return [{"report": t, "sentences": S.clean_report(t)} for t in texts]


def data(rng, profile: str, seed: int) -> dict:
    mt = {s: S.Mt19937(s) for s in (0, 1, 20261)}
    legacy = {"words": [{"seed": s, "words": [m.next() for _ in range(8)]} for s, m in mt.items()],
              "permutations": [{"seed": s, "n": n, "permutation": S.legacy_permutation(n, s)} for n, s in ((1, 0), (2, 0), (10, 0), (17, 5), (64, 0), (65, 0), (1000, 0))]}
    splits = []
    for n in (4, 10, 21, 100, int(rng.integers(200, 900)), 12047, 26684):
        parts = dict(zip(("train", "validation", "test"), S.split_70_15_15(n)))
        splits.append({"n": n} | {k: {"size": len(v), "sum": sum(v), "first": v[:10]} | ({"all": v} if n <= 100 else {}) for k, v in parts.items()})
    rows = []
    for i in range(140):
        cells = {name: "" for name in S.CHEXPERT_ALL}
        for name in S.CHEXPERT_ALL:
            u = rng.random()
            cells[name] = "0.0" if u < 0.2 else "-1.0" if u < 0.24 else "1.0" if u < 0.28 else ""
        if rng.random() < 0.6:
            for name in S.CHEXPERT_ALL[1:]:
                cells[name] = "0.0" if rng.random() < 0.3 else ""
            cells[S.CHEXPERT_FIVE[int(rng.integers(0, 5))]] = "1.0"
        kind = "Lateral" if rng.random() < 0.25 else "Frontal"
        rows.append({"Path": f"train/patient{int(rng.integers(10000, 99999))}/study{i % 3 + 1}/view1_{kind.lower()}.jpg", "Frontal/Lateral": kind} | cells)
    per_class, count = (3, 20) if profile == "tiny" else (5, 17)
    zero_shot, validation, train = S.chexpert_split(rows, per_class, count)
    header = ["Path", "Frontal/Lateral", *S.CHEXPERT_ALL]
    chexpert = {"header": header, "rows": [[r[h] for h in header] for r in rows], "perClass": per_class, "validation": count,
                "expected": {"zeroShot": zero_shot, "validation": validation, "train": train},
                "labels": [{"name": n, "cell": cell, "label": S.chexpert_label(n, cell)} for n in S.CHEXPERT_ALL for cell in ("", "0.0", "1.0", "-1.0")]}
    fractions = [{"seed": s, "n": n, "fraction": x, "rows": S.fraction_subset(n, x, s)} for s in (seed, seed + 1) for n in (40, 250) for x in (0.01, 0.1, 1.0)]
    negatives = [f"1.2.{int(x)}" for x in rng.permutation(10**6)[:60]]
    siim = [{"seed": seed, "negatives": negatives, "positives": k, "chosen": S.siim_negatives(negatives, k, seed)} for k in (1, 25, 80)]
    rle = [{"height": 3, "width": 3, "rows": ["0 2 1 3"]}, {"height": 4, "width": 3, "rows": ["4 2 3 1"]}, {"height": 3, "width": 2, "rows": ["-1"]}, {"height": 3, "width": 2, "rows": [" -1"]},
           {"height": 2, "width": 2, "rows": [" 0 4 "]}, {"height": 3, "width": 3, "rows": ["0 2", "1 3", "8 1"]}, {"height": 2, "width": 3, "rows": ["-1", "5 1"]}]
    for _ in range(12):
        h, w = int(rng.integers(1, 9)), int(rng.integers(1, 9))
        masks = [(rng.random((h, w)) < 0.35).astype(np.uint8) for _ in range(int(rng.integers(1, 4)))]
        rle.append({"height": h, "width": w, "rows": [S.rle_encode(m) for m in masks]})
    for case in rle:
        mask = S.rle_decode(case["rows"], case["height"], case["width"])
        case |= {"mask": ["".join(map(str, line)) for line in mask.tolist()], "encodedUnion": S.rle_encode(mask)}
    errors = [{"height": 2, "width": 2, "rows": ["0"], "error": "malformed"}, {"height": 2, "width": 2, "rows": ["1 4"], "error": "outside"},
              {"height": 2, "width": 2, "rows": ["0 1 -2 1"], "error": "malformed"}, {"height": 2, "width": 2, "rows": ["4 1"], "error": "outside"}]
    for case in errors:
        try:
            S.rle_decode(case["rows"], case["height"], case["width"])
            raise AssertionError(case)
        except ValueError as e:
            assert str(e) == case["error"]
    return {"about": "report cleaning (1.5), legacy NumPy permutation and splits (4.2), CheXpert rules, label fractions, SIIM negatives, RLE (4.4; each mask string is one image row)",
            "reports": reports(rng, profile), "legacy": legacy, "splits": splits, "chexpert": chexpert, "fractions": fractions, "siimNegatives": siim, "rle": rle, "rleErrors": errors}


def metrics(rng) -> dict:
    retrieval, zero_shot, segmentation, agreement = [], [], [], []
    for i in range(30):
        n = int(rng.integers(2, 26))
        scores = rng.standard_normal((n, n)) + 1.5 * np.eye(n)
        scores = np.round(scores, 1) if i % 2 else scores  # every second case has ties
        texts = rng.integers(0, max(2, 2 * n // 3), n).tolist()
        first = {t: j for j, t in reversed(list(enumerate(texts)))}
        merged = scores[:, [first[t] for t in texts]]  # equal reports have equal columns
        retrieval.append({"scores": [[float(v) for v in row] for row in scores], **S.retrieval(scores), "texts": texts, "merged": S.retrieval_merged(merged, texts)})
    for i in range(30):
        sets = {}
        for part in ("validation", "test"):
            n = int(rng.integers(5, 40))
            labels = (rng.random(n) < 0.3).astype(int)
            labels[:2] = (1, 0)
            if i == 29 and part == "test":
                labels[:] = 0
            scores = rng.standard_normal(n) * 0.1 + 0.08 * labels
            scores = np.round(scores, 2) if i % 2 else scores
            sets[part] = (scores.tolist(), labels.tolist())
        s, y = sets["test"]
        threshold, best = S.best_threshold(*sets["validation"])
        at_zero, at_best = S.accuracy_f1([v > 0 for v in s], y), S.accuracy_f1([v >= threshold for v in s], y)
        zero_shot.append({"validationScores": sets["validation"][0], "validationLabels": sets["validation"][1], "scores": s, "labels": y, "accuracy": at_zero[0], "f1": at_zero[1],
                          "auroc": S.auroc(s, y), "averagePrecision": S.average_precision(s, y), "threshold": threshold, "validationF1": best,
                          "accuracyAtThreshold": at_best[0], "f1AtThreshold": at_best[1]})
    logits, targets = torch.tensor([[0.0, 2], [-2, 0]], dtype=torch.float64), torch.tensor([[0.0, 1], [0, 1]], dtype=torch.float64)
    for _ in range(12):
        segmentation.append({"logits": logits.tolist(), "targets": targets.tolist(), "focal": S.focal_loss(logits, targets), "softDice": S.soft_dice(logits, targets),
                             "default": S.segmentation_loss(logits, targets), "alternative": S.segmentation_loss(logits, targets, True), "hardDice": S.hard_dice(logits, targets)})
        h, w = int(rng.integers(1, 5)), int(rng.integers(1, 5))
        logits, targets = normal(rng, h, w) * 3, (normal(rng, h, w) > 0.7).double()
    for _ in range(10):
        n = int(rng.integers(2, 30))
        a, b = rng.integers(0, 4, n).tolist(), rng.integers(0, 3, n).tolist()
        agreement.append({"a": a, "b": b, "nmi": S.nmi(a, b)})
    return {"about": "retrieval (4.1), zero-shot and threshold (4.3), segmentation loss (4.4), label agreement (3e). `scores` rows are images; null = undefined. In `merged` the "
            "column of a repeated text is that of its first occurrence.",
            "retrieval": retrieval, "zeroShot": zero_shot, "segmentation": segmentation, "nmi": agreement}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20261)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="tiny")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    p = PROFILES[a.profile]
    own = lambda name: np.random.default_rng([a.seed, *name.encode()])  # one generator per fixture
    fixtures = [max_pooling(p, own("max_pooling")), max_max_pooling(p, own("max_max_pooling")), heads(p, own("heads")), s_cmc(p, own("s_cmc")), s_mmc(p, own("s_mmc")),
                s_umc(p, own("s_umc")), total(p, own("total")), study_feature_cases(p, own("study_features")), ema(p, own("ema")), queue(p, own("queue")),
                kmeans(p, own("kmeans"), a.seed), optimizer(p, own("optimizer")), segmentation_loss(p, own("segmentation_loss")),
                whole_epoch(p, own("whole_epoch"), a.profile, a.seed)]
    for f in fixtures:
        f.write(a.out, a.profile, a.seed)
    head = {"profile": a.profile, "seed": a.seed, "versions": VERSIONS}
    for name, table in (("schedules", schedules(own("schedules"))), ("draws_cases", draws(own("draws"), a.seed)), ("data_cases", data(own("data"), a.profile, a.seed)),
                        ("metrics_cases", metrics(own("metrics")))):
        write_json(a.out / f"{name}.json", {"fixture": name} | head | table)
    print(f"{sum(x.stat().st_size for x in a.out.iterdir()) / 1e6:.2f} MB in {len(list(a.out.iterdir()))} files")


if __name__ == "__main__":
    main()
