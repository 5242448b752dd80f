"""Writes tasks.json and tasks.safetensors: a supervised classification and a linear probe as PyTorch and scikit-learn run them,
in float64 and, for the tolerances, in float32. Needs torch 2.15.0, numpy 2.4.6, safetensors 0.8.0 and scikit-learn 1.9.1."""
import json
import math
import pathlib

import numpy
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

here = pathlib.Path(__file__).parent
MASK = 2**64 - 1
SEED, SIDE, BATCH, EPOCHS = 77, 64, 10, 4
PARTS = {"train": range(0, 24), "validation": range(24, 40), "test": range(40, 56)}
ROWS, LABELS, WIDTH, BLOCKS = 56, 2, 2, [1, 2, 1, 1]


# --- Perdura's draws: the order of an epoch -----------------------------------------------------------------------------------

def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


GAMMA = 0x9E3779B97F4A7C15


def absorb(h, word):
    return mix(((h ^ word) + GAMMA) & MASK)


def hash64(*parts):
    h = len(parts)
    for part in parts:
        if isinstance(part, int):
            h = absorb(absorb(h, 1), part & MASK)
        else:
            data = part.encode()
            h = absorb(absorb(h, 2), len(data))
            for i in range(0, len(data), 8):
                h = absorb(h, int.from_bytes(data[i:i + 8], "little"))
    return h


def permutation(seed, n):
    state = seed

    def draw():
        nonlocal state
        state = (state + GAMMA) & MASK
        return mix(state)

    order = list(range(n))
    for i in range(n - 1, 0, -1):
        mask = (1 << i.bit_length()) - 1
        j = draw() & mask
        while j > i:
            j = draw() & mask
        order[i], order[j] = order[j], order[i]
    return order


# --- Data and model -----------------------------------------------------------------------------------------------------------

def label(row, which):
    return (row * 7 + row * row * 3) % 5 % 2 if which == 0 else (row * row + row // 3) % 3 % 2


def image(row):
    y, x = numpy.mgrid[0:SIDE, 0:SIDE]
    return (row * 37 + y * y * 5 + x * 11 + label(row, 0) * (x * y // 8) + label(row, 1) * 90 * (y // 16)) % 256


Y = numpy.array([[label(r, 0), label(r, 1)] for r in range(ROWS)])
X = numpy.stack([image(r) for r in range(ROWS)])


class Bottleneck(torch.nn.Module):
    def __init__(self, inp, inner, stride, shortcut):
        super().__init__()
        out = inner * 4
        self.conv1, self.bn1 = torch.nn.Conv2d(inp, inner, 1, bias=False), torch.nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = torch.nn.Conv2d(inner, inner, 3, stride, 1, bias=False), torch.nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = torch.nn.Conv2d(inner, out, 1, bias=False), torch.nn.BatchNorm2d(out)
        self.downsample = torch.nn.Sequential(torch.nn.Conv2d(inp, out, 1, stride, bias=False), torch.nn.BatchNorm2d(out)) if shortcut else None

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


class Backbone(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = torch.nn.Conv2d(1, WIDTH, 7, 2, 3, bias=False), torch.nn.BatchNorm2d(WIDTH)
        inp = WIDTH
        for n, count in enumerate(BLOCKS):
            blocks = []
            for block in range(count):
                blocks.append(Bottleneck(inp, WIDTH << n, 2 if n > 0 and block == 0 else 1, block == 0))
                inp = (WIDTH << n) * 4
            setattr(self, f"layer{n + 1}", torch.nn.Sequential(*blocks))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for n in range(len(BLOCKS)):
            x = getattr(self, f"layer{n + 1}")(x)
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


torch.manual_seed(3)
encoder, head = Backbone(), torch.nn.Linear(32 * WIDTH, LABELS)
for module in encoder.modules():
    if isinstance(module, torch.nn.BatchNorm2d):  # statistics that matter in evaluation mode
        torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
        torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
first = {f"image.backbone.{k}": v.clone() for k, v in encoder.state_dict().items()} | {f"head.{k}": v.clone() for k, v in head.state_dict().items()}


def start(dtype):
    encoder.load_state_dict({k[len("image.backbone."):]: v for k, v in first.items() if k.startswith("image.")})
    head.load_state_dict({k[len("head."):]: v for k, v in first.items() if k.startswith("head.")})
    return encoder.to(dtype), head.to(dtype)


def score(logits, rows, prefix):
    truth, scores = Y[list(rows)], logits.detach().double().numpy()
    loss = F.binary_cross_entropy_with_logits(torch.tensor(scores), torch.tensor(truth).double())
    out = {f"{prefix}/loss": float(loss), f"{prefix}/auroc": float(roc_auc_score(truth, scores, average="macro")),
           f"{prefix}/auprc": float(average_precision_score(truth, scores, average="macro")),
           f"{prefix}/accuracy": float(((scores >= 0) == (truth == 1)).mean()),
           f"{prefix}/f1": float(f1_score(truth, scores >= 0, average="macro", zero_division=0))}
    for n, name in enumerate("AB"):
        out[f"{prefix}/auroc/{name}"] = float(roc_auc_score(truth[:, n], scores[:, n]))
        out[f"{prefix}/auprc/{name}"] = float(average_precision_score(truth[:, n], scores[:, n]))
    return out


def run(dtype, options, probe):
    net, linear = start(dtype)
    if probe:
        mean, deviation = 0.4755, 0.3011  # of PRIOR's pre-training
    else:
        mean, deviation = X[list(PARTS["train"])].mean() / 255, X[list(PARTS["train"])].std() / 255
    pixels = torch.tensor((X / 255 - mean) / deviation, dtype=dtype)[:, None]
    if probe:
        net.eval()
        with torch.no_grad():
            features = net(pixels)
        forward = lambda rows: linear(features[rows])
        weights = dict(linear.named_parameters(prefix="head"))
    else:
        forward = lambda rows: linear(net(pixels[rows]))
        weights = dict(net.named_parameters(prefix="image.backbone")) | dict(linear.named_parameters(prefix="head"))
    adam = torch.optim.Adam(weights.values(), lr=options["learningRate"], betas=options["betas"], eps=1e-8, weight_decay=options["weightDecay"])
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(adam, factor=options["factor"], patience=options["patience"], threshold=1e-4) if probe else None
    train, per_epoch = list(PARTS["train"]), math.ceil(len(PARTS["train"]) / BATCH)
    steps, best, gradients = [], None, None
    for epoch in range(EPOCHS):
        order = permutation(hash64(SEED, "order", epoch), len(train))
        for n in range(per_epoch):
            rows = [train[i] for i in order[n * BATCH:(n + 1) * BATCH]]
            if not probe:
                net.train()
                for group in adam.param_groups:
                    group["lr"] = options["learningRate"] * 0.5 * (1 + math.cos(math.pi * len(steps) / (EPOCHS * per_epoch)))
            loss = F.binary_cross_entropy_with_logits(forward(rows), torch.tensor(Y[rows], dtype=dtype))
            adam.zero_grad()
            loss.backward()
            if gradients is None:
                gradients = {k: w.grad.detach().clone() for k, w in weights.items()}
            norm = torch.sqrt(sum((w.grad.double() ** 2).sum() for w in weights.values()))
            steps.append({"train/loss": float(loss.detach()), "train/learning_rate": adam.param_groups[0]["lr"], "train/grad_norm": float(norm)})
            adam.step()
        net.eval()
        with torch.no_grad():
            answers = {part: forward(list(PARTS[part])) for part in ("validation", "test")}
        measured = score(answers["validation"], PARTS["validation"], "validation")
        steps[-1].update(measured)
        better = best is None or (measured["validation/loss"] < best["best/validation/loss"] if probe else measured["validation/auroc"] > best["best/validation/auroc"])
        if better:
            best = {"best/epoch": epoch} | {f"best/{k}": v for k, v in measured.items()} | score(answers["test"], PARTS["test"], "test")
        if probe:
            plateau.step(measured["validation/loss"])
    steps[-1].update(best)
    return steps, gradients


tasks, tensors = {}, dict(first)
for name, options in {"probe": {"learningRate": 0.3, "betas": (0.5, 0.999), "weightDecay": 1e-2, "factor": 0.5, "patience": 0},
                      "supervised": {"learningRate": 4e-3, "betas": (0.9, 0.999), "weightDecay": 1e-2}}.items():
    steps, gradients = run(torch.float64, options, name == "probe")
    single, _ = run(torch.float32, options, name == "probe")
    tasks[name] = options | {"steps": steps, "float32": max(abs(a[k] - b[k]) / max(1, abs(a[k])) for a, b in zip(steps, single) for k in a)}
    tensors |= {f"grad.{name}.{k}": v for k, v in gradients.items()}

save_file({k: v.to(torch.float32 if v.is_floating_point() else torch.int64).contiguous() for k, v in tensors.items()}, here / "tasks.safetensors")
config = {"seed": SEED, "side": SIDE, "batchSize": BATCH, "epochs": EPOCHS, "rows": ROWS, "blocks": BLOCKS, "width": WIDTH,
          "parts": {k: [v.start, v.stop] for k, v in PARTS.items()}}
(here / "tasks.json").write_text(json.dumps({"config": config} | tasks, indent=1) + "\n")
