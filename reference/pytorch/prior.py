"""PRIOR in plain PyTorch, written from docs/methods/prior.md; section numbers below refer to it.

Reading order: config, encoders and pools (2.2-2.4), losses (2.5), LAM (2.6), SPB (2.7), CCR (2.8), `Prior` (2.9),
evaluation scores (4.3), optimiser and schedules (3), per-sample oracles.

Conventions
  B batch, M padded sentences, P patches, L text length, d joint width, K prototypes, Q decoder queries.
  Sentences are padded with zero rows; `valid` is a boolean [B, M] that is true for real sentences.
  All randomness (Gumbel noise, masks) is an argument. Dropout is the only random layer and is 0 in fixtures.
"""
from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck, ResNet
from transformers import BertConfig, BertModel


# ---------------------------------------------------------------------------------------------------------------- config
@dataclass(frozen=True)
class PriorConfig:
    """Every size and option. The defaults are the `paper` sizes."""

    image_size: int = 224
    resnet_blocks: tuple[int, int, int, int] = (3, 4, 6, 3)
    resnet_width: int = 64
    image_pool_heads: int = 8

    vocab_size: int = 28996
    text_length: int = 256
    bert_hidden: int = 768
    bert_layers: int = 12
    bert_heads: int = 12
    bert_ffn: int = 3072
    bert_positions: int = 512
    bert_types: int = 2
    dropout: float = 0.1

    dim: int = 768
    token_pool_dim: int = 96
    sentence_pool_heads: int = 8
    predictor_dim: int = 384
    prototypes: int = 512
    queries: int = 16
    decoder_layers: int = 6
    decoder_heads: int = 12
    decoder_ffn: int = 3072
    image_decoder_channels: tuple[int, int, int, int, int] = (768, 384, 192, 96, 48)

    gather: str = "attention"  # attention | mean
    lam_activation: str = "sigmoid"  # sigmoid | softmax
    global_text_projection: bool = False
    spb_init: str = "gaussian_l1"  # gaussian_l1 | gaussian
    ccr_mask: str = "channel"  # channel | spatial-cell
    ccr_mask_probability: float = 0.5
    detach_targets: bool = False
    contrastive_tau: float = 0.01
    max_log_scale: float = math.log(100.0)

    @property
    def grid(self) -> int:
        """Side of the patch grid: 7 at 224."""
        return self.image_size // 32

    @property
    def patches(self) -> int:
        return self.grid**2

    @property
    def image_channels(self) -> int:
        """Channels of layer4: 2048 at width 64."""
        return self.resnet_width * 8 * Bottleneck.expansion


@dataclass
class Batch:
    """images [B,1,H,W] z-scored; ids, attention_mask, sentence_map int64 [B,L]. The map is -1 or the sentence, from 1."""

    images: Tensor
    ids: Tensor
    attention_mask: Tensor
    sentence_map: Tensor

    @property
    def sentence_count(self) -> Tensor:
        return self.sentence_map.amax(dim=1).clamp(min=0)  # [B]


@dataclass
class Draws:
    """The random inputs of one step. Only the real sentences of the noises matter.

    spb [B,M,K] (stage 3: M = Q), requery [B,Q,K]: Gumbel noise, see `gumbel_noise`; None means no noise.
    keep: 1 keeps, 0 drops; [B,d] for channel masking, [B,P] for spatial-cell masking; None means no masking.
    """

    spb: Tensor | None = None
    requery: Tensor | None = None
    keep: Tensor | None = None


# --------------------------------------------------------------------------------------------------------------- helpers
def l2_normalise(x: Tensor) -> Tensor:
    """x / max(|x|, 1e-12) over the last axis; torch.nn.functional.normalize."""
    return F.normalize(x, p=2.0, dim=-1, eps=1e-12)


def masked_softmax(logits: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis among the entries where `mask` is true; masked entries and fully masked rows are 0."""
    some = mask.any(dim=-1, keepdim=True)
    logits = torch.where(some, logits.masked_fill(~mask, -math.inf), torch.zeros_like(logits))
    return torch.where(mask, logits.softmax(dim=-1), torch.zeros_like(logits))


def valid_rows(count: Tensor, rows: int) -> Tensor:
    """[B] counts -> boolean [B, rows]."""
    return torch.arange(rows, device=count.device)[None, :] < count[:, None]


def flatten_patches(feature_map: Tensor) -> Tensor:
    """[B,C,h,w] -> [B,h*w,C], row-major cells, channels last (B1: transpose, not reinterpret)."""
    return feature_map.flatten(2).transpose(1, 2)


def unflatten_patches(patches: Tensor, grid: int) -> Tensor:
    """[B,h*w,C] -> [B,C,h,w]; the inverse of `flatten_patches`."""
    return patches.transpose(1, 2).unflatten(2, (grid, grid))


# -------------------------------------------------------------------------------------------------- image encoder (2.2)
class ResNetTrunk(ResNet):
    """torchvision's bottleneck ResNet with base width `width`, one input channel and no fc; torchvision's names."""

    def __init__(self, blocks: tuple[int, ...], width: int):
        nn.Module.__init__(self)
        self._norm_layer, self.groups, self.base_width, self.dilation = nn.BatchNorm2d, 1, 64, 1
        self.inplanes = width
        self.conv1 = nn.Conv2d(1, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(Bottleneck, width, blocks[0])
        self.layer2 = self._make_layer(Bottleneck, width * 2, blocks[1], stride=2)
        self.layer3 = self._make_layer(Bottleneck, width * 4, blocks[2], stride=2)
        self.layer4 = self._make_layer(Bottleneck, width * 8, blocks[3], stride=2)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """[B,1,H,W] -> [B,32*width,H/32,W/32]"""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class AttentionPool(nn.Module):
    """Prepends the mean of the valid tokens, attends with it over all tokens (the mean included), returns position 0.

    Used for the image (with a position table) and for the sentences (without). Logits are scaled by 1/sqrt(dim/heads).
    """

    def __init__(self, dim: int, heads: int, tokens: int | None = None):
        super().__init__()
        self.heads = heads
        if tokens is not None:
            self.positional_embedding = nn.Parameter(torch.randn(tokens + 1, dim) / math.sqrt(dim))
        self.q_proj = nn.Linear(dim, dim)
        self.k_proj = nn.Linear(dim, dim)
        self.v_proj = nn.Linear(dim, dim)
        self.out_proj = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor, valid: Tensor | None = None) -> Tensor:
        """[B,n,dim] -> [B,dim]"""
        b, n, dim = tokens.shape
        if valid is None:
            valid = torch.ones(b, n, dtype=torch.bool, device=tokens.device)
        weight = valid.to(tokens.dtype) / valid.sum(dim=1, keepdim=True)
        mean = (weight[:, None, :] @ tokens)  # [B,1,dim]
        x = torch.cat([mean, tokens], dim=1)  # [B,n+1,dim]
        if hasattr(self, "positional_embedding"):
            x = x + self.positional_embedding
        mask = torch.cat([valid.new_ones(b, 1), valid], dim=1)  # [B,n+1]

        def split(y: Tensor) -> Tensor:
            return y.unflatten(2, (self.heads, dim // self.heads)).transpose(1, 2)  # [B,heads,n,dim/heads]

        q, k, v = split(self.q_proj(x[:, :1])), split(self.k_proj(x)), split(self.v_proj(x))
        logits = q @ k.transpose(2, 3) / math.sqrt(dim // self.heads)  # [B,heads,1,n+1]
        pooled = masked_softmax(logits, mask[:, None, None, :].expand_as(logits)) @ v
        return self.out_proj(pooled.transpose(1, 2).flatten(1))


class ImageEncoder(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        self.backbone = ResNetTrunk(c.resnet_blocks, c.resnet_width)
        self.attention_pool = AttentionPool(c.image_channels, c.image_pool_heads, c.patches)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[B,1,H,W] -> global [B,C], local [B,P,C]"""
        local = flatten_patches(self.backbone(images))
        return self.attention_pool(local), local


# --------------------------------------------------------------------------------------------------- text encoder (2.3)
class TokenPool(nn.Module):
    """Pools the tokens of each sentence: score_a = sum_b q_a . k_b over its tokens, unscaled; softmax; weighted sum."""

    def __init__(self, dim: int, hidden: int, mode: str):
        super().__init__()
        self.mode = mode
        if mode == "attention":
            self.q_proj = nn.Linear(dim, hidden)
            self.k_proj = nn.Linear(dim, hidden)

    def forward(self, tokens: Tensor, sentence_map: Tensor, sentences: int) -> Tensor:
        """tokens [B,L,d], map [B,L] -> [B,sentences,d]; absent sentences are zero rows."""
        ids = torch.arange(1, sentences + 1, device=tokens.device)
        member = sentence_map[:, None, :] == ids[None, :, None]  # [B,M,L]
        if self.mode == "mean":
            weights = member.to(tokens.dtype) / member.sum(dim=2, keepdim=True).clamp(min=1)
        else:
            key_sum = member.to(tokens.dtype) @ self.k_proj(tokens)  # [B,M,hidden]
            scores = key_sum @ self.q_proj(tokens).transpose(1, 2)  # [B,M,L]
            weights = masked_softmax(scores, member)
        return weights @ tokens


def bert_encoder(c: PriorConfig) -> BertModel:
    config = BertConfig(
        vocab_size=c.vocab_size, hidden_size=c.bert_hidden, num_hidden_layers=c.bert_layers,
        num_attention_heads=c.bert_heads, intermediate_size=c.bert_ffn, hidden_act="gelu",
        hidden_dropout_prob=c.dropout, attention_probs_dropout_prob=c.dropout,
        max_position_embeddings=c.bert_positions, type_vocab_size=c.bert_types, layer_norm_eps=1e-12,
        initializer_range=0.02, pad_token_id=0)
    config._attn_implementation = "eager"
    return BertModel(config)  # the pooler is present and unused


class TextEncoder(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        self.bert = bert_encoder(c)
        self.token_pool = TokenPool(c.dim, c.token_pool_dim, c.gather)
        self.sentence_pool = AttentionPool(c.dim, c.sentence_pool_heads)


class Projection(nn.Module):
    """Single linear layers (2.4); weights normal with std in^-0.5, biases at the library default."""

    def __init__(self, c: PriorConfig):
        super().__init__()
        self.image_global = nn.Linear(c.image_channels, c.dim)
        self.image_local = nn.Linear(c.image_channels, c.dim)
        self.text_local = nn.Linear(c.bert_hidden, c.dim)
        if c.global_text_projection:
            self.text_global = nn.Linear(c.dim, c.dim)
        for linear in self.children():
            nn.init.normal_(linear.weight, std=linear.in_features**-0.5)


# ------------------------------------------------------------------------------------------------------- losses (2.5-6)
def global_loss(image: Tensor, text: Tensor, log_scale: Tensor) -> Tensor:
    """Symmetric InfoNCE over the batch; image, text [B,d], not yet normalised."""
    z = log_scale.exp() * l2_normalise(image) @ l2_normalise(text).T  # [B,B]
    target = torch.arange(len(z), device=z.device)
    return 0.5 * (F.cross_entropy(z, target) + F.cross_entropy(z.T, target))


def image_to_report_loss(sentences: Tensor, evidence: Tensor, valid: Tensor, log_scale: Tensor) -> Tensor:
    """Symmetric InfoNCE within each report; sentences, evidence [B,M,d]; mean over valid rows, then over reports."""
    z = log_scale.exp() * l2_normalise(sentences) @ l2_normalise(evidence).transpose(1, 2)  # [B,M,M]

    def cross_entropy(logits: Tensor) -> Tensor:
        logits = logits.masked_fill(~valid[:, None, :], -math.inf)
        own = -logits.log_softmax(dim=2).diagonal(dim1=1, dim2=2)  # [B,M]
        return torch.where(valid, own, torch.zeros_like(own)).sum(dim=1) / valid.sum(dim=1)

    return (0.5 * (cross_entropy(z) + cross_entropy(z.transpose(1, 2)))).mean()


def report_to_image_loss(patches: Tensor, evidence: Tensor, predictor: nn.Module) -> Tensor:
    """SimSiam; patches V and evidence S^ [B,P,d]; stop-gradient on the side that is not predicted."""
    def cosine(a: Tensor, b: Tensor) -> Tensor:
        return (l2_normalise(a) * l2_normalise(b)).sum(dim=-1)  # [B,P]

    return -0.5 * (cosine(predictor(patches), evidence.detach()) + cosine(predictor(evidence), patches.detach())).mean()


class Predictor(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        self.fc1 = nn.Linear(c.dim, c.predictor_dim)
        self.fc2 = nn.Linear(c.predictor_dim, c.dim)
        nn.init.normal_(self.fc1.weight, std=c.dim**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.relu(self.fc1(x)))


# ------------------------------------------------------------------------------------------------------------ LAM (2.6)
class QueryKeyValue(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.q_proj = nn.Linear(dim, dim)
        self.k_proj = nn.Linear(dim, dim)
        self.v_proj = nn.Linear(dim, dim)


class LocalAlignment(nn.Module):
    """Index 1 of the specification is `image`, index 2 is `text`."""

    def __init__(self, c: PriorConfig):
        super().__init__()
        self.activation = c.lam_activation
        self.image = QueryKeyValue(c.dim)
        self.text = QueryKeyValue(c.dim)

    def forward(self, v: Tensor, s: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """v [B,P,d], s [B,M,d] -> A_s [B,M,P], A_v [B,P,M], V^ [B,M,d], S^ [B,P,d]; pad rows and columns of A are 0."""
        scale = math.sqrt(v.shape[-1])
        logits_s = self.text.q_proj(s) @ self.image.k_proj(v).transpose(1, 2) / scale  # [B,M,P]
        logits_v = self.image.q_proj(v) @ self.text.k_proj(s).transpose(1, 2) / scale  # [B,P,M]
        rows = valid[:, :, None].expand_as(logits_s)
        columns = valid[:, None, :].expand_as(logits_v)
        if self.activation == "sigmoid":
            a_s = torch.where(rows, logits_s.sigmoid(), torch.zeros_like(logits_s))
            a_v = torch.where(columns, logits_v.sigmoid(), torch.zeros_like(logits_v))  # zeroed after the sigmoid
        else:
            a_s = torch.where(rows, logits_s.softmax(dim=2), torch.zeros_like(logits_s))
            a_v = masked_softmax(logits_v, columns)
        return a_s, a_v, a_s @ self.image.v_proj(v), a_v @ self.text.v_proj(s)


# ------------------------------------------------------------------------------------------------------------ SPB (2.7)
def gumbel_noise(uniform: Tensor) -> Tensor:
    """g = -log(-log U), U clamped to [1e-10, 1 - 1e-7]."""
    return -torch.log(-torch.log(uniform.clamp(1e-10, 1 - 1e-7)))


class PrototypeBank(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        e = torch.randn(c.prototypes, c.dim)
        self.prototypes = nn.Parameter(e / e.abs().sum(dim=1, keepdim=True) if c.spb_init == "gaussian_l1" else e)

    def logits(self, x: Tensor) -> Tensor:
        return x @ self.prototypes.T  # [...,K]

    def weights(self, x: Tensor, tau: float, noise: Tensor | None) -> Tensor:
        logits = self.logits(x)
        return ((logits if noise is None else logits + noise) / tau).softmax(dim=-1)

    def forward(self, x: Tensor, tau: float, noise: Tensor | None) -> Tensor:
        return self.weights(x, tau, noise) @ self.prototypes  # [...,d]


def prototype_loss(mixed: Tensor, x: Tensor, valid: Tensor) -> Tensor:
    """Mean absolute error over all entries of all real sentences of the batch."""
    error = torch.where(valid[..., None], (mixed - x).abs(), torch.zeros_like(x))
    return error.sum() / (valid.sum() * x.shape[-1])


# ------------------------------------------------------------------------------------------------- CCR, image side (2.8)
class DecoderBlock(nn.Module):
    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class ImageDecoder(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        self.grid, self.mask, self.drop = c.grid, c.ccr_mask, c.ccr_mask_probability
        channels = (2 * c.dim, *c.image_decoder_channels)
        self.blocks = nn.ModuleList(DecoderBlock(a, b) for a, b in zip(channels, channels[1:]))
        self.head = nn.Conv2d(channels[-1], 1, 3, padding=1)

    def forward(self, v: Tensor, s_hat: Tensor, keep: Tensor | None) -> Tensor:
        """v, s_hat [B,P,d] -> [B,1,H,W]; only v is masked, survivors are scaled by 1/(1-p)."""
        if keep is not None:
            keep = keep[:, None, :] if self.mask == "channel" else keep[:, :, None]
            v = v * keep / (1 - self.drop)
        x = unflatten_patches(torch.cat([v, s_hat], dim=2), self.grid)  # [B,2d,h,w]
        for block in self.blocks:
            x = block(x)
        return self.head(x)


# ------------------------------------------------------------------------------------------------ CCR, report side (2.8)
class DecoderAttention(nn.Module):
    """BERT attention with its output part, in Hugging Face's names; keys and values come from `memory`."""

    def __init__(self, dim: int, heads: int, dropout: float):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.add_module("self", nn.ModuleDict({n: nn.Linear(dim, dim) for n in ("query", "key", "value")}))
        self.output = nn.ModuleDict({"dense": nn.Linear(dim, dim), "LayerNorm": nn.LayerNorm(dim, eps=1e-12)})

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        linear, dim = getattr(self, "self"), x.shape[2]

        def split(y: Tensor) -> Tensor:
            return y.unflatten(2, (self.heads, dim // self.heads)).transpose(1, 2)

        q, k, v = split(linear["query"](x)), split(linear["key"](memory)), split(linear["value"](memory))
        weights = (q @ k.transpose(2, 3) / math.sqrt(dim // self.heads)).softmax(dim=-1)  # no causal mask (B3)
        weights = F.dropout(weights, self.dropout, self.training)
        y = self.output["dense"]((weights @ v).transpose(1, 2).flatten(2))
        return self.output["LayerNorm"](F.dropout(y, self.dropout, self.training) + x)


class DecoderLayer(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        self.dropout = c.dropout
        self.attention = DecoderAttention(c.dim, c.decoder_heads, c.dropout)
        self.crossattention = DecoderAttention(c.dim, c.decoder_heads, c.dropout)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(c.dim, c.decoder_ffn)})
        self.output = nn.ModuleDict(
            {"dense": nn.Linear(c.decoder_ffn, c.dim), "LayerNorm": nn.LayerNorm(c.dim, eps=1e-12)})

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        x = self.crossattention(self.attention(x, x), memory)
        y = self.output["dense"](F.gelu(self.intermediate["dense"](x)))
        return self.output["LayerNorm"](F.dropout(y, self.dropout, self.training) + x)


class SentenceDecoder(nn.Module):
    """Q learnable queries through BERT's embedding step and layers with cross-attention on the patches."""

    def __init__(self, c: PriorConfig):
        super().__init__()
        self.dropout = c.dropout
        self.queries = nn.Parameter(torch.randn(c.queries, c.dim))
        self.embeddings = nn.ModuleDict({
            "position_embeddings": nn.Embedding(c.queries, c.dim),
            "token_type_embeddings": nn.Embedding(1, c.dim),
            "LayerNorm": nn.LayerNorm(c.dim, eps=1e-12)})
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(DecoderLayer(c) for _ in range(c.decoder_layers))})
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, memory: Tensor) -> Tensor:
        """memory [B,P,d] -> Y [B,Q,d]"""
        e = self.embeddings
        x = self.queries + e["position_embeddings"].weight + e["token_type_embeddings"].weight
        x = F.dropout(e["LayerNorm"](x), self.dropout, self.training).expand(len(memory), -1, -1)
        for layer in self.encoder["layer"]:
            x = layer(x, memory)
        return x


def match(y: Tensor, p: Tensor) -> tuple[Tensor, Tensor]:
    """Assignment of queries to targets with the least total L1 distance; y, p [B,Q,d].

    Returns pi [B,Q] (query i -> target pi[i]) and its inverse (target j -> query inverse[j]), both int64.
    """
    cost = (y.detach()[:, :, None, :] - p.detach()[:, None, :, :]).abs().sum(dim=3)  # [B,Q,Q]
    pi = torch.stack([torch.as_tensor(linear_sum_assignment(c.cpu().double().numpy())[1]) for c in cost]).to(y.device)
    return pi, pi.argsort(dim=1)


def matching_margin(y: Tensor, p: Tensor, counts: list[int]) -> float:
    """By what share of its cost the best matching of the real targets beats the next one, at least. Near 0 rounding decides."""
    margin = math.inf
    for c, count in zip((y.detach()[:, :, None, :] - p.detach()[:, None, :, :]).abs().sum(dim=3).double(), counts):
        query, target = linear_sum_assignment(c.numpy())
        best = c[query, target].sum().item()
        for i, j in zip(query, target):
            if j < count:
                other = c.clone()
                other[i, j] = 1e6  # target j must take another query
                margin = min(margin, other[linear_sum_assignment(other.numpy())].sum().item() / best - 1)
    return margin


def align(y: Tensor, inverse: Tensor) -> Tensor:
    """Y~_j = Y_{inverse[j]}"""
    return y.gather(1, inverse[:, :, None].expand_as(y))


def prototype_kl_loss(bank: PrototypeBank, x: Tensor, aligned: Tensor, valid: Tensor) -> Tensor:
    """Mean over all real sentences of the batch of KL(softmax(x E^T) || softmax(Y~ E^T)), summed over K."""
    log_p, log_q = bank.logits(x).log_softmax(dim=-1), bank.logits(aligned).log_softmax(dim=-1)
    kl = (log_p.exp() * (log_p - log_q)).sum(dim=-1)  # [B,Q]
    return torch.where(valid, kl, torch.zeros_like(kl)).sum() / valid.sum()


# ---------------------------------------------------------------------------------------------------------- model (2.9)
LOSS_WEIGHTS = {
    1: {"glob": 1.0, "r2i": 1.0, "i2r": 1.0},
    2: {"glob": 1.0, "r2i": 1.0, "i2r": 1.0, "proto": 10.0},
    3: {"glob": 10.0, "r2i": 1.0, "i2r": 1.0, "proto": 10.0, "img": 1.0, "spg": 10.0, "kl": 1.0, "gpa": 1.0},
}


@dataclass
class Outputs:
    """losses: every term before weighting; tensors: the intermediate values that fixtures record."""

    total: Tensor
    losses: dict[str, Tensor]
    tensors: dict[str, Tensor] = field(default_factory=dict)


class Prior(nn.Module):
    def __init__(self, c: PriorConfig):
        super().__init__()
        self.config = c
        self.image = ImageEncoder(c)
        self.text = TextEncoder(c)
        self.projection = Projection(c)
        self.global_log_scale = nn.Parameter(torch.tensor(math.log(1 / c.contrastive_tau)))
        self.local_log_scale = nn.Parameter(torch.tensor(math.log(1 / c.contrastive_tau)))
        self.lam = LocalAlignment(c)
        self.predictor = Predictor(c)
        self.spb = PrototypeBank(c)
        self.image_decoder = ImageDecoder(c)
        self.sentence_decoder = SentenceDecoder(c)

    def encode_images(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """[B,1,H,W] -> v_g [B,d], V [B,P,d]"""
        pooled, local = self.image(images)
        return self.projection.image_global(pooled), self.projection.image_local(local)

    def encode_sentences(self, batch: Batch, sentences: int) -> Tensor:
        """-> x [B,sentences,d], the sentence vectors before SPB; later sentences are left out."""
        hidden = self.text.bert(input_ids=batch.ids, attention_mask=batch.attention_mask).last_hidden_state
        return self.text.token_pool(self.projection.text_local(hidden), batch.sentence_map, sentences)

    def pool_report(self, s: Tensor, valid: Tensor) -> Tensor:
        """[B,M,d] -> t_g [B,d]"""
        t_g = self.text.sentence_pool(s, valid)
        return self.projection.text_global(t_g) if self.config.global_text_projection else t_g

    def mix(self, x: Tensor, valid: Tensor, tau: float, noise: Tensor | None) -> Tensor:
        """SPB output with zero rows at the pads."""
        mixed = self.spb(x, tau, noise)
        return torch.where(valid[..., None], mixed, torch.zeros_like(mixed))

    def forward(self, batch: Batch, stage: int, tau: float | None = None, draws: Draws = Draws()) -> Outputs:
        c, losses = self.config, {}
        v_g, v = self.encode_images(batch.images)
        rows = c.queries if stage == 3 else int(batch.sentence_count.max())
        valid = valid_rows(batch.sentence_count, rows)  # in stage 3 the sentences after the first Q take no part
        x = self.encode_sentences(batch, rows)
        if stage == 1:
            s = x
        else:
            s = self.mix(x, valid, tau, draws.spb)
            losses["proto"] = prototype_loss(s, x, valid)
        t_g = self.pool_report(s, valid)
        a_s, a_v, v_hat, s_hat = self.lam(v, s, valid)
        losses["glob"] = global_loss(v_g, t_g, self.global_log_scale)
        losses["r2i"] = report_to_image_loss(v, s_hat, self.predictor)
        losses["i2r"] = image_to_report_loss(s, v_hat, valid, self.local_log_scale)
        tensors = {"v_g": v_g, "v": v, "x": x, "s": s, "t_g": t_g, "a_s": a_s, "a_v": a_v, "v_hat": v_hat, "s_hat": s_hat}
        if stage == 3:
            reconstruction = self.image_decoder(v, s_hat, draws.keep)
            losses["img"] = (reconstruction - batch.images).abs().mean()
            y = self.sentence_decoder(v)
            pi, inverse = match(y, s)
            aligned = align(y, inverse)
            targets, x_target = (s.detach(), x.detach()) if c.detach_targets else (s, x)
            losses["spg"] = (aligned - targets).abs().mean()
            losses["kl"] = prototype_kl_loss(self.spb, x_target, aligned, valid)
            requeried = self.mix(aligned, valid, tau, draws.requery)
            t_y = self.pool_report(requeried, valid)
            losses["gpa"] = global_loss(t_y, t_g, self.global_log_scale)
            tensors |= {"reconstruction": reconstruction, "y": y, "pi": pi, "inverse": inverse, "aligned": aligned, "t_y": t_y}
        total = sum(weight * losses[name] for name, weight in LOSS_WEIGHTS[stage].items())
        return Outputs(total, losses, tensors)

    @torch.no_grad()
    def cap_scales(self) -> None:
        """Follows every optimiser step: both stored logarithms are at most ln 100. The forward pass does not clamp."""
        self.global_log_scale.clamp_(max=self.config.max_log_scale)
        self.local_log_scale.clamp_(max=self.config.max_log_scale)


# ----------------------------------------------------------------------------------------------- evaluation scores (4.3)
@torch.no_grad()
def pair_scores(model: Prior, images: Tensor, texts: Batch, scale: str = "log", tau: float = 0.01) -> tuple[Tensor, Tensor]:
    """Global and local score of every image with every text [N,C]; model in eval mode, no Gumbel noise.

    All sentences of a text take part, in the order given. A prompt is a text of one sentence.
    """
    v_g, v = model.encode_images(images)
    rows = int(texts.sentence_count.max())
    valid = valid_rows(texts.sentence_count, rows)
    s = model.mix(model.encode_sentences(texts, rows), valid, tau, None)
    t_g = model.pool_report(s, valid)
    factor = model.global_log_scale if scale == "log" else model.global_log_scale.exp()
    global_score = factor * l2_normalise(v_g) @ l2_normalise(t_g).T
    local_score = torch.empty_like(global_score)
    for j, count in enumerate(texts.sentence_count.tolist()):
        own = s[j : j + 1, :count].expand(len(v), -1, -1)
        a_s, a_v, _, _ = model.lam(v, own, torch.ones(own.shape[:2], dtype=torch.bool, device=v.device))
        local_score[:, j] = 0.5 * (a_s.mean(dim=(1, 2)) + a_v.mean(dim=(1, 2)))
    return global_score, local_score


def combined_score(global_score: Tensor, local_score: Tensor, weight: float = 1.0) -> Tensor:
    """Softmax over the texts of each, then the weighted sum; argmax is the zero-shot class, descending order the ranking."""
    return global_score.softmax(dim=1) + weight * local_score.softmax(dim=1)


# -------------------------------------------------------------------------------------------------------- optimiser (3)
def learning_rate(step: int, total: int, warmup: int, base: float, start: float = 1e-7, end: float = 0.0) -> float:
    """LR of the 0-based `step` of a stage of `total` steps."""
    if step < warmup:
        return start + step * (base - start) / max(warmup - 1, 1)
    return end + 0.5 * (base - end) * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def gumbel_temperature(step: int, total: int, schedule: str = "exponential", start: float = 0.9, end: float = 0.01) -> float:
    """tau of the 0-based `step`, counted from the first step of stage 2; `total` = steps of stages 2 and 3."""
    p = step / total
    return {"exponential": start * (end / start) ** p, "linear": start - (start - end) * p, "fixed": start}[schedule]


def clip_gradients(parameters: list[Tensor], max_norm: float) -> float:
    """Scales all gradients by min(1, max_norm / (norm + 1e-6)); returns the norm before; clip_grad_norm_."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = float(torch.stack([g.norm() for g in gradients]).norm())
    for g in gradients:
        g.mul_(min(1.0, max_norm / (norm + 1e-6)))
    return norm


class Adam:
    """torch.optim.Adam with L2 decay. A parameter without a gradient is left untouched, decay included."""

    def __init__(self, parameters: list[Tensor], betas=(0.9, 0.999), eps: float = 1e-8, weight_decay: float = 1e-6):
        self.parameters, self.betas, self.eps, self.weight_decay = parameters, betas, eps, weight_decay
        self.steps = [0] * len(parameters)
        self.exp_avg = [torch.zeros_like(p) for p in parameters]
        self.exp_avg_sq = [torch.zeros_like(p) for p in parameters]

    @torch.no_grad()
    def step(self, lr: float) -> None:
        beta1, beta2 = self.betas
        for i, p in enumerate(self.parameters):
            if p.grad is None:
                continue
            g = p.grad + self.weight_decay * p
            self.steps[i] += 1
            m = self.exp_avg[i].mul_(beta1).add_((1 - beta1) * g)
            v = self.exp_avg_sq[i].mul_(beta2).add_((1 - beta2) * g * g)
            m_hat = m / (1 - beta1 ** self.steps[i])
            v_hat = v / (1 - beta2 ** self.steps[i])
            p.sub_(lr * m_hat / (v_hat.sqrt() + self.eps))


# ------------------------------------------------------------------------------------------------- per-sample oracles
class Oracle:
    """The same numbers without padding, one sample and one sentence at a time; slow, for tests."""

    @staticmethod
    def pool_tokens(pool: TokenPool, tokens: Tensor, sentence_map: Tensor) -> list[Tensor]:
        """tokens [B,L,d] -> a list of [M_i,d]"""
        reports = []
        for sample, ids in zip(tokens, sentence_map):
            sentences = []
            for k in range(1, int(ids.max()) + 1):
                x = sample[ids == k]  # [n,d]
                if pool.mode == "mean":
                    sentences.append(x.mean(dim=0))
                    continue
                q, keys = pool.q_proj(x), pool.k_proj(x)
                score = torch.stack([sum(q[a] @ keys[b] for b in range(len(x))) for a in range(len(x))])
                sentences.append(score.softmax(dim=0) @ x)
            reports.append(torch.stack(sentences))
        return reports

    @staticmethod
    def lam(lam: LocalAlignment, v: Tensor, s: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """One sample: v [P,d], s [M,d]"""
        w1, w2, root = lam.image, lam.text, math.sqrt(v.shape[1])
        a_s = torch.stack([torch.stack([w2.q_proj(a) @ w1.k_proj(b) / root for b in v]) for a in s])
        a_v = torch.stack([torch.stack([w1.q_proj(b) @ w2.k_proj(a) / root for a in s]) for b in v])
        a_s, a_v = (a_s.sigmoid(), a_v.sigmoid()) if lam.activation == "sigmoid" else (a_s.softmax(1), a_v.softmax(1))
        return a_s, a_v, a_s @ w1.v_proj(v), a_v @ w2.v_proj(s)

    @staticmethod
    def image_to_report_loss(sentences: list[Tensor], evidence: list[Tensor], log_scale: Tensor) -> Tensor:
        losses = []
        for s, e in zip(sentences, evidence):
            z = log_scale.exp() * (s / s.norm(dim=1, keepdim=True)) @ (e / e.norm(dim=1, keepdim=True)).T
            rows = [torch.logsumexp(z[i], 0) - z[i, i] for i in range(len(z))]
            columns = [torch.logsumexp(z[:, i], 0) - z[i, i] for i in range(len(z))]
            losses.append(0.5 * (sum(rows) + sum(columns)) / len(z))
        return sum(losses) / len(losses)

    @staticmethod
    def report_to_image_loss(patches: Tensor, evidence: list[Tensor], predictor: nn.Module) -> Tensor:
        terms = []
        for v, s_hat in zip(patches, evidence):
            for a, b in zip(v, s_hat):
                terms.append(F.cosine_similarity(predictor(a), b.detach(), dim=0, eps=1e-12)
                             + F.cosine_similarity(predictor(b), a.detach(), dim=0, eps=1e-12))
        return -0.5 * sum(terms) / len(terms)

    @staticmethod
    def report_losses(bank: PrototypeBank, x: list[Tensor], y: Tensor, tau: float, noise: list[Tensor], queries: int):
        """Prototype, generation and KL loss; x, noise: per report [M_i,d] and [M_i,K]; y [B,Q,d]."""
        proto, spg, kl, real = 0.0, 0.0, 0.0, 0
        for x_i, y_i, g_i in zip(x, y, noise):
            mixed = bank(x_i, tau, g_i)
            target = torch.cat([mixed, mixed.new_zeros(queries - len(mixed), mixed.shape[1])])
            cost = torch.cdist(y_i.detach(), target.detach(), p=1)
            query, column = linear_sum_assignment(cost.numpy())
            proto = proto + (mixed - x_i).abs().sum()
            for i, j in zip(query, column):
                spg = spg + (y_i[i] - target[j]).abs().sum()
                if j < len(x_i):
                    log_p = bank.logits(x_i[j]).log_softmax(0)
                    kl = kl + (log_p.exp() * (log_p - bank.logits(y_i[i]).log_softmax(0))).sum()
                    real += 1
        d = y.shape[2]
        return proto / (real * d), spg / (len(y) * queries * d), kl / real
