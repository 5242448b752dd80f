"""Writes the golden fixtures of PRIOR: python make_golden_prior.py --out DIR --seed N --profile tiny|odd

Everything is float64 and synthetic. See reference/golden/prior/README.md for the naming.
"""
from __future__ import annotations

import argparse
import dataclasses
import json
import math
import pathlib
import zlib

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import prior as P
from prior_cases import metrics_cases, text_cases

PROFILES = {
    "tiny": dict(
        batch=3, counts=[4, 1, 6], steps=3, matched=3,  # steps of stage 3 with one best matching
        config=P.PriorConfig(
            image_size=64, resnet_blocks=(1, 2, 1, 1), resnet_width=2, image_pool_heads=4, vocab_size=112, text_length=28,
            bert_hidden=20, bert_layers=2, bert_heads=4, bert_ffn=36, bert_positions=32, dropout=0.0, dim=18,
            token_pool_dim=5, sentence_pool_heads=3, predictor_dim=10, prototypes=24, queries=5, decoder_layers=2,
            decoder_heads=2, decoder_ffn=30, image_decoder_channels=(16, 12, 8, 6, 4))),
    "odd": dict(
        batch=5, counts=[2, 7, 1, 4, 5], steps=3, matched=1,
        config=P.PriorConfig(
            image_size=96, resnet_blocks=(2, 1, 1, 2), resnet_width=3, image_pool_heads=3, vocab_size=121, text_length=33,
            bert_hidden=30, bert_layers=3, bert_heads=5, bert_ffn=44, bert_positions=33, dropout=0.0, dim=20,
            token_pool_dim=7, sentence_pool_heads=5, predictor_dim=9, prototypes=37, queries=6, decoder_layers=3,
            decoder_heads=2, decoder_ffn=50, image_decoder_channels=(18, 14, 10, 6, 4))),
}
PAD, CLS, SEP, FIRST_WORD = 0, 101, 102, 104


# ------------------------------------------------------------------------------------------------------------- fixture
class Fixture:
    """One `.safetensors` with its `.json`."""

    def __init__(self, maker: "Maker", name: str, about: str):
        self.maker, self.name = maker, name
        self.g = torch.Generator().manual_seed(maker.seed * 1_000_003 + zlib.crc32(name.encode()) + maker.attempt)
        self.dtype, self.margin = maker.dtype, math.inf
        self.tensors: dict[str, Tensor] = {}
        self.meta: dict = {
            "fixture": name, "about": about, "profile": maker.profile, "seed": maker.seed, "torch": torch.__version__,
            "config": dataclasses.asdict(maker.config), "scalars": {}, "objectives": {}, "tensors": []}

    def normal(self, *shape: int, std: float = 1.0) -> Tensor:
        """Always float64, with 8 significant bits: exact in float32 too, and a repository packs it to a third."""
        return (torch.randn(shape, generator=self.g, dtype=torch.float64) * std).bfloat16().double()

    def draw(self, *shape: int, std: float = 1.0) -> Tensor:
        return self.normal(*shape, std=std).to(self.dtype)

    def uniform(self, *shape: int) -> Tensor:
        """Always float64: masks and noise derived from it are the same numbers in every precision."""
        return torch.rand(shape, generator=self.g, dtype=torch.float64)

    def noise(self, uniform: Tensor) -> Tensor:
        return P.gumbel_noise(uniform).to(self.dtype)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        return torch.randint(low, high, shape, generator=self.g)

    def put(self, name: str, tensor: Tensor, meaning: str) -> None:
        assert name not in self.tensors, name
        assert not tensor.is_floating_point() or torch.isfinite(tensor).all(), name
        self.tensors[name] = tensor.detach().clone().contiguous()
        kind = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64"}[tensor.dtype]
        self.meta["tensors"].append({"name": name, "shape": list(tensor.shape), "dtype": kind, "meaning": meaning})

    def scalar(self, name: str, value) -> None:
        self.meta["scalars"][name] = value.item() if isinstance(value, Tensor) else value

    def weights(self, module: nn.Module, prefix: str = "", as_prefix: str = "weight") -> None:
        for name, p in module.named_parameters(prefix=prefix):
            self.put(f"{as_prefix}.{name}", p, "parameter")

    def buffers(self, module: nn.Module, prefix: str = "", as_prefix: str = "buffer") -> None:
        for name, b in module.named_buffers(prefix=prefix):
            if name.endswith(("running_mean", "running_var", "num_batches_tracked")):
                self.put(f"{as_prefix}.{name}", b, "BatchNorm buffer")

    def functional(self, outputs: dict[str, Tensor], masks: dict[str, Tensor] | None = None) -> Tensor:
        """Records a random cotangent for each output; returns sum(cotangent * output)."""
        total = 0.0
        for name, output in outputs.items():
            cotangent = self.draw(*output.shape)
            if masks and name in masks:
                cotangent = cotangent * masks[name]
            self.put(f"cotangent.{name}", cotangent, f"coefficients of output.{name} in the objective `functional`")
            total = total + (cotangent * output).sum()
        self.scalar("functional", total)
        return total

    def gradients(self, objective: str, value: Tensor, formula: str, inputs: dict[str, Tensor],
                  modules: dict[str, nn.Module], zero_if_unused: bool = True) -> None:
        """d value / d inputs and weights; `modules` maps a name prefix to a module."""
        self.meta["objectives"][objective] = formula
        named = [(f"input.{n}", t) for n, t in inputs.items()]
        named += [(f"weight.{n}", p) for prefix, m in modules.items() for n, p in m.named_parameters(prefix=prefix)]
        unique = list({n: t for n, t in named}.items())
        grads = torch.autograd.grad(value, [t for _, t in unique], retain_graph=True, allow_unused=True)
        for (name, t), grad in zip(unique, grads):
            if grad is None and not zero_if_unused:
                continue
            self.put(f"grad.{objective}.{name}", torch.zeros_like(t) if grad is None else grad, f"d {objective} / d {name}")

    def done(self) -> None:
        self.maker.made = self

    def deviation(self, other: "Fixture") -> dict[str, float]:
        """The worst deviation of the float32 twin per kind of tensor; see the README for the measure."""
        worst: dict[str, float] = {}
        for name, want in self.tensors.items():
            kind = name.split(".")[0] if not name.startswith("grad.") else "gradient"
            if kind not in ("output", "gradient", "after") or not want.is_floating_point():
                continue
            floor = 0.0
            if kind == "gradient":
                objective = ".".join(name.split(".")[:2]) + "."
                floor = 1e-3 * max(t.abs().max().item() for n, t in self.tensors.items() if n.startswith(objective))
            error = (other.tensors[name].double() - want).abs().max().item()
            worst[kind] = max(worst.get(kind, 0.0), error / ((want.abs().max().item() + floor) or 1.0))
        for name, want in self.meta["scalars"].items():
            if isinstance(want, float) and "step1" not in name and "step2" not in name:
                worst["scalar"] = max(worst.get("scalar", 0.0), abs(other.meta["scalars"][name] - want) / max(abs(want), 1e-2))
        return worst

    def save(self) -> None:
        path = self.maker.out / self.name
        save_file(self.tensors, f"{path}.safetensors")
        with open(f"{path}.json", "w") as f:
            f.write(json.dumps(self.meta, indent=1, sort_keys=False) + "\n")
        size = pathlib.Path(f"{path}.safetensors").stat().st_size / 1e6
        print(f"{self.name:24s} {size:7.3f} MB  float32: " + ", ".join(f"{k} {v:.1e}" for k, v in self.meta["float32"].items()))


def randomise(module: nn.Module, f: Fixture) -> nn.Module:
    """No parameter is left at a trivial value."""
    module.to(f.dtype)
    with torch.no_grad():
        for name, p in module.named_parameters():
            if p.dim() == 0:
                continue
            if p.dim() >= 2:
                gain = math.sqrt(2) if p.dim() == 4 else 1.0
                p.copy_(f.normal(*p.shape, std=gain / math.sqrt(p[0].numel())))
            elif name.endswith("weight"):
                p.copy_(1 + f.normal(*p.shape, std=0.1))
            else:
                p.copy_(f.normal(*p.shape, std=0.1))
        for name, b in module.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(f.normal(*b.shape, std=0.1))
            elif name.endswith("running_var"):
                b.copy_(0.5 + f.uniform(*b.shape))
            elif name.endswith("num_batches_tracked"):
                b.fill_(7)
    return module


# --------------------------------------------------------------------------------------------------------------- maker
class Maker:
    def __init__(self, out: pathlib.Path, seed: int, profile: str):
        self.out, self.seed, self.profile = out, seed, profile
        settings = PROFILES[profile]
        self.config: P.PriorConfig = settings["config"]
        self.batch, self.counts, self.steps, self.matched = (settings[k] for k in ("batch", "counts", "steps", "matched"))
        self.dtype, self.attempt, self.made = torch.float64, 0, None

    def make(self, method, *arguments) -> None:
        """Builds the fixture in float64 and float32; draws again while a ReLU, an L1 sign or an assignment sits so close
        to its kink that float32 falls on the other side, or another matching costs the same."""
        for self.attempt in range(1000):
            twins = []
            for self.dtype in (torch.float64, torch.float32):
                method(*arguments)
                twins.append(self.made)
            exact, single = twins
            exact.meta["attempt"], exact.meta["float32"] = self.attempt, exact.deviation(single)
            if exact.meta["float32"].get("gradient", 0) < 7e-5 and exact.meta["float32"].get("output", 0) < 5e-5 \
                    and exact.margin > 1e-5:
                return exact.save()
        raise RuntimeError(f"no well-conditioned draw for {exact.name}: {exact.meta['float32']}")

    # -- random inputs
    def texts(self, f: Fixture, counts: list[int]) -> dict[str, Tensor]:
        """Ragged token rows: [CLS], the sentences with 1-4 tokens each, [SEP], padding."""
        c = self.config
        ids = torch.zeros(len(counts), c.text_length, dtype=torch.int64)
        mask, sentence_map = torch.zeros_like(ids), torch.full_like(ids, -1)
        for i, m in enumerate(counts):
            lengths = f.integers(1, 5, m).tolist()
            row_map = [k + 1 for k, n in enumerate(lengths) for _ in range(n)][: c.text_length - 2]
            n = len(row_map)
            ids[i, 0], ids[i, n + 1] = CLS, SEP
            ids[i, 1 : n + 1] = f.integers(FIRST_WORD, c.vocab_size, n)
            sentence_map[i, 1 : n + 1] = torch.tensor(row_map)
            mask[i, : n + 2] = 1
        return {"ids": ids, "attention_mask": mask, "sentence_map": sentence_map}

    def sample(self, f: Fixture, counts: list[int]) -> P.Batch:
        size = self.config.image_size
        coarse = f.normal(len(counts), 1, size // 8, size // 8)
        images = nn.functional.interpolate(coarse, size=(size, size), mode="bilinear") + f.normal(len(counts), 1, size, size, std=0.3)
        return P.Batch(images=images.to(f.dtype), **self.texts(f, counts))

    def ragged(self, f: Fixture, rows: int, std: float = 1.0) -> tuple[Tensor, Tensor]:
        """Zero-padded sentences [B,rows,d] and the counts."""
        count = torch.tensor(self.counts).clamp(max=rows)
        valid = P.valid_rows(count, rows)
        return torch.where(valid[..., None], f.draw(self.batch, rows, self.config.dim, std=std), torch.zeros((), dtype=f.dtype)), count

    def draws(self, f: Fixture, counts: Tensor, stage: int) -> P.Draws:
        c = self.config
        if stage == 1:
            return P.Draws()
        if stage == 2:
            return P.Draws(spb=f.noise(f.uniform(len(counts), int(counts.max()), c.prototypes)))
        noise = [f.noise(f.uniform(len(counts), c.queries, c.prototypes)) for _ in range(2)]
        return P.Draws(spb=noise[0], requery=noise[1], keep=(f.uniform(len(counts), c.dim) < 0.5).to(f.dtype))

    @property
    def max_count(self) -> int:
        return max(self.counts)

    # -- modules
    def attention_pool(self) -> None:
        c, f = self.config, Fixture(self, "attention_pool", "image attention pool (2.2)")
        pool = randomise(P.AttentionPool(c.image_channels, c.image_pool_heads, c.patches), f)
        feature_map = f.draw(self.batch, c.image_channels, c.grid, c.grid).requires_grad_()
        local = P.flatten_patches(feature_map)
        out = pool(local)
        f.put("input.feature_map", feature_map, "[B,C,h,w] layer4 output")
        f.weights(pool, "image.attention_pool")
        f.put("output.local", local, "[B,P,C] patches, row-major cells")
        f.put("output.pooled", out, "[B,C]")
        f.gradients("functional", f.functional({"pooled": out}), "sum(cotangent.pooled * output.pooled)",
                    {"feature_map": feature_map}, {"image.attention_pool": pool})
        f.done()

    def token_pool(self) -> None:
        c, f = self.config, Fixture(self, "token_pool", "token-to-sentence pooling, attention and mean (2.3)")
        pool = randomise(P.TokenPool(c.dim, c.token_pool_dim, "attention"), f)
        texts = self.texts(f, self.counts)
        tokens = f.draw(self.batch, c.text_length, c.dim).requires_grad_()
        out = pool(tokens, texts["sentence_map"], self.max_count)
        mean = P.TokenPool(c.dim, c.token_pool_dim, "mean")(tokens, texts["sentence_map"], self.max_count)
        for padded, oracle_pool in ((out, pool), (mean, P.TokenPool(c.dim, 1, "mean"))):
            for row, expected in zip(padded, P.Oracle.pool_tokens(oracle_pool, tokens, texts["sentence_map"])):
                check_equal(row[: len(expected)], expected)
        f.put("input.tokens", tokens, "[B,L,d] projected tokens")
        f.put("input.sentence_map", texts["sentence_map"], "[B,L] -1 or the sentence from 1")
        f.put("input.sentence_count", torch.tensor(self.counts), "[B]")
        f.weights(pool, "text.token_pool")
        f.put("output.attention", out, "[B,M,d] sentences; absent ones are zero rows")
        f.put("output.mean", mean, "[B,M,d] the same with gather=mean")
        value = f.functional({"attention": out, "mean": mean})
        f.gradients("functional", value, "sum(cotangent.attention * output.attention) + sum(cotangent.mean * output.mean)",
                    {"tokens": tokens}, {"text.token_pool": pool})
        f.done()

    def sentence_pool(self) -> None:
        c, f = self.config, Fixture(self, "sentence_pool", "sentence-to-report pooling (2.3)")
        pool = randomise(P.AttentionPool(c.dim, c.sentence_pool_heads), f)
        s, count = self.ragged(f, self.max_count)
        s.requires_grad_()
        out = pool(s, P.valid_rows(count, self.max_count))
        for i, m in enumerate(self.counts):
            check_equal(out[i], pool(s[i : i + 1, :m])[0])
        f.put("input.sentences", s, "[B,M,d], zero rows at pads")
        f.put("input.sentence_count", count, "[B]")
        f.weights(pool, "text.sentence_pool")
        f.put("output.pooled", out, "[B,d] t_g")
        f.gradients("functional", f.functional({"pooled": out}), "sum(cotangent.pooled * output.pooled)",
                    {"sentences": s}, {"text.sentence_pool": pool})
        f.done()

    def global_loss(self) -> None:
        c, f = self.config, Fixture(self, "global_loss", "symmetric contrastive loss (2.5)")
        v = f.normal(self.batch, c.dim)
        t = (0.3 * v + f.normal(self.batch, c.dim)).to(f.dtype).requires_grad_()
        v = v.to(f.dtype).requires_grad_()
        holder = nn.ParameterDict({"global_log_scale": torch.tensor(math.log(1 / 0.07), dtype=f.dtype)})
        loss = P.global_loss(v, t, holder["global_log_scale"])
        f.put("input.image", v, "[B,d] v_g, not normalised")
        f.put("input.text", t, "[B,d] t_g, not normalised")
        f.weights(holder)
        f.scalar("loss", loss)
        f.gradients("loss", loss, "L_glob", {"image": v, "text": t}, {"": holder})
        f.done()

    def lam(self, activation: str) -> None:
        c = dataclasses.replace(self.config, lam_activation=activation)
        f = Fixture(self, "lam" if activation == "sigmoid" else "lam_softmax", f"LAM with {activation} and both local losses (2.6)")
        f.meta["config"] = dataclasses.asdict(c)
        lam, predictor = randomise(P.LocalAlignment(c), f), randomise(P.Predictor(c), f)
        scale = nn.ParameterDict({"local_log_scale": torch.tensor(math.log(9.0), dtype=f.dtype)})
        s, count = self.ragged(f, self.max_count)
        valid = P.valid_rows(count, self.max_count)
        v = f.draw(self.batch, c.patches, c.dim)
        v.requires_grad_(), s.requires_grad_()
        a_s, a_v, v_hat, s_hat = lam(v, s, valid)
        i2r = P.image_to_report_loss(s, v_hat, valid, scale["local_log_scale"])
        r2i = P.report_to_image_loss(v, s_hat, predictor)

        oracle = [P.Oracle.lam(lam, v[i], s[i, :m]) for i, m in enumerate(self.counts)]
        for i, m in enumerate(self.counts):
            for got, expected in zip((a_s[i, :m], a_v[i, :, :m], v_hat[i, :m], s_hat[i]), oracle[i]):
                check_equal(got, expected)
        check_equal(i2r, P.Oracle.image_to_report_loss(
            [s[i, :m] for i, m in enumerate(self.counts)], [o[2] for o in oracle], scale["local_log_scale"]))
        check_equal(r2i, P.Oracle.report_to_image_loss(v, [o[3] for o in oracle], predictor))

        f.put("input.patches", v, "[B,P,d] V")
        f.put("input.sentences", s, "[B,M,d] S, zero rows at pads")
        f.put("input.sentence_count", count, "[B]; contains 1")
        modules = {"lam": lam, "predictor": predictor, "": scale}
        for prefix, module in modules.items():
            f.weights(module, prefix)
        f.put("output.a_s", a_s, "[B,M,P] image evidence weights, zero rows at pads")
        f.put("output.a_v", a_v, "[B,P,M] text evidence weights, zero columns at pads")
        f.put("output.v_hat", v_hat, "[B,M,d] V^, zero rows at pads")
        f.put("output.s_hat", s_hat, "[B,P,d] S^")
        f.scalar("i2r", i2r)
        f.scalar("r2i", r2i)
        inputs = {"patches": v, "sentences": s}
        f.gradients("i2r", i2r, "L_i2r", inputs, modules)
        f.gradients("r2i", r2i, "L_r2i (a missing stop-gradient shows in grad.r2i.*)", inputs, modules)
        f.done()

    def spb(self) -> None:
        c, f = self.config, Fixture(self, "spb", "prototype memory bank with Gumbel-softmax and its loss (2.7)")
        bank = randomise(P.PrototypeBank(c), f)
        x, count = self.ragged(f, self.max_count)
        x.requires_grad_()
        valid = P.valid_rows(count, self.max_count)
        u = f.uniform(self.batch, self.max_count, c.prototypes)
        u[0, 0, 0], u[0, 0, 1] = 0.0, 1.0
        noise, tau = f.noise(u), 0.37
        weights = bank.weights(x, tau, noise)
        zero = torch.zeros((), dtype=f.dtype)
        mixed = torch.where(valid[..., None], bank(x, tau, noise), zero)
        loss = P.prototype_loss(mixed, x, valid)
        quiet = torch.where(valid[..., None], bank(x, 0.01, None), zero)
        f.put("input.x", x, "[B,M,d] sentence vectors, zero rows at pads")
        f.put("input.sentence_count", count, "[B]")
        f.put("input.uniform", u, "[B,M,K] U of the noise; holds an exact 0 and an exact 1")
        f.put("input.noise", noise, "[B,M,K] g = -log(-log clamp(U))")
        f.weights(bank, "spb")
        f.put("output.weights", torch.where(valid[..., None], weights, zero), "[B,M,K] softmax((x E^T + g)/tau), zero at pads")
        f.put("output.index", torch.where(valid, weights.argmax(dim=2), torch.tensor(-1)), "[B,M] argmax, -1 at pads")
        f.put("output.mixed", mixed, "[B,M,d] zero rows at pads")
        f.put("output.evaluation", quiet, "[B,M,d] without noise at tau 0.01, zero rows at pads")
        f.scalar("tau", tau)
        f.scalar("proto", loss)
        f.gradients("functional", f.functional({"mixed": mixed}), "sum(cotangent.mixed * output.mixed)", {"x": x}, {"spb": bank})
        f.gradients("proto", loss, "L_proto", {"x": x}, {"spb": bank})
        f.done()

    def report_branch(self) -> None:
        c, f = self.config, Fixture(self, "report_branch", "sentence decoder, matching, generation and KL loss (2.8)")
        decoder, bank = randomise(P.SentenceDecoder(c), f), randomise(P.PrototypeBank(c), f)
        x, count = self.ragged(f, c.queries)
        valid, tau = P.valid_rows(count, c.queries), 0.2
        noise = f.noise(f.uniform(self.batch, c.queries, c.prototypes))
        v = f.draw(self.batch, c.patches, c.dim)
        x.requires_grad_(), v.requires_grad_()
        p = torch.where(valid[..., None], bank(x, tau, noise), torch.zeros((), dtype=f.dtype))
        y = decoder(v)
        pi, inverse = P.match(y, p)
        f.margin = P.matching_margin(y, p, count.tolist())
        aligned = P.align(y, inverse)
        spg, kl = (aligned - p).abs().mean(), P.prototype_kl_loss(bank, x, aligned, valid)
        counts = count.tolist()
        expected = P.Oracle.report_losses(bank, [x[i, :m] for i, m in enumerate(counts)], y, tau,
                                          [noise[i, :m] for i, m in enumerate(counts)], c.queries)
        for got, want in zip((P.prototype_loss(p, x, valid), spg, kl), expected):
            check_equal(got, want)
        f.put("input.patches", v, "[B,P,d] V, the memory")
        f.put("input.x", x, "[B,Q,d] sentence vectors before SPB, zero rows at pads")
        f.put("input.sentence_count", count, "[B], at most Q")
        f.put("input.noise", noise, "[B,Q,K] Gumbel noise of the targets")
        modules = {"sentence_decoder": decoder, "spb": bank}
        for prefix, module in modules.items():
            f.weights(module, prefix)
        cost = (y[:, :, None] - p[:, None]).abs().sum(3)
        f.put("output.y", y, "[B,Q,d] decoder output Y")
        f.put("output.targets", p, "[B,Q,d] P, zero rows at pads")
        f.put("output.cost", cost, "[B,Q,Q] C[i][j] = sum |Y_i - P_j|")
        f.put("output.pi", pi, "[B,Q] query i -> target pi[i]")
        f.put("output.inverse", inverse, "[B,Q] target j -> query inverse[j]")
        f.put("output.aligned", aligned, "[B,Q,d] Y~_j = Y_inverse[j]")
        f.scalar("tau", tau)
        f.scalar("spg", spg)
        f.scalar("kl", kl)
        f.scalar("assignment_cost", [cost[i, range(c.queries), pi[i]].sum().item() for i in range(self.batch)])
        inputs = {"patches": v, "x": x}
        f.gradients("functional", f.functional({"y": y}), "sum(cotangent.y * output.y)", inputs, modules)
        f.gradients("spg", spg, "L_spg", inputs, modules)
        f.gradients("kl", kl, "L_kl", inputs, modules)
        f.done()

    def image_decoder(self, mask: str) -> None:
        c = dataclasses.replace(self.config, ccr_mask=mask)
        f = Fixture(self, "image_decoder" if mask == "channel" else "image_decoder_cells",
                    f"image decoder with {mask} mask and reconstruction loss, BatchNorm in train mode (2.8)")
        f.meta["config"] = dataclasses.asdict(c)
        decoder = randomise(P.ImageDecoder(c), f)
        v = f.draw(self.batch, c.patches, c.dim).requires_grad_()
        s_hat = f.draw(self.batch, c.patches, c.dim).requires_grad_()
        image = self.sample(f, self.counts).images
        keep = (f.uniform(self.batch, c.dim if mask == "channel" else c.patches) < 0.5).to(f.dtype)
        f.put("input.patches", v, "[B,P,d] V")
        f.put("input.s_hat", s_hat, "[B,P,d] S^")
        f.put("input.image", image, "[B,1,H,W] target")
        f.put("input.keep", keep, "[B,d] channel mask" if mask == "channel" else "[B,P] cell mask")
        f.weights(decoder, "image_decoder")
        f.buffers(decoder, "image_decoder")
        decoder.eval()
        f.put("output.evaluation", decoder(v, s_hat, None), "[B,1,H,W] eval mode with the initial buffers, no mask")
        decoder.train()
        out = decoder(v, s_hat, keep)
        loss = (out - image).abs().mean()
        f.buffers(decoder, "image_decoder", "after.buffer")
        f.put("output.reconstruction", out, "[B,1,H,W] train mode")
        f.scalar("img", loss)
        f.gradients("img", loss, "L_img", {"patches": v, "s_hat": s_hat}, {"image_decoder": decoder})
        f.done()

    def adam(self) -> None:
        f = Fixture(self, "adam", "10 Adam steps with L2 decay, global-norm clipping and the schedule (3)")
        shapes = {"a": (3, 4), "b": (5,), "c": (), "unused": (2, 2)}
        parameters = {n: f.draw(*shape).requires_grad_() for n, shape in shapes.items()}
        for n, p in parameters.items():
            f.put(f"weight.{n}", p, "initial parameter" + (", never has a gradient" if n == "unused" else ""))
        optimiser = P.Adam(list(parameters.values()), weight_decay=0.01)
        twin = {n: p.detach().clone().requires_grad_() for n, p in parameters.items()}
        torch_adam = torch.optim.Adam(twin.values(), weight_decay=0.01)
        schedule = dict(total=10, warmup=4, base=3e-3, start=1e-5, end=1e-6)
        rates, norms = [], []
        for step in range(10):
            rates.append(P.learning_rate(step, **schedule))
            for n, p in parameters.items():
                if n == "unused":
                    continue
                p.grad = f.draw(*p.shape, std=[0.05, 1.0, 1e-9][step % 3])
                f.put(f"step{step}.grad.{n}", p.grad, "gradient before clipping")
                twin[n].grad = p.grad.clone()
            norms.append(P.clip_gradients(list(parameters.values()), 1.0))
            optimiser.step(rates[-1])
            check_equal(torch.tensor(norms[-1], dtype=f.dtype), torch.nn.utils.clip_grad_norm_(twin.values(), 1.0))
            torch_adam.param_groups[0]["lr"] = rates[-1]
            torch_adam.step()
            for n, p in parameters.items():
                check_equal(p, twin[n])
                f.put(f"step{step}.weight.{n}", p, "parameter after the step")
        for n, m, v in zip(parameters, optimiser.exp_avg, optimiser.exp_avg_sq):
            f.put(f"after.exp_avg.{n}", m, "first moment after the last step")
            f.put(f"after.exp_avg_sq.{n}", v, "second moment after the last step")
        f.meta["schedule"] = schedule
        f.meta["adam"] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01, "clip": 1.0}
        f.scalar("lr", rates)
        f.scalar("norm", norms)
        f.done()

    def schedules(self) -> None:
        """JSON only: learning rates and temperatures."""
        g = torch.Generator().manual_seed(self.seed + 5)
        rates, taus = [], []
        cases = [(28_500, 1_425, 1e-5, 1e-7, 0.0), (42_750, 1_425, 1e-5, 1e-7, 0.0), (71_250, 7_125, 5e-6, 1e-8, 0.0),
                 (10, 1, 1e-3, 1e-5, 0.0), (10, 0, 1e-3, 1e-5, 1e-6), (50, 7, 2e-4, 1e-6, 1e-8)]
        for total, warmup, base, start, end in cases:
            steps = {0, 1, warmup - 1, warmup, warmup + 1, total // 2, total - 1} | set(torch.randint(0, total, (4,), generator=g).tolist())
            for step in sorted(s for s in steps if 0 <= s < total):
                lr = P.learning_rate(step, total, warmup, base, start, end)
                rates.append(dict(step=step, total=total, warmup=warmup, base=base, start=start, end=end, lr=lr))
        for schedule in ("exponential", "linear", "fixed"):
            for total, end in ((114_000, 0.01), (37, 0.09)):
                for step in sorted({0, 1, total // 4, total // 2, 3 * total // 4, total - 1, total}):
                    taus.append(dict(step=step, total=total, schedule=schedule, start=0.9, end=end,
                                     tau=P.gumbel_temperature(step, total, schedule, 0.9, end)))
        write_json(self.out / "schedules.json", {"learning_rate": rates, "gumbel_temperature": taus})

    def bert(self) -> None:
        c, f = self.config, Fixture(self, "bert", "text encoder with padding mask (2.3)")
        bert = randomise(P.bert_encoder(c), f).train()
        texts = self.texts(f, self.counts)
        hidden = bert(input_ids=texts["ids"], attention_mask=texts["attention_mask"]).last_hidden_state
        real = texts["attention_mask"][..., None].to(f.dtype)
        f.put("input.ids", texts["ids"], "[B,L]")
        f.put("input.attention_mask", texts["attention_mask"], "[B,L] 1 real, 0 padding")
        f.weights(bert, "text.bert")
        f.put("output.last_hidden", hidden * real, "[B,L,H]; rows at padding are zeroed, do not compare them")
        value = f.functional({"last_hidden": hidden}, {"last_hidden": real})
        f.gradients("functional", value, "sum(cotangent.last_hidden * last_hidden); the cotangent is 0 at padding", {}, {"text.bert": bert})
        f.done()

    def resnet(self, mode: str) -> None:
        c, f = self.config, Fixture(self, f"resnet_{mode}", f"image backbone in {mode} mode (2.2)")
        trunk = randomise(P.ResNetTrunk(c.resnet_blocks, c.resnet_width), f).train(mode == "train")
        images = self.sample(f, self.counts).images.requires_grad_()
        f.put("input.images", images, "[B,1,H,W]")
        f.weights(trunk, "image.backbone")
        f.buffers(trunk, "image.backbone")
        out = trunk(images)
        f.buffers(trunk, "image.backbone", "after.buffer")
        f.put("output.feature_map", out, "[B,C,h,w] layer4")
        f.gradients("functional", f.functional({"feature_map": out}), "sum(cotangent.feature_map * output.feature_map)",
                    {"images": images}, {"image.backbone": trunk})
        f.done()

    # -- whole model
    def model(self, f: Fixture, local_log_scale: float) -> P.Prior:
        model = randomise(P.Prior(self.config), f).train()
        with torch.no_grad():
            model.global_log_scale.fill_(math.log(1 / 0.07))
            model.local_log_scale.fill_(local_log_scale)
        return model

    def whole(self, stage: int) -> None:
        c, f = self.config, Fixture(self, f"whole_stage{stage}", f"whole model, stage {stage}: losses, gradients, {self.steps} steps (2.9, 3)")
        model = self.model(f, math.log(100) + 0.01 if stage == 2 else math.log(9.0))
        optimiser = P.Adam(list(model.parameters()))
        schedule = dict(total=8, warmup=2, base=2e-3, start=1e-3, end=0.0)
        tau_schedule = dict(first_step={1: None, 2: 0, 3: 6}[stage], total=12, schedule="exponential", start=0.9, end=0.01)
        f.meta["schedule"], f.meta["tau_schedule"] = schedule, tau_schedule
        f.meta["adam"] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 1e-6, "clip": None}
        f.meta["loss_weights"] = P.LOSS_WEIGHTS[stage]
        f.meta["objectives"]["total"] = "the weighted sum of the loss terms, at step 0"
        f.meta["notes"] = [
            "BatchNorm in train mode, dropout 0.",
            "Order in a step: forward, backward, Adam with lr, cap of both log scales at ln 100.",
            "A parameter without grad.total.* has no gradient in this stage and stays bit-equal.",
            "output.* are values of step 0." + (" local_log_scale starts above the cap to make the cap visible." if stage == 2 else "")]
        f.weights(model)
        f.buffers(model)
        without = []
        for step in range(self.steps):
            counts = self.counts[step:] + self.counts[:step]
            batch = self.sample(f, counts)
            draws = self.draws(f, batch.sentence_count, stage)
            f.put(f"step{step}.input.images", batch.images, "[B,1,H,W]")
            f.put(f"step{step}.input.ids", batch.ids, "[B,L]")
            f.put(f"step{step}.input.attention_mask", batch.attention_mask, "[B,L]")
            f.put(f"step{step}.input.sentence_map", batch.sentence_map, "[B,L] -1 or the sentence from 1")
            if draws.spb is not None:
                f.put(f"step{step}.noise.spb", draws.spb, "Gumbel noise of the query, [B,M,K]; stage 3: M = Q; pads are ignored")
            if draws.requery is not None:
                f.put(f"step{step}.noise.requery", draws.requery, "[B,Q,K] Gumbel noise of the re-query of Y~; pads are ignored")
                f.put(f"step{step}.keep", draws.keep, "[B,d] channel mask of the image branch")
            tau = None if stage == 1 else P.gumbel_temperature(
                tau_schedule["first_step"] + step, 12, "exponential", 0.9, 0.01)
            lr = P.learning_rate(step, **schedule)
            model.zero_grad(set_to_none=True)
            out = model(batch, stage, tau, draws)
            out.total.backward()
            f.scalar(f"step{step}.lr", lr)
            f.scalar(f"step{step}.tau", tau)
            f.scalar(f"step{step}.total", out.total)
            for name, loss in out.losses.items():
                f.scalar(f"step{step}.loss.{name}", loss)
            if stage == 3 and step < self.matched:
                f.margin = min(f.margin, P.matching_margin(out.tensors["y"], out.tensors["s"], batch.sentence_count.clamp(max=c.queries).tolist()))
            if step == 0:
                for name, t in out.tensors.items():
                    f.put(f"output.{name}", t, "see Prior.forward of the reference")
                for name, p in model.named_parameters():
                    if p.grad is None:
                        without.append(name)
                    else:
                        f.put(f"grad.total.weight.{name}", p.grad, f"d total / d {name}")
            optimiser.step(lr)
            model.cap_scales()
        f.meta["parameters_without_gradient"] = without
        f.weights(model, as_prefix="after.weight")
        f.buffers(model, as_prefix="after.buffer")
        f.done()

    def scoring(self) -> None:
        c, f = self.config, Fixture(self, "scoring", "zero-shot classification and retrieval scores, eval mode (4.3)")
        model = self.model(f, math.log(9.0)).eval()
        images = self.sample(f, self.counts).images
        f.put("input.images", images, "[N,1,H,W]")
        f.weights(model)
        f.buffers(model)
        f.meta["notes"] = ["Eval mode: BatchNorm uses the buffers; no Gumbel noise, tau 0.01; every sentence takes part."]
        for kind, counts in (("prompts", [1] * 5), ("reports", [4, 7, 1, 5, 4, 6, 2, 8])):
            texts = P.Batch(images=images, **self.texts(f, counts))
            f.put(f"input.{kind}.ids", texts.ids, "[C,L]")
            f.put(f"input.{kind}.attention_mask", texts.attention_mask, "[C,L]")
            f.put(f"input.{kind}.sentence_map", texts.sentence_map, "[C,L]")
            for scale in ("log", "exp"):
                global_score, local_score = P.pair_scores(model, images, texts, scale)
                f.put(f"output.{kind}.{scale}.global", global_score, f"[N,C] scale={scale}")
                if scale == "log":
                    f.put(f"output.{kind}.local", local_score, "[N,C] half the sum of the two mean weights")
                for weight in (1.0, 0.5):
                    score = P.combined_score(global_score, local_score, weight)
                    f.put(f"output.{kind}.{scale}.combined_{weight}", score, f"[N,C] softmax + {weight} softmax")
                    if kind == "prompts":
                        f.put(f"output.{kind}.{scale}.class_{weight}", score.argmax(dim=1), "[N] predicted class")
                    else:
                        f.put(f"output.{kind}.{scale}.ranking_{weight}", score.argsort(dim=1, descending=True), "[N,C] best first")
        f.done()

    def run(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        for method in (self.attention_pool, self.token_pool, self.sentence_pool, self.global_loss, self.spb,
                       self.report_branch, self.adam, self.bert, self.scoring):
            self.make(method)
        for method, values in ((self.lam, ("sigmoid", "softmax")), (self.image_decoder, ("channel", "spatial-cell")),
                               (self.resnet, ("train", "eval")), (self.whole, (1, 2, 3))):
            for value in values:
                self.make(method, value)
        self.schedules()
        write_json(self.out / "text_cases.json", text_cases(self.seed, self.profile))
        write_json(self.out / "metrics_cases.json", metrics_cases(self.seed))


def check_equal(got: Tensor, expected: Tensor) -> None:
    """The batched form agrees with the per-sample oracle (in float64)."""
    if got.dtype == torch.float32:
        return
    torch.testing.assert_close(got.detach(), expected.detach(), rtol=1e-10, atol=1e-10)


def write_json(path: pathlib.Path, value) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    print(f"{path.stem:24s} {path.stat().st_size / 1e6:7.3f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--profile", choices=PROFILES, default="tiny")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    Maker(arguments.out, arguments.seed, arguments.profile).run()
