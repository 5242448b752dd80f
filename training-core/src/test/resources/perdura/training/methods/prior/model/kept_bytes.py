"""Bytes that autograd keeps of one sample in stages 1 and 3 at the paper's sizes, for TestStepMemory.

Run with the folder of benchmarks' torch_prior.py in PYTHONPATH, and any arguments that it takes. Dropout and attention keep booleans here, as
ours do.
"""
import math

import torch
import torch.nn.functional as F
import torch_prior

BATCH = 2


def dropout(x, probability):
    return torch.native_dropout(x, probability, True)[0]


def attention(q, k, v, mask, probability):
    scale = math.sqrt(1 / math.sqrt(q.shape[-1]))
    logits = (q * scale) @ (k.transpose(-2, -1) * scale)
    if mask is not None:
        logits += torch.zeros_like(mask, dtype=q.dtype).masked_fill(~mask, -math.inf)
    return dropout(logits.softmax(-1), probability) @ v


F.dropout, F.scaled_dot_product_attention = dropout, attention
model = torch_prior.Prior()
own = {tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers())}
for stage in (1, 3):
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage  # held, so that no other tensor gets its place
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = model(torch.randn(BATCH, 1, 224, 224), *torch_prior.texts(BATCH), stage, 0.9)
    print(stage, sum(storage.nbytes() for storage in kept.values()) // BATCH, flush=True)
