"""Writes metrics.json: what scikit-learn says of cases that the golden fixtures lack: many samples, one class alone, signed zeros.
Needs numpy 2.4.6 and scikit-learn 1.9.1."""
import json
import math
import pathlib
import warnings

import numpy
from sklearn import metrics

here = pathlib.Path(__file__).parent
warnings.simplefilter("ignore")  # scikit-learn warns where it has no value


def number(x):
    return None if math.isnan(x) else float(x)


# score i = (i * 7919 % 104729) % levels / 16, label i = i * i * 31 % 97 < below
many = []
for n, levels, below in [(50_000, 104_729, 30), (50_000, 40, 30), (49_999, 3, 1), (20_000, 1, 60), (12_345, 1_000, 96)]:
    i = numpy.arange(n, dtype=numpy.int64)
    scores = (i * 7919 % 104729) % levels / 16
    labels = (i * i * 31 % 97 < below).astype(int)
    precision, recall, thresholds = metrics.precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / numpy.maximum(precision + recall, 1e-300)
    many.append({"n": n, "levels": levels, "below": below, "auroc": metrics.roc_auc_score(labels, scores),
                 "average_precision": metrics.average_precision_score(labels, scores), "best_f1": float(f1.max())})

binary = []
for scores, labels in [([0.1, 0.4], [1, 1]), ([0.1, 0.4, 0.4], [0, 0, 0]), ([0.3], [1]), ([0.0, -0.0, 1.0, -1.0], [1, 0, 0, 1]),
                       ([1e300, -1e300, 5e-324, 0.0], [1, 0, 1, 0]), ([1, 2, 3, 4], [1, 1, 0, 0])]:
    binary.append({"scores": scores, "labels": labels, "auroc": number(metrics.roc_auc_score(labels, scores)),
                   "average_precision": number(metrics.average_precision_score(labels, scores))})

classes = []
for count, labels, predictions in [(3, [1, 1, 1], [1, 1, 1]), (3, [1, 1, 1], [0, 0, 0]), (2, [0, 1], [1, 0]), (4, [0, 0, 1], [0, 1, 1]), (1, [0], [0])]:
    kinds = list(range(count))
    macro = dict(labels=kinds, average="macro", zero_division=0)
    classes.append({"classes": count, "labels": labels, "predictions": predictions,
                    "kappa": number(metrics.cohen_kappa_score(labels, predictions, labels=kinds)),
                    "accuracy": metrics.accuracy_score(labels, predictions),
                    "macro_precision": float(metrics.precision_score(labels, predictions, **macro)),
                    "macro_recall": float(metrics.recall_score(labels, predictions, **macro)),
                    "macro_f1": float(metrics.f1_score(labels, predictions, **macro))})

(here / "metrics.json").write_text(json.dumps({"many": many, "binary": binary, "classes": classes}, indent=1) + "\n")
