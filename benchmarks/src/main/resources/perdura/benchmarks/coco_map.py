"""COCO's average precision by pycocotools, for AveragePrecisionBenchmark: arguments truths, boxes, scores (float64, raw), numbers of each image (int32, raw)."""

import contextlib
import io
import sys
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from rounds import answer_each

truths, boxes = (np.fromfile(file, dtype="<f8").reshape(-1, 4) for file in sys.argv[1:3])
scores = np.fromfile(sys.argv[3], dtype="<f8")
counts = np.fromfile(sys.argv[4], dtype="<i4").reshape(-1, 2)
of_truth, of_box = (np.repeat(np.arange(len(counts)), counts[:, column]) for column in (0, 1))


def table(rows, images, more):
    return [
        {"id": i + 1, "image_id": int(image), "category_id": 1, "bbox": row, "area": row[2] * row[3], "iscrowd": 0, **more(i)}
        for i, (row, image) in enumerate(zip(rows.tolist(), images))
    ]


def loaded(rows, images, more=lambda i: {}) -> COCO:
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i} for i in range(len(counts))],
        "categories": [{"id": 1}],
        "annotations": table(rows, images, more),
    }
    coco.createIndex()
    return coco


def both() -> tuple[COCO, COCO]:
    with contextlib.redirect_stdout(io.StringIO()):
        return loaded(truths, of_truth), loaded(boxes, of_box, lambda i: {"score": float(scores[i])})


def average_precision(truth, found) -> float:
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, found, "bbox")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()
    return float(evaluation.eval["precision"][:, :, 0, 0, 0].mean())


print(f"pycocotools {version('pycocotools')}", flush=True)
answer_each(average_precision, both)
