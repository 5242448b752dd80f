"""Reference of the two dense tasks: U-Net segmentation and Faster R-CNN detection, in small, exact, slow code.

Sections are those of `docs/methods/prior.md` (4.1, 4.4, 4.5) and `docs/methods/sense.md` (4.4). Networks take float64 or float32.
Boxes are [x1, y1, x2, y2] in pixels of the network's input, but for the mAP, which has [x, y, width, height].

Contents: 1 encoder, 2 U-Net, 3 losses and Dice, 4 RLE, 5 joint augmentation, 6 boxes, 7 RoIAlign, 8 detector, 9 mAP.

The detector is torchvision's. Sections 6 and 7 say in plain code what its parts compute; check_dense.py compares them.
"""
from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.ops import FrozenBatchNorm2d, MultiScaleRoIAlign

# ---------------------------------------------------------------------------------------------------------------
# 1. Encoder
# ---------------------------------------------------------------------------------------------------------------

BLOCKS = {"BASIC": BasicBlock, "BOTTLENECK": Bottleneck}


class Encoder(nn.Module):
    """torchvision's ResNet without pool and fc, with its parameter names; the stride sits on the 3x3 convolution."""

    def __init__(self, channels: int, block: str, blocks: tuple[int, ...], width: int, norm=nn.BatchNorm2d):
        super().__init__()
        kind = BLOCKS[block]
        self.conv1 = nn.Conv2d(channels, width, 7, 2, 3, bias=False)
        self.bn1, self.relu, self.maxpool = norm(width), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        self.channels, cin = [width], width
        for i, count in enumerate(blocks):
            layer, cout = [], width * 2**i * kind.expansion
            for j in range(count):
                stride = 2 if i > 0 and j == 0 else 1
                down = None
                if stride != 1 or cin != cout:
                    down = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), norm(cout))
                layer.append(kind(cin, width * 2**i, stride, down, norm_layer=norm))
                cin = cout
            setattr(self, f"layer{i + 1}", nn.Sequential(*layer))
            self.channels.append(cout)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features at strides 2, 4, 8, 16, 32. The first is taken after the ReLU, before the max pooling."""
        maps = [self.relu(self.bn1(self.conv1(x)))]
        x = self.maxpool(maps[0])
        for i in range(len(self.channels) - 1):
            x = getattr(self, f"layer{i + 1}")(x)
            maps.append(x)
        return maps


# ---------------------------------------------------------------------------------------------------------------
# 2. U-Net (prior.md 4.4, sense.md 4.4)
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class UNetConfig:
    channels: int = 1  # 1 for PRIOR, 3 for SENSE
    block: str = "BOTTLENECK"
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    decoder: tuple[int, ...] = (256, 128, 64, 32, 16)


class DecoderBlock(nn.Module):
    """Nearest x2, concatenation [upsampled, skip], two 3x3 conv-BN-ReLU without bias."""

    def __init__(self, cin: int, skip: int, cout: int):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin + skip, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout)

    def forward(self, x: Tensor, skip: Tensor | None) -> Tensor:
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        x = x if skip is None else torch.cat([x, skip], 1)
        x = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(x)))


class Decoder(nn.Module):
    """Five blocks from stride 32 to stride 1; the last has no skip."""

    def __init__(self, encoder_channels: list[int], channels: tuple[int, ...]):
        super().__init__()
        skips = encoder_channels[-2::-1] + [0]
        inputs = [encoder_channels[-1], *channels[:-1]]
        self.blocks = nn.ModuleList(DecoderBlock(*c) for c in zip(inputs, skips, channels))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """The output of every block; the last one has the size of the image."""
        x, outputs = maps[-1], []
        for block, skip in zip(self.blocks, maps[-2::-1] + [None]):
            x = block(x, skip)
            outputs.append(x)
        return outputs


class UNet(nn.Module):
    def __init__(self, c: UNetConfig):
        super().__init__()
        self.encoder = Encoder(c.channels, c.block, c.blocks, c.width)
        self.decoder = Decoder(self.encoder.channels, c.decoder)
        self.segmentationHead = nn.Conv2d(c.decoder[-1], 1, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """[B, channels, H, W], H and W multiples of 32 -> logits [B, 1, H, W]."""
        return self.segmentationHead(self.decoder(self.encoder(images))[-1])


def smp_name(name: str) -> str:
    """Our parameter name -> that of segmentation_models_pytorch's Unet."""
    for ours, theirs in (("conv1", "conv1.0"), ("bn1", "conv1.1"), ("conv2", "conv2.0"), ("bn2", "conv2.1")):
        if name.startswith("decoder."):
            name = name.replace(f".{ours}.", f".{theirs}#.")
    return name.replace("#", "").replace("segmentationHead.", "segmentation_head.0.")


# ---------------------------------------------------------------------------------------------------------------
# 3. Losses and Dice (prior.md 4.4, sense.md 4.4)
# ---------------------------------------------------------------------------------------------------------------


def dice_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """PRIOR: 1 - 2 sum(p t)/max(sum p + sum t, 1e-7), sums over batch and pixels, no smoothing."""
    p = torch.sigmoid(logits)
    return 1 - 2 * (p * masks).sum() / (p.sum() + masks.sum()).clamp_min(1e-7)


def focal_loss(logits: Tensor, masks: Tensor, gamma: float = 2.0) -> Tensor:
    """Mean over all pixels of (1 - p_t)^gamma BCE."""
    p = torch.sigmoid(logits)
    bce = F.binary_cross_entropy_with_logits(logits, masks, reduction="none")
    return ((1 - (p * masks + (1 - p) * (1 - masks))) ** gamma * bce).mean()


def soft_dice(logits: Tensor, masks: Tensor) -> Tensor:
    """(2 sum(p t) + 1)/(sum p + sum t + 1) over the batch."""
    p = torch.sigmoid(logits)
    return (2 * (p * masks).sum() + 1) / (p.sum() + masks.sum() + 1)


def focal_dice_loss(logits: Tensor, masks: Tensor, alternative: bool = False) -> Tensor:
    """SENSE: 10 focal - ln(softDice); alternative 1 - softDice + 0.5 focal."""
    focal, dice = focal_loss(logits, masks), soft_dice(logits, masks)
    return 1 - dice + 0.5 * focal if alternative else 10 * focal - torch.log(dice)


def dice_scores(logits: Tensor, masks: Tensor, inclusive: bool) -> list[float]:
    """Dice of each image, logits and masks [B, ..., H, W]. A pixel is on at logit >= 0 (PRIOR, inclusive) or > 0 (SENSE).

    An empty truth scores 1 for an empty prediction, else 0. No image is left out of the mean.
    """
    scores = []
    for z, t in zip(logits, masks):
        p = (z >= 0 if inclusive else z > 0).double()
        total = float(p.sum() + t.sum())
        scores.append(float(2 * (p * t).sum()) / total if total > 0 else 1.0)
    return scores


# ---------------------------------------------------------------------------------------------------------------
# 4. RLE (prior.md 4.1, sense.md 4.4)
# ---------------------------------------------------------------------------------------------------------------


class RleError(ValueError):
    """kind: "malformed" (not integers, odd count, negative number) or "outside" (a run ends after the last pixel)."""

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def rle_decode(texts: list[str], height: int, width: int) -> np.ndarray:
    """Union of the rows of one image, uint8 [height, width].

    A row is -1 (empty) or pairs (offset from the end of the previous run, length); pixel = column * height + row.
    """
    flat = np.zeros(height * width, dtype=np.uint8)
    for text in texts:
        try:
            numbers = [int(token) for token in text.split()]
        except ValueError:
            raise RleError("malformed") from None
        if numbers == [-1]:
            continue
        if len(numbers) % 2 == 1 or min(numbers, default=0) < 0:
            raise RleError("malformed")
        cursor = 0
        for offset, length in zip(numbers[::2], numbers[1::2]):
            cursor += offset
            if cursor + length > len(flat):
                raise RleError("outside")
            flat[cursor : cursor + length] = 1
            cursor += length
    return flat.reshape(width, height).T.copy()


def rle_encode(mask: np.ndarray) -> str:
    """Maximal runs in column-major order; an empty mask is -1."""
    flat = np.concatenate([[0], mask.T.reshape(-1), [0]]).astype(int)
    edges = np.flatnonzero(np.diff(flat))  # start, end, start, end, ...
    return " ".join(map(str, np.diff(np.concatenate([[0], edges])))) if len(edges) else "-1"


def resize_mask(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    """Nearest: source index = (2 i + 1) old div (2 new), in integers."""
    rows, columns = ((2 * np.arange(new) + 1) * old // (2 * new) for new, old in ((height, mask.shape[0]), (width, mask.shape[1])))
    return mask[rows][:, columns]


# ---------------------------------------------------------------------------------------------------------------
# 5. Joint augmentation (sense.md 4.4)
# ---------------------------------------------------------------------------------------------------------------


def augmentation_draw(stream) -> tuple[float, float]:
    """(angle in degrees, scale) from Stream(hash64(seed, "affine", epoch, imageId)): u < 0.5 applies, then two more draws."""
    if stream.next_double() >= 0.5:
        return 0.0, 1.0
    return -10 + 20 * stream.next_double(), 0.9 + 0.2 * stream.next_double()


def source_points(height: int, width: int, angle: float, scale: float) -> tuple[Tensor, Tensor]:
    """Source (x, y) of every target pixel, [H, W] each, in pixel indices.

    The content turns by `angle` degrees counter-clockwise as seen on the screen (y down) and grows by `scale`, around
    ((W - 1)/2, (H - 1)/2): (x, y) = c + [[cos, -sin], [sin, cos]]/scale . (target - c).
    """
    cos, sin = math.cos(math.radians(angle)) / scale, math.sin(math.radians(angle)) / scale
    cx, cy = (width - 1) / 2, (height - 1) / 2
    dy, dx = torch.meshgrid(torch.arange(height, dtype=torch.float64) - cy, torch.arange(width, dtype=torch.float64) - cx, indexing="ij")
    return cx + cos * dx - sin * dy, cy + sin * dx + cos * dy


def pixel(image: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """image[..., y, x] for integer-valued x and y, 0 outside."""
    h, w = image.shape[-2:]
    inside = (x >= 0) & (x < w) & (y >= 0) & (y < h)
    return image[..., y.clamp(0, h - 1).long(), x.clamp(0, w - 1).long()] * inside


def warp_image(image: Tensor, angle: float, scale: float) -> Tensor:
    """Bilinear; each of the four neighbours outside the image counts as 0."""
    x, y = source_points(*image.shape[-2:], angle, scale)
    x0, y0 = x.floor(), y.floor()
    fx, fy = x - x0, y - y0
    return ((1 - fx) * (1 - fy) * pixel(image, x0, y0) + fx * (1 - fy) * pixel(image, x0 + 1, y0)
            + (1 - fx) * fy * pixel(image, x0, y0 + 1) + fx * fy * pixel(image, x0 + 1, y0 + 1))


def warp_mask(mask: Tensor, angle: float, scale: float) -> Tensor:
    """Nearest: floor(source + 1/2)."""
    x, y = source_points(*mask.shape[-2:], angle, scale)
    return pixel(mask, (x + 0.5).floor(), (y + 0.5).floor())


# ---------------------------------------------------------------------------------------------------------------
# 6. Boxes (prior.md 4.5), as torchvision computes them
# ---------------------------------------------------------------------------------------------------------------

LOG_MAX = math.log(1000 / 16)  # upper bound of dw and dh in decode
BELOW, BETWEEN = -1, -2
RPN_WEIGHTS, HEAD_WEIGHTS = (1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)


def anchors_of_level(grid: tuple[int, int], image: tuple[int, int], size: float, ratios: tuple[float, ...]) -> Tensor:
    """[h w A, 4], row by row, then column by column, then ratio. A ratio is height/width.

    The cell's corners are rounded half to even, and centred on the cell's top left corner; the step is image // grid.
    """
    w, h = (torch.tensor([size * r**e / 2 for r in ratios], dtype=torch.float64) for e in (-0.5, 0.5))
    cell = torch.stack([-w, -h, w, h], 1).round()
    y, x = torch.meshgrid(torch.arange(grid[0]) * (image[0] // grid[0]), torch.arange(grid[1]) * (image[1] // grid[1]), indexing="ij")
    return (torch.stack([x, y, x, y], 2).reshape(-1, 1, 4) + cell).reshape(-1, 4)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """[N, 4], [M, 4] -> [N, M]; areas without +1."""
    corner = torch.minimum(a[:, None, 2:], b[None, :, 2:]) - torch.maximum(a[:, None, :2], b[None, :, :2])
    inter = corner.clamp_min(0).prod(2)
    area_a, area_b = ((x[:, 2:] - x[:, :2]).prod(1) for x in (a, b))
    return inter / (area_a[:, None] + area_b[None] - inter)


def centre_size(boxes: Tensor) -> tuple[Tensor, Tensor]:
    size = boxes[:, 2:] - boxes[:, :2]
    return boxes[:, :2] + 0.5 * size, size


def encode(truth: Tensor, boxes: Tensor, weights: tuple[float, ...]) -> Tensor:
    """Deltas (dx, dy, dw, dh) that turn boxes into truth, times the weights."""
    (tc, ts), (c, s) = centre_size(truth), centre_size(boxes)
    return torch.cat([(tc - c) / s, (ts / s).log()], 1) * truth.new_tensor(weights)


def decode(deltas: Tensor, boxes: Tensor, weights: tuple[float, ...]) -> Tensor:
    c, s = centre_size(boxes)
    d = deltas / deltas.new_tensor(weights)
    centre, size = c + d[:, :2] * s, s * d[:, 2:].clamp(max=LOG_MAX).exp()
    return torch.cat([centre - 0.5 * size, centre + 0.5 * size], 1)


def clip(boxes: Tensor, height: int, width: int) -> Tensor:
    return torch.stack([boxes[:, i].clamp(0, (width, height)[i % 2]) for i in range(4)], 1)


def match(quality: Tensor, high: float, low: float, low_quality: bool) -> Tensor:
    """quality [truths, boxes] -> per box the best truth (lowest index on a tie), BELOW (IoU < low) or BETWEEN (low <= IoU < high).

    low_quality: every box that reaches some truth's greatest IoU (ties included) keeps its own best truth.
    """
    value, best = quality.max(0)
    result = torch.where(value < low, BELOW, torch.where(value < high, BETWEEN, best))
    if low_quality:
        reached = (quality == quality.amax(1, keepdim=True)).any(0)
        result = torch.where(reached, best, result)
    return result


def sample(labels: Tensor, order: Tensor, count: int, positive_fraction: float) -> tuple[Tensor, Tensor]:
    """The deterministic sampler. labels [n]: >= 1 positive, 0 negative, -1 ignored; order: a permutation of 0..m-1, m >= n.

    Positives: the first int(count * fraction) of `order` with label >= 1; negatives: the first (count - positives) with
    label 0; fewer if there are not enough. Entries >= n are passed over. Returns two masks [n].
    """
    order = order[order < len(labels)]
    positive, negative = order[labels[order] >= 1], order[labels[order] == 0]
    positive = positive[: int(count * positive_fraction)]
    negative = negative[: count - len(positive)]
    masks = [torch.zeros(len(labels), dtype=torch.bool) for _ in range(2)]
    masks[0][positive], masks[1][negative] = True, True
    return masks[0], masks[1]


def nms(boxes: Tensor, scores: Tensor, groups: Tensor, threshold: float) -> Tensor:
    """Kept indices by descending score, ties by ascending index. A box goes if IoU > threshold with a kept one of its group."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    overlap, kept = iou(boxes, boxes), []
    for i in order:
        if not any(groups[i] == groups[k] and overlap[i, k] > threshold for k in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.int64)


# ---------------------------------------------------------------------------------------------------------------
# 7. RoIAlign (prior.md 4.5): sampling ratio 2, aligned = false
# ---------------------------------------------------------------------------------------------------------------


def roi_level(boxes: Tensor, levels: int = 4, canonical: float = 224.0) -> Tensor:
    """0 = P2 ... 3 = P5: floor(4 + log2(sqrt(area)/canonical) + 1e-6), clamped."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return torch.floor(4 + torch.log2(area.sqrt() / canonical) + 1e-6).clamp(2, 1 + levels).long() - 2


def bilinear(feature: Tensor, x: float, y: float) -> Tensor:
    """feature [C, H, W] at (x, y): 0 beyond one pixel outside, else clamped to the border."""
    h, w = feature.shape[1:]
    if x < -1 or y < -1 or x > w or y > h:
        return feature.new_zeros(len(feature))
    x, y = min(max(x, 0.0), w - 1.0), min(max(y, 0.0), h - 1.0)
    x0, y0 = int(x), int(y)
    x1, y1, fx, fy = min(x0 + 1, w - 1), min(y0 + 1, h - 1), x - x0, y - y0
    return ((1 - fy) * ((1 - fx) * feature[:, y0, x0] + fx * feature[:, y0, x1])
            + fy * ((1 - fx) * feature[:, y1, x0] + fx * feature[:, y1, x1]))


def roi_align(feature: Tensor, box: Tensor, scale: float, size: int = 7, ratio: int = 2) -> Tensor:
    """feature [C, H, W], box [4] in image pixels -> [C, size, size]; box * scale has no half-pixel shift and is at least 1 x 1."""
    x1, y1, x2, y2 = (box * scale).tolist()
    bw, bh = max(x2 - x1, 1.0) / size, max(y2 - y1, 1.0) / size
    out = feature.new_zeros(len(feature), size, size)
    for i in range(size):
        for j in range(size):
            points = [bilinear(feature, x1 + (j + (u + 0.5) / ratio) * bw, y1 + (i + (v + 0.5) / ratio) * bh)
                      for v in range(ratio) for u in range(ratio)]
            out[:, i, j] = torch.stack(points).mean(0)
    return out


# ---------------------------------------------------------------------------------------------------------------
# 8. Detector (prior.md 4.5)
# ---------------------------------------------------------------------------------------------------------------


@dataclass
class DetectorConfig:
    """Every size and threshold, with the values of the specification. `classes` counts the background."""

    image: tuple[int, int] = (224, 224)
    channels: int = 1
    block: str = "BOTTLENECK"
    blocks: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    fpn: int = 256
    fc: int = 1024
    classes: int = 2
    anchor_sizes: tuple[int, ...] = (32, 64, 128, 256, 512)
    anchor_ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    rpn_high: float = 0.7
    rpn_low: float = 0.3
    rpn_samples: int = 256
    rpn_positive: float = 0.5
    pre_nms_train: int = 2000
    pre_nms_test: int = 1000
    post_nms_train: int = 2000
    post_nms_test: int = 1000
    rpn_nms: float = 0.7
    roi_size: int = 7
    roi_ratio: int = 2
    roi_canonical: int = 224
    head_threshold: float = 0.5
    head_samples: int = 512
    head_positive: float = 0.25
    score: float = 0.05
    nms: float = 0.5
    detections: int = 100


class OrderSampler:
    """Stands in torchvision's sampler's place; `orders` [B, m] is set before each training step."""

    def __init__(self, count: int, positive_fraction: float):
        self.count, self.fraction, self.orders = count, positive_fraction, None
        self.labels: list[Tensor] = []
        self.masks: tuple[list[Tensor], list[Tensor]] = ([], [])

    def __call__(self, labels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        self.labels = [x.clone() for x in labels]
        pairs = [sample(x, o, self.count, self.fraction) for x, o in zip(labels, self.orders)]
        self.masks = [p for p, _ in pairs], [n for _, n in pairs]
        return self.masks


class Detector(FasterRCNN):
    """Faster R-CNN with FPN on our encoder; all names below `backbone.`, `rpn.`, `roi_heads.` are torchvision's.

    Every BatchNorm of the backbone is a constant (weight, bias, mean and variance are buffers); every convolution is trained.
    """

    def __init__(self, c: DetectorConfig):
        encoder = Encoder(c.channels, c.block, c.blocks, c.width, FrozenBatchNorm2d)
        backbone = BackboneWithFPN(encoder, {f"layer{i + 1}": str(i) for i in range(4)}, encoder.channels[1:], c.fpn)
        super().__init__(
            backbone,
            min_size=min(c.image), max_size=max(c.image), image_mean=[0.0] * c.channels, image_std=[1.0] * c.channels,
            rpn_anchor_generator=AnchorGenerator(tuple((s,) for s in c.anchor_sizes), (c.anchor_ratios,) * len(c.anchor_sizes)),
            rpn_pre_nms_top_n_train=c.pre_nms_train, rpn_pre_nms_top_n_test=c.pre_nms_test,
            rpn_post_nms_top_n_train=c.post_nms_train, rpn_post_nms_top_n_test=c.post_nms_test,
            rpn_nms_thresh=c.rpn_nms, rpn_fg_iou_thresh=c.rpn_high, rpn_bg_iou_thresh=c.rpn_low,
            rpn_batch_size_per_image=c.rpn_samples, rpn_positive_fraction=c.rpn_positive,
            box_roi_pool=MultiScaleRoIAlign(["0", "1", "2", "3"], c.roi_size, c.roi_ratio, canonical_scale=c.roi_canonical),
            box_head=TwoMLPHead(c.fpn * c.roi_size**2, c.fc), box_predictor=FastRCNNPredictor(c.fc, c.classes),
            box_score_thresh=c.score, box_nms_thresh=c.nms, box_detections_per_img=c.detections,
            box_fg_iou_thresh=c.head_threshold, box_bg_iou_thresh=c.head_threshold,
            box_batch_size_per_image=c.head_samples, box_positive_fraction=c.head_positive, bbox_reg_weights=HEAD_WEIGHTS,
        )
        self.rpn.fg_bg_sampler = OrderSampler(c.rpn_samples, c.rpn_positive)
        self.roi_heads.fg_bg_sampler = OrderSampler(c.head_samples, c.head_positive)
        assign = self.rpn.assign_targets_to_anchors

        def assign_in_own_type(anchors, targets):
            """torchvision's labels are float32, which would round the objectness loss of a float64 model."""
            labels, boxes = assign(anchors, targets)
            return [x.to(anchors[0].dtype) for x in labels], boxes

        self.rpn.assign_targets_to_anchors = assign_in_own_type

    def losses(self, images: Tensor, targets: list[dict[str, Tensor]], rpn_order: Tensor, head_order: Tensor) -> dict[str, Tensor]:
        """loss_objectness, loss_rpn_box_reg, loss_classifier, loss_box_reg; the step minimises their sum."""
        self.train()
        self.rpn.fg_bg_sampler.orders, self.roi_heads.fg_bg_sampler.orders = rpn_order, head_order
        return self(list(images), targets)

    def detect(self, images: Tensor) -> list[dict[str, Tensor]]:
        """Per image boxes, labels (1..) and scores, best first."""
        self.eval()
        with torch.no_grad():
            return self(list(images))


# ---------------------------------------------------------------------------------------------------------------
# 9. COCO mAP (prior.md 4.5)
# ---------------------------------------------------------------------------------------------------------------

IOU_THRESHOLDS = [0.5 + i * ((0.95 - 0.5) / 9) for i in range(9)] + [0.95]
RECALL_POINTS = [i * 0.01 for i in range(100)] + [1.0]


def overlap(a: list[float], b: list[float]) -> float:
    """IoU of two boxes [x, y, width, height]."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


def match_image(image: dict, threshold: float, limit: int) -> list[tuple[float, bool]]:
    """(score, hit) of the `limit` best detections, best first, ties in the given order.

    Each takes, among the truths still free, the one with the greatest IoU >= threshold; on a tie the last.
    """
    order = sorted(range(len(image["scores"])), key=lambda i: -image["scores"][i])[:limit]
    free, result = set(range(len(image["truth"]))), []
    for d in order:
        best, chosen = threshold, None
        for g in sorted(free):
            value = overlap(image["boxes"][d], image["truth"][g])
            if value >= best:
                best, chosen = value, g
        free.discard(chosen)
        result.append((image["scores"][d], chosen is not None))
    return result


def average_precision(images: list[dict], threshold: float, limit: int = 100) -> float | None:
    """Mean over the recall points of the greatest precision at that recall or more; None without any truth.

    Detections of all images are ranked by score; ties stay in the order of the images, then of `match_image`.
    """
    truths = sum(len(image["truth"]) for image in images)
    if truths == 0:
        return None
    found = [pair for image in images for pair in match_image(image, threshold, limit)]
    found.sort(key=lambda pair: -pair[0])
    hits, precision, recall = 0, [], []
    for n, (_, hit) in enumerate(found, 1):
        hits += hit
        precision.append(hits / n)
        recall.append(hits / truths)
    for i in range(len(found) - 1, 0, -1):
        precision[i - 1] = max(precision[i - 1], precision[i])
    places = [bisect_left(recall, r) for r in RECALL_POINTS]
    return sum(precision[i] for i in places if i < len(found)) / len(RECALL_POINTS)


def coco_map(images: list[dict], limit: int = 100) -> dict:
    """images: {"truth": boxes, "boxes": boxes, "scores": numbers}, boxes [x, y, width, height], one class."""
    values = [average_precision(images, t, limit) for t in IOU_THRESHOLDS]
    mean = None if values[0] is None else sum(values) / len(values)
    return {"map": mean, "ap50": values[0], "ap75": values[5], "perThreshold": values}
