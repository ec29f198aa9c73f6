"""What every report page shares: its style, its frame and its figures."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from isost_core.errors import InputError
from isost_core.figures.colours import CANVAS

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK = "rgb(29, 42, 45)"
STYLE = """
body { font: 16px/1.55 Inter, 'Segoe UI', system-ui, sans-serif; color: #1d2a2d; margin: 0; background: #f5f7f9 }
main { max-width: 1160px; margin: 0 auto; padding: 2.2rem 1.4rem 5rem }
h1 { font-size: 1.9rem; letter-spacing: -.02em; margin: 0 0 .3rem } h2 { font-size: 1.25rem; margin: 0 0 .4rem }
section { background: white; border: 1px solid #e3e8ee; border-radius: 12px;
  padding: 1.3rem 1.5rem; margin-top: 1.3rem }
p { margin: .4rem 0; max-width: 54rem } .keep p { max-width: none }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .6rem }
.faint { color: #5f6b78 } .run { color: #0e746d; font-weight: 600 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(235px, 1fr)); gap: 1rem; margin-top: 1.3rem }
.card { background: white; border: 1px solid #e3e8ee; border-radius: 12px; padding: 1rem 1.2rem; font-size: .88rem;
  color: #5f6b78 }
.card b { display: block; font-size: 1.9rem; color: #0e746d; line-height: 1.2; white-space: nowrap }
.card strong { display: block; color: #1d2a2d; font-weight: 600; margin-bottom: .3rem }
td:first-child, th:first-child { position: sticky; left: 0; background: white }
tr.ours td:first-child { background: #e9f6f4 }
.tall { max-height: 30rem; overflow: auto } .tall thead th { position: sticky; top: 0; background: white;
  cursor: pointer } .tall thead th:first-child { z-index: 1 }
.grade { font-weight: 700; padding: .05rem .5rem; border-radius: 6px; color: white }
.A { background: #0e746d } .B { background: #8a5a14 } .C { background: #9c3f24 } .none { background: #5f6b78 }
button { font: inherit; padding: .3rem .8rem; border: 1px solid #c9d1da; border-radius: 8px; background: white }
@page { size: A4; margin: 12mm }
@media print { body { background: white } main { zoom: .62; width: 1130px; max-width: none; padding: 0 }
  .screen { display: none } section { border: 0; padding: 0 } .cards { grid-template-columns: repeat(4, 1fr) }
  .keep, .card, tr, .plotly-graph-div { break-inside: avoid } h2, section > p { break-after: avoid }
  .tall { max-height: none } .tall thead th { position: static } .scroll { overflow: visible }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
"""


def check_folder(folder: str | Path, files: Collection[str]) -> None:
    """InputError where a report of these files cannot be put: a file, or a folder with other things in it."""
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file. Give a folder for the report.")
    if folder.is_dir() and {p.name for p in folder.iterdir()} - set(files):
        raise InputError(f"{folder} holds other files. Choose an empty or a new folder for the report.")
    if not folder.parent.is_dir():
        raise InputError(f"The folder {folder.parent} does not exist. Make it first, or choose another.")


def titled(title: str, text: str, content: str) -> str:
    """A part of a page with its heading."""
    return f"<section><h2>{escape(title)}</h2><p class=faint>{escape(text)}</p>{content}</section>"


def figure_html(figure: go.Figure) -> str:
    """A figure as part of a page that holds the script of plotly."""
    if figure.layout.paper_bgcolor != CANVAS:  # pyright: ignore[reportAttributeAccessIssue]
        figure.update_layout(template="plotly_white", font={"color": INK, "size": 13})
    return figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False, "responsive": True})
