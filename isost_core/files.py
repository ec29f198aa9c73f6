"""Small files of plain values: JSON written whole or not at all, and SHA-256 of files."""

import hashlib
import json
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np


def read_json(path: str | Path) -> Any:
    return json.loads(Path(path).read_text())


def write_json(path: str | Path, value: Any) -> None:
    """Write whole or not at all."""
    part = Path(path).with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(value, indent=1))
    os.replace(part, path)


def slug(text: str, most: int = 60) -> str:
    """A text as a part of a file's name that any file system takes: letters without accents, digits, '.', '-' and '_',
    at most so many. Empty where no letter or digit is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_text).strip("-._")[:most].rstrip("-._")


def as_plain(value: Any) -> Any:
    """The same in dicts, lists, numbers and text, as JSON can hold it; NaN is None; six significant digits."""
    if isinstance(value, dict):
        return {str(k): as_plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [as_plain(v) for v in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}") if np.isfinite(value) else None
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    return value


def sha256(path: str | Path) -> str:
    """Hex SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
