"""Writes the small models beside this script with real PyTorch, torchvision and transformers, and what they compute.

python make_model_files.py        # torch 2.15.0, torchvision 0.29.2, transformers 5.24.0
"""
import collections
import json
import pathlib

import safetensors.torch
import torch
import transformers
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

HERE = pathlib.Path(__file__).parent


def resnet(width, blocks, block=Bottleneck):
    class Narrow(ResNet):
        def _make_layer(self, kind, planes, *args, **kwargs):
            if planes == 64:
                self.inplanes = width
                self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
                self.bn1 = nn.BatchNorm2d(width)
            return super()._make_layer(kind, planes * width // 64, *args, **kwargs)

    model = Narrow(block, blocks)
    model.fc = nn.Linear(8 * width * block.expansion, 3)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            module.num_batches_tracked.fill_(7)
    return model.eval()


def feature_map(model, x):
    x = model.maxpool(torch.relu(model.bn1(model.conv1(x))))
    return model.layer4(model.layer3(model.layer2(model.layer1(x))))


def bert(layers):
    config = transformers.BertConfig(
        vocab_size=110,
        hidden_size=8,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=12,
        max_position_embeddings=10,
    )
    model = transformers.BertModel(config).eval()
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model


def old_names(state):
    return collections.OrderedDict(
        (k.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"), v)
        for k, v in state.items()
    )


class AttentionPool(nn.Module):
    def __init__(self, width, positions):
        super().__init__()
        if positions:
            self.positional_embedding = nn.Parameter(torch.randn(positions, width))
        self.k_proj, self.q_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.c_proj = nn.Linear(width, width), nn.Linear(width, width)


def module(**parts):
    result = nn.Module()
    for name, part in parts.items():
        setattr(result, name, part)
    return result


def prior(gather):
    """A model with the parameter names of github.com/QtacierP/PRIOR, in small sizes."""
    width, dim = 1, 6
    image = resnet(width, [1, 1, 1, 1])
    image.conv1.weight = nn.Parameter(image.conv1.weight.sum(1, keepdim=True))
    image.fc = nn.Identity()
    lam = {f"{name}{i}": nn.Linear(dim, dim) for name in ("query", "key", "value") for i in (1, 2)}
    model = module(
        text_encoder=module(encoder=bert(1)),
        image_encoder=module(encoder=image, atten_pool=AttentionPool(32 * width, 5)),
        global_text_attention=AttentionPool(dim, 0),
        global_image_projection=nn.Linear(32 * width, dim),
        local_image_projection=nn.Linear(32 * width, dim),
        global_text_projection=nn.Linear(8, dim),
        local_text_projection=nn.Linear(8, dim),
        predictor=nn.Sequential(nn.Linear(dim, 3), nn.ReLU(), nn.Linear(3, dim)),
        sentence_decoder=bert(1),
        image_decoder=module(output_head=nn.Sequential(nn.Conv2d(2, 1, 3))),
        local_cross_attention=module(**lam),
        sentence_bank=module(embed=nn.Embedding(4, dim)),
        item_gather=module(**({"attention_pool": module(query=nn.Linear(dim, 2), key=nn.Linear(dim, 2))} if gather else {})),
    )
    model.prototype_queries = nn.Parameter(torch.randn(1, 3, dim))
    model.logit_scale = nn.Parameter(torch.tensor(4.5))
    model.local_logit_scale = nn.Parameter(torch.tensor(2.5))
    return model


def main():
    torch.manual_seed(5)
    features = {}
    encoder = resnet(2, [1, 2, 1, 1])
    torch.save(encoder.state_dict(), HERE / "resnet.pth")
    wrapped = {"epoch": 3, "state_dict": {"module." + k: v for k, v in encoder.state_dict().items()}}
    torch.save(wrapped, HERE / "resnet-parallel.pth", _use_new_zipfile_serialization=False)
    grey = torch.randn(2, 1, 64, 64)
    features["image"] = grey
    features["image.map"] = feature_map(encoder, grey.repeat(1, 3, 1, 1))
    torch.save(resnet(1, [1, 1, 1, 1], BasicBlock).state_dict(), HERE / "resnet-basic.pth")

    text = bert(2)
    folder = HERE / "bert"
    text.save_pretrained(folder)
    (folder / "model.safetensors").unlink()
    state = collections.OrderedDict(("bert." + k, v) for k, v in old_names(text.state_dict()).items())
    state["bert.embeddings.position_ids"] = torch.arange(10).expand((1, -1))
    state["cls.predictions.bias"] = torch.zeros(110)
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    specials = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
    (folder / "vocab.txt").write_text("".join(specials.get(i, f"p{i}") + "\n" for i in range(110)))
    safetensors.torch.save_file(text.state_dict(), HERE / "bert.safetensors", metadata={"format": "pt"})
    half = {k: v.half() if v.is_floating_point() else v for k, v in text.state_dict().items() if "pooler" not in k}
    torch.save(half, HERE / "bert-half.pt")
    ids = torch.randint(1, 110, (2, 6))
    mask = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
    features["ids"], features["mask"] = ids, mask
    features["hidden"] = text(input_ids=ids, attention_mask=mask).last_hidden_state

    full = prior(True)
    checkpoint = {"state_dict": full.state_dict(), "epoch": 99, "hyper_parameters": {}}
    torch.save(checkpoint, HERE / "prior.ckpt", _use_new_zipfile_serialization=False)  # smaller
    torch.save(full.image_encoder.encoder.state_dict(), HERE / "prior-vision.pt")
    safetensors.torch.save_file(
        {k: v.detach().contiguous() for k, v in features.items()}, HERE / "features.safetensors"
    )
    values = {k: v.flatten()[:3].tolist() for k, v in full.state_dict().items()}
    (HERE / "prior.json").write_text(json.dumps(values, indent=1) + "\n")


main()
