"""A hundred steps of PyTorch's own Adam and AdamW in float32: python make_adamw.py [FILE]. Needs torch and safetensors."""
import sys

import torch
from safetensors.torch import save_file

N, STEPS, RATE, DECAY = 64, 100, 1e-3, 1e-2


def main(file):
    generator = torch.Generator().manual_seed(20261124)
    start = 1 + torch.rand(N, generator=generator)
    scale = 10.0 ** -(torch.arange(N) % 8)
    gradients = torch.randn(STEPS, N, generator=generator) * scale
    tensors = {"start": start, "gradients": gradients}
    for name, optimizer in [("ADAM", torch.optim.Adam), ("ADAMW", torch.optim.AdamW)]:
        decayed = start.clone().requires_grad_()
        plain = start.clone().requires_grad_()
        steps = optimizer(
            [{"params": [decayed], "weight_decay": DECAY}, {"params": [plain], "weight_decay": 0.0}], lr=RATE)
        for gradient in gradients:
            decayed.grad = gradient.clone()
            plain.grad = gradient.clone()
            steps.step()
        tensors[name + ".decayed"] = decayed.detach()
        tensors[name + ".plain"] = plain.detach()
    save_file(tensors, file, metadata={"torch": torch.__version__, "rate": str(RATE), "decay": str(DECAY)})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "adamw.safetensors")
