"""Writes opencv.json: what OpenCV's INTER_AREA makes of small grey images, plain and in a letterbox as GLoRIA's loader makes it.

Needs opencv-python-headless 5.0.0.93 (4.10.0 gives the same) and numpy.
"""
import json
import pathlib

import cv2
import numpy

here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(20261)


def picture(width, height):
    return random.integers(0, 256, (height, width), dtype=numpy.uint8)


def area(image, width, height):
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def entry(image, result, **more):
    return {"width": image.shape[1], "height": image.shape[0], "pixels": image.reshape(-1).tolist(), **more,
            "expected": result.reshape(-1).tolist()}


shrunk = []
for (width, height), (to_width, to_height) in [
    ((16, 12), (8, 6)), ((15, 9), (5, 3)), ((12, 10), (3, 5)), ((17, 23), (8, 8)), ((40, 33), (7, 9)), ((101, 13), (3, 12)),
    ((9, 20), (9, 7)), ((20, 9), (7, 9)), ((21, 22), (20, 21)), ((9, 9), (9, 9)), ((13, 7), (1, 1)), ((5, 4), (9, 11)),
    ((9, 9), (18, 18)), ((12, 9), (11, 13)), ((1, 1), (4, 3)),
]:
    image = picture(width, height)
    shrunk.append(entry(image, area(image, to_width, to_height), to_width=to_width, to_height=to_height))

boxes = []
for (width, height), side in [((24, 17), 8), ((17, 24), 8), ((40, 13), 9), ((7, 31), 16), ((16, 16), 8), ((50, 2), 12), ((6, 5), 8)]:
    image = picture(width, height)
    longer = max(width, height)
    small = area(image, max(1, width * side // longer), max(1, height * side // longer))
    spare = numpy.array([side - small.shape[0], side - small.shape[1]])
    before = numpy.floor(spare / 2).astype(int)
    after = numpy.ceil(spare / 2).astype(int)
    boxed = numpy.pad(small, [(before[0], after[0]), (before[1], after[1])])
    boxes.append(entry(image, boxed, side=side))

(here / "opencv.json").write_text(json.dumps({"area": shrunk, "letterbox": boxes}) + "\n")
