"""The notebooks of the documentation run from top to bottom, each in a space of its own."""

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def test_there_are_five():
    names = {path.stem for path in NOTEBOOKS}
    assert names == {"first-counterfactual", "korea-cptpp", "steel-quota", "own-table", "how-sure"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path, tmp_path, monkeypatch):
    pytest.importorskip("IPython", reason="the extra docs is not installed")
    matplotlib = pytest.importorskip("matplotlib")
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    shell = InteractiveShell()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            done = shell.run_cell(cell.source, store_history=False)
            done.raise_error()
            if done.result is not None and hasattr(done.result, "_repr_html_"):
                assert "<" in done.result._repr_html_()
    matplotlib.pyplot.close("all")
