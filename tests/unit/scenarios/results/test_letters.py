"""Pictures show what a user wrote, in letters that there are, and cost nothing but themselves when they fail."""

import warnings
from dataclasses import replace

import pytest

pytest.importorskip("matplotlib")

from cge.scenarios.results import figures, letters


def test_text_that_the_fonts_have_is_drawn_as_it_is():
    for text in ("Korea joins, é ü", "приклад", "$x$ & [b]", "−5 %"):
        assert letters.drawn(text) == text


def test_letters_that_no_font_has_become_latin_ones(monkeypatch):
    monkeypatch.setattr(letters, "_letters", lambda: frozenset(range(32, 127)))
    assert letters.drawn("한국 2") == "hangug 2"
    assert letters.drawn("日本") == "[65E5][672C]"
    assert letters.drawn("élan ﬁn") == "elan fin"


@pytest.mark.parametrize("text", ["한국 관세", r"$\frac$ and $", "[/bad] [draft]", "x" * 500, "日本 ไทย"])
def test_every_picture_is_drawn_without_a_missing_letter(result, tmp_path, text):
    welfare = result.welfare.rename(index={"USA": text})
    named = replace(result, title=text).with_tables(welfare=welfare)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph")
        files = figures.draw(named, tmp_path)
    assert [file.name for file in files] == ["welfare.png", "export_shares.png"]
    assert all(file.stat().st_size > 1000 for file in files)


def test_a_picture_that_fails_costs_the_picture(result, tmp_path, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("no canvas")

    monkeypatch.setattr(figures, "_welfare", broken)
    folder = result.save(tmp_path / "kept", extra=[lambda fresh: figures.draw(result, fresh)])
    assert (folder / "welfare.csv").is_file()
    assert (folder / "export_shares.png").is_file()
    assert not (folder / "welfare.png").exists()
    assert "no picture welfare.png: RuntimeError: no canvas" in caplog.text
