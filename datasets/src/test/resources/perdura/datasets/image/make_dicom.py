"""Writes dicom.json: small DICOM files (base64) and what pydicom, NumPy and OpenCV make of them.

Needs pydicom 3.0.2, Pillow 13.0.0, opencv-python-headless 5.0.0.93 and numpy. `cases` are read, `refused` are not; `syntaxes` are the
registered transfer syntaxes. Rescaling and windows are pydicom's, scaling to 255 is cv2.convertScaleAbs, colours are Pillow's mode L.
"""
import base64
import io
import json
import pathlib
import struct

import cv2
import numpy
import pydicom
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_modality_lut, apply_windowing
from pydicom.sequence import Sequence
from pydicom._uid_dict import UID_dictionary

pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(20260)
cases, refused = [], []


def values(low, high, shape=(5, 7)):
    """Random values in [low, high], both ends among them."""
    array = random.integers(low, high + 1, shape)
    array.flat[2], array.flat[3] = low, high
    return array


def dataset(array, bits=8, allocated=8, signed=False, photometric="MONOCHROME2", **attributes):
    d = Dataset()
    d.SOPClassUID, d.SOPInstanceUID = uid.SecondaryCaptureImageStorage, "1.2.3.4"
    d.Modality, d.PatientName, d.PatientID = "CR", "synthetic", "synthetic"
    d.SamplesPerPixel = 1 if array.ndim == 2 else 3
    if array.ndim == 3:
        d.PlanarConfiguration = 0
    d.PhotometricInterpretation = photometric
    d.Rows, d.Columns = array.shape[:2]
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = allocated, bits, bits - 1, int(signed)
    for name, value in attributes.items():
        setattr(d, name, value)
    d.PixelData = pack(array, allocated)
    d["PixelData"].VR = "OB" if allocated == 8 else "OW"
    return d


def pack(array, allocated):
    raw = (array & ((1 << allocated) - 1)).astype({8: "u1", 16: "<u2", 32: "<u4"}[allocated]).tobytes()
    return raw + b"\0" * (len(raw) % 2)


def encode(d, syntax=uid.ExplicitVRLittleEndian, preamble=True, meta=True):
    d.file_meta = FileMetaDataset()
    d.file_meta.TransferSyntaxUID = syntax
    d.file_meta.MediaStorageSOPClassUID, d.file_meta.MediaStorageSOPInstanceUID = d.SOPClassUID, d.SOPInstanceUID
    out = io.BytesIO()
    pydicom.dcmwrite(out, d, enforce_file_format=True)
    data = out.getvalue()
    return data[0 if preamble else 132:] if meta else data[data_set(data):]


def data_set(data):
    """Where the group of the file meta information ends."""
    return 132 + 12 + struct.unpack("<I", data[140:144])[0]


def greys(stored, d):
    """The 8-bit greys of stored values."""
    if "WindowCenter" in d:
        low = -(1 << d.BitsStored - 1) if d.PixelRepresentation else 0
        ends = numpy.array([low, low + (1 << d.BitsStored) - 1]) * float(d.get("RescaleSlope", 1)) + float(d.get("RescaleIntercept", 0))
        shown = apply_windowing(apply_modality_lut(stored, d), d)
        gray = numpy.rint((shown - ends[0]) / (ends[1] - ends[0]) * 255)
    else:
        gray = numpy.clip(apply_modality_lut(stored, d), 0, None)
        if gray.max() > 0:
            gray = gray if gray.dtype == numpy.float64 else gray.astype("u2" if d.BitsAllocated == 16 else "u1")
            gray = cv2.convertScaleAbs(gray, alpha=255.0 / gray.max())
    gray = gray.astype(int)
    return 255 - gray if d.PhotometricInterpretation == "MONOCHROME1" else gray


def case(name, d, stored, data=None, tolerance=0, **options):
    gray = greys(stored, d)
    cases.append({"name": name, "file": base64.b64encode(data or encode(d, **options)).decode(), "width": gray.shape[1],
                  "height": gray.shape[0], "tolerance": tolerance, "expected": gray.reshape(-1).tolist()})


def refuse(name, data):
    refused.append({"name": name, "file": base64.b64encode(data).decode()})


implicit = {"syntax": uid.ImplicitVRLittleEndian}
a = values(0, 255)
case("explicit, 8 bits, odd length", dataset(a), a)
case("implicit, 8 bits, odd length", dataset(a), a, **implicit)
case("no preamble, with meta group", dataset(a), a, preamble=False)
case("no meta group, explicit", dataset(a), a, meta=False)
case("no meta group, implicit", dataset(a), a, meta=False, **implicit)
a = values(0, 199)
case("scaled by 255 over the greatest", dataset(a), a)
case("MONOCHROME1", dataset(a, photometric="MONOCHROME1"), a)
d = dataset(a)
d["PixelData"].VR = "OW"
case("8 bits as OW", d, a)
case("all zero", dataset(a * 0), a * 0)
case("MONOCHROME1, all zero", dataset(a * 0, photometric="MONOCHROME1"), a * 0)
a = values(0, 7)
case("3 of 8 bits", dataset(a, 3), a)
for bits in 10, 12, 16:
    a = values(0, (1 << bits) - 1, (9, 11))
    case(f"{bits} bits", dataset(a, bits, 16), a)
    case(f"{bits} bits, implicit", dataset(a, bits, 16), a, **implicit)
    a = values(3, (1 << bits) - 77, (9, 11))
    case(f"{bits} bits, MONOCHROME1", dataset(a, bits, 16, photometric="MONOCHROME1"), a)
    a = values(-(1 << bits - 1), (1 << bits - 1) - 1, (9, 11))
    case(f"{bits} bits, signed, no window", dataset(a, bits, 16, True), a)
    case(f"{bits} bits, signed, window", dataset(a, bits, 16, True, WindowCenter=-20, WindowWidth=(1 << bits - 2) + 1), a)
a = values(-100, -1)
case("8 bits, signed, none above zero", dataset(a, 8, 8, True), a)
a = values(0, 4095)
case("12 bits in the upper part of 16", dataset((a << 4) + 9, 12, 16, HighBit=15), a)
case("12 bits, something else above them", dataset(a + (5 << 12), 12, 16), a)
case("rescaled", dataset(a, 12, 16, RescaleSlope="0.25", RescaleIntercept="-17.5"), a)
case("rescaled, window", dataset(a, 12, 16, RescaleSlope="2", RescaleIntercept="-1024", WindowCenter="1500.5", WindowWidth="3001"), a)
case("window", dataset(a, 12, 16, WindowCenter="2048", WindowWidth="1024"), a)
case("window of width 1", dataset(a, 12, 16, WindowCenter="2048", WindowWidth="1"), a)
case("window, first of three", dataset(a, 12, 16, WindowCenter=["1000", "2048", "7"], WindowWidth=["1500.5", "1", "3"]), a)
case("window, MONOCHROME1", dataset(a, 12, 16, photometric="MONOCHROME1", WindowCenter="2000", WindowWidth="4000"), a)
case("window, exact", dataset(a, 12, 16, WindowCenter="2000", WindowWidth="900", VOILUTFunction="LINEAR_EXACT"), a)
case("window, sigmoid", dataset(a, 12, 16, WindowCenter="2000", WindowWidth="900", VOILUTFunction="SIGMOID"), a)


def with_sequences(undefined):
    """Private and public sequences in front of the pixels, one with an icon that has pixels of its own."""
    inner, icon, item = Dataset(), dataset(values(0, 255, (2, 2))), Dataset()
    inner.add_new(0x00090010, "LO", "PERDURA TEST")
    inner.add_new(0x00091001, "SQ", Sequence([Dataset(), Dataset()]))
    inner[0x00091001].is_undefined_length = undefined
    item.PatientID = "within"
    item.add_new(0x00091002, "SQ", Sequence([inner]))
    item[0x00091002].is_undefined_length = undefined
    d = dataset(b)
    d.add_new(0x00090010, "LO", "PERDURA TEST")
    d.add_new(0x00091001, "SQ", Sequence([item, Dataset(), item]))
    d.add_new(0x00091003, "SQ", Sequence([]))
    d.IconImageSequence = Sequence([icon])
    for sequence in d[0x00091001], d[0x00091003], d["IconImageSequence"]:
        sequence.is_undefined_length = undefined
        for entry in sequence.value:
            entry.is_undefined_length_sequence_item = undefined
    inner.is_undefined_length_sequence_item = undefined
    return d


b = values(0, 255)
for undefined in False, True:
    kind = "undefined" if undefined else "defined"
    case(f"sequences of {kind} length, explicit", with_sequences(undefined), b)
    case(f"sequences of {kind} length, implicit", with_sequences(undefined), b, **implicit)
plain = encode(dataset(b))
start = data_set(plain)
unknown = (bytes.fromhex("0700" "0110") + b"UN\0\0" + b"\xff\xff\xff\xff" + bytes.fromhex("feff00e0") + b"\xff\xff\xff\xff"
           + bytes.fromhex("08006000") + struct.pack("<I", 2) + b"CR" + bytes.fromhex("feff0de0") + bytes(4)
           + bytes.fromhex("feffdde0") + bytes(4))
case("unknown representation of undefined length holds implicit items", dataset(b), b, data=plain[:start] + unknown + plain[start:])
d = dataset(b)
d.add_new(0xFFFCFFFC, "OB", bytes(10))
case("something behind the pixels", d, b)
d = dataset(b)
d.PixelData += bytes(6)
case("padding behind the pixels", d, b)


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, **options)
    return out.getvalue()


def with_jpeg(data, fragments=1, offsets=True, photometric="MONOCHROME2", colour=False, shape=(24, 19)):
    d = dataset(numpy.zeros(shape + (3,) if colour else shape, int), photometric=photometric)
    d.PixelData = encapsulate([data], fragments_per_frame=fragments, has_bot=offsets)
    d["PixelData"].is_undefined_length = True
    return d


smooth = Image.fromarray((numpy.add.outer(numpy.arange(24), numpy.arange(19)) * 3.5 % 200).astype("u1"))
colours = Image.fromarray(random.integers(0, 256, (3, 2, 3), dtype="u1")).resize((19, 24), Image.Resampling.BILINEAR)
baseline = {"syntax": uid.JPEGBaseline8Bit}


def decoded(data):
    return numpy.asarray(Image.open(io.BytesIO(data)).convert("L"))


data = jpeg(smooth)
case("JPEG", with_jpeg(data), decoded(data), tolerance=2, **baseline)
case("JPEG in three fragments, no offsets", with_jpeg(data, 3, False), decoded(data), tolerance=2, **baseline)
case("JPEG in four fragments", with_jpeg(data, 4), decoded(data), tolerance=2, **baseline)
case("JPEG, MONOCHROME1", with_jpeg(data, photometric="MONOCHROME1"), decoded(data), tolerance=2, **baseline)
d = with_jpeg(data)
d.WindowCenter, d.WindowWidth = "90", "100"
case("JPEG, window", d, decoded(data), tolerance=3, **baseline)
data = jpeg(colours, subsampling=0)
case("JPEG, YBR_FULL", with_jpeg(data, photometric="YBR_FULL", colour=True), decoded(data), tolerance=3, **baseline)
data = jpeg(colours, subsampling=1)
case("JPEG, YBR_FULL_422", with_jpeg(data, photometric="YBR_FULL_422", colour=True), decoded(data), tolerance=5, **baseline)
data = jpeg(colours, keep_rgb=True)
case("JPEG, RGB", with_jpeg(data, photometric="RGB", colour=True), decoded(data), tolerance=3, **baseline)

# ---- what is not read ----
a = values(0, 255)
for name in ("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel",
             "PhotometricInterpretation", "PixelData"):
    d = dataset(a)
    del d[name]
    refuse("no " + name, encode(d))
for name, value in (("Rows", 0), ("Columns", 0), ("BitsStored", 9), ("HighBit", 8), ("HighBit", 5), ("PixelRepresentation", 2),
                    ("Rows", 6), ("Rows", 65535), ("Rows", 2), ("NumberOfFrames", "2"), ("SamplesPerPixel", 3)):
    d = dataset(a)
    setattr(d, name, value)
    refuse(f"{name} {value}", encode(d))
for name, value in (("WindowWidth", "0"), ("WindowWidth", "-3"), ("VOILUTFunction", "CUBIC")):
    d = dataset(a, WindowCenter="10", WindowWidth="20")
    setattr(d, name, value)
    refuse(f"{name} {value}", encode(d))
refuse("WindowCenter ten", encode(dataset(a, WindowCenter="1234", WindowWidth="20")).replace(b"1234", b"ten "))
refuse("RescaleSlope 1,25", encode(dataset(a, RescaleSlope="1.25", RescaleIntercept="0")).replace(b"1.25", b"1,25"))
refuse("BitsAllocated 32", encode(dataset(a, 32, 32)))
refuse("PALETTE COLOR", encode(dataset(a, photometric="PALETTE COLOR")))
refuse("RGB, uncompressed", encode(dataset(values(0, 255, (5, 7, 3)), photometric="RGB")))
d = dataset(a)
lut = Dataset()
lut.LUTDescriptor, lut.ModalityLUTType, lut.LUTData = [256, 0, 8], "US", bytes(256)
d.ModalityLUTSequence = Sequence([lut])
refuse("ModalityLUTSequence", encode(d))
d = dataset(a)
d.add_new(0x00280010, "UL", 5)
refuse("Rows of 4 bytes", encode(d))
data = jpeg(smooth)
refuse("JPEG of another size", encode(with_jpeg(data, shape=(24, 20)), **baseline))
refuse("JPEG with colours, said to be grey", encode(with_jpeg(jpeg(colours)), **baseline))
refuse("JPEG, truncated", encode(with_jpeg(data[:len(data) // 2]), **baseline))
d = with_jpeg(data)
d.BitsStored = 7
refuse("JPEG of 7 bits", encode(d, **baseline))
refuse("JPEG, none at all", encode(with_jpeg(b"no image at all!"), **baseline))
whole = encode(with_jpeg(data), **baseline)
refuse("JPEG, no fragment", whole[:whole.rindex(bytes.fromhex("feff00e0"))] + bytes.fromhex("feffdde0") + bytes(4))
refuse("JPEG, no end", whole[:-8])
refuse("JPEG, not in fragments", whole.replace(b"OB\0\0\xff\xff\xff\xff", b"OB\0\0" + struct.pack("<I", 40)))
refuse("uncompressed, in fragments", encode(dataset(a)).replace(b"OB\0\0" + struct.pack("<I", 36), b"OB\0\0\xff\xff\xff\xff"))

syntaxes = {key: value[0] for key, value in UID_dictionary.items() if value[1] == "Transfer Syntax"}
(here / "dicom.json").write_text(json.dumps({"cases": cases, "refused": refused, "syntaxes": syntaxes}) + "\n")
