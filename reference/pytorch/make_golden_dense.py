"""Writes the golden fixtures of the dense tasks from the reference.

python make_golden_dense.py --out DIR --seed N --profile tiny|odd

A tensor fixture is NAME.safetensors (float64, int64) with NAME.json beside it; case tables are one .json. File names are
the same in every profile, and so are tensor names but for the numbers of images, blocks and cases. Everything is synthetic.
"""
from __future__ import annotations

import argparse
import contextlib
import copy
import io
import json
import math
import platform
from dataclasses import asdict
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.detection.image_list import ImageList

import dense as D

torch.set_num_threads(1)

PROFILES = {
    "tiny": dict(
        unet=dict(channels=1, block="BOTTLENECK", blocks=(1, 1, 1, 1), width=3, decoder=(12, 10, 8, 6, 4)), size=(64, 64), batch=2,
        detector=dict(image=(64, 64), channels=1, block="BOTTLENECK", blocks=(1, 1, 1, 1), width=3, fpn=6, fc=16, classes=3,
                      anchor_sizes=(8, 14, 21, 40, 64), rpn_samples=12, pre_nms_train=90, pre_nms_test=60, post_nms_train=100, post_nms_test=40,
                      roi_canonical=24, head_samples=16, detections=30),
        detector_batch=2, truths=(7, 2), anchors=((224, 224), (32, 64, 128, 256, 512)), warp=(40, 40), cases=40),
    "odd": dict(
        unet=dict(channels=3, block="BOTTLENECK", blocks=(1, 2, 1, 1), width=5, decoder=(15, 10, 9, 5, 3)), size=(96, 64), batch=3,
        detector=dict(image=(96, 64), channels=3, block="BOTTLENECK", blocks=(1, 2, 1, 1), width=3, fpn=6, fc=12, classes=2,
                      anchor_sizes=(7, 13, 25, 37, 61), rpn_samples=10, pre_nms_train=110, pre_nms_test=50, post_nms_train=120, post_nms_test=60,
                      roi_canonical=20, head_samples=20, detections=8),
        detector_batch=3, truths=(1, 7, 3), anchors=((256, 320), (33, 65, 127, 255, 513)), warp=(37, 52), cases=40),
}
VERSIONS = {"python": platform.python_version(), "torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0],
            "numpy": np.__version__, "safetensors": safetensors.__version__}
ADAM = dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-6)


# ---- writing -----------------------------------------------------------------------------------------------------


def to_json(x, depth: int = 0) -> str:
    """JSON with 17 significant digits for floats; flat lists on one line."""
    pad = "  " * (depth + 1)
    if isinstance(x, dict):
        return "{\n" + ",\n".join(f"{pad}{json.dumps(str(k))}: {to_json(v, depth + 1)}" for k, v in x.items()) + "\n" + "  " * depth + "}" if x else "{}"
    if isinstance(x, (list, tuple)):
        if any(isinstance(v, dict) for v in x):
            return "[\n" + ",\n".join(pad + to_json(v, depth + 1) for v in x) + "\n" + "  " * depth + "]"
        return "[" + ", ".join(to_json(v, depth) for v in x) + "]"
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, (float, np.floating)):
        text = format(float(x), ".17g")
        return text if any(c in text for c in ".en") else text + ".0"
    if isinstance(x, np.integer):
        return str(int(x))
    return json.dumps(x, ensure_ascii=True)


def write_json(path: Path, value: dict) -> None:
    path.write_text(to_json(value) + "\n", encoding="utf-8")


class Fixture:
    """Tensors with meaning, scalars and configuration of one fixture."""

    def __init__(self, name: str, about: str, config: dict | None = None):
        self.name, self.about, self.config = name, about, config or {}
        self.scalars: dict = {}
        self.float32: dict = {}
        self.tensors: dict[str, Tensor] = {}
        self.notes: list[dict] = []

    def add(self, name: str, value, meaning: str) -> None:
        t = torch.as_tensor(value).detach().clone().contiguous()
        t = t.long() if t.dtype == torch.bool else t
        if name in self.tensors:
            raise ValueError(f"twice: {name}")
        self.tensors[name] = t
        self.notes.append({"name": name, "shape": list(t.shape), "dtype": str(t.dtype).split(".")[1], "meaning": meaning})

    def add_model(self, net: nn.Module, prefix: str = "", buffers: bool = True) -> None:
        for name, x in net.named_parameters():
            self.add(f"{prefix}weight.{name}", x, "parameter")
        for name, x in net.named_buffers() if buffers else ():
            self.add(f"{prefix}buffer.{name}", x, "buffer")

    def write(self, out: Path, profile: str, seed: int) -> None:
        (out / f"{self.name}.safetensors").write_bytes(safetensors.torch.save(self.tensors))
        head = {"fixture": self.name, "about": self.about, "profile": profile, "seed": seed, "versions": VERSIONS}
        tail = {"float32": self.float32} if self.float32 else {}
        write_json(out / f"{self.name}.json", head | {"config": self.config, "scalars": self.scalars} | tail | {"tensors": self.notes})


def normal(rng, *shape: int) -> Tensor:
    return torch.from_numpy(rng.standard_normal(shape))


def uniform(rng, low: float, high: float, *shape: int) -> Tensor:
    return torch.from_numpy(rng.uniform(low, high, shape))


def leaf(x: Tensor) -> Tensor:
    return x.detach().clone().requires_grad_()


def deviation(a: Tensor, b: Tensor) -> float:
    """Largest difference relative to the largest value of b."""
    a, b = a.detach().double(), b.detach().double()
    return float((a - b).abs().max() / b.abs().max().clamp_min(1e-12)) if a.numel() else 0.0


def gradient_deviation(a: dict[str, Tensor], b: dict[str, Tensor]) -> float:
    """Largest difference over (largest of the tensor + 1e-3 x largest of all)."""
    top = max(float(x.abs().max()) for x in b.values())
    return max(float((a[n].double() - b[n]).abs().max()) / (float(b[n].abs().max()) + 1e-3 * top) for n in b)


def randomise(net: nn.Module, rng, gains: dict[str, float] | None = None) -> nn.Module:
    """Every parameter and statistic random: He-scaled weights (times a gain by name), BatchNorm around 1 and 0."""
    with torch.no_grad():
        for name, x in net.state_dict().items():
            if name.endswith("num_batches_tracked"):
                continue
            if x.dim() > 1:
                gain = next((g for part, g in (gains or {}).items() if part in name), 1.0)
                x.copy_(normal(rng, *x.shape) * gain * math.sqrt(2 / x[0].numel()))
            elif name.endswith("running_var"):
                x.copy_(uniform(rng, 0.5, 1.5, *x.shape))
            elif name.endswith("weight"):
                x.copy_(1 + 0.2 * normal(rng, *x.shape))
            else:
                x.copy_(0.2 * normal(rng, *x.shape))
    return net


def random_boxes(rng, n: int, height: int, width: int, low: float, high: float) -> Tensor:
    """Boxes inside the image, sides between low and high, coordinates multiples of 1/8."""
    w, h = uniform(rng, low, min(high, width), n), uniform(rng, low, min(high, height), n)
    x, y = uniform(rng, 0, 1, n) * (width - w), uniform(rng, 0, 1, n) * (height - h)
    return (torch.stack([x, y, x + w, y + h], 1) * 8).round() / 8


def blobs(rng, batch: int, height: int, width: int) -> Tensor:
    """[B, 1, H, W] masks of one or two ellipses."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    masks = torch.zeros(batch, 1, height, width, dtype=torch.float64)
    for m in masks:
        for _ in range(int(rng.integers(1, 3))):
            cy, cx, ry, rx = rng.uniform(0.2, 0.8) * height, rng.uniform(0.2, 0.8) * width, rng.uniform(4, height / 4), rng.uniform(4, width / 4)
            m[0][((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1] = 1
    return masks


# ---- segmentation ---------------------------------------------------------------------------------------------------


def unet(p: dict, rng) -> Fixture:
    c = D.UNetConfig(**p["unet"])
    f = Fixture("unet", "U-Net on a ResNet in train mode (batch statistics): features, logits, Dice loss, gradients, statistics after one forward pass.",
                asdict(c) | {"batch": p["batch"], "image": p["size"], "bnMomentum": 0.1, "bnEps": 1e-5})
    net = randomise(D.UNet(c).double(), rng).train()
    images, masks = normal(rng, p["batch"], c.channels, *p["size"]), blobs(rng, p["batch"], *p["size"])
    f.add("input.images", images, "[B, channels, H, W], normalised")
    f.add("input.masks", masks, "[B, 1, H, W] in {0, 1}")
    f.add_model(net)
    with torch.no_grad():
        f.add("output.eval.logits", copy.deepcopy(net).eval()(images), "[B, 1, H, W], eval mode with the statistics before")

    def run(net, images, masks):
        x = leaf(images)
        maps = net.encoder(x)
        blocks = net.decoder(maps)
        logits = net.segmentationHead(blocks[-1])
        loss = D.dice_loss(logits, masks)
        names = [n for n, _ in net.named_parameters()]
        grads = torch.autograd.grad(loss, [x, *net.parameters()])
        return maps, blocks, logits, loss, dict(zip(["input.images"] + [f"weight.{n}" for n in names], grads))

    single = copy.deepcopy(net).float()
    maps, blocks, logits, loss, grads = run(net, images, masks)
    for i, x in enumerate(maps):
        f.add(f"output.encoder.{i}", x, f"feature at stride {2 ** (i + 1)}")
    for i, x in enumerate(blocks):
        f.add(f"output.decoder.{i}", x, f"output of decoder block {i}")
    f.add("output.logits", logits, "[B, 1, H, W], train mode")
    f.scalars["loss"] = loss.item()
    f.scalars["focalDiceLoss"] = D.focal_dice_loss(logits, masks).item()
    for name, g in grads.items():
        f.add(f"grad.loss.{name}", g, "gradient of the Dice loss")
    for name, x in net.named_buffers():
        f.add(f"after.buffer.{name}", x, "after the train-mode forward pass")
    _, _, logits32, loss32, grads32 = run(single, images.float(), masks.float())
    f.float32 = {"logits": deviation(logits32, logits), "loss": abs(loss32.item() - loss.item()), "gradients": gradient_deviation(grads32, grads)}
    return f


def seg_losses(p: dict, rng) -> Fixture:
    h, w = p["size"][0] // 4, p["size"][1] // 4
    f = Fixture("seg_losses", "PRIOR's Dice loss, SENSE's focal + Dice in both combinations, gradients by the logits, Dice per image.")
    masks = blobs(rng, 3, h, w)
    cases = {"random": (normal(rng, 3, 1, h, w) * 2, masks), "agreement": (40 * masks - 20, masks), "disagreement": (20 - 40 * masks, masks),
             "oneEmpty": (normal(rng, 3, 1, h, w) - 1, masks * torch.tensor([1.0, 0, 1]).view(3, 1, 1, 1)), "allEmpty": (normal(rng, 2, 1, h, w) - 3, masks[:2] * 0)}
    f.config["cases"] = list(cases)
    for name, (logits, target) in cases.items():
        f.add(f"{name}.logits", logits, "[B, 1, H, W]")
        f.add(f"{name}.masks", target, "[B, 1, H, W] in {0, 1}")
        for kind, loss in (("dice", D.dice_loss), ("focalDice", D.focal_dice_loss), ("alternative", lambda z, t: D.focal_dice_loss(z, t, True))):
            z = leaf(logits)
            value = loss(z, target)
            f.scalars[f"{name}.{kind}"] = value.item()
            f.add(f"{name}.grad.{kind}", torch.autograd.grad(value, z)[0], "gradient by the logits")
        f.scalars[f"{name}.focal"], f.scalars[f"{name}.softDice"] = float(D.focal_loss(logits, target)), float(D.soft_dice(logits, target))
        f.add(f"{name}.diceInclusive", torch.tensor(D.dice_scores(logits, target, True), dtype=torch.float64), "[B], PRIOR")
        f.add(f"{name}.diceStrict", torch.tensor(D.dice_scores(logits, target, False), dtype=torch.float64), "[B], SENSE")
    return f


def joint_augmentation(p: dict, rng, seed: int) -> Fixture:
    from sense import Stream, hash64

    h, w = p["warp"]
    f = Fixture("joint_augmentation", "One affine map for image (bilinear) and mask (nearest), 0 outside; and the draws of angle and scale.")
    image, mask = uniform(rng, 0, 255, 2, h, w).round(), blobs(rng, 1, h, w)[0, 0]
    f.add("image", image, "[C, H, W], 0..255, before normalisation")
    f.add("mask", mask, "[H, W] in {0, 1}")
    cases = [(0.0, 1.0), (10.0, 1.0), (-10.0, 1.0), (7.3, 0.91), (-4.1, 1.1)] + [(float(rng.uniform(-10, 10)), float(rng.uniform(0.9, 1.1))) for _ in range(3)]
    f.config["cases"] = []
    for i, (angle, scale) in enumerate(cases):
        margin = min(float(((v + 0.5) - (v + 0.5).round()).abs().min()) for v in D.source_points(h, w, angle, scale))
        assert margin > 1e-6, "a nearest tie"
        f.config["cases"].append({"name": f"case{i}", "angle": angle, "scale": scale})
        f.add(f"case{i}.image", D.warp_image(image, angle, scale), "[C, H, W]")
        f.add(f"case{i}.mask", D.warp_mask(mask, angle, scale), "[H, W]")
    f.config["draws"] = []
    for i in range(20):
        name, epoch = f"1.2.{int(rng.integers(10**6))}", int(rng.integers(0, 100))
        angle, scale = D.augmentation_draw(Stream(hash64(seed, "affine", epoch, name)))
        f.config["draws"].append({"seed": seed, "epoch": epoch, "imageId": name, "angle": angle, "scale": scale})
    return f


# ---- parts of the detector ----------------------------------------------------------------------------------------------


def anchors(p: dict, rng) -> Fixture:
    c = D.DetectorConfig(**p["detector"])
    f = Fixture("anchors", "Anchors of every level, row by row, column by column, ratio by ratio; cells rounded half to even.",
                {"small": {"image": c.image, "sizes": c.anchor_sizes}, "full": {"image": p["anchors"][0], "sizes": p["anchors"][1]}, "ratios": c.anchor_ratios})
    for name, image, sizes in (("small", c.image, c.anchor_sizes), ("full", *p["anchors"])):
        grids = [[s // 2 ** (2 + i) for s in image] for i in range(4)]
        grids.append([(g + 1) // 2 for g in grids[-1]])
        maps = [torch.zeros(1, 1, *g, dtype=torch.float64) for g in grids]
        generator = D.AnchorGenerator(tuple((s,) for s in sizes), (c.anchor_ratios,) * 5)
        everything = generator(ImageList(torch.zeros(1, 1, *image), [image]), maps)[0]
        for i, part in enumerate(everything.split([g[0] * g[1] * 3 for g in grids])):
            f.add(f"{name}.level{i}", part, f"[{grids[i][0]} x {grids[i][1]} x 3, 4]; step {image[0] // grids[i][0]}, {image[1] // grids[i][1]}")
    return f


def box_coding(p: dict, rng) -> Fixture:
    h, w = p["detector"]["image"]
    f = Fixture("box_coding", "Encoding and decoding with the weights of RPN and head; clipping to the image; removal of small boxes.",
                {"image": [h, w], "rpnWeights": D.RPN_WEIGHTS, "headWeights": D.HEAD_WEIGHTS, "logMax": D.LOG_MAX, "minSizeRpn": 1e-3, "minSizeHead": 1e-2})
    boxes, truth = random_boxes(rng, 24, h, w, 3, 50), random_boxes(rng, 24, h, w, 3, 50)
    deltas = normal(rng, 24, 4) * 0.5
    deltas[0, 2], deltas[1, 3], deltas[2, 2:] = 4.2, 9.0, 40.0  # above logMax (the first and second only for the RPN)
    deltas[3] = torch.tensor([0.0, 0.0, -30.0, 0.0])  # too narrow
    deltas[4, 0] = 80.0  # right of the image
    f.add("boxes", boxes, "[n, 4] anchors or proposals")
    f.add("truth", truth, "[n, 4]")
    f.add("deltas", deltas, "[n, 4] to decode")
    for name, weights, small in (("rpn", D.RPN_WEIGHTS, 1e-3), ("head", D.HEAD_WEIGHTS, 1e-2)):
        coder = torchvision.models.detection._utils.BoxCoder(weights)
        decoded = coder.decode(deltas, [boxes]).squeeze(1)
        clipped = torchvision.ops.clip_boxes_to_image(decoded, (h, w))
        f.add(f"{name}.encoded", coder.encode([truth], [boxes])[0], "deltas of truth against boxes, times the weights")
        f.add(f"{name}.decoded", decoded, "boxes moved by deltas")
        f.add(f"{name}.clipped", clipped, "decoded, clipped to the image")
        f.add(f"{name}.kept", torchvision.ops.remove_small_boxes(clipped, small), "indices with both sides >= the minimum")
    return f


def iou_matching(p: dict, rng) -> Fixture:
    h, w = p["detector"]["image"]
    f = Fixture("iou_matching", "IoU and matches: RPN (0.7/0.3 with low-quality matches) and head (0.5/0.5 without). -1 below, -2 between.",
                {"rpn": [0.7, 0.3, True], "head": [0.5, 0.5, False]})
    truth = torch.cat([random_boxes(rng, 5, h, w, 6, 40), torch.tensor([[8.0, 8, 24, 24], [16, 8, 32, 24]])])
    shift = torch.cat([truth + normal(rng, len(truth), 4) * s for s in (0.5, 2, 4, 8)])
    boxes = torch.cat([shift[(shift[:, 2:] > shift[:, :2] + 1).all(1)], random_boxes(rng, 30, h, w, 4, 40), torch.tensor([
        [8.0, 8, 24, 16], [12, 8, 28, 24], [4, 8, 20, 24], [8, 8, 24, 24], [4, 4, 28, 28], [104, 100, 120, 116], [96, 100, 112, 116]])])
    # exact 0.5; tie of two truths; equal; and the last truth, whose greatest IoU 0.6 two boxes share
    truth = torch.cat([truth, torch.tensor([[100.0, 100, 116, 116]])])
    f.add("truth", truth, "[m, 4]")
    f.add("truthLabels", torch.from_numpy(rng.integers(1, 3, len(truth))), "[m] classes from 1")
    f.add("boxes", boxes, "[n, 4]")
    quality = torchvision.ops.box_iou(truth, boxes)
    f.add("iou", quality, "[m, n]")
    for name, (high, low, quiet) in f.config.items():
        matches = torchvision.models.detection._utils.Matcher(high, low, quiet)(quality)
        f.add(f"{name}.matches", matches, "[n] index of the truth, -1 below, -2 between")
        labels = torch.where(matches >= 0, f.tensors["truthLabels"][matches.clamp(min=0)] if name == "head" else 1, torch.where(matches == -1, 0, -1))
        f.add(f"{name}.labels", labels, "[n] class (RPN: 1), 0 background, -1 ignored")
    order = torch.from_numpy(rng.permutation(len(boxes) + 9))
    f.add("order", order, "[n + 9] permutation for the sampler; entries >= n are passed over")
    f.config["samples"] = {"rpn": [12, 0.5], "head": [20, 0.25], "few": [500, 0.5]}
    for name, (count, fraction) in f.config["samples"].items():
        positive, negative = D.sample(f.tensors["head.labels" if name == "head" else "rpn.labels"], order, count, fraction)
        f.add(f"{name}.positive", positive.nonzero()[:, 0], "ascending indices of the sampled positives")
        f.add(f"{name}.negative", negative.nonzero()[:, 0], "ascending indices of the sampled negatives")
    return f


def nms(p: dict, rng) -> Fixture:
    h, w = p["detector"]["image"]
    f = Fixture("nms", "Non-maximum suppression in groups (levels or classes): kept indices by descending score, ties by ascending index.")
    base = random_boxes(rng, 12, h, w, 10, 40)
    many = torch.cat([base + normal(rng, 12, 4) * s for s in (0.0, 1, 2, 3, 4)])
    exact = torch.tensor([[0.0, 0, 3, 1], [1, 0, 4, 1], [0, 0, 3, 1], [10, 0, 13, 1], [11, 0, 13, 1]])  # IoU 0.5, 0.5, 1, 2/3
    cases = {"single": (many, uniform(rng, 0, 1, 60), torch.zeros(60), 0.5), "groups": (many, uniform(rng, 0, 1, 60), torch.from_numpy(rng.integers(0, 4, 60)), 0.7),
             "ties": (many, uniform(rng, 0, 1, 60).mul(8).round() / 8, torch.from_numpy(rng.integers(0, 2, 60)), 0.5),
             "atThreshold": (exact, torch.tensor([0.9, 0.8, 0.8, 0.3, 0.3]), torch.zeros(5), 0.5), "one": (many[:1], torch.tensor([0.3]), torch.zeros(1), 0.5)}
    f.config["cases"] = {name: {"threshold": case[3]} for name, case in cases.items()}
    for name, (boxes, scores, groups, threshold) in cases.items():
        boxes, scores, groups = boxes.double(), scores.double(), groups.long()
        kept = torchvision.ops.batched_nms(boxes, scores, groups, threshold)
        assert torch.equal(kept, D.nms(boxes, scores, groups, threshold))
        for key, value, meaning in (("boxes", boxes, "[n, 4]"), ("scores", scores, "[n]"), ("groups", groups, "[n]"), ("kept", kept, "indices")):
            f.add(f"{name}.{key}", value, meaning)
    return f


def pyramid(rng, c: D.DetectorConfig, batch: int, pool: bool) -> dict[str, Tensor]:
    maps = {str(i): normal(rng, batch, c.fpn, c.image[0] // 2 ** (2 + i), c.image[1] // 2 ** (2 + i)) for i in range(4)}
    return maps | ({"pool": maps["3"][..., ::2, ::2] + 0.5 * normal(rng, *maps["3"][..., ::2, ::2].shape)} if pool else {})


def targets_of(rng, c: D.DetectorConfig, truths: tuple[int, ...]) -> list[dict[str, Tensor]]:
    return [{"boxes": random_boxes(rng, n, *c.image, 8, 44), "labels": torch.from_numpy(rng.integers(1, c.classes, n))} for n in truths]


def add_targets(f: Fixture, targets: list[dict[str, Tensor]], prefix: str = "") -> None:
    for i, t in enumerate(targets):
        f.add(f"{prefix}input.truth{i}.boxes", t["boxes"], f"image {i}: [m, 4]")
        f.add(f"{prefix}input.truth{i}.labels", t["labels"], f"image {i}: [m], classes from 1")


def roi_align(p: dict, rng) -> Fixture:
    c = D.DetectorConfig(**p["detector"])
    f = Fixture("roi_align", "Multi-level RoIAlign, aligned = false; gradient of sum(output * cotangent) by the features.",
                {"image": c.image, "size": c.roi_size, "samplingRatio": c.roi_ratio, "canonicalSize": c.roi_canonical, "scales": [1 / 2 ** (2 + i) for i in range(4)]})
    h, w = c.image
    special = torch.tensor([[0.0, 0, w, h], [3, 3, 3.5, 3.25], [w - 1.5, h - 9, w, h], [0, 0, 2, h], [5.25, 6.75, 5.25 + c.roi_canonical, 6.75 + c.roi_canonical]], dtype=torch.float64)
    boxes = [torch.cat([special, random_boxes(rng, 5, h, w, 3, 60)]), random_boxes(rng, 7, h, w, 2, 90)]
    maps = {k: leaf(v) for k, v in pyramid(rng, c, 2, False).items()}
    pool = D.MultiScaleRoIAlign(["0", "1", "2", "3"], c.roi_size, c.roi_ratio, canonical_scale=c.roi_canonical)
    output = pool(maps, boxes, [c.image] * 2)
    cotangent = normal(rng, *output.shape)
    grads = torch.autograd.grad((output * cotangent).sum(), list(maps.values()))
    for k, v in maps.items():
        f.add(f"input.features.{k}", v, "[2, C, h, w]")
    for i, b in enumerate(boxes):
        f.add(f"input.boxes{i}", b, f"boxes of image {i}")
    f.add("output.levels", D.roi_level(torch.cat(boxes), 4, c.roi_canonical), "level of every box, image 0 first; 0 = stride 4")
    f.add("output.pooled", output, "[boxes of image 0, then of image 1; C, size, size]")
    f.add("cotangent", cotangent, "coefficients")
    for k, g in zip(maps, grads):
        f.add(f"grad.features.{k}", g, "gradient")
    return f


GAINS = {"cls_logits": 0.25, "rpn.head.bbox_pred": 0.04, "cls_score": 0.8, "box_predictor.bbox_pred": 0.4, "inner_blocks": 0.5, "layer_blocks": 0.5}


def new_detector(c: D.DetectorConfig, rng) -> D.Detector:
    return randomise(D.Detector(c).double(), rng, GAINS)


class Trace:
    """Keeps what passes through the parts of a detector in one forward pass."""

    def __init__(self, net: D.Detector):
        self.net, self.got = net, {}
        parts = {"features": net.backbone, "rpnHead": net.rpn.head, "rpn": net.rpn, "pooled": net.roi_heads.box_roi_pool, "boxes": net.roi_heads.box_predictor}
        for name, part in parts.items():
            part.register_forward_hook(lambda _, __, out, name=name: self.got.__setitem__(name, out))

    def add(self, f: Fixture, prefix: str = "output.") -> None:
        for k, v in self.got.get("features", {}).items():
            f.add(f"{prefix}features.{k}", v, "output of the FPN")
        self.add_rpn(f, prefix)
        self.add_head(f, prefix)

    def add_rpn(self, f: Fixture, prefix: str) -> None:
        objectness, deltas = self.got["rpnHead"]
        for i in range(len(objectness)):
            f.add(f"{prefix}objectness.{i}", objectness[i], "[B, A, h, w] logits")
            f.add(f"{prefix}deltas.{i}", deltas[i], "[B, 4A, h, w]: dx, dy, dw, dh of ratio 0, then of ratio 1, ...")
        for i, boxes in enumerate(self.got["rpn"][0]):
            f.add(f"{prefix}proposals{i}", boxes, f"image {i}: proposals, best first")
        if self.net.training:
            self.samples(f, prefix, "rpn", self.net.rpn.fg_bg_sampler, "anchors, all levels in order")

    def add_head(self, f: Fixture, prefix: str) -> None:
        f.add(f"{prefix}pooled", self.got["pooled"], "[R, C, size, size]; rows of image 0, then of image 1, ...")
        f.add(f"{prefix}classLogits", self.got["boxes"][0], "[R, classes]")
        f.add(f"{prefix}boxRegression", self.got["boxes"][1], "[R, 4 classes]: dx, dy, dw, dh of class 0, then of class 1, ...")
        if self.net.training:
            self.samples(f, prefix, "head", self.net.roi_heads.fg_bg_sampler, "proposals, then the truths")

    @staticmethod
    def samples(f: Fixture, prefix: str, name: str, sampler: D.OrderSampler, what: str) -> None:
        for i, labels in enumerate(sampler.labels):
            f.add(f"{prefix}{name}{i}.labels", labels.long(), f"image {i}: label of the {what}; -1 ignored")
            f.add(f"{prefix}{name}{i}.positive", sampler.masks[0][i].nonzero()[:, 0], "ascending indices")
            f.add(f"{prefix}{name}{i}.negative", sampler.masks[1][i].nonzero()[:, 0], "ascending indices; rows of the head are both, ascending")

    def discrete(self) -> list[Tensor]:
        """What must be equal in float32: counts, samples; and proposals to 1e-2 pixel."""
        boxes = list(self.got["rpn"][0])
        masks = [m for s in (self.net.rpn.fg_bg_sampler, self.net.roi_heads.fg_bg_sampler) for part in s.masks for m in part] if self.net.training else []
        return [(x.double() * 50).round() for x in boxes] + masks


def agree(a: list[Tensor], b: list[Tensor]) -> bool:
    return len(a) == len(b) and all(x.shape == y.shape and (x.double() - y.double()).abs().max() <= 1 for x, y in zip(a, b) if x.numel() or y.numel()) \
        and all(torch.equal(x, y) for x, y in zip(a, b) if x.dtype == torch.bool)


def twins(net: D.Detector, rng) -> list[tuple[D.Detector, torch.dtype]]:
    """The model in float32, and twice in float64 with every weight moved by about 2e-6: they must take the same decisions."""
    result = [(copy.deepcopy(net).float(), torch.float32)]
    for _ in range(2):
        other = copy.deepcopy(net)
        with torch.no_grad():
            for q in other.parameters():
                q.mul_(1 + 2e-6 * normal(rng, *q.shape))
        result.append((other, torch.float64))
    return result


def attempts(name: str, make, p: dict, seed: int, limit: int = 500) -> Fixture:
    """The first draw on which the twins take the same decisions and float32 stays below 5e-5."""
    for attempt in range(limit):
        f = make(p, np.random.default_rng([seed, attempt, *name.encode()]))
        if f is not None and max(f.float32.values()) < 5e-5:
            f.config["attempt"] = attempt
            return f
    raise RuntimeError(f"{name}: no draw in {limit}")


def rpn(p: dict, rng) -> Fixture | None:
    c, batch = D.DetectorConfig(**p["detector"]), p["detector_batch"]
    f = Fixture("rpn", "Region proposal network on given features: head, labels, samples, both losses (gradients of their sum), proposals in train and eval mode.", asdict(c) | {"batch": batch})
    net, maps, targets = new_detector(c, rng), pyramid(rng, c, batch, True), targets_of(rng, c, p["truths"])
    count = sum(v.shape[2] * v.shape[3] for v in maps.values()) * len(c.anchor_ratios)
    order = torch.from_numpy(np.stack([rng.permutation(count) for _ in range(batch)]))

    def run(net, dtype):
        net, trace = net.to(dtype), Trace(net)
        net.rpn.fg_bg_sampler.orders = order
        x = {k: leaf(v.to(dtype)) for k, v in maps.items()}
        images = ImageList(torch.zeros(batch, c.channels, *c.image), [c.image] * batch)
        evaluated = net.rpn.eval()(images, x)[0]
        net.train()
        _, losses = net.rpn(images, x, [{k: v.to(dtype) if v.is_floating_point() else v for k, v in t.items()} for t in targets])
        names = [n for n, _ in net.rpn.head.named_parameters()]
        grads = torch.autograd.grad(sum(losses.values()), [*x.values(), *net.rpn.head.parameters()])
        return trace, evaluated, losses, dict(zip([f"input.features.{k}" for k in x] + [f"weight.rpn.head.{n}" for n in names], grads))

    others = twins(net, rng)
    trace, evaluated, losses, grads = run(net, torch.float64)
    results = [run(*twin) for twin in others]
    decisions = lambda trace, evaluated: trace.discrete()[:batch] + trace.net.rpn.fg_bg_sampler.masks[0] + [(x.double() * 50).round() for x in evaluated]
    if not all(agree(decisions(trace, evaluated), decisions(*r[:2])) for r in results):
        return None
    _, _, losses32, grads32 = results[0]
    for k, v in maps.items():
        f.add(f"input.features.{k}", v, "[B, C, h, w]")
    add_targets(f, targets)
    f.add("input.rpnOrder", order, "[B, anchors] permutations for the sampler")
    for n, x in net.rpn.head.named_parameters():
        f.add(f"weight.rpn.head.{n}", x, "parameter")
    trace.add_rpn(f, "output.")
    for i, boxes in enumerate(evaluated):
        f.add(f"output.eval.proposals{i}", boxes, f"image {i}: proposals in eval mode, best first")
    for n, g in grads.items():
        f.add(f"grad.loss.{n}", g, "gradient of loss_objectness + loss_rpn_box_reg")
    f.scalars = {n: x.item() for n, x in losses.items()}
    f.float32 = {"losses": max(abs(losses32[n].item() - losses[n].item()) for n in losses), "gradients": gradient_deviation(grads32, grads)}
    return f


def box_head(p: dict, rng) -> Fixture | None:
    c, batch = D.DetectorConfig(**p["detector"]), p["detector_batch"]
    f = Fixture("box_head", "Head on given features and proposals: truths appended, labels, samples, RoIAlign, both losses, gradients of their sum.", asdict(c) | {"batch": batch})
    net, maps, targets = new_detector(c, rng), pyramid(rng, c, batch, True), targets_of(rng, c, p["truths"])
    proposals = []
    for i, t in enumerate(targets):
        near = torch.cat([t["boxes"] + normal(rng, *t["boxes"].shape) * s for s in (0.5, 1, 2, 3, 5)]).clamp(min=0)
        near = near[(near[:, 2:] > near[:, :2] + 2).all(1)]
        proposals.append(D.clip(torch.cat([near, random_boxes(rng, 12 + i, *c.image, 4, 60)]), *c.image))
    order = torch.from_numpy(np.stack([rng.permutation(60) for _ in range(batch)]))

    def run(net, dtype):
        net, trace = net.to(dtype).train(), Trace(net)
        net.roi_heads.fg_bg_sampler.orders = order
        x = {k: leaf(v.to(dtype)) for k, v in maps.items()}
        _, losses = net.roi_heads(x, [b.to(dtype) for b in proposals], [c.image] * batch, [{"boxes": t["boxes"].to(dtype), "labels": t["labels"]} for t in targets])
        names = [n for n, _ in net.named_parameters() if n.startswith("roi_heads.")]
        grads = torch.autograd.grad(sum(losses.values()), [x[k] for k in "0123"] + [q for n, q in net.named_parameters() if n in names])
        return trace, losses, dict(zip([f"input.features.{k}" for k in "0123"] + [f"weight.{n}" for n in names], grads))

    single = copy.deepcopy(net)
    trace, losses, grads = run(net, torch.float64)
    _, losses32, grads32 = run(single, torch.float32)
    if not agree(net.roi_heads.fg_bg_sampler.masks[0], single.roi_heads.fg_bg_sampler.masks[0]):
        return None
    for k in "0123":
        f.add(f"input.features.{k}", maps[k], "[B, C, h, w]")
    add_targets(f, targets)
    for i, b in enumerate(proposals):
        f.add(f"input.proposals{i}", b, f"image {i}: proposals before the truths are appended")
    f.add("input.headOrder", order, "[B, m] permutations for the sampler; m is more than proposals and truths")
    for n, x in net.named_parameters():
        if n.startswith("roi_heads."):
            f.add(f"weight.{n}", x, "parameter")
    trace.add_head(f, "output.")
    for n, g in grads.items():
        f.add(f"grad.loss.{n}", g, "gradient of loss_classifier + loss_box_reg")
    f.scalars = {n: x.item() for n, x in losses.items()}
    f.float32 = {"losses": max(abs(losses32[n].item() - losses[n].item()) for n in losses), "gradients": gradient_deviation(grads32, grads)}
    return f


# ---- whole detector -----------------------------------------------------------------------------------------------------


def detector_train(p: dict, rng) -> Fixture | None:
    c, batch = D.DetectorConfig(**p["detector"]), p["detector_batch"]
    f = Fixture("detector_train", "Whole detector, two steps of Adam on two batches: everything of step 0, losses of step 1, weights after. The BatchNorm buffers never change.",
                asdict(c) | {"batch": batch, "adam": ADAM})
    net = new_detector(c, rng)
    count = sum((-(-c.image[0] // s)) * (-(-c.image[1] // s)) for s in (4, 8, 16, 32, 64)) * len(c.anchor_ratios)
    steps = [{"images": normal(rng, batch, c.channels, *c.image), "targets": targets_of(rng, c, tuple(int(n) for n in rng.permutation(p["truths"]))),
              "rpnOrder": torch.from_numpy(np.stack([rng.permutation(count) for _ in range(batch)])),
              "headOrder": torch.from_numpy(np.stack([rng.permutation(c.post_nms_train + 8) for _ in range(batch)]))} for _ in range(2)]

    def run(net, dtype):
        net = net.to(dtype)
        adam, results = torch.optim.Adam(net.parameters(), **ADAM), []
        for s in steps:
            trace, x = Trace(net), leaf(s["images"].to(dtype))
            targets = [{"boxes": t["boxes"].to(dtype), "labels": t["labels"]} for t in s["targets"]]
            losses = net.losses(x, targets, s["rpnOrder"], s["headOrder"])
            adam.zero_grad()
            sum(losses.values()).backward()
            grads = {"input.images": x.grad} | {f"weight.{n}": q.grad.clone() for n, q in net.named_parameters()}
            results.append((trace.got.copy(), trace.discrete(), {n: v.item() for n, v in losses.items()}, grads, [copy.copy(z.__dict__) for z in (net.rpn.fg_bg_sampler, net.roi_heads.fg_bg_sampler)]))
            adam.step()
        return results

    others, before = twins(net, rng), copy.deepcopy(net)
    got = run(net, torch.float64)
    results = [run(*twin) for twin in others]
    if not all(agree(a[1], b[1]) for other in results for a, b in zip(got, other)):
        return None
    own = [[int((m[: len(b)]).sum()) for m, b in zip(masks, g[0]["rpn"][0])] for g in got for masks in (g[4][1]["masks"][0],)]
    if min(map(sum, own)) < 2:  # sampled positives that are proposals, not appended truths
        return None
    got32 = results[0]
    f.add_model(before)
    for i, s in enumerate(steps):
        f.add(f"step{i}.input.images", s["images"], "[B, channels, H, W], normalised")
        add_targets(f, s["targets"], f"step{i}.")
        f.add(f"step{i}.input.rpnOrder", s["rpnOrder"], "[B, anchors] permutations for the sampler")
        f.add(f"step{i}.input.headOrder", s["headOrder"], "[B, m] permutations for the sampler")
    trace = Trace(net)
    trace.got = got[0][0]
    net.rpn.fg_bg_sampler.__dict__.update(got[0][4][0])
    net.roi_heads.fg_bg_sampler.__dict__.update(got[0][4][1])
    trace.add(f)
    for n, g in got[0][3].items():
        f.add(f"grad.loss.{n}", g, "gradient of the sum of the four losses, step 0")
    f.add_model(net, "after.", buffers=False)
    for name, x in net.named_buffers():
        assert torch.equal(x, dict(before.named_buffers())[name])
    f.scalars = {f"step{i}.{n}": v for i, g in enumerate(got) for n, v in g[2].items()} | {f"step{i}.loss": sum(g[2].values()) for i, g in enumerate(got)}
    f.float32 = {"losses": max(abs(a[2][n] - b[2][n]) for a, b in zip(got, got32) for n in a[2]), "gradients": gradient_deviation(got32[0][3], got[0][3])}
    return f


def detector_eval(p: dict, rng) -> Fixture | None:
    c, batch = D.DetectorConfig(**p["detector"]), p["detector_batch"]
    f = Fixture("detector_eval", "Whole detector in eval mode: proposals, head, final boxes after score threshold, NMS per class and the cut to `detections`.", asdict(c) | {"batch": batch})
    net, images = new_detector(c, rng), normal(rng, batch, c.channels, *c.image)
    others, everything = twins(net, rng), copy.deepcopy(net)

    def run(net, dtype):
        trace = Trace(net)
        return trace, net.detect(images.to(dtype))

    (trace, found), results = run(net, torch.float64), [run(*twin) for twin in others]
    decisions = lambda trace, found: trace.discrete() + [(x["boxes"].double() * 50).round() for x in found] + [x["labels"] * 1e6 for x in found]
    found32 = results[0][1]
    everything.roi_heads.detections_per_img = 10**6
    before_cut = [len(x["scores"]) for x in everything.detect(images)]
    if not all(agree(decisions(trace, found), decisions(*r)) for r in results):
        return None
    if max(len(set(x["labels"].tolist())) for x in found) < c.classes - 1:
        return None
    if max(before_cut) <= c.detections or max(float(x["scores"].max()) for x in found) > 0.99:  # the cut matters, no score is saturated
        return None
    f.add_model(net)
    f.add("input.images", images, "[B, channels, H, W], normalised")
    trace.add(f)
    for i, x in enumerate(found):
        f.add(f"output.boxes{i}", x["boxes"], f"image {i}: [k, 4], best first")
        f.add(f"output.scores{i}", x["scores"], "[k]")
        f.add(f"output.labels{i}", x["labels"], "[k], classes from 1")
    scores = trace.got["boxes"][0].softmax(1)[:, 1:].split([len(x) for x in trace.got["rpn"][0]])
    f.scalars["beforeCut"], f.scalars["belowScore"] = before_cut, [int((x <= c.score).sum()) for x in scores]
    f.float32 = {"boxes": max(deviation(a["boxes"], b["boxes"]) for a, b in zip(found32, found)), "scores": max(deviation(a["scores"], b["scores"]) for a, b in zip(found32, found))}
    return f


# ---- case tables -----------------------------------------------------------------------------------------------------


def pycoco(images: list[dict]) -> tuple[float, float, float, list[float]]:
    """mAP, AP50, AP75 and the mean precision per threshold by pycocotools; -1 without any truth."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def table(key):
        boxes = [(n, b, s) for n, image in enumerate(images, 1) for b, s in zip(image[key], image["scores"] if key == "boxes" else [0] * len(image[key]))]
        coco = COCO()
        coco.dataset = {"images": [{"id": n} for n in range(1, len(images) + 1)], "categories": [{"id": 1}], "annotations": [
            {"id": i, "image_id": n, "category_id": 1, "bbox": b, "area": b[2] * b[3], "iscrowd": 0, "score": s} for i, (n, b, s) in enumerate(boxes, 1)]}
        coco.createIndex()
        return coco

    with contextlib.redirect_stdout(io.StringIO()):
        e = COCOeval(table("truth"), table("boxes"), "bbox")
        e.evaluate()
        e.accumulate()
        e.summarize()
    return (*map(float, e.stats[:3]), e.eval["precision"][:, :, 0, 0, -1].mean(1).tolist())


def random_map_case(rng, kind: str = "") -> list[dict]:
    """kind: "", "no truth", "no detection", "ties", "many" (more than 100 in an image), "grid" (exact IoU ties)."""
    images = []
    for _ in range(int(rng.integers(1, 5))):
        n = 0 if kind == "no truth" else int(rng.integers(0 if kind else 1, 5))
        truth = np.column_stack([rng.uniform(0, 150, (n, 2)), rng.uniform(8, 70, (n, 2))])
        found = [b + rng.normal(0, rng.uniform(0.5, 8), 4) for b in truth for _ in range(int(rng.integers(0, 4)))]
        found += [np.concatenate([rng.uniform(0, 150, 2), rng.uniform(8, 70, 2)]) for _ in range(int(rng.integers(0, 4)) + (110 if kind == "many" else 0))]
        found = [] if kind == "no detection" else [np.concatenate([b[:2], np.maximum(b[2:], 1)]) for b in found]
        scores = np.round(rng.uniform(0.05, 1, len(found)), 1 if kind == "ties" else 6).tolist()
        images.append({"truth": np.round(truth, 3).tolist(), "boxes": np.round(found, 3).tolist() if len(found) else [], "scores": scores})
    if kind == "grid":  # sides of 8: IoU 1/2, 1/3 and equal overlaps with two truths
        images.append({"truth": [[0.0, 0.0, 8.0, 8.0], [8.0, 0.0, 8.0, 8.0], [40.0, 0.0, 12.0, 8.0], [60.0, 0.0, 8.0, 8.0], [60.0, 0.0, 8.0, 8.0]],
                       "boxes": [[0.0, 0.0, 16.0, 8.0], [4.0, 0.0, 8.0, 8.0], [44.0, 0.0, 12.0, 8.0], [60.0, 0.0, 8.0, 8.0], [60.0, 0.0, 8.0, 8.0], [60.0, 0.0, 8.0, 8.0]],
                       "scores": [0.9, 0.5, 0.5, 0.5, 0.5, 0.1]})
    return images


MAP_KINDS = ("", "no truth", "no detection", "ties", "many", "grid")


def map_cases(p: dict, rng) -> dict:
    cases = [[{"truth": [[10.0, 20.0, 30.0, 40.0]], "boxes": [[10.0, 20.0, 30.0, 40.0]], "scores": [0.7]}],
             [{"truth": [[0.0, 0.0, 100.0, 100.0]], "boxes": [[0.0, 0.0, 100.0, 72.0]], "scores": [0.7]}],
             [{"truth": [], "boxes": [[1.0, 2.0, 3.0, 4.0]], "scores": [0.9]}], [{"truth": [[1.0, 2.0, 3.0, 4.0]], "boxes": [], "scores": []}]]
    wrong = np.round(np.column_stack([rng.uniform(60, 150, (101, 2)), rng.uniform(8, 70, (101, 2))]), 1).tolist()
    for rank in (100, 101):  # the only right box is the last that counts, or the first that does not
        cases.append([{"truth": [[10.0, 20.0, 30.0, 40.0]], "boxes": [[10.0, 20.0, 30.0, 40.0]] + wrong, "scores": [0.5] + [0.9] * (rank - 1) + [0.1] * (102 - rank)}])
    kinds = ["anchor 18"] * 2 + ["no truth", "no detection"] + ["limit"] * 2
    for i in range(p["cases"]):
        kind = MAP_KINDS[i % len(MAP_KINDS)] if i < 12 or i % len(MAP_KINDS) != 4 else ""
        kinds.append(kind or "plain")
        cases.append(random_map_case(rng, kind))
    rows = []
    for kind, images in zip(kinds, cases):
        ours, theirs = D.coco_map(images), pycoco(images)
        if ours["map"] is None:
            assert theirs[0] == -1
        else:
            assert np.allclose([ours["map"], ours["ap50"], ours["ap75"], *ours["perThreshold"]], [*theirs[:3], *theirs[3]], rtol=0, atol=1e-12)
        rows.append({"kind": kind, "images": images, **ours})
    return {"about": "COCO mAP of one class, 100 detections per image; boxes [x, y, width, height]; null = no truth in any image (pycocotools says -1). Values agree with pycocotools to 1e-12.",
            "iouThresholds": D.IOU_THRESHOLDS, "recallPoints": D.RECALL_POINTS, "cases": rows}


def dice_cases(p: dict, rng) -> dict:
    rows = []
    for i in range(24):
        b, h, w = int(rng.integers(1, 4)), int(rng.integers(1, 5)), int(rng.integers(1, 5))
        logits, masks = np.round(rng.standard_normal((b, h, w)), 1), (rng.random((b, h, w)) < 0.4).astype(int)
        if i % 3 == 1:
            masks[0] = 0
        if i % 6 == 1:
            logits[0] = -np.abs(logits[0]) - 0.1
        if i % 3 == 2:
            logits[:, 0, 0] = 0.0
        z, t = torch.tensor(logits), torch.tensor(masks, dtype=torch.float64)
        each = {key: D.dice_scores(z, t, key == "prior") for key in ("prior", "sense")}
        rows.append({"logits": logits.tolist(), "masks": masks.tolist()} | {k: {"perImage": v, "mean": sum(v) / len(v)} for k, v in each.items()})
    return {"about": "Dice per image and its mean. prior: on at logit >= 0; sense: on at logit > 0; an empty truth scores 1 for an empty prediction, else 0.", "cases": rows}


def rle_cases(p: dict, rng) -> dict:
    cases = [{"height": 4, "width": 4, "rows": ["2 3 4 2"]}, {"height": 4, "width": 4, "rows": ["-1"]}, {"height": 4, "width": 4, "rows": ["2 3 4 2", "0 1 14 1"]},
             {"height": 4, "width": 4, "rows": [" 0 16"]}, {"height": 3, "width": 5, "rows": ["0 3 0 3", " -1 ", "14 1"]}, {"height": 1, "width": 7, "rows": ["0 1 1 1 1 1"]},
             {"height": 7, "width": 1, "rows": ["6 1"]}]
    for i in range(24):
        h, w = int(rng.integers(1, 12)), int(rng.integers(1, 12))
        masks = [(rng.random((h, w)) < (0.1, 0.4, 0.9)[i % 3]).astype(np.uint8) for _ in range(int(rng.integers(1, 4)))]
        cases.append({"height": h, "width": w, "rows": [D.rle_encode(m) for m in masks]})
    lines = lambda mask: ["".join(map(str, line)) for line in mask.tolist()]
    for case in cases:
        mask = D.rle_decode(case["rows"], case["height"], case["width"])
        case |= {"mask": lines(mask), "encodedUnion": D.rle_encode(mask), "pixels": int(mask.sum())}
    resized = []
    for (h, w), (nh, nw) in (((16, 16), (7, 7)), ((32, 24), (7, 5)), ((20, 20), (9, 20)), ((5, 7), (12, 11)), ((64, 64), (14, 14))):
        mask = (rng.random((h, w)) < 0.3).astype(np.uint8)
        resized.append({"height": h, "width": w, "rows": [D.rle_encode(mask)], "newHeight": nh, "newWidth": nw, "mask": lines(D.resize_mask(mask, nh, nw))})
    errors = [{"rows": [text], "error": kind} for text, kind in (
        ("0", "malformed"), ("1 2 3", "malformed"), ("0 1 -2 1", "malformed"), ("-1 -1", "malformed"), ("-1 3", "malformed"), ("-2", "malformed"), ("0 1.5", "malformed"),
        ("a 3", "malformed"), ("0,3", "malformed"), ("0 1 x 1", "malformed"), ("0 17", "outside"), ("16 1", "outside"), ("10 4 1 2", "outside"), ("99999999999 1", "outside"))]
    errors += [{"rows": ["0 2", "5"], "error": "malformed"}, {"rows": ["0 2", "-1", "15 2"], "error": "outside"}]
    for case in errors:
        case |= {"height": 4, "width": 4}
        try:
            D.rle_decode(case["rows"], 4, 4)
        except D.RleError as e:
            assert e.kind == case["error"], case
        else:
            raise AssertionError(case)
    return {"about": "rows of one image -> union mask (each string is one image row) -> one row of maximal runs; `resized`: the mask at another size, nearest. Column-major; an offset counts from the end of the previous run.",
            "cases": cases, "resized": resized, "errors": errors}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20262)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="tiny")
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    p = PROFILES[a.profile]
    own = lambda name: np.random.default_rng([a.seed, *name.encode()])  # one generator per fixture
    fixtures = [attempts("unet", unet, p, a.seed), seg_losses(p, own("seg_losses")), joint_augmentation(p, own("joint_augmentation"), a.seed),
                anchors(p, own("anchors")), box_coding(p, own("box_coding")), iou_matching(p, own("iou_matching")), nms(p, own("nms")), roi_align(p, own("roi_align")),
                attempts("rpn", rpn, p, a.seed), attempts("box_head", box_head, p, a.seed),
                attempts("detector_train", detector_train, p, a.seed), attempts("detector_eval", detector_eval, p, a.seed)]
    for f in fixtures:
        f.write(a.out, a.profile, a.seed)
        print(f.name, f"{sum(t.numel() * t.element_size() for t in f.tensors.values()) / 1e6:.2f} MB", f.config.get("attempt", ""), f.float32)
    head = {"profile": a.profile, "seed": a.seed, "versions": VERSIONS}
    for name, table in (("map_cases", map_cases), ("dice_cases", dice_cases), ("rle_cases", rle_cases)):
        write_json(a.out / f"{name}.json", {"fixture": name} | head | table(p, own(name)))
    for path in a.out.iterdir():
        path.chmod(0o644)
    print(f"{sum(x.stat().st_size for x in a.out.iterdir()) / 1e6:.2f} MB in {len(list(a.out.iterdir()))} files")


if __name__ == "__main__":
    main()
