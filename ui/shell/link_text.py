"""Values of a view as text in a link, and back."""

from collections.abc import Sequence
from typing import Any

NOTHING = "none"  # what an empty box is in a link

def to_text(value: Any) -> list[str]:
    """List of texts of one query parameter."""
    if value is None:
        return [NOTHING]
    if isinstance(value, list | tuple):
        return [to_text(item)[0] for item in value]
    if isinstance(value, bool):
        return ["1" if value else "0"]
    return [f"{value:.6g}" if isinstance(value, float) else str(value)]


def from_text(texts: Sequence[str], default: Any, or_none: bool = False) -> Any:
    """A link's texts as the type of the default, or as None where that may be (`or_none`); what cannot be read is the
    default."""
    if or_none and list(texts) == [NOTHING]:
        return None
    if isinstance(default, list):
        return list(texts)
    try:
        if isinstance(default, tuple):
            return tuple(_number(text, item) for item, text in zip(default, texts, strict=True))
        return texts[-1] == "1" if isinstance(default, bool) else _number(texts[-1], default)
    except ValueError:
        return default


def _number(text: str, like: Any) -> Any:
    """The text as the type of `like`, as a number where that is None; a number must be finite."""
    value = float(text) if like is None else type(like)(text)
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise ValueError(text)
    return value
