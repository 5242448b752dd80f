"""What the models in PyTorch eager share."""
import torch
import torch.nn.functional as F
from torch import nn

from rounds import held


def begin(threads):
    """Starts the engine. Prints the versions, then the kilobytes that the process holds before it has a model."""
    torch.set_num_threads(threads)
    torch.rand(512, 512) @ torch.rand(512, 512)
    print(f"torch {torch.__version__} eager, {torch.get_num_threads()} threads", flush=True)
    print(held("VmRSS"), flush=True)
    torch.manual_seed(1)


class Bottleneck(nn.Module):
    def __init__(self, channels, inner, stride, first):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, inner, 1, bias=False), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3, stride, 1, bias=False), nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = nn.Conv2d(inner, 4 * inner, 1, bias=False), nn.BatchNorm2d(4 * inner)
        self.downsample = nn.Sequential(
            nn.Conv2d(channels, 4 * inner, 1, stride, bias=False), nn.BatchNorm2d(4 * inner)) if first else None

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = F.relu(self.bn2(self.conv2(y)), inplace=True)
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return F.relu(y, inplace=True)


class ResNet50(nn.Module):
    """Its last map, of images with so many channels."""

    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        blocks, channels = [], 64
        for layer, count in enumerate((3, 4, 6, 3)):
            for i in range(count):
                blocks.append(Bottleneck(channels, 64 << layer, 2 if layer > 0 and i == 0 else 1, i == 0))
                channels = 256 << layer
        self.blocks = nn.Sequential(*blocks)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        return self.blocks(F.max_pool2d(F.relu(self.bn1(self.conv1(x)), inplace=True), 3, 2, 1))
