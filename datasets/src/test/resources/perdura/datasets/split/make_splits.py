"""Writes splits.json: what NumPy and scikit-learn make of the splits, and a second reading of the rules that are Perdura's own.
Needs numpy 2.4.6 and scikit-learn 1.9.1."""
import hashlib
import json
import math
import pathlib
from fractions import Fraction

import numpy
from sklearn.model_selection import KFold, train_test_split

here = pathlib.Path(__file__).parent
MASK = 2**64 - 1


def digest(rows):
    return hashlib.sha256("".join(f"{row}\n" for row in rows).encode()).hexdigest()


# --- NumPy and scikit-learn ---------------------------------------------------------------------------------------------

legacy = []
for n, seed in [(0, 0), (1, 7), (3, 2**32 - 1), (1000, 2**31), (1000, 2**32 - 1), (7229, 114514), (12047, 0), (26684, 0), (191027, 0)]:
    rows = numpy.random.RandomState(seed).permutation(n).tolist()
    legacy.append({"n": n, "seed": seed, "first": rows[:8], "sha256": digest(rows)})

held_out = []
for n, seed in [(4, 0), (7, 0), (101, 3), (12047, 0), (26684, 0)]:
    train, rest = train_test_split(range(n), test_size=0.3, random_state=seed)
    validation, test = train_test_split(rest, test_size=0.5, random_state=seed)
    # scikit-learn calls the first ceil(half) of the second permutation "test": they validate here, as in GLoRIA
    parts = {"train": train, "validation": test, "test": validation}
    held_out.append({"n": n, "seed": seed, "parts": {k: {"size": len(v), "sha256": digest(v)} for k, v in parts.items()}})

fold_sizes = [{"n": n, "sizes": [len(test) for _, test in KFold(5).split(range(n))]} for n in (5, 7, 1001, 2669, 6012, 12047)]

stratified_counts = []
for n, positives in [(16010, 3607), (16010, 3590), (7229, 1602), (7229, 1587), (1000, 500)]:
    labels = [1] * positives + [0] * (n - positives)
    for fraction in (0.01, 0.1):
        size = math.floor(fraction * n + 0.5)
        chosen, _ = train_test_split(labels, train_size=size, stratify=labels, random_state=0)
        stratified_counts.append({"n": n, "positives": positives, "fraction": fraction, "size": size, "chosen": sum(chosen)})


# --- A second reading of Perdura's own rules ------------------------------------------------------------------------------

def mix(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def hash64(*parts):
    h = len(parts)
    for part in parts:
        if isinstance(part, int):
            words = [1, part & MASK]
        else:
            data = part.encode()
            words = [2, len(data)] + [int.from_bytes(data[i:i + 8], "little") for i in range(0, len(data), 8)]
        for word in words:
            h = mix(((h ^ word) + 0x9E3779B97F4A7C15) & MASK)
    return h


def permutation(n, *parts):
    state = hash64(*parts)
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        mask = (1 << i.bit_length()) - 1
        while True:
            state = (state + 0x9E3779B97F4A7C15) & MASK
            j = mix(state) & mask
            if j <= i:
                break
        order[i], order[j] = order[j], order[i]
    return order


ratio = []
for n, seed in [(3, 1), (13, 114514), (12047, 114514), (26684, 114518)]:
    fifth, order = round(0.2 * n), permutation(n, seed, "split-ratio")
    parts = {"train": order[2 * fifth:], "validation": order[:fifth], "test": order[fifth:2 * fifth]}
    ratio.append({"n": n, "seed": seed, "parts": {k: {"size": len(v), "sha256": digest(v)} for k, v in parts.items()}})

folds = []
for n, seed in [(5, 1), (13, 114514), (2669, 114514), (6012, 114515)]:
    order, sizes = permutation(n, seed, "split-folds"), [n // 5 + (k < n % 5) for k in range(5)]
    folds.append({"n": n, "seed": seed, "sha256": [digest(order[sum(sizes[:k]):sum(sizes[:k + 1])]) for k in range(5)]})


def stratified(masks, labels, fraction, seed):
    drawn = permutation(len(masks), seed, "split-fraction")
    sizes = {m: masks.count(m) for m in masks}
    seen, places = {}, {}
    for row in drawn:
        j = seen[masks[row]] = seen.get(masks[row], -1) + 1
        places[row] = Fraction(2 * j + 1, 2 * sizes[masks[row]])
    order = sorted(drawn, key=lambda row: places[row])
    front = []
    for label in range(labels):
        for value in (1, 0):
            having = [row for row in order if masks[row] >> label & 1 == value]
            if having and not any(row in having for row in front):
                front.append(having[0])
    order = [row for row in order if row in front] + [row for row in order if row not in front]
    return order[:max(len(front), math.floor(fraction * len(masks) + 0.5))]


random = numpy.random.default_rng(20260)
strata = []
for n, labels, share in [(30, 1, 0.1), (400, 1, 0.01), (700, 1, 0.22), (900, 5, 0.08), (300, 14, 0.05)]:
    masks = [int(sum(int(random.random() < share) << i for i in range(labels))) for _ in range(n)]
    for seed, fraction in [(114514, 0.01), (114514, 0.1), (114514, 1.0), (114515, 0.1)]:
        strata.append({"labels": labels, "masks": masks, "seed": seed, "fraction": fraction,
                       "rows": stratified(masks, labels, fraction, seed)})

(here / "splits.json").write_text(json.dumps(
    {"legacy": legacy, "held_out": held_out, "fold_sizes": fold_sizes, "stratified_counts": stratified_counts,
     "ratio": ratio, "folds": folds, "strata": strata}, separators=(",", ":")) + "\n")
