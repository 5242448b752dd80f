"""Writes pillow.json and pillow.jpg: what Pillow makes of small grey images. Needs Pillow 13.0.0 and numpy."""
import base64
import io
import json
import pathlib

import numpy
from PIL import Image, ImageCms

here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(20260)


def rows(image):
    return numpy.asarray(image).reshape(-1).tolist()


def picture(width, height):
    return Image.fromarray(random.integers(0, 256, (height, width), dtype=numpy.uint8))


resize = []
for (width, height), (to_width, to_height) in [
    ((17, 23), (8, 8)), ((40, 33), (7, 7)), ((5, 4), (9, 11)), ((8, 20), (8, 8)), ((20, 8), (8, 8)), ((9, 9), (9, 9)),
    ((101, 13), (3, 20)),
]:
    image = picture(width, height)
    resized = image.resize((to_width, to_height), Image.Resampling.BILINEAR)
    resize.append({"width": width, "height": height, "pixels": rows(image), "to_width": to_width, "to_height": to_height,
                   "expected": rows(resized)})

rotate = []
for side, degrees in [(8, 5.0), (9, -5.0), (16, 3.21987), (16, -0.4), (12, 45.0), (7, 0.0)]:
    image = picture(side, side)
    rotated = image.rotate(degrees, Image.Resampling.NEAREST)
    rotate.append({"side": side, "degrees": degrees, "pixels": rows(image), "expected": rows(rotated)})

smooth = Image.fromarray((numpy.add.outer(numpy.arange(37), numpy.arange(29)) * 3.5 % 256).astype(numpy.uint8))
jpeg = io.BytesIO()
smooth.save(jpeg, "JPEG", quality=90)
(here / "pillow.jpg").write_bytes(jpeg.getvalue())
decoded = Image.open(jpeg)
colour = Image.fromarray(random.integers(0, 256, (2, 2, 3), dtype=numpy.uint8)).resize((24, 16), Image.Resampling.BILINEAR)
colour.save(here / "pillow-colour.jpg", "JPEG", quality=95, subsampling=0)
gray = Image.open(here / "pillow-colour.jpg").convert("L")
crop = []
for (width, height), (top, left, crop_height, crop_width), (to_width, to_height) in [
    ((20, 16), (3, 2, 11, 14), (8, 8)), ((20, 16), (0, 0, 16, 20), (9, 7)), ((20, 16), (8, 5, 8, 15), (15, 4)),
    ((20, 16), (4, 12, 8, 8), (8, 8)), ((9, 9), (2, 1, 3, 5), (8, 6)), ((300, 5), (1, 1, 3, 298), (6, 3)),
    # columns before rows
    ((20, 40), (0, 0, 40, 20), (15, 9)), ((20, 40), (5, 2, 30, 17), (11, 13)), ((20, 40), (5, 2, 30, 9), (14, 20)),
    ((20, 40), (5, 2, 30, 9), (9, 20)),
]:
    image = picture(width, height)
    part = image.crop((left, top, left + crop_width, top + crop_height))
    crop.append({"width": width, "height": height, "pixels": rows(image), "box": [top, left, crop_height, crop_width],
                 "to_width": to_width, "to_height": to_height,
                 "expected": rows(part.resize((to_width, to_height), Image.Resampling.BILINEAR))})


def odd(what, data):
    read = Image.open(io.BytesIO(data))
    return {"what": what, "file": base64.b64encode(data).decode(), "expected": rows(read.convert("L"))}


def saved(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, **options)
    return out.getvalue()


profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
narrow = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
inks = Image.fromarray(random.integers(0, 256, (3, 3, 4), dtype=numpy.uint8), "CMYK").resize((24, 16), Image.Resampling.BILINEAR)
cmyk = saved(inks, subsampling=0)
adobe = cmyk.index(b"Adobe") + 11
odd_jpegs = [
    odd("grey with a damaged profile", saved(smooth, icc_profile=b"no profile at all")),
    odd("grey with a profile of colours", saved(smooth, icc_profile=narrow)),
    odd("colour with a profile", saved(colour, subsampling=0, icc_profile=narrow)),
    odd("colour with a profile of another space", saved(colour, subsampling=0, icc_profile=profile)),
    odd("colour with a damaged profile", saved(colour, subsampling=0, icc_profile=bytes(range(256)) * 600)),
    odd("CMYK", cmyk),
    odd("YCCK", cmyk[:adobe] + b"\2" + cmyk[adobe + 1:]),
    odd("CMYK without Adobe's marker", cmyk[:2] + cmyk[adobe + 1:]),
    odd("bytes behind the end", saved(smooth) + b"appended by a server, FF D9 not among it"),
    odd("progressive", saved(smooth, progressive=True)),
]
(here / "pillow.json").write_text(json.dumps({
    "resize": resize, "rotate": rotate, "crop": crop,
    "jpeg": {"file": "pillow.jpg", "width": decoded.width, "height": decoded.height, "expected": rows(decoded)},
    "odd": odd_jpegs,
    "colour": {"file": "pillow-colour.jpg", "width": gray.width, "height": gray.height, "expected": rows(gray)},
}) + "\n")
