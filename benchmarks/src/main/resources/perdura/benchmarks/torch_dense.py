"""A training step of a dense task in PyTorch eager, for DenseBenchmark: arguments segmentation or detection, batch size, threads."""

import sys

import torch

import eager
from rounds import answer_each


def segmentation(batch):
    """The U-Net of segmentation_models_pytorch with PRIOR's Dice loss."""
    import segmentation_models_pytorch as smp

    model = smp.Unet("resnet50", encoder_weights=None, in_channels=1, classes=1)
    images = torch.randn(batch, 1, 224, 224)
    masks = torch.zeros(batch, 1, 224, 224)
    masks[:, :, 60:110, 40:90] = 1

    def loss():
        p = torch.sigmoid(model(images))
        return 1 - 2 * (p * masks).sum() / (p.sum() + masks.sum()).clamp_min(1e-7)

    return model, loss, 1e-3


def detection(batch):
    """torchvision's Faster R-CNN at the sizes of prior.md 4.5."""
    from torchvision.models import resnet50
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.backbone_utils import BackboneWithFPN
    from torchvision.ops import FrozenBatchNorm2d

    body = resnet50(norm_layer=FrozenBatchNorm2d)
    body.conv1 = torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    backbone = BackboneWithFPN(body, {f"layer{i + 1}": str(i) for i in range(4)}, [256, 512, 1024, 2048], 256)
    model = FasterRCNN(backbone, 2, min_size=224, max_size=224, image_mean=[0.0], image_std=[1.0])
    images = list(torch.randn(batch, 1, 224, 224))
    truths = [{"boxes": torch.tensor([[30.0, 60.0, 90.0, 130.0], [130.0, 70.0, 190.0, 120.0]][: 1 + i % 2]),
               "labels": torch.ones(1 + i % 2, dtype=torch.int64)} for i in range(batch)]
    return model, lambda: sum(model(images, truths).values()), 5e-5


if __name__ == "__main__":
    task, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    eager.begin(threads)
    model, loss, rate = {"segmentation": segmentation, "detection": detection}[task](batch)
    model.train()
    adam = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=1e-6)

    def step():
        adam.zero_grad()
        value = loss()
        value.backward()
        adam.step()
        return value.item()

    answer_each(step)
