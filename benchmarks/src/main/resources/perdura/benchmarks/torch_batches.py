"""PRIOR's image batches from JPEG files with PyTorch's DataLoader and torchvision, one epoch for each line of its input.

Arguments: workers, batch size, side, a text file that lists the files. Prints the versions, then for each line the seconds of
an epoch.
"""
import sys
import time
from pathlib import Path

import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import InterpolationMode, v2


class Radiographs(Dataset):
    def __init__(self, files, side):
        self.files = files
        self.augment = v2.Compose([
            v2.Resize((side, side), InterpolationMode.BILINEAR, antialias=True),
            v2.RandomRotation(5, InterpolationMode.NEAREST),
            v2.RandomHorizontalFlip(),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.4755], [0.3011]),
        ])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        with Image.open(self.files[index]) as image:
            return self.augment(image.convert("L"))


workers, batch, side = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if __name__ == "__main__":
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}", flush=True)
    files = Path(sys.argv[4]).read_text().split("\n")
    loader = DataLoader(
        Radiographs(files, side), batch, shuffle=True, num_workers=workers, drop_last=True, persistent_workers=True)
    for line in sys.stdin:
        begun = time.perf_counter()
        for images in loader:
            assert images.shape == (batch, 1, side, side)
        print(time.perf_counter() - begun, flush=True)
