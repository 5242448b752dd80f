"""Checks the anchors of docs/methods/prior.md, section 9, on the reference: python check_prior.py [--golden DIR] [--time-step]

Prints PASS, FAIL or SKIP (needs a data set) per anchor; letters are checks against public libraries.
"""
from __future__ import annotations

import argparse
import itertools
import math
import pathlib
import resource
import tempfile
import time

import numpy as np
import torch
from torch import nn

import prior as P
import prior_text as T
from make_golden_prior import Maker, Fixture, PROFILES, randomise

F64 = torch.float64
FAILED = []


def anchor(number, what: str):
    """Runs the decorated check at once and prints its result."""
    def run(check):
        try:
            detail = check()
            print(f"PASS {number:>3} {what}" + (f": {detail}" if detail else ""))
        except Exception as e:  # noqa: BLE001
            FAILED.append(number)
            print(f"FAIL {number:>3} {what}: {type(e).__name__} {str(e).strip().splitlines()[0] if str(e) else ''}")
        return check
    return run


def close(a, b, tolerance=1e-10):
    a, b = torch.as_tensor(a, dtype=F64), torch.as_tensor(b, dtype=F64)
    assert a.shape == b.shape or b.dim() == 0, (a.shape, b.shape)
    error = (a - b).abs().max().item()
    assert error <= tolerance, f"difference {error}, got {a.flatten()[:4].tolist()}, expected {b.flatten()[:4].tolist()}"


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def scale(value: float) -> torch.Tensor:
    return torch.tensor(math.log(value), dtype=F64)


TINY = PROFILES["tiny"]["config"]
MAKER = Maker(pathlib.Path(tempfile.gettempdir()), 99, "tiny")


def tiny_model() -> tuple[P.Prior, Fixture]:
    f = Fixture(MAKER, "check", "")
    return MAKER.model(f, math.log(9.0)), f


def checks() -> None:
    torch.manual_seed(3)

    @anchor(1, "parameter counts at full size")
    def _():
        with torch.device("meta"):
            m = P.Prior(P.PriorConfig())
        expected = [
            (m.image.backbone, 23_501_760), (m.image.attention_pool, 16_887_808), (m.text.bert, 108_310_272),
            (m.text.bert.embeddings, 22_665_216), (m.text.bert.encoder.layer[0], 7_087_872), (m.text.bert.pooler, 590_592),
            (m.text.token_pool, 147_648), (m.text.sentence_pool, 2_362_368), (m.projection.image_global, 1_573_632),
            (m.projection.image_local, 1_573_632), (m.projection.text_local, 590_592), (m.lam, 3_543_552),
            (m.predictor, 590_976), (m.spb, 393_216), (m.sentence_decoder.encoder["layer"][0], 9_451_776),
            (m.sentence_decoder.encoder, 56_710_656), (m.sentence_decoder.embeddings, 14_592), (m.image_decoder, 21_219_313)]
        expected += list(zip(m.image_decoder.blocks, [15_928_320, 3_982_848, 996_096, 249_216, 62_400]))
        for module, n in expected:
            assert count(module) == n, (count(module), n)
        assert m.sentence_decoder.queries.numel() == 12_288 and count(m) == 237_432_307
        return f"whole model {count(m):,}"

    @anchor(2, "global loss: equal rows ln 128, orthonormal pairs 0")
    def _():
        row = torch.randn(1, 768, dtype=F64).expand(128, -1)
        for s in (1.0, 14.0, 100.0):
            close(P.global_loss(row, row, scale(s)), math.log(128))
        eye = torch.eye(768, dtype=F64)[:128]
        assert P.global_loss(eye, eye, scale(100)) < 1e-9

    @anchor(3, "local contrastive loss: M = 1, equal rows, pads")
    def _():
        s, e = torch.randn(2, 5, 24, dtype=F64), torch.randn(2, 5, 24, dtype=F64)
        assert P.image_to_report_loss(s[:, :1], e[:, :1], P.valid_rows(torch.tensor([1, 1]), 1), scale(100)) == 0
        same = s[:, :1].expand(-1, 4, -1)
        close(P.image_to_report_loss(same, same, P.valid_rows(torch.tensor([4, 4]), 4), scale(100)), math.log(4))
        counts = torch.tensor([5, 3])
        short = P.image_to_report_loss(s, e, P.valid_rows(counts, 5), scale(100))
        pad = torch.zeros(2, 4, 24, dtype=F64)
        close(P.image_to_report_loss(torch.cat([s, pad], 1), torch.cat([e, pad], 1), P.valid_rows(counts, 9), scale(100)), short)

    @anchor(4, "SimSiam: -1 at equality, no gradient through the stop")
    def _():
        v = torch.randn(2, 49, 24, dtype=F64)
        close(P.report_to_image_loss(v, v.clone(), nn.Identity()), -1.0)
        a, b = v.clone().requires_grad_(), torch.randn_like(v).requires_grad_()
        stopped = P.report_to_image_loss(a, b, lambda x: x.detach() + 0 * a.sum())
        assert all(g is None or (g == 0).all() for g in torch.autograd.grad(stopped, [a, b], allow_unused=True))

    @anchor(5, "LAM: zero logits, softmax, pads")
    def _():
        for activation, weight in (("sigmoid", 0.5), ("softmax", 1 / 49)):
            lam = P.LocalAlignment(P.PriorConfig(dim=24, lam_activation=activation)).double()
            v, s = torch.randn(1, 49, 24, dtype=F64), torch.randn(1, 3, 24, dtype=F64)
            valid = P.valid_rows(torch.tensor([3]), 3)
            padded = lam(v, torch.cat([s, torch.zeros(1, 4, 24, dtype=F64)], 1), P.valid_rows(torch.tensor([3]), 7))
            close(padded[3], lam(v, s, valid)[3], 1e-14)
            with torch.no_grad():
                for linear in (lam.image.q_proj, lam.image.k_proj, lam.text.q_proj, lam.text.k_proj):
                    linear.weight.zero_(), linear.bias.zero_()
            a_s, _, v_hat, _ = lam(v, s, valid)
            close(a_s, weight)
            close(v_hat, (weight * lam.image.v_proj(v).sum(1, keepdim=True)).expand(-1, 3, -1))

    @anchor(6, "SPB: limits, init, zero loss")
    def _():
        bank = P.PrototypeBank(P.PriorConfig()).double()
        close(bank.prototypes.abs().sum(1), 1.0, 1e-6)
        with torch.no_grad():
            bank.prototypes.normal_()
        x = torch.randn(7, 768, dtype=F64)
        close(bank(x, 1e-9, None), bank.prototypes[bank.logits(x).argmax(1)])
        close(bank(torch.zeros_like(x), 0.5, None), bank.prototypes.mean(0).expand(7, -1))
        close(bank.weights(x, 0.5, P.gumbel_noise(torch.rand(7, 512, dtype=F64))).sum(1), 1.0)
        valid = torch.ones(1, 7, dtype=torch.bool)
        assert P.prototype_loss(x[None], x[None], valid) == 0 and P.prototype_loss(x[None] + 1e-9, x[None], valid) > 0

    @anchor(7, "temperature at p = 0, .25, .5, .75, 1")
    def _():
        close([P.gumbel_temperature(i, 4) for i in range(5)], [0.9, 0.29220, 0.09487, 0.03080, 0.01], 5e-6)

    @anchor(8, "assignment: inverse and brute force")
    def _():
        assert torch.tensor([3, 1, 0, 2]).argsort().tolist() == [2, 1, 3, 0]
        for n in range(1, 7):
            y, p = torch.randn(2, 3, n, 5, dtype=F64)
            pi, inverse = P.match(y, p)
            cost = (y[:, :, None] - p[:, None]).abs().sum(3)
            got = (P.align(y, inverse) - p).abs().sum((1, 2))
            best = [min(sum(c[i, j] for i, j in enumerate(q)) for q in itertools.permutations(range(n))) for c in cost]
            close(got, torch.stack(best))
            close(got, cost.gather(2, pi[:, :, None]).sum((1, 2)))

    @anchor(9, "KL: zero at equality, not negative, real sentences only")
    def _():
        bank = P.PrototypeBank(TINY).double()
        x, y = torch.randn(2, 4, 5, TINY.dim, dtype=F64)
        valid = P.valid_rows(torch.tensor([5, 2, 1, 3]), 5)
        assert P.prototype_kl_loss(bank, x, x, valid) == 0 and P.prototype_kl_loss(bank, x, y, valid) > 0
        changed = torch.where(valid[..., None], y, y + 5)
        close(P.prototype_kl_loss(bank, x, changed, valid), P.prototype_kl_loss(bank, x, y, valid), 0)

    @anchor(10, "flatten keeps cells")
    def _():
        c, r, k = torch.meshgrid(torch.arange(9), torch.arange(7), torch.arange(7), indexing="ij")
        x = (c * 100 + r * 10 + k)[None]
        flat = P.flatten_patches(x)
        assert all(flat[0, i * 7 + j, h] == h * 100 + i * 10 + j for h in range(9) for i in range(7) for j in range(7))
        assert (P.unflatten_patches(flat, 7) == x).all()

    @anchor(11, "learning rate")
    def _():
        lr = [P.learning_rate(s, 28_500, 1_425, 1e-5) for s in (0, 1_424, 28_499)]
        close(lr[:2], [1e-7, 1e-5], 1e-18)
        assert lr[2] < 1e-12
        return f"last step {lr[2]:.3g}"

    @anchor(12, "token map")
    def _():
        words = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "lungs", "are", "clear", "no", "effusion", "."]
        vocabulary = {w: i for i, w in enumerate(words)}
        a = T.encode(["Lungs are clear.", "No effusion"], vocabulary, 256)
        assert a["map"] == [-1, 1, 1, 1, 1, 2, 2] + [-1] * 249 and a["tokens"][7] == "[SEP]"
        b = T.encode(["No effusion", "Lungs are clear."], vocabulary, 256)
        assert b["map"] == [-1, 1, 1, 2, 2, 2, 2] + [-1] * 249 and b["ids"][3:7] == a["ids"][1:5] and b["ids"][1:3] == a["ids"][5:7]
        c = T.encode(["No effusion"] * 300, vocabulary, 256)
        assert len(c["ids"]) == 256 and c["tokens"][255] == "[SEP]" and c["map"][254] == 127 and sum(c["attention_mask"]) == 256

    @anchor(13, "sections")
    def _():
        assert T.select_sections("x\nIMPRESSION: a\n FINDINGS: b\n") == {"findings": "b"}
        assert T.select_sections("x\n FINDINGS: a\n FINDINGS: b\n") == {"findings": "b"}
        assert T.select_sections("x\n FINDINGS AND IMPRESSION: a\n") == {"impression": "a"}
        assert T.select_sections("x\n TECHNIQUE: a\n") == {} and T.report_sentences("x\n TECHNIQUE: a\n") is None

    @anchor(14, "RLE")
    def _():
        assert T.rle_pixels(["2 3 4 2"], 4) == [(2, 0), (3, 0), (0, 1), (1, 2), (2, 2)]
        assert T.rle_pixels(["-1"], 4) == [] and T.rle_pixels(["2 3", "4 2"], 4) == [(2, 0), (3, 0), (0, 1), (1, 1)]

    for number, what in ((15, "counts of RSNA, SIIM and 5x200"), (16, "CheXpert labels and splits")):
        print(f"SKIP {number:>3} {what}: needs the data sets")

    @anchor(17, "Dice loss")
    def _():
        t = torch.zeros(2, 1, 224, 224, dtype=F64)
        t[:, :, 50:90, 60:160] = 1

        def loss(logits):
            p = logits.sigmoid()
            return 1 - 2 * (p * t).sum() / (p.sum() + t.sum()).clamp(min=1e-7)
        assert loss(40 * t - 20) < 1e-3 and loss(20 - 40 * t) > 0.999

    @anchor(18, "mAP")
    def _():
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
        import contextlib, io

        def ap(box):
            with contextlib.redirect_stdout(io.StringIO()):
                truth = COCO()
                truth.dataset = {"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": [
                    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [10, 10, 100, 100], "area": 10_000, "iscrowd": 0}]}
                truth.createIndex()
                e = COCOeval(truth, truth.loadRes([{"image_id": 1, "category_id": 1, "bbox": box, "score": 0.9}]), "bbox")
                e.evaluate(), e.accumulate(), e.summarize()
            return float(e.stats[0])
        close([ap([10, 10, 100, 100]), ap([10, 10, 100, 72])], [1.0, 0.5])

    @anchor(19, "Precision@K")
    def _():
        g = np.random.default_rng(1)
        labels, queries = np.repeat(np.arange(5), 1000), np.repeat(np.arange(5), 200)
        top = np.argsort(-g.normal(size=(1000, 5000)), axis=1)[:, :10]
        value = (labels[top] == queries[:, None]).mean()
        assert abs(value - 0.2) < 0.02
        return f"{value:.4f}"

    @anchor(20, "stage gates")
    def _():
        for stage, idle in ((1, ("spb.", "image_decoder.", "sentence_decoder.")), (2, ("image_decoder.", "sentence_decoder.")), (3, ())):
            model, f = tiny_model()
            idle = (*idle, "text.bert.pooler.")
            before = {n: t.clone() for n, t in model.state_dict().items()}
            optimiser = P.Adam(list(model.parameters()))
            batch = MAKER.sample(f, MAKER.counts)
            model(batch, stage, 0.5, MAKER.draws(f, batch.sentence_count, stage)).total.backward()
            optimiser.step(1e-3)
            for n, p in model.named_parameters():
                assert (p.grad is None) == n.startswith(idle), n
            for n, t in model.state_dict().items():
                if n.startswith(idle):
                    assert torch.equal(t, before[n]), n
                elif "position_ids" not in n and t.is_floating_point():
                    assert not torch.equal(t, before[n]), n

    @anchor(21, "zero-shot repeats")
    def _():
        model, f = tiny_model()
        model.eval()
        images = MAKER.sample(f, MAKER.counts).images
        texts = P.Batch(images=images, **MAKER.texts(f, [1] * 5))
        a, b = (P.combined_score(*P.pair_scores(model, images, texts)) for _ in range(2))
        assert torch.equal(a, b)
        one = torch.cat([P.combined_score(*P.pair_scores(model, images[i : i + 1], texts)) for i in range(len(images))])
        close(one, a)

    # ---------------------------------------------------------------------------------------------- against libraries
    @anchor("a", "sentence decoder equals Hugging Face's BERT with cross-attention and an all-visible mask; causal differs")
    def _():
        from transformers import BertConfig, BertModel
        c, f = TINY, Fixture(MAKER, "decoder", "")
        own = randomise(P.SentenceDecoder(c), f).eval()
        config = BertConfig(
            vocab_size=3, hidden_size=c.dim, num_hidden_layers=c.decoder_layers, num_attention_heads=c.decoder_heads,
            intermediate_size=c.decoder_ffn, max_position_embeddings=c.queries, type_vocab_size=1, layer_norm_eps=1e-12,
            is_decoder=True, add_cross_attention=True)
        config._attn_implementation = "eager"
        other = BertModel(config, add_pooling_layer=False).double().eval()
        missing = other.load_state_dict({k: t for k, t in own.state_dict().items() if k != "queries"}, strict=False)
        assert not missing.unexpected_keys and set(missing.missing_keys) <= {"embeddings.word_embeddings.weight"}, missing
        v = f.normal(3, c.patches, c.dim)
        arguments = dict(inputs_embeds=own.queries.expand(3, -1, -1), encoder_hidden_states=v, use_cache=False)
        visible = torch.zeros(3, 1, c.queries, c.queries, dtype=F64)
        close(own(v), other(attention_mask=visible, **arguments).last_hidden_state)
        assert (own(v) - other(**arguments).last_hidden_state).abs().max() > 1e-3

    @anchor("b", "attention pool equals torch's multi-head attention")
    def _():
        f = Fixture(MAKER, "pool", "")
        pool = randomise(P.AttentionPool(24, 3), f)
        x, valid = f.normal(2, 5, 24), P.valid_rows(torch.tensor([5, 2]), 5)
        other = nn.MultiheadAttention(24, 3, batch_first=True).double()
        with torch.no_grad():
            other.in_proj_weight.copy_(torch.cat([pool.q_proj.weight, pool.k_proj.weight, pool.v_proj.weight]))
            other.in_proj_bias.copy_(torch.cat([pool.q_proj.bias, pool.k_proj.bias, pool.v_proj.bias]))
            other.out_proj.weight.copy_(pool.out_proj.weight), other.out_proj.bias.copy_(pool.out_proj.bias)
        x = torch.where(valid[..., None], x, torch.zeros((), dtype=F64))
        mean = x.sum(1, keepdim=True) / valid.sum(1)[:, None, None]
        hidden = torch.cat([torch.zeros(2, 1, dtype=torch.bool), ~valid], 1)
        tokens = torch.cat([mean, x], 1)
        close(pool(x, valid), other(tokens[:, :1], tokens, tokens, key_padding_mask=hidden)[0][:, 0])

    @anchor("c", "backbone equals torchvision's ResNet50 (names, shapes, values)")
    def _():
        from torchvision.models import resnet50
        with torch.device("meta"):
            own, other = P.ResNetTrunk((3, 4, 6, 3), 64).state_dict(), resnet50().state_dict()
        other = {k: t for k, t in other.items() if not k.startswith("fc.")}
        assert list(own) == list(other) and all(own[k].shape == t.shape for k, t in other.items() if k != "conv1.weight")
        own, other = P.ResNetTrunk((3, 4, 6, 3), 64).double().eval(), resnet50().double().eval()
        state = {k: t for k, t in other.state_dict().items() if not k.startswith("fc.")}
        state["conv1.weight"] = state["conv1.weight"].sum(1, keepdim=True)
        own.load_state_dict(state)
        x = torch.randn(1, 1, 64, 64, dtype=F64)
        features = nn.Sequential(*list(other.children())[:-2])
        with torch.no_grad():
            close(own(x), features(x.expand(-1, 3, -1, -1)), 1e-9)

    @anchor("d", "wordpiece equals Hugging Face's tokenizer on the fixtures' texts")
    def _():
        from transformers import BertTokenizer
        from prior_cases import text_cases
        for profile in ("tiny", "odd"):
            cases = text_cases(5, profile)
            vocabulary = cases["vocabulary"]
            full = {f"[unused{i}]": i for i in range(150)}
            full = {k: v for k, v in full.items() if v not in vocabulary.values()} | vocabulary
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "vocab.txt"
                path.write_text("\n".join(k for k, _ in sorted(full.items(), key=lambda e: e[1])) + "\n")
                try:
                    tokenizer = BertTokenizer(str(path), do_lower_case=True)
                    assert tokenizer.tokenize("lungs") == ["lungs"]
                except Exception:  # noqa: BLE001
                    tokenizer = BertTokenizer(vocab=dict(sorted(full.items(), key=lambda e: e[1])), do_lower_case=True)
            for case in cases["token_map"]:
                pieces = [p for s in case["sentences"] for p in tokenizer.tokenize(s)]
                body = [t for t in case["tokens"] if t not in ("[CLS]", "[SEP]", "[PAD]")]
                assert body == pieces[: case["length"] - 2], (body, pieces)
                assert tokenizer.tokenize(" ".join(case["sentences"])) == pieces


def check_golden(folder: pathlib.Path) -> None:
    """Replays every whole-model fixture in float32 and reports the worst deviations."""
    import json
    from safetensors.torch import load_file
    for stage in (1, 2, 3):
        tensors = load_file(folder / f"whole_stage{stage}.safetensors")
        meta = json.loads((folder / f"whole_stage{stage}.json").read_text())
        config = P.PriorConfig(**{k: tuple(v) if isinstance(v, list) else v for k, v in meta["config"].items()})
        for dtype in (torch.float64, torch.float32):
            model = P.Prior(config).to(dtype).train()
            state = {k.split(".", 1)[1]: t for k, t in tensors.items() if k.startswith(("weight.", "buffer."))}
            missing = model.load_state_dict(state, strict=False)
            assert not missing.unexpected_keys and not missing.missing_keys, missing

            def cast(name):
                t = tensors.get(name)
                return t if t is None or not t.is_floating_point() else t.to(dtype)
            optimiser, worst, gradient = P.Adam(list(model.parameters())), 0.0, 0.0
            for step in range(3):
                own = {k: cast(f"step{step}.input.{k}") for k in ("images", "ids", "attention_mask", "sentence_map")}
                draws = P.Draws(cast(f"step{step}.noise.spb"), cast(f"step{step}.noise.requery"), cast(f"step{step}.keep"))
                model.zero_grad(set_to_none=True)
                out = model(P.Batch(**own), stage, meta["scalars"][f"step{step}.tau"], draws)
                out.total.backward()
                for name, loss in out.losses.items():
                    want = meta["scalars"][f"step{step}.loss.{name}"]
                    if step == 0:
                        worst = max(worst, abs(loss.item() - want) / max(abs(want), 1e-3))
                if step == 0:
                    top = max(t.abs().max() for k, t in tensors.items() if k.startswith("grad.total."))
                    for name, p in model.named_parameters():
                        if p.grad is not None:
                            want = tensors[f"grad.total.weight.{name}"]
                            error = (p.grad - want).abs().max() / (want.abs().max() + 1e-3 * top)
                            gradient = max(gradient, error.item())
                optimiser.step(meta["scalars"][f"step{step}.lr"])
                model.cap_scales()
            after = max((p - tensors[f"after.weight.{n}"]).abs().max().item() for n, p in model.named_parameters())
            if max(worst, gradient) > (1e-9 if dtype == torch.float64 else 2e-4) or (dtype == torch.float64 and after > 1e-9):
                FAILED.append(f"whole_stage{stage} {dtype}")
            print(f"stage {stage} {str(dtype):14s} loss {worst:.1e} relative; gradient {gradient:.1e} by the README's measure; "
                  f"weights after 3 steps {after:.1e} absolute (lr {meta['scalars']['step2.lr']:g})")


def time_step() -> None:
    """Full-size stage-3 steps: batch 8, 224x224, 256 tokens, 2 threads, dropout 0.1, float32, Adam."""
    torch.set_num_threads(2)
    c = P.PriorConfig()
    model = P.Prior(c).train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-5, weight_decay=1e-6, foreach=False)
    sentence_map = torch.full((8, 256), -1)
    sentence_map[:, 1:253] = torch.arange(1, 13).repeat_interleave(21)
    batch = P.Batch(torch.randn(8, 1, 224, 224), torch.randint(104, c.vocab_size, (8, 256)), torch.ones(8, 256, dtype=torch.int64), sentence_map)
    for step in range(3):
        begin, cpu = time.perf_counter(), time.process_time()
        draws = P.Draws(P.gumbel_noise(torch.rand(8, 16, 512)), P.gumbel_noise(torch.rand(8, 16, 512)), (torch.rand(8, 768) < 0.5).float())
        out = model(batch, 3, 0.5, draws)
        middle = time.perf_counter()
        out.total.backward()
        back = time.perf_counter()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        end = time.perf_counter()
        print(f"step {step}{' (warm-up)' if step == 0 else ''}: {end - begin:.2f} s (forward {middle - begin:.2f}, backward {back - middle:.2f}, Adam {end - back:.2f}; CPU {time.process_time() - cpu:.2f})")
    print(f"peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--golden", type=pathlib.Path, help="also replay the whole-model fixtures of this folder")
    parser.add_argument("--time-step", action="store_true", help="only time the full-size stage-3 step")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.time_step:
        time_step()
        raise SystemExit(0)
    checks()
    if arguments.golden:
        check_golden(arguments.golden)
    print("all anchors pass" if not FAILED else f"failed: {FAILED}")
    raise SystemExit(bool(FAILED))
