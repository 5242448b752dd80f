"""Reference of SENSE: every rule of the specification in small, exact, slow code.

Section numbers refer to `docs/methods/sense.md`. All tensors are float64 unless a rule says otherwise; K-means reads
float32 features and sums in double. Names of parameters are the checkpoint names of the project.

Contents: 1 draws, 2 reports, 3 pooling, 4 networks, 5 EMA and queues, 6 losses, 7 oracles of the losses,
8 study features, 9 K-means, 10 optimiser and schedules, 11 mini-batch step, 12 data rules, 13 metrics.
"""
from __future__ import annotations

import copy
import math
import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

EPS = 1e-12  # lower bound of a norm in n(x)
NO_STUDY = -1  # study key of a free queue slot

# ---------------------------------------------------------------------------------------------------------------
# 1. Draws (sections 1.3, 1.5): one hash, one stream, one shuffle
# ---------------------------------------------------------------------------------------------------------------

U64 = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def mix64(z: int) -> int:
    """SplitMix64's output function on an unsigned 64-bit word."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & U64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & U64
    return z ^ (z >> 31)


def hash64(*parts: int | str) -> int:
    """Stable hash of a tuple of integers (int64) and strings (UTF-8); unsigned 64-bit result.

    The tuple becomes 64-bit words: an integer gives [1, value], a string gives [2, byte length, its bytes in
    little-endian groups of eight, the last one padded with zeros]. h starts as the number of parts; every word w
    makes h = mix64((h xor w) + GAMMA).
    """
    h = len(parts)
    for part in parts:
        if isinstance(part, str):
            data = part.encode("utf-8")
            words = [2, len(data)] + [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]
        else:
            words = [1, int(part) & U64]
        for w in words:
            h = mix64(((h ^ w) + GAMMA) & U64)
    return h


class Stream:
    """SplitMix64: state += GAMMA, output = mix64(state)."""

    def __init__(self, seed: int):
        self.state = seed & U64

    def next(self) -> int:
        self.state = (self.state + GAMMA) & U64
        return mix64(self.state)

    def next_double(self) -> float:
        """Uniform in [0, 1): the top 53 bits."""
        return (self.next() >> 11) * 2.0**-53

    def bounded(self, n: int) -> int:
        """Uniform in [0, n): low bits under the least mask 2^b - 1 >= n - 1, redrawn while >= n. n = 1 draws nothing."""
        mask = (1 << (n - 1).bit_length()) - 1
        if mask == 0:
            return 0
        while True:
            v = self.next() & mask
            if v < n:
                return v

    def permutation(self, n: int) -> list[int]:
        """Fisher-Yates from the end: for i = n-1..1 swap a[i] and a[bounded(i + 1)]."""
        a = list(range(n))
        for i in range(n - 1, 0, -1):
            j = self.bounded(i + 1)
            a[i], a[j] = a[j], a[i]
        return a


def pick_image(seed: int, epoch: int, study_key: str, images: int) -> int:
    """Index of the study's image in this epoch (unsigned remainder)."""
    return hash64(seed, "pick", epoch, study_key) % images


def epoch_order(seed: int, epoch: int, studies: int) -> list[int]:
    return Stream(hash64(seed, "order", epoch)).permutation(studies)


def sentence_subset(seed: int, epoch: int, study_key: str, view: int, sentences: int) -> list[int]:
    """Semantics-level augmentation: r ~ U(0.5, 1), ceil(r S) sentences, ascending. View 1 = normal, 2 = momentum."""
    stream = Stream(hash64(seed, "subset", epoch, study_key, view))
    r = 0.5 + 0.5 * stream.next_double()
    keep = max(1, math.ceil(r * sentences))
    return sorted(stream.permutation(sentences)[:keep])


def crop_box(seed: int, epoch: int, study_key: str, view: int, height: int = 256, width: int = 256) -> tuple[int, int, int, int]:
    """Random resized crop (area 0.8-1, aspect 3/4-4/3): (top, left, height, width); ten tries, then the whole image."""
    stream = Stream(hash64(seed, "crop", epoch, study_key, view))
    low, high = math.log(3 / 4), math.log(4 / 3)
    for _ in range(10):
        area = height * width * (0.8 + 0.2 * stream.next_double())
        aspect = math.exp(low + (high - low) * stream.next_double())
        w, h = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            return stream.bounded(height - h + 1), stream.bounded(width - w + 1), h, w
    return 0, 0, height, width


def flip(seed: int, epoch: int, study_key: str, view: int) -> bool:
    return Stream(hash64(seed, "flip", epoch, study_key, view)).next_double() < 0.5


class Mt19937:
    """The 32-bit Mersenne twister with the scalar seeding of the legacy NumPy generator (section 4.2)."""

    def __init__(self, seed: int):
        self.mt = [seed & 0xFFFFFFFF]
        for i in range(1, 624):
            self.mt.append((1812433253 * (self.mt[-1] ^ (self.mt[-1] >> 30)) + i) & 0xFFFFFFFF)
        self.index = 624

    def next(self) -> int:
        if self.index == 624:
            for i in range(624):
                y = (self.mt[i] & 0x80000000) | (self.mt[(i + 1) % 624] & 0x7FFFFFFF)
                self.mt[i] = self.mt[(i + 397) % 624] ^ (y >> 1) ^ (0x9908B0DF if y & 1 else 0)
            self.index = 0
        y = self.mt[self.index]
        self.index += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9D2C5680
        y ^= (y << 15) & 0xEFC60000
        return y ^ (y >> 18)


def legacy_permutation(n: int, seed: int = 0) -> list[int]:
    """numpy.random.RandomState(seed).permutation(n) for n < 2^32."""
    mt, a = Mt19937(seed), list(range(n))
    for i in range(n - 1, 0, -1):
        mask = (1 << i.bit_length()) - 1
        j = mt.next() & mask
        while j > i:
            j = mt.next() & mask
        a[i], a[j] = a[j], a[i]
    return a


# ---------------------------------------------------------------------------------------------------------------
# 2. Reports (section 1.5)
# ---------------------------------------------------------------------------------------------------------------

DELETED = re.compile(r"""[,?;*!%^&_+():<=>@\[\]{}"'/\\]""")
LONE_DOT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
LIST_NUMBER = re.compile(r"(?:^|(?<=\. ))[0-9]{1,2}\. ")


def clean_report(text: str) -> list[str]:
    """Sentences of a report; the steps and their order are those of section 1.5."""
    text = re.sub(r"[\r\n\t]", " ", text)
    text = re.sub(r"_+", "_", text)
    text = re.sub(r"\.+", ".", text)
    text = re.sub(r" +", " ", text).strip(" ")
    text = LIST_NUMBER.sub("", text).lower()
    sentences = []
    for part in text.split(". "):
        part = LONE_DOT.sub("", part)
        part = DELETED.sub("", part)
        part = re.sub(r" +", " ", part).strip(" ")
        if part:
            sentences.append(part)
    return sentences


# ---------------------------------------------------------------------------------------------------------------
# 3. Pooling (section 1.5)
# ---------------------------------------------------------------------------------------------------------------

PAD_VALUE = -1e9


def first_max(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Maximum along dim and its lowest index; the gradient goes to that index alone."""
    with torch.no_grad():
        best = x.amax(dim, keepdim=True)
        shape = [1] * x.dim()
        shape[dim] = x.shape[dim]
        place = torch.arange(x.shape[dim]).view(shape)
        index = torch.where(x == best, place, x.shape[dim]).amin(dim, keepdim=True)
    return x.gather(dim, index).squeeze(dim), index.squeeze(dim)


def max_pool_tokens(hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """hidden [S, T, H], mask [S, T] (1 = valid) -> vectors [S, H], winning token [S, H]."""
    return first_max(torch.where(mask.bool().unsqueeze(2), hidden, torch.full_like(hidden, PAD_VALUE)), 1)


def max_max_pool(hidden: Tensor, mask: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Tokens to sentences to reports. Report r owns the rows offsets[r]..offsets[r+1]-1 of hidden [S, T, H].

    The baseline Max pooling is the case of one row (the joined sentences) per report.

    Returns report vectors [B, H], sentence vectors [S, H], winning row [B, H] and winning token in that row [B, H].
    """
    sentence, token = max_pool_tokens(hidden, mask)
    reports, rows, tokens = [], [], []
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist()):
        value, index = first_max(sentence[start:end], 0)
        reports.append(value)
        rows.append(index + start)
        tokens.append(token.gather(0, (index + start).unsqueeze(0)).squeeze(0))
    return torch.stack(reports), sentence, torch.stack(rows), torch.stack(tokens)


def token_activation(rows: Tensor, tokens: Tensor, offsets: Tensor, shape: tuple[int, int]) -> Tensor:
    """Share of dimensions that each token wins (section 5, A4): [S, T], each report sums to 1."""
    count = torch.zeros(shape, dtype=torch.float64)
    for r in range(rows.shape[0]):
        for row, token in zip(rows[r].tolist(), tokens[r].tolist()):
            count[row, token] += 1.0 / rows.shape[1]
    return count


# ---------------------------------------------------------------------------------------------------------------
# 4. Networks (section 2)
# ---------------------------------------------------------------------------------------------------------------


def unit(x: Tensor) -> Tensor:
    """n(x) = x / max(||x||, 1e-12) over the last axis."""
    return x / x.norm(dim=-1, keepdim=True).clamp_min(EPS)


def conv(cin: int, cout: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, cin: int, planes: int, stride: int):
        super().__init__()
        self.conv1, self.bn1 = conv(cin, planes, 3, stride), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = conv(planes, planes, 3), nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or cin != planes:
            self.downsample = nn.Sequential(conv(cin, planes, 1, stride), nn.BatchNorm2d(planes))

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """The stride sits on the 3x3 convolution."""

    expansion = 4

    def __init__(self, cin: int, planes: int, stride: int):
        super().__init__()
        cout = planes * 4
        self.conv1, self.bn1 = conv(cin, planes, 1), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = conv(planes, planes, 3, stride), nn.BatchNorm2d(planes)
        self.conv3, self.bn3 = conv(planes, cout, 1), nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(conv(cin, cout, 1, stride), nn.BatchNorm2d(cout))

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(torch.relu(self.bn2(self.conv2(y)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


BLOCKS = {"BASIC": BasicBlock, "BOTTLENECK": Bottleneck}


class ResNet(nn.Module):
    """Trunk without the classifier: [B, 3, H, W] -> [B, 8 * width * expansion]. Width 64 and 3,4,6,3 is ResNet-50."""

    def __init__(self, block: str, blocks: list[int], width: int):
        super().__init__()
        kind = BLOCKS[block]
        self.conv1, self.bn1 = nn.Conv2d(3, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        cin = width
        for i, count in enumerate(blocks):
            planes, layer = width * 2**i, []
            for j in range(count):
                layer.append(kind(cin, planes, 2 if i > 0 and j == 0 else 1))
                cin = planes * kind.expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*layer))
        self.features, self.stages = cin, len(blocks)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for i in range(self.stages):
            x = getattr(self, f"layer{i + 1}")(x)
        return x.mean((2, 3))


@dataclass
class Config:
    """Every switch of sections 0, 2 and 3, with the default of the specification where it is one number."""

    block: str = "BOTTLENECK"
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    vocabulary: int = 28996
    hidden: int = 768
    text_layers: int = 12
    heads: int = 12
    intermediate: int = 3072
    positions: int = 512
    dropout: float = 0.1
    frozen_layers: int = 6
    dim: int = 512
    queue_length: int = 2048
    clusters: int = 10000
    tau: float = 0.1
    tau_p: float = 0.1
    ema: float = 0.999
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    uni_projectors: bool = True
    in_batch_negatives: bool = True
    same_study_keys: str = "DROP"  # DROP | POSITIVE
    cluster_mask: bool = False
    mmc_form: str = "PROTO"  # PROTO | QUEUE_LABEL
    mmc_anchor: str = "PER_MODALITY"  # PER_MODALITY | FUSED
    concentration: bool = False
    study_images: str = "ALL"  # ALL | SAMPLED
    fusion: str = "MEAN"  # MEAN | CONCAT
    symmetric_views: bool = False
    lr: float = 4e-4
    betas: tuple[float, float] = (0.9, 0.999)
    adam_eps: float = 1e-6
    weight_decay: float = 1e-6
    clip: float = 0.25
    epochs: int = 50
    warmup: int = 5


def head(width: int, dim: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, dim))


class ImageBranch(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.backbone = ResNet(c.block, list(c.blocks), c.width)
        self.crossHead = head(self.backbone.features, c.dim)
        if c.uni_projectors:
            self.uniHead = head(self.backbone.features, c.dim)

    def forward(self, images: Tensor) -> Tensor:
        return self.backbone(images)


class TextBranch(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.bert = BertModel(
            BertConfig(
                vocab_size=c.vocabulary, hidden_size=c.hidden, num_hidden_layers=c.text_layers,
                num_attention_heads=c.heads, intermediate_size=c.intermediate, max_position_embeddings=c.positions,
                hidden_dropout_prob=c.dropout, attention_probs_dropout_prob=c.dropout, attn_implementation="eager",
            ),
            add_pooling_layer=False,
        )
        self.crossHead = head(c.hidden, c.dim)
        if c.uni_projectors:
            self.uniHead = head(c.hidden, c.dim)

    def hidden(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.bert(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids)).last_hidden_state

    def forward(self, ids: Tensor, mask: Tensor, offsets: Tensor) -> Tensor:
        return max_max_pool(self.hidden(ids, mask), mask, offsets)[0]


class Net(nn.Module):
    """f_v, f_t and their heads; the parameter names are the checkpoint names."""

    def __init__(self, c: Config):
        super().__init__()
        self.image, self.text = ImageBranch(c), TextBranch(c)
        for name, p in self.named_parameters():
            p.requires_grad_(not is_frozen(name, c.frozen_layers))


def is_frozen(name: str, frozen_layers: int) -> bool:
    if name.startswith("text.bert.embeddings."):
        return True
    layer = re.match(r"text\.bert\.encoder\.layer\.(\d+)\.", name)
    return layer is not None and int(layer.group(1)) < frozen_layers


# ---------------------------------------------------------------------------------------------------------------
# 5. EMA and queues (section 2)
# ---------------------------------------------------------------------------------------------------------------


def momentum_copy(net: nn.Module) -> nn.Module:
    """th_hat = th at the start; eval mode for ever, no gradient."""
    twin = copy.deepcopy(net).eval()
    for p in twin.parameters():
        p.requires_grad_(False)
    return twin


@torch.no_grad()
def ema_update(momentum: nn.Module, net: nn.Module, m: float) -> None:
    """th_hat += (1 - m)(th - th_hat) on parameters and running statistics; integer buffers are copied.

    This form of m th_hat + (1 - m) th leaves frozen weights unchanged to the bit.
    """
    source = net.state_dict()
    for name, value in momentum.state_dict().items():
        if value.is_floating_point():
            value.add_((1 - m) * (source[name] - value))
        else:
            value.copy_(source[name])


class Ring:
    """FIFO of keys [L, D] in slots; free slots hold zeros. Rows of a batch go to (position + i) mod L in order."""

    def __init__(self, length: int, dim: int):
        self.keys = torch.zeros(length, dim, dtype=torch.float64)

    def write(self, position: int, rows: Tensor) -> None:
        for i, row in enumerate(rows.detach()):
            self.keys[(position + i) % len(self.keys)] = row


class Queues:
    """Four rings that move together, with one study key per slot. A study key is the study's row in the manifest."""

    NAMES = ("imageCross", "textCross", "imageUni", "textUni")

    def __init__(self, length: int, dim: int, uni: bool = True):
        self.length, self.position, self.count = length, 0, 0
        self.rings = {n: Ring(length, dim) for n in self.NAMES if uni or n.endswith("Cross")}
        self.study_keys = torch.full((length,), NO_STUDY, dtype=torch.int64)

    def filled(self, name: str) -> Tensor:
        """The valid keys in slot order."""
        return self.rings[name].keys[: self.count].clone()

    def filled_study_keys(self) -> Tensor:
        return self.study_keys[: self.count].clone()

    def enqueue(self, rows: dict[str, Tensor], study_keys: Tensor) -> None:
        for name, value in rows.items():
            self.rings[name].write(self.position, value)
        for i, key in enumerate(study_keys.tolist()):
            self.study_keys[(self.position + i) % self.length] = key
        self.position = (self.position + len(study_keys)) % self.length
        self.count = min(self.count + len(study_keys), self.length)

    def state(self) -> dict[str, Tensor]:
        out = {f"queue.{n}": r.keys.clone() for n, r in self.rings.items()}
        out["queue.studyKeys"] = self.study_keys.clone()
        out["queue.position"], out["queue.count"] = torch.tensor(self.position), torch.tensor(self.count)
        return out


class FusedQueue:
    """Qm of the QUEUE_LABEL form: fused keys with this epoch's labels; cleared at every epoch start."""

    def __init__(self, length: int, dim: int):
        self.length, self.dim = length, dim
        self.clear()

    def clear(self) -> None:
        self.position, self.count = 0, 0
        self.ring, self.labels = Ring(self.length, self.dim), torch.full((self.length,), -1, dtype=torch.int64)

    def enqueue(self, keys: Tensor, labels: Tensor) -> None:
        self.ring.write(self.position, keys)
        for i, label in enumerate(labels.tolist()):
            self.labels[(self.position + i) % self.length] = label
        self.position = (self.position + len(labels)) % self.length
        self.count = min(self.count + len(labels), self.length)

    def state(self) -> dict[str, Tensor]:
        return {"queue.fused": self.ring.keys.clone(), "queue.fusedLabels": self.labels.clone(),
                "queue.fusedPosition": torch.tensor(self.position), "queue.fusedCount": torch.tensor(self.count)}


# ---------------------------------------------------------------------------------------------------------------
# 6. Losses (section 3d)
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Keys:
    """One key space: batch keys [B, D] with study keys [B], queue keys [Q, D] with study keys [Q], and, for
    clusterMask only, this epoch's cluster of both."""

    batch: Tensor
    studies: Tensor
    queue: Tensor
    queue_studies: Tensor
    labels: Tensor | None = None
    queue_labels: Tensor | None = None


def candidate_masks(k: Keys, in_batch: bool, same_study: str, cluster_mask: bool) -> tuple[Tensor, Tensor]:
    """(candidates, positives) as booleans [B, B + Q]; columns are the batch keys, then the queue slots.

    The own key is always a candidate and a positive. DROP takes other keys of the same study out, POSITIVE makes
    them positives. clusterMask then takes out non-positives of the anchor's cluster.
    """
    b, q = len(k.batch), len(k.queue)
    own = torch.eye(b, b + q, dtype=torch.bool)
    same = k.studies.unsqueeze(1) == torch.cat([k.studies, k.queue_studies]).unsqueeze(0)
    candidates = torch.ones(b, b + q, dtype=torch.bool)
    if not in_batch:
        candidates[:, :b] = own[:, :b]
    if same_study == "DROP":
        candidates, positives = candidates & (~same | own), own
    else:
        positives = own | (same & candidates)
    if cluster_mask:
        near = k.labels.unsqueeze(1) == torch.cat([k.labels, k.queue_labels]).unsqueeze(0)
        candidates = candidates & (~near | positives)
    return candidates, positives


def softmax_loss(logits: Tensor, candidates: Tensor, positives: Tensor) -> Tensor:
    """Per anchor: log-sum-exp over the candidates minus the mean logit of the positives."""
    lse = torch.logsumexp(logits.masked_fill(~candidates, -math.inf), 1)
    return lse - torch.where(positives, logits, torch.zeros_like(logits)).sum(1) / positives.sum(1)


def nce(anchors: Tensor, k: Keys, tau: float, in_batch: bool = True, same_study: str = "DROP",
        cluster_mask: bool = False) -> Tensor:
    """Eq. 1 for every anchor [B, D]: per-anchor losses [B]."""
    logits = anchors @ torch.cat([k.batch, k.queue]).T / tau
    return softmax_loss(logits, *candidate_masks(k, in_batch, same_study, cluster_mask))


def two_way(a: Tensor, keys_a: Keys, b: Tensor, keys_b: Keys, tau: float, **options) -> Tensor:
    """(mean nce(a, keys_a) + mean nce(b, keys_b)) / 2: the shape of Eq. 2 and Eq. 7."""
    return (nce(a, keys_a, tau, **options).mean() + nce(b, keys_b, tau, **options).mean()) / 2


def s_cmc(zv: Tensor, zt: Tensor, image_keys: Keys, text_keys: Keys, tau: float, **options) -> Tensor:
    """Eq. 2: image anchors against text keys and text anchors against image keys."""
    return two_way(zv, text_keys, zt, image_keys, tau, **options)


def s_umc(uv: Tensor, ut: Tensor, image_keys: Keys, text_keys: Keys, tau: float, **options) -> Tensor:
    """Eq. 7: image anchors against image keys and text anchors against text keys."""
    return two_way(uv, image_keys, ut, text_keys, tau, **options)


def proto(anchors: Tensor, labels: Tensor, centroids: Tensor, phi: Tensor) -> Tensor:
    """Eq. 4 for every anchor: -a.c_y/phi_y + log sum_k exp(a.c_k/phi_k); centroids [K, D] have unit norm."""
    logits = anchors @ centroids.T / phi
    return torch.logsumexp(logits, 1) - logits.gather(1, labels.unsqueeze(1)).squeeze(1)


def fuse(v: Tensor, t: Tensor, fusion: str = "MEAN") -> Tensor:
    """n((v + t)/2) or n([v; t])."""
    return unit((v + t) / 2 if fusion == "MEAN" else torch.cat([v, t], -1))


def s_mmc_proto(zv: Tensor, zt: Tensor, labels: Tensor, centroids: Tensor, phi: Tensor, anchor: str = "PER_MODALITY",
                fusion: str = "MEAN") -> Tensor:
    """Eq. 5, form PROTO. With CONCAT centroids [K, 2D] each modality meets its own half, normalised again."""
    if anchor == "FUSED":
        return proto(fuse(zv, zt, fusion), labels, centroids, phi).mean()
    cv, ct = (centroids, centroids) if fusion == "MEAN" else (unit(half) for half in centroids.chunk(2, 1))
    return (proto(zv, labels, cv, phi).mean() + proto(zt, labels, ct, phi).mean()) / 2


def label_nce(anchors: Tensor, keys: Tensor, labels: Tensor, queue: Tensor, queue_labels: Tensor, tau: float) -> Tensor:
    """Form QUEUE_LABEL per anchor: positives are all keys of the anchor's label, its own key always among them."""
    b = len(keys)
    logits = anchors @ torch.cat([keys, queue]).T / tau
    positives = labels.unsqueeze(1) == torch.cat([labels, queue_labels]).unsqueeze(0)
    positives = positives | torch.eye(b, logits.shape[1], dtype=torch.bool)
    return softmax_loss(logits, torch.ones_like(positives), positives)


def s_mmc_queue_label(zv: Tensor, zt: Tensor, keys: Tensor, labels: Tensor, queue: Tensor, queue_labels: Tensor,
                      tau: float, anchor: str = "PER_MODALITY", fusion: str = "MEAN") -> Tensor:
    """Eq. 5, form QUEUE_LABEL; keys = n((z_hat^v + z_hat^t)/2) of the batch. CONCAT needs FUSED anchors."""
    if anchor == "FUSED":
        return label_nce(fuse(zv, zt, fusion), keys, labels, queue, queue_labels, tau).mean()
    rest = (keys, labels, queue, queue_labels, tau)
    return (label_nce(zv, *rest).mean() + label_nce(zt, *rest).mean()) / 2


def concentration(distances: np.ndarray, labels: np.ndarray, k: int, tau_p: float, rescale: bool = True) -> np.ndarray:
    """phi_k from Euclidean distances of members to their (unnormalised) centroid.

    Mean distance / ln(n + 10); clusters of size <= 1 take the maximum of the others; clip to the 10th and 90th
    percentile (linear interpolation); scale to mean tau_p. All clusters of size <= 1: tau_p everywhere.
    """
    sizes = np.bincount(labels, minlength=k)
    sums = np.zeros(k)
    np.add.at(sums, labels, distances)
    large = sizes > 1
    if not large.any():
        return np.full(k, tau_p)
    phi = np.zeros(k)
    phi[large] = sums[large] / sizes[large] / np.log(sizes[large] + 10.0)
    phi[~large] = phi[large].max()
    if not rescale:
        return phi
    phi = np.clip(phi, np.percentile(phi, 10), np.percentile(phi, 90))
    return phi * (tau_p / phi.mean())


def total_loss(cmc: Tensor | float, mmc: Tensor | float, umc: Tensor | float, weights: tuple[float, float, float]) -> Tensor:
    """Eq. 8."""
    return weights[0] * cmc + weights[1] * mmc + weights[2] * umc


# ---------------------------------------------------------------------------------------------------------------
# 7. Oracles: the same losses, one anchor and one candidate at a time
# ---------------------------------------------------------------------------------------------------------------


def dot(a: list[float], b: list[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b))


def log_sum_exp(values: list[float]) -> float:
    top = max(values)
    return top + math.log(math.fsum(math.exp(v - top) for v in values))


def oracle_nce(anchors: Tensor, k: Keys, tau: float, in_batch: bool = True, same_study: str = "DROP",
               cluster_mask: bool = False) -> list[float]:
    """Section 3d read literally: builds each anchor's candidate list."""
    batch, queue, result = k.batch.tolist(), k.queue.tolist(), []
    ids, queue_ids = k.studies.tolist(), k.queue_studies.tolist()
    for i, a in enumerate(anchors.tolist()):
        pool = [(batch[i], True, True)]
        for j in range(len(batch)):
            if j != i and in_batch:
                pool.append((batch[j], ids[j] == ids[i], cluster_mask and k.labels[j] == k.labels[i]))
        for j in range(len(queue)):
            pool.append((queue[j], queue_ids[j] == ids[i], cluster_mask and k.queue_labels[j] == k.labels[i]))
        all_logits, good_logits = [], []
        for place, (key, same, near) in enumerate(pool):
            logit = dot(a, key) / tau
            if place == 0 or (same and same_study == "POSITIVE"):
                all_logits.append(logit)
                good_logits.append(logit)
            elif not same and not near:
                all_logits.append(logit)
        result.append(log_sum_exp(all_logits) - math.fsum(good_logits) / len(good_logits))
    return result


def oracle_proto(anchors: Tensor, labels: Tensor, centroids: Tensor, phi: Tensor) -> list[float]:
    result, c, p = [], centroids.tolist(), phi.tolist()
    for a, y in zip(anchors.tolist(), labels.tolist()):
        logits = [dot(a, c[j]) / p[j] for j in range(len(c))]
        result.append(log_sum_exp(logits) - logits[y])
    return result


def oracle_label_nce(anchors: Tensor, keys: Tensor, labels: Tensor, queue: Tensor, queue_labels: Tensor, tau: float) -> list[float]:
    result, pool, names = [], keys.tolist() + queue.tolist(), labels.tolist() + queue_labels.tolist()
    for i, a in enumerate(anchors.tolist()):
        logits = [dot(a, key) / tau for key in pool]
        lse = log_sum_exp(logits)
        good = [p for p in range(len(pool)) if p == i or names[p] == names[i]]
        result.append(-math.fsum(logits[p] - lse for p in good) / len(good))
    return result


def assert_close(value: Tensor, oracle: list[float], tolerance: float = 1e-12) -> None:
    expected = torch.tensor(oracle, dtype=torch.float64)
    gap = ((value.detach() - expected).abs() / expected.abs().clamp_min(1.0)).max().item()
    if gap > tolerance:
        raise AssertionError(f"batched loss and oracle differ by {gap:.3e}")


# ---------------------------------------------------------------------------------------------------------------
# 8. Study features (section 3a)
# ---------------------------------------------------------------------------------------------------------------


def study_features(image_keys: Tensor, offsets: Tensor, text_keys: Tensor, study_images: str = "ALL",
                   fusion: str = "MEAN", picks: list[int] | None = None) -> Tensor:
    """Eq. 3. image_keys [J, D] = z_hat^v of all images; study s owns rows offsets[s]..offsets[s+1]-1; text_keys [N, D].

    ALL takes the mean of the study's images, SAMPLED the image picks[s]. ||a + b|| < 1e-6 falls back to b (MEAN only).
    """
    rows = []
    for s, (start, end) in enumerate(zip(offsets[:-1].tolist(), offsets[1:].tolist())):
        a = image_keys[start:end].mean(0) if study_images == "ALL" else image_keys[start + picks[s]]
        b = text_keys[s]
        if fusion == "MEAN" and (a + b).norm().item() < 1e-6:
            rows.append(b)
        else:
            rows.append(fuse(a, b, fusion))
    return torch.stack(rows)


# ---------------------------------------------------------------------------------------------------------------
# 9. K-means (section 3b)
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class Clusters:
    labels: np.ndarray  # int64 [N], of the last assignment
    centroids: np.ndarray  # float32 [K, D], unnormalised
    sizes: np.ndarray  # int64 [K]
    distances: np.ndarray  # float64 [N], Euclidean, to the own centroid
    objective: list[float]  # sum of squared distances at each assignment
    splits: list[int]  # splits in each update
    donors: list[tuple[int, int, int]]  # (update, empty cluster, donor)
    margin: float  # least relative gap between the best and the second squared distance, over all assignments
    trace: list[np.ndarray]  # labels of each assignment


def resolve_clusters(n: int, k: int) -> int:
    """K' of section 3b: K if N >= 10 K, else max(1, floor(N/15))."""
    return k if n >= 10 * k else max(1, n // 15)


def assign(points: np.ndarray, centroids: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Labels, squared distances and relative margin; float32 inputs, double sums over d = 0..D-1, ties to the lowest id."""
    x, c = points.astype(np.float64), centroids.astype(np.float64)
    d2 = np.zeros((len(x), len(c)))
    for d in range(x.shape[1]):
        d2 += (x[:, d, None] - c[None, :, d]) ** 2
    labels = d2.argmin(1)
    best = d2[np.arange(len(x)), labels]
    margin = math.inf
    if len(c) > 1:
        second = np.partition(d2, 1, axis=1)[:, 1]
        margin = float(((second - best) / np.maximum(second, 1e-300)).min())
    return labels, best, margin


def split_empty(centroids: np.ndarray, counts: np.ndarray, n: int, rule: str, stream: Stream) -> list[tuple[int, int]]:
    """Gives each empty cluster half of a donor, in place; returns (empty, donor) pairs.

    SCAN walks j = 0, 1, ..., K-1, 0, ... and stops at the first j with a uniform draw below (n_j - 1)/(N - K); counts
    are those after earlier splits of the same update. LARGEST takes the greatest count (lowest id) and serves N = K.
    """
    k, pairs = len(centroids), []
    for i in range(k):
        if counts[i] > 0:
            continue
        if rule == "LARGEST" or n == k:
            j = int(counts.argmax())
        else:
            j = 0
            while not stream.next_double() < (counts[j] - 1) / (n - k):
                j = (j + 1) % k
        donor = centroids[j].astype(np.float64)
        up = np.where(np.arange(len(donor)) % 2 == 0, 1 + 1 / 1024, 1 - 1 / 1024)
        centroids[i] = (donor * up).astype(centroids.dtype)
        centroids[j] = (donor * (2 - up)).astype(centroids.dtype)
        counts[i] = counts[j] // 2
        counts[j] -= counts[i]
        pairs.append((i, j))
    return pairs


def initial_indices(n: int, k: int, seed: int, epoch: int) -> list[int]:
    """K distinct points: the first K of a permutation from (seed, "kmeans", epoch)."""
    return Stream(hash64(seed, "kmeans", epoch)).permutation(n)[:k]


def kmeans(points: np.ndarray, k: int, seed: int, epoch: int, iterations: int = 20, empty: str = "SCAN",
           initial: np.ndarray | None = None) -> Clusters:
    """Lloyd. points float32 [N, D]. Centroids are rounded to float32 after every update and every split.

    Each iteration assigns and updates; one more assignment follows the last update. It stops at an assignment that
    equals the one before, if the update between them split nothing.
    """
    n = len(points)
    if n < k:
        raise ValueError(f"points must be >= clusters, was {n} < {k}")
    centroids = (points[initial_indices(n, k, seed, epoch)] if initial is None else initial).astype(points.dtype)
    objective, splits, donors, margin, previous, trace = [], [], [], math.inf, None, []
    for t in range(iterations + 1):
        labels, d2, gap = assign(points, centroids)
        objective.append(float(np.add.accumulate(d2)[-1]))
        margin = min(margin, gap)
        trace.append(labels.copy())
        if t == iterations or (previous is not None and splits[-1] == 0 and np.array_equal(labels, previous)):
            break
        counts = np.bincount(labels, minlength=k)
        sums = np.zeros((k, points.shape[1]))
        np.add.at(sums, labels, points.astype(np.float64))
        filled = counts > 0
        centroids = centroids.copy()
        centroids[filled] = (sums[filled] / counts[filled, None]).astype(points.dtype)
        pairs = split_empty(centroids, counts.copy(), n, empty, Stream(hash64(seed, "kmeans-split", epoch, t)))
        splits.append(len(pairs))
        donors += [(t, i, j) for i, j in pairs]
        previous = labels
    return Clusters(labels, centroids, np.bincount(labels, minlength=k), np.sqrt(d2), objective, splits, donors, margin, trace)


# ---------------------------------------------------------------------------------------------------------------
# 10. Optimiser and schedules (sections 0, 3c, 4.2)
# ---------------------------------------------------------------------------------------------------------------


def decays(name: str) -> bool:
    """Weight decay acts on everything but biases and LayerNorm weights (BatchNorm weights decay)."""
    return not (name.endswith(".bias") or name == "bias" or name.endswith("LayerNorm.weight"))


def clip_gradients(grads: dict[str, Tensor], limit: float) -> tuple[dict[str, Tensor], float]:
    """Scales all by min(1, limit/(norm + 1e-6)); norm = global l2 norm before clipping."""
    norm = math.sqrt(math.fsum(float((g * g).sum()) for g in grads.values()))
    scale = min(1.0, limit / (norm + 1e-6))
    return {n: g * scale for n, g in grads.items()}, norm


class AdamW:
    """Decoupled decay first, then the bias-corrected Adam step; epsilon is added after the bias correction."""

    def __init__(self, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-6, weight_decay: float = 1e-6):
        self.betas, self.eps, self.weight_decay, self.steps = betas, eps, weight_decay, 0
        self.exp_avg: dict[str, Tensor] = {}
        self.exp_avg_sq: dict[str, Tensor] = {}

    @torch.no_grad()
    def step(self, params: dict[str, Tensor], grads: dict[str, Tensor], lr: float) -> None:
        self.steps += 1
        b1, b2 = self.betas
        c1, c2 = 1 - b1**self.steps, 1 - b2**self.steps
        for name, g in grads.items():
            p = params[name]
            m = self.exp_avg.setdefault(name, torch.zeros_like(p))
            v = self.exp_avg_sq.setdefault(name, torch.zeros_like(p))
            if decays(name):
                p.mul_(1 - lr * self.weight_decay)
            m.mul_(b1).add_((1 - b1) * g)
            v.mul_(b2).add_((1 - b2) * g * g)
            p.sub_((lr / c1) * m / (v.sqrt() / math.sqrt(c2) + self.eps))


def epoch_lr(lr: float, epoch: int, warmup: int, epochs: int) -> float:
    if epoch < warmup:
        return lr * (epoch + 1) / warmup
    return lr * 0.5 * (1 + math.cos(math.pi * (epoch - warmup) / (epochs - warmup)))


class Plateau:
    """Multiplies lr by factor when the value has not improved for more than `patience` values; min mode.

    Improvement: value < best * (1 - 1e-4). A cut smaller than 1e-8 is not made.
    """

    def __init__(self, lr: float, patience: int, factor: float = 0.5):
        self.lr, self.patience, self.factor, self.best, self.bad = lr, patience, factor, math.inf, 0

    def step(self, value: float) -> float:
        """The learning rate after this value, used by the next epoch."""
        if value < self.best * (1 - 1e-4):
            self.best, self.bad = value, 0
        else:
            self.bad += 1
        if self.bad > self.patience:
            cut = self.lr * self.factor
            self.lr = cut if self.lr - cut > 1e-8 else self.lr
            self.bad = 0
        return self.lr


class EarlyStop:
    """Greater is better; stops at the first epoch that is `patience` epochs after the best one (first of equals)."""

    def __init__(self, patience: int):
        self.patience, self.best, self.best_epoch, self.epoch = patience, -math.inf, -1, -1

    def step(self, value: float) -> bool:
        self.epoch += 1
        if value > self.best:
            self.best, self.best_epoch = value, self.epoch
        return self.epoch - self.best_epoch >= self.patience


# ---------------------------------------------------------------------------------------------------------------
# 11. Mini-batch step (section 3c)
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class View:
    """Images [B, 3, H, W] and the sentences of one augmentation: ids and mask [S, T], offsets [B + 1]."""

    images: Tensor
    ids: Tensor
    mask: Tensor
    offsets: Tensor


@dataclass
class Batch:
    view1: View
    view2: View
    studies: Tensor  # [B], rows of the manifest


@dataclass
class Epoch:
    """What the epoch start leaves: labels [N], unit centroids [K, D], phi [K]."""

    labels: Tensor
    centroids: Tensor
    phi: Tensor


class Sense:
    """Normal and momentum networks, queues and optimiser of one training."""

    def __init__(self, config: Config, net: Net):
        self.config, self.net = config, net
        self.momentum = momentum_copy(net)
        self.queues = Queues(config.queue_length, config.dim, config.uni_projectors)
        fused_dim = config.dim * (2 if config.fusion == "CONCAT" else 1)
        self.fused = FusedQueue(config.queue_length, fused_dim)
        self.optimizer = AdamW(config.betas, config.adam_eps, config.weight_decay)

    @torch.no_grad()
    def features(self, images: Tensor, image_offsets: Tensor, text: View, picks: list[int] | None = None) -> Tensor:
        """Study features of all studies from deterministic views (section 3a); `text.images` is not read."""
        net = self.momentum
        image_keys = unit(net.image.crossHead(net.image(images)))
        text_keys = unit(net.text.crossHead(net.text(text.ids, text.mask, text.offsets)))
        return study_features(image_keys, image_offsets, text_keys, self.config.study_images, self.config.fusion, picks)

    def start_epoch(self, features: Tensor, seed: int, epoch: int) -> tuple[Epoch, Clusters]:
        """K-means on float32 features; centroids are normalised in the compute dtype for Eq. 5 only."""
        c = self.config
        found = kmeans(features.float().numpy(), c.clusters, seed, epoch)
        centroids = unit(torch.from_numpy(found.centroids).double())
        phi = np.full(c.clusters, c.tau_p)
        if c.concentration:
            phi = concentration(found.distances, found.labels, c.clusters, c.tau_p)
        self.fused.clear()
        return Epoch(torch.from_numpy(found.labels), centroids, torch.from_numpy(phi)), found

    def key_space(self, name: str, keys: Tensor, studies: Tensor, epoch: Epoch | None) -> Keys:
        queued = self.queues.filled_study_keys()
        space = Keys(keys, studies, self.queues.filled(name), queued)
        if self.config.cluster_mask:
            space.labels, space.queue_labels = epoch.labels[studies], epoch.labels[queued]
        return space

    def losses(self, normal: View, other: View, studies: Tensor, epoch: Epoch | None) -> dict[str, Tensor]:
        """Steps 2 to 4 for one assignment: `normal` feeds the normal networks, `other` the momentum networks."""
        c, net, hat = self.config, self.net, self.momentum
        lam, beta, gamma = c.weights
        own_uni = gamma != 0 and c.uni_projectors
        out: dict[str, Tensor] = {}
        out["v"] = net.image(normal.images)
        out["t"] = net.text(normal.ids, normal.mask, normal.offsets)
        out["zv"], out["zt"] = unit(net.image.crossHead(out["v"])), unit(net.text.crossHead(out["t"]))
        with torch.no_grad():
            out["vHat"] = hat.image(other.images)
            out["tHat"] = hat.text(other.ids, other.mask, other.offsets)
            out["zvHat"], out["ztHat"] = unit(hat.image.crossHead(out["vHat"])), unit(hat.text.crossHead(out["tHat"]))
            if own_uni:
                out["uvHat"], out["utHat"] = unit(hat.image.uniHead(out["vHat"])), unit(hat.text.uniHead(out["tHat"]))
        if own_uni:
            out["uv"], out["ut"] = unit(net.image.uniHead(out["v"])), unit(net.text.uniHead(out["t"]))
        options = dict(in_batch=c.in_batch_negatives, same_study=c.same_study_keys, cluster_mask=c.cluster_mask)
        cross = [self.key_space(n, out[k], studies, epoch) for n, k in (("imageCross", "zvHat"), ("textCross", "ztHat"))]
        out["cmc"] = out["mmc"] = out["umc"] = torch.zeros((), dtype=torch.float64)
        if lam != 0:
            out["cmc"] = s_cmc(out["zv"], out["zt"], *cross, c.tau, **options)
        if beta != 0 and c.mmc_form == "PROTO":
            out["mmc"] = s_mmc_proto(out["zv"], out["zt"], epoch.labels[studies], epoch.centroids, epoch.phi, c.mmc_anchor, c.fusion)
        elif beta != 0:
            keys, labels = fuse(out["zvHat"], out["ztHat"], c.fusion), epoch.labels[studies]
            queue, queue_labels = self.fused.ring.keys[: self.fused.count].clone(), self.fused.labels[: self.fused.count]
            out["mHat"] = keys
            out["mmc"] = s_mmc_queue_label(out["zv"], out["zt"], keys, labels, queue, queue_labels, c.tau, c.mmc_anchor, c.fusion)
        if own_uni:
            spaces = [self.key_space(n, out[k], studies, epoch) for n, k in (("imageUni", "uvHat"), ("textUni", "utHat"))]
            out["umc"] = s_umc(out["uv"], out["ut"], *spaces, c.tau, **options)
        elif gamma != 0:
            out["umc"] = s_umc(out["zv"], out["zt"], *cross, c.tau, **options)
        out["total"] = total_loss(out["cmc"], out["mmc"], out["umc"], c.weights)
        return out

    def gradients(self, batch: Batch, epoch: Epoch | None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """(outputs of the first assignment with averaged losses, gradients before clipping)."""
        self.net.train()
        out = self.losses(batch.view1, batch.view2, batch.studies, epoch)
        if self.config.symmetric_views:
            swapped = self.losses(batch.view2, batch.view1, batch.studies, epoch)
            for name in ("cmc", "mmc", "umc", "total"):
                out[name] = (out[name] + swapped[name]) / 2
        params = {n: p for n, p in self.net.named_parameters() if p.requires_grad}
        found = torch.autograd.grad(out["total"], list(params.values()), allow_unused=True)
        grads = {n: g for n, g in zip(params, found) if g is not None}
        return {n: x.detach() for n, x in out.items()}, grads

    def step(self, batch: Batch, epoch: Epoch | None, lr: float) -> tuple[dict[str, Tensor], dict[str, Tensor], float]:
        """Forward, losses, backward, clip, AdamW, EMA, enqueue: (outputs, raw gradients, gradient norm).

        With symmetricViews the keys of the first assignment are enqueued, so a step always adds B rows.
        """
        out, grads = self.gradients(batch, epoch)
        clipped, norm = clip_gradients(grads, self.config.clip)
        self.optimizer.step(dict(self.net.named_parameters()), clipped, lr)
        ema_update(self.momentum, self.net, self.config.ema)
        rows = {"imageCross": out["zvHat"], "textCross": out["ztHat"]}
        if "uvHat" in out:
            rows |= {"imageUni": out["uvHat"], "textUni": out["utHat"]}
        self.queues.enqueue(rows, batch.studies)
        if "mHat" in out:
            self.fused.enqueue(out["mHat"], epoch.labels[batch.studies])
        return out, grads, norm

    def state(self) -> dict[str, Tensor]:
        """Checkpoint tensors by name: networks, momentum copies below `momentum.`, queues below `queue.`."""
        out = {n: x.clone() for n, x in self.net.state_dict().items()}
        out |= {f"momentum.{n}": x.clone() for n, x in self.momentum.state_dict().items()}
        out |= self.queues.state()
        return out | (self.fused.state() if self.config.mmc_form == "QUEUE_LABEL" else {})


# ---------------------------------------------------------------------------------------------------------------
# 12. Data rules (sections 4.2, 4.4)
# ---------------------------------------------------------------------------------------------------------------


def split_70_15_15(n: int) -> tuple[list[int], list[int], list[int]]:
    """(train, validation, test) as indices into the ids in ascending order, in the order in which they are drawn."""
    perm = legacy_permutation(n, 0)
    held = math.ceil(0.3 * n)
    first, train = perm[:held], perm[held:]
    order = legacy_permutation(held, 0)
    half = math.ceil(0.5 * held)
    return train, [first[i] for i in order[:half]], [first[i] for i in order[half:]]


CHEXPERT_FIVE = ("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion")
CHEXPERT_ALL = ("No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema",
                "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture",
                "Support Devices")
UNCERTAIN = {"Atelectasis": 1, "Cardiomegaly": 0, "Consolidation": 0, "Edema": 1, "Pleural Effusion": 1}


def chexpert_label(name: str, cell: str) -> int:
    """Blank -> 0, -1 -> the class's rule (0 outside the five), else the value."""
    if cell == "":
        return 0
    return UNCERTAIN.get(name, 0) if float(cell) == -1 else int(float(cell))


def chexpert_split(rows: list[dict[str, str]], per_class: int, validation: int) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """(5x200 set by class, validation paths, train paths) of the frontal rows of train.csv; draws by legacy permutation.

    A 5x200 candidate has its class at 1.0 and the other twelve findings (No Finding apart) at 0.0 or blank.
    """
    frontal = sorted((r for r in rows if r["Frontal/Lateral"] == "Frontal"), key=lambda r: r["Path"])
    zero_shot: dict[str, list[str]] = {}
    for name in CHEXPERT_FIVE:
        others = [o for o in CHEXPERT_ALL if o not in (name, "No Finding")]
        paths = [r["Path"] for r in frontal if r[name] == "1.0" and all(r[o] in ("", "0.0") for o in others)]
        zero_shot[name] = [paths[i] for i in legacy_permutation(len(paths), 0)[:per_class]]
    gone = {p for paths in zero_shot.values() for p in paths}
    rest = [r["Path"] for r in frontal if r["Path"] not in gone]
    order = legacy_permutation(len(rest), 0)
    return zero_shot, [rest[i] for i in order[:validation]], [rest[i] for i in order[validation:]]


def fraction_subset(n: int, fraction: float, seed: int) -> list[int]:
    """Nested label fractions: the first max(1, floor(f n + 0.5)) of one seeded permutation of the train rows."""
    return Stream(hash64(seed, "fraction")).permutation(n)[: max(1, math.floor(fraction * n + 0.5))]


def siim_negatives(negatives: list[str], positives: int, seed: int) -> list[str]:
    """As many negatives as positives (all, if fewer): the first of a seeded permutation of the sorted ids."""
    ids = sorted(negatives)
    return [ids[i] for i in Stream(hash64(seed, "siim-negatives")).permutation(len(ids))[:positives]]


def rle_decode(texts: list[str], height: int, width: int) -> np.ndarray:
    """Union of the rows' masks, uint8 [height, width]. A row: pairs (gap, length) in column-major order, or -1."""
    flat = np.zeros(height * width, dtype=np.uint8)
    for text in texts:
        numbers = [int(x) for x in text.split()]
        if numbers == [-1]:
            continue
        if len(numbers) % 2 == 1 or any(x < 0 for x in numbers):
            raise ValueError("malformed")
        place = 0
        for gap, length in zip(numbers[::2], numbers[1::2]):
            place += gap
            if place + length > len(flat):
                raise ValueError("outside")
            flat[place : place + length] = 1
            place += length
    return flat.reshape(width, height).T.copy()


def rle_encode(mask: np.ndarray) -> str:
    """The inverse with maximal runs; an empty mask is -1."""
    flat, numbers, end, i = mask.T.reshape(-1).tolist(), [], 0, 0
    while i < len(flat):
        if flat[i]:
            start = i
            while i < len(flat) and flat[i]:
                i += 1
            numbers += [start - end, i - start]
            end = i
        else:
            i += 1
    return " ".join(map(str, numbers)) if numbers else "-1"


# ---------------------------------------------------------------------------------------------------------------
# 13. Metrics and the segmentation loss (sections 4.1 to 4.4)
# ---------------------------------------------------------------------------------------------------------------


def ranks(scores: np.ndarray) -> list[int]:
    """Rank of item i in row i: 1 + number of strictly greater scores."""
    return [1 + int((row > row[i]).sum()) for i, row in enumerate(scores)]


def recall_at(found: list[int], k: int) -> float:
    return 100.0 * sum(r <= k for r in found) / len(found)


def retrieval(scores: np.ndarray) -> dict:
    """scores [n, n], rows = images, columns = reports; both directions."""
    out = {}
    for name, table in (("imageToReport", scores), ("reportToImage", scores.T)):
        found = ranks(table)
        out[name] = {"ranks": found, "recall1": recall_at(found, 1), "recall5": recall_at(found, 5),
                     "recall10": recall_at(found, 10), "medianRank": float(np.median(found))}
    return out


def retrieval_merged(scores: np.ndarray, texts: list[int]) -> dict:
    """Identical reports (equal text ids) as one candidate or query; the first column of a text stands for it.

    image to report: candidates are the distinct texts. Report to image: one query per distinct text, in order of first
    occurrence, right if any image of that text is found: rank = 1 + images above its best image.
    """
    first = {t: i for i, t in reversed(list(enumerate(texts)))}
    order = sorted(first.values())
    forward = [1 + int((scores[i, order] > scores[i, first[t]]).sum()) for i, t in enumerate(texts)]
    backward = []
    for column in order:
        best = max(scores[i, column] for i, t in enumerate(texts) if t == texts[column])
        backward.append(1 + int((scores[:, column] > best).sum()))
    return {"imageToReport": {"ranks": forward, **{f"recall{k}": recall_at(forward, k) for k in (1, 5, 10)}},
            "reportToImage": {"ranks": backward, **{f"recall{k}": recall_at(backward, k) for k in (1, 5, 10)}}}


def auroc(scores: list[float], labels: list[int]) -> float | None:
    """Share of (positive, negative) pairs in the right order, ties half; None with one class."""
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if not pos or not neg:
        return None
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


def average_precision(scores: list[float], labels: list[int]) -> float | None:
    """Sum over distinct thresholds, descending, of (recall step) x precision; None without positives."""
    total = sum(labels)
    if total == 0:
        return None
    result, last = 0.0, 0.0
    for t in sorted(set(scores), reverse=True):
        tp = sum(1 for s, y in zip(scores, labels) if s >= t and y)
        n = sum(1 for s in scores if s >= t)
        result += (tp / total - last) * tp / n
        last = tp / total
    return result


def accuracy_f1(predicted: list[bool], labels: list[int]) -> tuple[float, float]:
    """F1 = 2 TP/(2 TP + FP + FN), 0 if there is nothing to find and nothing found."""
    tp = sum(1 for p, y in zip(predicted, labels) if p and y)
    wrong = sum(1 for p, y in zip(predicted, labels) if p != bool(y))
    return 1 - wrong / len(labels), (2 * tp / (2 * tp + wrong) if tp else 0.0)


def best_threshold(scores: list[float], labels: list[int]) -> tuple[float, float]:
    """(threshold, F1): greatest F1 of `score >= threshold` over the distinct scores; the greatest such threshold."""
    best = (-math.inf, -1.0)
    for t in sorted(set(scores), reverse=True):
        f1 = accuracy_f1([s >= t for s in scores], labels)[1]
        if f1 > best[1]:
            best = (t, f1)
    return best


def nmi(a: list[int], b: list[int]) -> float:
    """Mutual information over the arithmetic mean of the entropies; 1 if both have one cluster."""
    n, both = len(a), {}
    for pair in zip(a, b):
        both[pair] = both.get(pair, 0) + 1
    na, nb = {x: a.count(x) for x in set(a)}, {x: b.count(x) for x in set(b)}
    if len(na) == len(nb) == 1:
        return 1.0
    mutual = math.fsum(c / n * math.log(c * n / (na[x] * nb[y])) for (x, y), c in both.items())
    entropy = [-math.fsum(c / n * math.log(c / n) for c in counts.values()) for counts in (na, nb)]
    return max(0.0, mutual) / (sum(entropy) / 2)


def focal_loss(logits: Tensor, targets: Tensor, gamma: float = 2.0) -> Tensor:
    """Mean over all pixels of (1 - p_t)^gamma * BCE; BCE from logits."""
    bce = torch.clamp(logits, min=0) - logits * targets + torch.log1p(torch.exp(-logits.abs()))
    p = torch.sigmoid(logits)
    return ((1 - (p * targets + (1 - p) * (1 - targets))) ** gamma * bce).mean()


def soft_dice(logits: Tensor, targets: Tensor) -> Tensor:
    """(2 sum(p y) + 1)/(sum p + sum y + 1) over the whole batch."""
    p = torch.sigmoid(logits)
    return (2 * (p * targets).sum() + 1) / (p.sum() + targets.sum() + 1)


def segmentation_loss(logits: Tensor, targets: Tensor, alternative: bool = False) -> Tensor:
    focal, dice = focal_loss(logits, targets), soft_dice(logits, targets)
    return 1 - dice + 0.5 * focal if alternative else 10 * focal - torch.log(dice)


def hard_dice(logits: Tensor, target: Tensor) -> float:
    """Dice of one image at p > 0.5; an empty truth scores 1 for an empty prediction, else 0."""
    p, y = (logits > 0).double(), target.double()
    if y.sum() == 0:
        return 1.0 if p.sum() == 0 else 0.0
    return float(2 * (p * y).sum() / (p.sum() + y.sum()))
