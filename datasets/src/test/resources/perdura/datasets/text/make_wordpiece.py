"""Writes what Hugging Face's tokenizer of Bio_ClinicalBERT says of odd texts, and its classes of characters.

    pip install tokenizers==0.23.3
    python make_wordpiece.py

Output: wordpiece.json beside this file, and word-piece-characters.txt among the resources of the module.
"""
import json
import pathlib
import random

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

HERE = pathlib.Path(__file__).parent
CHARACTERS = HERE.parents[4] / "main/resources/perdura/datasets/text/word-piece-characters.txt"
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
SPECIALS = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}

BERT = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
CLEAN = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
STRIP = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
LOWER = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=True)
IDEOGRAPHS = normalizers.BertNormalizer(
    clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False)
NFD = normalizers.NFD()
WORDS = pre_tokenizers.BertPreTokenizer()


def ranges(kind, members):
    """Lines "kind first last" in hexadecimal, ascending."""
    lines, start, last = [], None, None
    for c in [*members, None]:
        if start is not None and (c is None or c != last + 1):
            lines.append(f"{kind} {start:x} {last:x}")
            start = None
        if start is None:
            start = c
        last = c
    return lines


def lower_case():
    """Lines "lower first last step offset": one letter each."""
    lines, run = [], None  # first, last, step or None, offset
    for c in CODE_POINTS:
        small = LOWER.normalize_str(chr(c))
        if small == chr(c) or NFD.normalize_str(chr(c)) != chr(c):
            continue
        assert len(small) == 1, hex(c)
        offset = ord(small) - c
        if run and run[3] == offset and c - run[1] in ((run[2],) if run[2] else (1, 2)):
            run = (run[0], c, c - run[1], offset)
            continue
        if run:
            lines.append(run)
        run = (c, c, None, offset)
    lines.append(run)
    return [f"lower {first:x} {last:x} {step or 1} {offset}" for first, last, step, offset in lines]


def characters():
    alone = [c for c in CODE_POINTS if NFD.normalize_str(chr(c)) == chr(c)]
    dropped = [c for c in CODE_POINTS if CLEAN.normalize_str(chr(c)) == ""]
    blank = [c for c in CODE_POINTS if CLEAN.normalize_str(chr(c)) == " "]
    marks = [c for c in alone if STRIP.normalize_str(chr(c)) == ""]
    ideographs = [c for c in CODE_POINTS if IDEOGRAPHS.normalize_str(chr(c)).startswith(" ") and c != 0x20]
    punctuation = [c for c in CODE_POINTS if len(WORDS.pre_tokenize_str("a" + chr(c) + "b")) == 3]
    return (
        ranges("dropped", dropped)
        + ranges("blank", blank)
        + ranges("ideograph", ideographs)
        + ranges("mark", marks)
        + ranges("punctuation", punctuation)
        + lower_case()
    )


def vocabulary():
    """Letters and digits as words and within words, and a few words."""
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789\u03c3\u03c2\u00df\u0131"
    pieces = [f"[unused{i}]" for i in range(104)]
    for special, number in SPECIALS.items():
        pieces[number] = special
    pieces += list(alphabet) + ["##" + c for c in alphabet] + list(".,-_/!?[]()#'\"$%")
    pieces += ["effusion", "pleural", "un", "##k", "lung", "##s", "cardio", "##meg", "##aly", "\u4e2d", "\u6587", "\U0001f600"]
    return list(dict.fromkeys(pieces))


def texts(count):
    draw = random.Random(20261130)
    common = list("abcXYZ09 .,-_[]#'") + ["effusion", "Pleural ", "[UNK]", "[SEP]", "[unk]", "[MASK ]", "##s", " lungs"]
    odd = [chr(c) for c in (0, 9, 0xA, 0xB, 0xD, 0x1C, 0x7F, 0x85, 0xA0, 0xAD, 0x130, 0x131, 0xDF, 0x1E9E, 0x3A3, 0x3C2, 0x300,
                            0x345, 0x483, 0x61C, 0x180E, 0x2000, 0x200B, 0x200D, 0x2028, 0x2029, 0x202E, 0x2060, 0x3000, 0x3001, 0x4E2D, 0x6587,
                            0x9FFF, 0xAC00, 0xE000, 0xF900, 0xFEFF, 0xFFFD, 0xFFFE, 0x1F600, 0x20000, 0x2B920, 0x2F800, 0x2CEB0, 0xE0001, 0x10FFFF)]
    made = ["", " ", "a" * 100, "a" * 101, "\u00e9" * 100, "\u4e2d" * 101, "a [UNK] b", "a[UNK]b", "\u039f\u0394\u039f\u03a3", "\ufeffabc BOM"]
    while len(made) < count:
        parts = []
        for _ in range(draw.randint(1, 12)):
            kind = draw.random()
            if kind < 0.55:
                parts.append(draw.choice(common))
            elif kind < 0.85:
                parts.append(draw.choice(odd))
            else:
                c = draw.choice([draw.randrange(0x3000), draw.randrange(0x11000), draw.randrange(0x110000)])
                parts.append(chr(c if not 0xD800 <= c < 0xE000 else 0xD7FF))
        made.append("".join(parts))
    return made


def main():
    pieces = vocabulary()
    tokenizer = Tokenizer(models.WordPiece(
        {piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BERT
    tokenizer.pre_tokenizer = WORDS
    tokenizer.add_special_tokens([AddedToken(special, special=True, normalized=False) for special in SPECIALS])
    cases = [[text, tokenizer.encode(text, add_special_tokens=False).ids] for text in texts(2200)]
    CHARACTERS.write_text("\n".join(characters()) + "\n")
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "wordpiece.json").write_text(
        '{"vocabulary": ' + json.dumps(pieces) + ',\n"cases": [\n' + lines + "\n]}\n")


if __name__ == "__main__":
    main()
