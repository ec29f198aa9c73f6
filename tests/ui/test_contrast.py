"""Every text of the theme stands out from what it is on: a contrast of 4.5 or more, in both themes."""

import re
import tomllib
from pathlib import Path

import pytest

from isost_core.figures.colours import CANVAS, FAINT_ON_CANVAS, INK_ON_CANVAS
from ui.shell.layout import FAULT, ON_PRIMARY, QUIET

LEAST = 4.5
COLOURS = ("red", "orange", "yellow", "blue", "green", "violet", "gray")
THEMES = ("light", "dark")
NAV = {"light": 0.8, "dark": 0.75}  # opacity of the words in Streamlit's menu
TINT = 0.1  # of the primary colour under the words of a chosen segment


def parts(colour):
    if colour.startswith("rgb"):
        return [int(part) for part in colour[4:-1].split(",")]
    return [int(colour[k:k + 2], 16) for k in (1, 3, 5)]


def over(colour, ground, opacity):
    """A colour that the ground shines through."""
    mixed = [opacity * a + (1 - opacity) * b for a, b in zip(parts(colour), parts(ground), strict=True)]
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (p / 255 for p in parts(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """The ratio of the web's guidelines (WCAG 2), from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def table(theme):
    """{what: (text, ground)} of a theme."""
    config = tomllib.loads(Path(".streamlit/config.toml").read_text())["theme"]
    look = {name: value for name, value in config.items() if isinstance(value, str)} | config[theme]
    page, raised, side = look["backgroundColor"], look["secondaryBackgroundColor"], look["sidebar"]
    text, primary, k = look["textColor"], look["primaryColor"], THEMES.index(theme)
    pairs = {"text on the page": (text, page), "text on a box": (text, raised),
             "menu": (over(text, side["backgroundColor"], NAV[theme]), side["backgroundColor"]),
             "menu, chosen": (text, side["secondaryBackgroundColor"]),
             "caption on the page": (QUIET[k], page), "caption on a box": (QUIET[k], raised),
             "link on the page": (look["linkColor"], page), "link on a box": (look["linkColor"], raised),
             "words on the primary colour": (ON_PRIMARY[k], primary), "tab, slider": (primary, page),
             "chosen segment": (primary, over(primary, page, TINT)), "primary colour on a box": (primary, raised),
             "what is wrong in a box": (FAULT[k], page)}
    for name in COLOURS:
        words, ground = look[f"{name}TextColor"], look[f"{name}BackgroundColor"]
        pairs |= {f"{name} on the page": (words, page), f"{name} badge": (words, ground)}
    return pairs


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_of_the_theme_stands_out(theme):
    ratios = {what: contrast(*pair) for what, pair in table(theme).items()}
    for what, ratio in ratios.items():
        print(f"{theme:5} {what:28} {ratio:5.2f}")
    assert {what: round(ratio, 2) for what, ratio in ratios.items() if ratio < LEAST} == {}


def test_words_on_pictures_stand_out():
    assert min(contrast(words, CANVAS) for words in (INK_ON_CANVAS, FAINT_ON_CANVAS)) >= LEAST


def test_the_ratio_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("report", ["page", "quality_page"])
def test_white_on_the_marks_of_a_report_stands_out(report):
    """Grades and findings: white words on a colour."""
    source = Path(f"isost_core/reports/{report}.py").read_text()
    marks = re.findall(r"\.(?:A|B|C|none|mark\.\w+) { background: (#\w{6}) }", source)
    assert len(marks) >= 3
    assert min(contrast("#ffffff", mark) for mark in marks) >= LEAST
