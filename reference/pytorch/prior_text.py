"""PRIOR's text rules (docs/methods/prior.md, 1.2-1.5) and the RLE rule (4.1) in pure Python, without dependencies."""
from __future__ import annotations

import re
import unicodedata

WHITESPACE = " \t\n\x0b\f\r"

# ------------------------------------------------------------------------------------------------------- sections (1.3)
# The first space is required; more spaces belong to the run and are trimmed from the name. Matches do not overlap.
HEADER = re.compile(r"\n ([A-Z ()/,\-]+):[ \t\n\x0b\f\r]")

EXACT = dict.fromkeys([
    "findings", "chest, two views", "finding", "findins", "findindgs", "findgings", "findngs", "findnings", "finidngs",
    "reference findings"], "findings") | dict.fromkeys([
    "impression", "conclusion", "findings and impression", "findings/impression", "findings/ impression", "impresson",
    "imprression", "imoression", "impressoin", "imprssion", "impresion", "imperssion", "mpression", "impession",
    "ndication"], "impression") | {
    name: name for name in ["comparison", "indication", "history", "examination", "technique", "recommendations"]}

CONTAINED = ["impression", "findings", "history", "comparison", "addendum"]

VIEWS = ["chest", "portable", "pa and lateral", "lateral and pa", "ap and lateral", "lateral and ap", "frontal and",
         "two views", "frontal view", "pa view", "ap view", "one view", "lateral view", "bone window", "frontal upright",
         "frontal semi-upright", "ribs", "pa and lat"]


def section_name(header: str) -> str:
    name = header.lower().strip(WHITESPACE)
    if name in EXACT:
        return EXACT[name]
    for word in CONTAINED:  # the first of this list, not the first in the header
        if word in name:
            return word
    if any(view in name for view in VIEWS):
        return "findings"
    return name


def parse_sections(report: str) -> list[tuple[str, str]]:
    """(name, trimmed text) in order; `preamble` comes first; without any header the one section is `full report`."""
    matches = list(HEADER.finditer(report))
    if not matches:
        return [("full report", report.strip(WHITESPACE))]
    sections = [("preamble", report[: matches[0].start()].strip(WHITESPACE))]
    for match, following in zip(matches, [*matches[1:], None]):
        end = following.start() if following else len(report)
        sections.append((section_name(match.group(1)), report[match.end() : end].strip(WHITESPACE)))
    return sections


def select_sections(report: str) -> dict[str, str]:
    """The last non-blank section of each of the two names; empty means that the report is dropped."""
    return {name: text for name, text in parse_sections(report) if name in ("impression", "findings") and text}


# ------------------------------------------------------------------------------------------------------ sentences (1.4)
ABBREVIATIONS = {"dr", "mr", "mrs", "ms", "vs", "e.g", "i.e", "etc", "approx", "fig", "a.m", "p.m"}
MARKER = re.compile(r"[0-9]{1,2}[.)](?: |$)")
SENTENCE_END = re.compile(r"""[.?!][.?!"')\]}]*""")


def skip_markers(text: str, at: int) -> int:
    while match := MARKER.match(text, at):
        at = match.end()
    return at


def is_abbreviated(text: str, end: re.Match) -> bool:
    """True when a lone `.` follows one of the abbreviations or a single upper-case letter."""
    if [c for c in end.group() if c in ".?!"] != ["."]:
        return False
    word = text[: end.start()].rsplit(" ", 1)[-1].lstrip("([{\"'")
    return word.lower() in ABBREVIATIONS or (len(word) == 1 and word.isupper())


def split_sentences(section: str) -> list[str]:
    text = re.sub(f"[{WHITESPACE}]+", " ", section).strip(" ")
    start, sentences = skip_markers(text, 0), []
    for end in SENTENCE_END.finditer(text):
        if end.start() < start or text[end.end() : end.end() + 1] != " " or is_abbreviated(text, end):
            continue
        following = end.end() + 1
        after = skip_markers(text, following)
        first = text[following]
        if after > following or first.isupper() or first in "0123456789_(":
            sentences.append(text[start : end.end()])
            start = after
    sentences.append(text[start:])
    return [s.strip(" ") for s in sentences if any(c.isalpha() for c in s)]


def report_sentences(report: str) -> list[str] | None:
    """Impression sentences, then findings sentences; None when dropped (no section, or fewer than 4 sentences)."""
    sections = select_sections(report)
    sentences = [s for name in ("impression", "findings") for s in split_sentences(sections.get(name, ""))]
    return sentences if len(sentences) >= 4 else None


# --------------------------------------------------------------------------------------------------------- tokens (1.5)
def is_punctuation(c: str) -> bool:
    return (c.isascii() and c.isprintable() and not c.isalnum() and c != " ") or unicodedata.category(c).startswith("P")


def wordpiece(text: str, vocabulary: dict[str, int]) -> list[str]:
    """Lower-case, strip accents, split at blanks and around each punctuation mark, then longest match first."""
    text = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    text = "".join(f" {c} " if is_punctuation(c) else c for c in text)
    pieces = []
    for word in text.split():
        own, start = [], 0
        while start < len(word) and len(word) <= 100:
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in vocabulary:
                    break
            else:
                break
            own.append(piece)
            start = end
        pieces += own if start == len(word) else ["[UNK]"]
    return pieces


def encode(sentences: list[str], vocabulary: dict[str, int], length: int) -> dict[str, list]:
    """[CLS] body [SEP] [PAD]...; the body is cut at length - 2. `map` is -1 or the sentence number from 1."""
    body, sentence_map = [], []
    for k, sentence in enumerate(sentences, start=1):
        pieces = wordpiece(sentence, vocabulary)
        body += pieces
        sentence_map += [k] * len(pieces)
    body, sentence_map = body[: length - 2], sentence_map[: length - 2]
    pad = length - 2 - len(body)
    tokens = ["[CLS]", *body, "[SEP]"] + ["[PAD]"] * pad
    return {
        "tokens": tokens,
        "ids": [vocabulary[t] for t in tokens],
        "attention_mask": [1] * (length - pad) + [0] * pad,
        "map": [-1, *sentence_map, -1] + [-1] * pad,
    }


# ------------------------------------------------------------------------------------------------------------ RLE (4.1)
def decode_rle(text: str) -> list[int]:
    """Sorted linear indices; offsets are relative to the end of the previous run; -1 is empty."""
    numbers = [int(n) for n in text.split()]
    if numbers == [-1]:
        return []
    cursor, pixels = 0, []
    for offset, run in zip(numbers[::2], numbers[1::2], strict=True):
        cursor += offset
        pixels += range(cursor, cursor + run)
        cursor += run
    return pixels


def rle_pixels(rows_of_text: list[str], height: int) -> list[tuple[int, int]]:
    """(row, column) of all rows OR-ed, in column-major order; linear index = column * height + row."""
    linear = sorted({i for text in rows_of_text for i in decode_rle(text)})
    return [(i % height, i // height) for i in linear]
