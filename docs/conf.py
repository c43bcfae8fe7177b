"""How Sphinx builds the site from these pages (`make site`): offline, formulas as MathML, every warning an error."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

project = "cge"
author = "The cge contributors"
copyright = "The cge contributors; MIT licence"  # noqa: A001
version = release = installed("cge")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
root_doc = "index"
exclude_patterns = ["README.md", "**/.ipynb_checkpoints"]
suppress_warnings = ["config.cache"]  # a function among the settings below

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = "cge"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]


def setup(app: Any) -> None:
    """Tell Sphinx how formulas are shown: as MathML, which browsers draw without a script."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
