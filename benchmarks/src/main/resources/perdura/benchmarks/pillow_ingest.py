"""Decodes and resizes JPEG files with Pillow in a pool of processes, one round for each line of its input.

Arguments: processes, side, files. Prints Pillow's version, then the first file's pixels in hexadecimal, then for each line the
seconds of a round over all files.
"""
import multiprocessing
import sys
import time

import PIL
from PIL import Image


def resized(file):
    with Image.open(file) as image:
        return image.convert("L").resize((side, side), Image.Resampling.BILINEAR)


def ingest(file):
    return len(resized(file).tobytes())


processes, side, files = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
if __name__ == "__main__":
    print(PIL.__version__)
    print(resized(files[0]).tobytes().hex(), flush=True)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for line in sys.stdin:
            begun = time.perf_counter()
            assert sum(pool.imap_unordered(ingest, files)) == side * side * len(files)
            print(time.perf_counter() - begun, flush=True)
