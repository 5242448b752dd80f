"""SENSE in PyTorch eager (sense.md 2, 3): one training step, or one pass of study features, for each line of its input.

Arguments: step or features, the folder of the inputs, threads, images that are encoded at a time, whether no sentence is encoded twice (1 or 0). All sizes are the paper's.
Prints the versions, then the kilobytes that the process holds before it has a model; then for each line the seconds, those of the processors,
the loss or the mean of the features' squares, and the kilobytes that it has held at most so far.
"""
import copy
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

import eager
from rounds import answer_each

HIDDEN, HEADS, FROZEN, DIM, QUEUE, DROPOUT = 768, 12, 6, 512, 2048, 0.1
TAU, MOMENTUM = 0.1, 0.999


def unit(x):
    return F.normalize(x, dim=-1, eps=1e-12)


class Layer(nn.Module):
    """A layer of BERT; scaled_dot_product_attention is what Hugging Face's BERT runs by default."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.up, self.down = nn.Linear(HIDDEN, 4 * HIDDEN), nn.Linear(4 * HIDDEN, HIDDEN)
        self.norm1, self.norm2 = nn.LayerNorm(HIDDEN, eps=1e-12), nn.LayerNorm(HIDDEN, eps=1e-12)

    def forward(self, x, mask):
        q, k, v = (part(x).unflatten(2, (HEADS, HIDDEN // HEADS)).transpose(1, 2) for part in (self.q, self.k, self.v))
        y = F.scaled_dot_product_attention(q, k, v, mask, DROPOUT if self.training else 0.0)
        x = self.norm1(F.dropout(self.out(y.transpose(1, 2).flatten(2)), DROPOUT, self.training) + x)
        return self.norm2(F.dropout(self.down(F.gelu(self.up(x))), DROPOUT, self.training) + x)


class Bert(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.words, self.positions, self.types = (
            nn.Embedding(vocabulary, HIDDEN, padding_idx=0), nn.Embedding(512, HIDDEN), nn.Embedding(2, HIDDEN))
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(12))
        for part in self.modules():
            if isinstance(part, (nn.Linear, nn.Embedding)):
                nn.init.normal_(part.weight, std=0.02)
            if isinstance(part, nn.Linear):
                nn.init.zeros_(part.bias)
        for part in (self.words, self.positions, self.types, self.norm, *self.layers[:FROZEN]):
            part.requires_grad_(False)

    def forward(self, ids, mask):
        x = self.words(ids) + self.positions.weight[:ids.shape[1]] + self.types.weight[0]
        x = F.dropout(self.norm(x), DROPOUT, self.training)
        for layer in self.layers:
            x = layer(x, mask.bool()[:, None, None])
        return x


def head(width):
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, DIM))


class Net(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.resnet, self.bert = eager.ResNet50(3), Bert(vocabulary)
        self.cross, self.uni = (nn.ModuleList([head(2048), head(HIDDEN)]) for _ in range(2))

    def sentences(self, buckets):
        return torch.cat([self.bert(ids, mask).masked_fill(~mask.bool()[..., None], -1e9).max(1).values
                          for ids, mask in buckets])

    def reports(self, buckets, places):
        sentences = self.sentences(buckets)
        return torch.cat([sentences, sentences.new_full((1, HIDDEN), -1e9)])[places].max(1).values

    def vectors(self, images, buckets, places):
        v, t = self.resnet(images).mean((2, 3)), self.reports(buckets, places)
        return [unit(part(x)) for parts in (self.cross, self.uni) for part, x in zip(parts, (v, t))]


def nce(anchors, keys, queue, studies, queued):
    same = studies[:, None] == torch.cat([studies, queued])[None]
    same.diagonal().fill_(False)
    logits = (anchors @ torch.cat([keys, queue]).T / TAU).masked_fill(same, -math.inf)
    return F.cross_entropy(logits, torch.arange(len(anchors)))


class Training:
    def __init__(self, net, images, buckets, places, clusters):
        self.net, self.hat = net, copy.deepcopy(net).eval().requires_grad_(False)
        self.images, self.buckets, self.places = images, buckets, places
        self.studies, self.labels = torch.arange(len(places)), torch.arange(len(places)) % clusters
        self.centroids = unit(torch.randn(clusters, DIM))
        self.queues, self.queued = [torch.zeros(QUEUE, DIM) for _ in range(4)], torch.full((QUEUE,), -1)
        self.position = self.count = 0
        named = [(name, p) for name, p in net.named_parameters() if p.requires_grad]
        self.trained = [p for _, p in named]
        plain = [p for name, p in named if name.endswith("bias") or "norm" in name]
        self.adam = torch.optim.AdamW(
            [{"params": plain, "weight_decay": 0.0},
             {"params": [p for p in self.trained if all(p is not other for other in plain)]}],
            lr=1e-5, eps=1e-6, weight_decay=1e-6)
        self.follows, self.followed = [], []
        for module, other in zip(self.hat.modules(), net.modules()):
            for name, value in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
                source = getattr(other, name)
                if source.is_floating_point() and (source.requires_grad or isinstance(module, nn.BatchNorm2d)):
                    self.follows.append(value)
                    self.followed.append(source.detach())

    def step(self):
        self.adam.zero_grad()
        with torch.no_grad():
            keys = self.hat.vectors(self.images, self.buckets, self.places)
        zv, zt, uv, ut = self.net.vectors(self.images, self.buckets, self.places)
        queue, queued = [ring[:self.count] for ring in self.queues], self.queued[:self.count]
        cmc = (nce(zv, keys[1], queue[1], self.studies, queued) + nce(zt, keys[0], queue[0], self.studies, queued)) / 2
        umc = (nce(uv, keys[2], queue[2], self.studies, queued) + nce(ut, keys[3], queue[3], self.studies, queued)) / 2
        mmc = sum(F.cross_entropy(z @ self.centroids.T / TAU, self.labels) for z in (zv, zt)) / 2
        loss = cmc + mmc + umc
        loss.backward()
        nn.utils.clip_grad_norm_(self.trained, 0.25)
        self.adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.follows, self.followed, 1 - MOMENTUM)
            slots = (self.position + torch.arange(len(self.studies))) % QUEUE
            for ring, rows in zip(self.queues, keys):
                ring[slots] = rows
            self.queued[slots] = self.studies
        self.position = (self.position + len(slots)) % QUEUE
        self.count = min(self.count + len(slots), QUEUE)
        return loss.item()


@torch.no_grad()
def features(net, images, counts, buckets, places, size):
    keys = torch.cat([unit(net.cross[0](net.resnet(images[i:i + size]).mean((2, 3)))) for i in range(0, len(images), size)])
    means = torch.stack([own.mean(0) for own in keys.split(counts)])
    found = unit((means + unit(net.cross[1](net.reports(buckets, places)))) / 2)
    return found.square().mean().item()


def read(folder):
    """Side of the images, clusters and word pieces; images of each study; sentences and places: whole numbers, each array after its two sizes."""
    values = torch.frombuffer(bytearray(open(folder + "/texts", "rb").read()), dtype=torch.int64)
    arrays, at = [], 0
    while at < len(values):
        rows, columns = values[at:at + 2].tolist()
        arrays.append(values[at + 2:at + 2 + rows * columns].view(rows, columns))
        at += 2 + rows * columns
    side, clusters, vocabulary = arrays[0][0].tolist()
    return side, clusters, vocabulary, arrays[1][0].tolist(), list(zip(arrays[3::2], arrays[4::2])), arrays[2]


def repeated(buckets, places):
    """The same reports, each sentence as often as it stands in them."""
    total = sum(len(ids) for ids, _ in buckets)
    counts = torch.bincount(places[places < total], minlength=total)
    begins = torch.cumsum(counts, 0) - counts
    seen, moved = torch.zeros_like(counts), torch.full_like(places, counts.sum())
    for place in (places < total).nonzero():
        sentence = places[tuple(place)]
        moved[tuple(place)] = begins[sentence] + seen[sentence]
        seen[sentence] += 1
    out, at = [], 0
    for ids, mask in buckets:
        own = counts[at:at + len(ids)]
        ids, mask = ids.repeat_interleave(own, 0), mask.repeat_interleave(own, 0)
        out += list(zip(ids.split(512), mask.split(512)))
        at += len(own)
    return out, moved


if __name__ == "__main__":
    what, folder, threads, size, distinct = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    eager.begin(threads)
    side, clusters, vocabulary, counts, buckets, places = read(folder)
    if not distinct:
        buckets, places = repeated(buckets, places)
    net = Net(vocabulary)
    if what == "step":
        training = Training(net, torch.randn(len(places), 3, side, side), buckets, places, clusters)
        answer_each(training.step)
    else:
        hat = copy.deepcopy(net).eval().requires_grad_(False)  # a training has both
        images = torch.randn(sum(counts), 3, side, side)
        answer_each(lambda: features(hat, images, counts, buckets, places, size))
