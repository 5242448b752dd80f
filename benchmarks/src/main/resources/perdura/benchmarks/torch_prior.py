"""PRIOR in PyTorch eager (prior.md 2, 3): one training step for each line of its input.

Arguments: stage (1 or 3), batch size, threads. All else is the paper's. Prints the versions, then the kilobytes that the process holds
before it has a model; then for each line the seconds of a step, those of the processors, its loss, and the kilobytes that it has held at
most so far.
"""
import math
import sys

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import nn

import eager
from rounds import answer_each

LENGTH, VOCABULARY, SIDE, DIM, QUERIES, DROPOUT = 256, 28996, 224, 768, 16, 0.1
WEIGHTS = {1: {"glob": 1, "r2i": 1, "i2r": 1},
           3: {"glob": 10, "r2i": 1, "i2r": 1, "proto": 10, "img": 1, "spg": 10, "kl": 1, "gpa": 1}}


def unit(x):
    return F.normalize(x, dim=-1, eps=1e-12)


def masked_softmax(logits, mask):
    some = mask.any(dim=-1, keepdim=True)
    logits = torch.where(some, logits.masked_fill(~mask, -math.inf), torch.zeros_like(logits))
    return torch.where(mask, logits.softmax(dim=-1), torch.zeros_like(logits))


def linears(**sizes):
    return nn.ModuleDict({name: nn.Linear(*size) for name, size in sizes.items()})


class AttentionPool(nn.Module):
    def __init__(self, dim, tokens=None):
        super().__init__()
        self.dim = dim
        self.positions = None if tokens is None else nn.Parameter(torch.randn(tokens + 1, dim) / math.sqrt(dim))
        self.linear = linears(q=(dim, dim), k=(dim, dim), v=(dim, dim), out=(dim, dim))

    def forward(self, tokens, valid):
        mean = (valid.to(tokens.dtype) / valid.sum(dim=1, keepdim=True))[:, None] @ tokens
        x = torch.cat([mean, tokens], dim=1)
        if self.positions is not None:
            x = x + self.positions
        q, k, v = (self.linear[name](y).unflatten(2, (8, self.dim // 8)).transpose(1, 2)
                   for name, y in (("q", x[:, :1]), ("k", x), ("v", x)))
        logits = q @ k.transpose(2, 3) / math.sqrt(self.dim // 8)
        mask = torch.cat([valid.new_ones(len(valid), 1), valid], dim=1)[:, None, None].expand_as(logits)
        return self.linear["out"]((masked_softmax(logits, mask) @ v).transpose(1, 2).flatten(1))


class Attention(nn.Module):
    """BERT's, with its output part; scaled_dot_product_attention is what Hugging Face's BERT runs by default."""

    def __init__(self):
        super().__init__()
        self.linear = linears(q=(DIM, DIM), k=(DIM, DIM), v=(DIM, DIM), out=(DIM, DIM))
        self.norm = nn.LayerNorm(DIM, eps=1e-12)

    def forward(self, x, memory, mask=None):
        q, k, v = (self.linear[name](y).unflatten(2, (12, DIM // 12)).transpose(1, 2)
                   for name, y in (("q", x), ("k", memory), ("v", memory)))
        y = F.scaled_dot_product_attention(q, k, v, mask, DROPOUT)
        return self.norm(F.dropout(self.linear["out"](y.transpose(1, 2).flatten(2)), DROPOUT) + x)


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = linears(up=(DIM, 4 * DIM), down=(4 * DIM, DIM))
        self.norm = nn.LayerNorm(DIM, eps=1e-12)

    def forward(self, x):
        return self.norm(F.dropout(self.linear["down"](F.gelu(self.linear["up"](x))), DROPOUT) + x)


def initialise_bert(module):
    for part in module.modules():
        if isinstance(part, (nn.Linear, nn.Embedding)):
            nn.init.normal_(part.weight, std=0.02)
        if isinstance(part, nn.Linear):
            nn.init.zeros_(part.bias)


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions, self.types = (
            nn.Embedding(VOCABULARY, DIM, padding_idx=0), nn.Embedding(512, DIM), nn.Embedding(2, DIM))
        self.norm = nn.LayerNorm(DIM, eps=1e-12)
        self.layers = nn.ModuleList(nn.ModuleList([Attention(), FeedForward()]) for _ in range(12))
        self.pooler = nn.Linear(DIM, DIM)  # there, and unused, as in Hugging Face's model
        initialise_bert(self)

    def forward(self, ids, mask):
        x = self.words(ids) + self.positions.weight[:ids.shape[1]] + self.types.weight[0]
        x, mask = F.dropout(self.norm(x), DROPOUT), mask.bool()[:, None, None]
        for attention, feed_forward in self.layers:
            x = feed_forward(attention(x, x, mask))
        return x


class SentenceDecoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.positions, self.types = nn.Embedding(QUERIES, DIM), nn.Embedding(1, DIM)
        self.norm = nn.LayerNorm(DIM, eps=1e-12)
        self.layers = nn.ModuleList(nn.ModuleList([Attention(), Attention(), FeedForward()]) for _ in range(6))
        initialise_bert(self)
        self.queries = nn.Parameter(torch.randn(QUERIES, DIM))

    def forward(self, memory):
        x = F.dropout(self.norm(self.queries + self.positions.weight + self.types.weight), DROPOUT)
        x = x.expand(len(memory), -1, -1)
        for attention, cross, feed_forward in self.layers:
            x = feed_forward(cross(attention(x, x), memory))
        return x


class ImageDecoder(nn.Module):
    def __init__(self):
        super().__init__()
        channels = (2 * DIM, 768, 384, 192, 96, 48)
        self.blocks = nn.ModuleList(nn.ModuleList([
            nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b),
            nn.Conv2d(b, b, 3, padding=1, bias=False), nn.BatchNorm2d(b)]) for a, b in zip(channels, channels[1:]))
        self.head = nn.Conv2d(48, 1, 3, padding=1)

    def forward(self, v, s_hat, keep):
        x = torch.cat([v * keep[:, None] / 0.5, s_hat], dim=2).transpose(1, 2).unflatten(2, (7, 7))
        for conv1, bn1, conv2, bn2 in self.blocks:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = F.relu(bn2(conv2(F.relu(bn1(conv1(x)), inplace=True))), inplace=True)
        return self.head(x)


def global_loss(image, text, log_scale):
    z = log_scale.exp() * unit(image) @ unit(text).T
    target = torch.arange(len(z))
    return 0.5 * (F.cross_entropy(z, target) + F.cross_entropy(z.T, target))


def image_to_report_loss(sentences, evidence, valid, log_scale):
    z = log_scale.exp() * unit(sentences) @ unit(evidence).transpose(1, 2)

    def cross_entropy(logits):
        own = -logits.masked_fill(~valid[:, None], -math.inf).log_softmax(dim=2).diagonal(dim1=1, dim2=2)
        return torch.where(valid, own, torch.zeros_like(own)).sum(dim=1) / valid.sum(dim=1)

    return (0.5 * (cross_entropy(z) + cross_entropy(z.transpose(1, 2)))).mean()


class Prior(nn.Module):
    def __init__(self):
        super().__init__()
        self.resnet, self.image_pool, self.bert = eager.ResNet50(1), AttentionPool(2048, 49), Bert()
        self.token_pool = linears(q=(DIM, 96), k=(DIM, 96))
        self.sentence_pool = AttentionPool(DIM)
        self.projection = linears(image_global=(2048, DIM), image_local=(2048, DIM), text_local=(DIM, DIM))
        self.global_scale, self.local_scale = (nn.Parameter(torch.tensor(math.log(100.0))) for _ in range(2))
        self.lam = linears(**{side + name: (DIM, DIM) for side in ("image_", "text_") for name in "qkv"})
        self.predictor = nn.Sequential(nn.Linear(DIM, 384), nn.ReLU(), nn.Linear(384, DIM))
        bank = torch.randn(512, DIM)
        self.bank = nn.Parameter(bank / bank.abs().sum(dim=1, keepdim=True))
        self.image_decoder, self.sentence_decoder = ImageDecoder(), SentenceDecoder()
        for linear in (*self.projection.values(), self.predictor[0]):
            nn.init.normal_(linear.weight, std=linear.in_features**-0.5)

    def encode_sentences(self, ids, mask, sentence_map, rows):
        tokens = self.projection["text_local"](self.bert(ids, mask))
        member = sentence_map[:, None] == torch.arange(1, rows + 1)[:, None]
        keys = member.to(tokens.dtype) @ self.token_pool["k"](tokens)
        return masked_softmax(keys @ self.token_pool["q"](tokens).transpose(1, 2), member) @ tokens

    def mix(self, x, valid, tau):
        noise = -torch.log(-torch.log(torch.rand(*x.shape[:2], len(self.bank)).clamp(1e-10, 1 - 1e-7)))
        mixed = ((x @ self.bank.T + noise) / tau).softmax(dim=-1) @ self.bank
        return torch.where(valid[..., None], mixed, torch.zeros_like(mixed))

    def align(self, v, s, valid):
        lam, scale = self.lam, math.sqrt(DIM)
        a_s = (lam["text_q"](s) @ lam["image_k"](v).transpose(1, 2) / scale).sigmoid()
        a_v = (lam["image_q"](v) @ lam["text_k"](s).transpose(1, 2) / scale).sigmoid()
        a_s = torch.where(valid[:, :, None], a_s, torch.zeros_like(a_s))
        a_v = torch.where(valid[:, None], a_v, torch.zeros_like(a_v))
        return a_s @ lam["image_v"](v), a_v @ lam["text_v"](s)

    def report_to_image_loss(self, v, s_hat):
        def cosine(a, b):
            return (unit(a) * unit(b)).sum(dim=-1)

        return -0.5 * (cosine(self.predictor(v), s_hat.detach()) + cosine(self.predictor(s_hat), v.detach())).mean()

    def kl_loss(self, x, aligned, valid):
        log_p, log_q = (x @ self.bank.T).log_softmax(dim=-1), (aligned @ self.bank.T).log_softmax(dim=-1)
        kl = (log_p.exp() * (log_p - log_q)).sum(dim=-1)
        return torch.where(valid, kl, torch.zeros_like(kl)).sum() / valid.sum()

    def forward(self, images, ids, mask, sentence_map, stage, tau):
        local = self.resnet(images).flatten(2).transpose(1, 2)
        v_g = self.projection["image_global"](self.image_pool(local, torch.ones(local.shape[:2], dtype=torch.bool)))
        v = self.projection["image_local"](local)
        count = sentence_map.amax(dim=1).clamp(min=0)
        rows = QUERIES if stage == 3 else int(count.max())
        valid = torch.arange(rows) < count[:, None]
        x = self.encode_sentences(ids, mask, sentence_map, rows)
        s, losses = x, {}
        if stage == 3:
            s = self.mix(x, valid, tau)
            error = torch.where(valid[..., None], (s - x).abs(), torch.zeros_like(x))
            losses["proto"] = error.sum() / (valid.sum() * DIM)
        t_g = self.sentence_pool(s, valid)
        v_hat, s_hat = self.align(v, s, valid)
        losses["glob"] = global_loss(v_g, t_g, self.global_scale)
        losses["r2i"] = self.report_to_image_loss(v, s_hat)
        losses["i2r"] = image_to_report_loss(s, v_hat, valid, self.local_scale)
        if stage == 3:
            keep = (torch.rand(len(images), DIM) >= 0.5).to(v.dtype)
            losses["img"] = (self.image_decoder(v, s_hat, keep) - images).abs().mean()
            y = self.sentence_decoder(v)
            cost = torch.cdist(y.detach(), s.detach(), p=1).numpy()
            inverse = torch.stack([torch.as_tensor(linear_sum_assignment(c)[1]) for c in cost]).argsort(dim=1)
            aligned = y.gather(1, inverse[:, :, None].expand_as(y))
            losses["spg"] = (aligned - s).abs().mean()
            losses["kl"] = self.kl_loss(x, aligned, valid)
            t_y = self.sentence_pool(self.mix(aligned, valid, tau), valid)
            losses["gpa"] = global_loss(t_y, t_g, self.global_scale)
        return sum(weight * losses[name] for name, weight in WEIGHTS[stage].items())


def texts(batch):
    """Reports of 4, 8, 12 and 16 sentences of 15 words."""
    words = torch.arange(LENGTH)
    length = 15 * (4 + 4 * (torch.arange(batch) % 4))[:, None]
    sentence_map = torch.where((words > 0) & (words <= length), 1 + (words - 1) // 15, -1)
    mask = (words <= length + 1).long()
    return torch.randint(104, VOCABULARY, (batch, LENGTH)) * mask, mask, sentence_map


if __name__ == "__main__":
    stage, batch, threads = map(int, sys.argv[1:])
    eager.begin(threads)
    model = Prior()
    assert sum(p.numel() for p in model.parameters()) == 237_432_307
    adam = torch.optim.Adam(model.parameters(), lr=1e-5, weight_decay=1e-6)
    inputs = torch.randn(batch, 1, SIDE, SIDE), *texts(batch)

    def step():
        adam.zero_grad()
        loss = model(*inputs, stage, 0.9)
        loss.backward()
        adam.step()
        with torch.no_grad():
            model.global_scale.clamp_(max=math.log(100.0))
            model.local_scale.clamp_(max=math.log(100.0))
        return loss.item()

    answer_each(step)
