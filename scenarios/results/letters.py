"""The letters of pictures: fonts that the machine has for a script, and Latin letters where it has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unicodedata import category, name, normalize

FAMILIES = (
    "DejaVu Sans", "Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans KR", "NanumGothic",
    "UnDotum", "Malgun Gothic", "Apple SD Gothic Neo", "Hiragino Sans", "Yu Gothic", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Zen Hei", "Noto Sans", "Noto Sans Thai", "Noto Sans Devanagari", "Arial Unicode MS", "Tahoma",
)  # fmt: skip
"""Fonts in the order in which a letter is looked for."""


@contextmanager
def lettering() -> Iterator[None]:
    """Draw text as it stands: no mathematics between dollar signs, and the fonts that there are for each letter."""
    from matplotlib import rc_context

    families = list(_fonts())
    with rc_context({"text.parse_math": False, "text.usetex": False, "font.family": families}):
        yield


def drawn(text: str) -> str:
    """A text in letters that the fonts have; what no font has is written in Latin letters, or by its number."""
    has = _letters()
    if all(ord(letter) in has for letter in text):
        return text
    return " ".join("".join(_latin(letter, has) for letter in normalize("NFC", text)).split())


def _latin(letter: str, has: frozenset[int]) -> str:
    if ord(letter) in has or letter.isspace():
        return letter
    plain = "".join(part for part in normalize("NFKD", letter) if ord(part) in has)
    called = name(letter, "")
    if plain and not category(plain[0]).startswith("M"):
        return plain
    if " SYLLABLE " in called or " LETTER " in called:
        return called.rsplit(" ", 1)[-1].lower()
    return "" if category(letter).startswith("M") else f"[{ord(letter):X}]"


@cache
def _fonts() -> dict[str, frozenset[int]]:
    """Families that the machine has, with the letters of each."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    found = {}
    for family in FAMILIES:
        try:
            file = findfont(FontProperties(family=[family]), fallback_to_default=False)
        except ValueError:
            continue
        found[family] = frozenset(get_font(file).get_charmap())
    return found


@cache
def _letters() -> frozenset[int]:
    return frozenset().union(*_fonts().values())
