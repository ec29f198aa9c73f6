"""Tables in files that R's `save` wrote: matrices with names, and data frames."""

from __future__ import annotations

import gzip
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isost_core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_MAGIC = b"RDX3\nX\n"
_SYMBOL, _PAIRS, _CHARS, _LOGICAL, _INTEGER, _REAL, _TEXT, _LIST = 1, 2, 9, 10, 13, 14, 16, 19
_REFERENCE, _NIL = 255, 254


@dataclass
class _Object:
    """A value of R and its attributes, such as `dim`, `dimnames`, `names`, `row.names`."""

    value: Any
    attributes: dict[str, Any] = field(default_factory=dict)


def tables_of(path: str | Path) -> dict[str, pd.DataFrame]:
    """{name: DataFrame} of the matrices and data frames in a file of R (format 3, gzip).

    Raises
    ------
    InputError : the file is not of that kind, or holds something else
    """
    try:
        content = gzip.decompress(Path(path).read_bytes())
        if not content.startswith(_MAGIC):
            raise ValueError("its first bytes are others")
        held = _Reader(content).item()
        return {str(name): _table(made) for name, made in held.value.items()}
    except (EOFError, OSError, ValueError, KeyError, IndexError, AttributeError, struct.error) as error:
        raise InputError(f"{Path(path).name} cannot be read as a table saved by R ({error}).") from error


def _table(made: _Object) -> pd.DataFrame:
    import pandas as pd

    about = {name: held.value for name, held in made.attributes.items()}
    if "dimnames" in about:
        rows, columns = (names.value for names in about["dimnames"])
        values = made.value.reshape(about["dim"].tolist(), order="F")
        return pd.DataFrame(values, index=pd.Index(rows), columns=pd.Index(columns))
    columns = dict(zip(about["names"], (column.value for column in made.value), strict=True))
    return pd.DataFrame(columns, index=pd.Index(about["row.names"]))


class _Reader:
    """Walks through the bytes of R's binary serialisation (R Internals, section 1.8)."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place, self.seen = content, len(_MAGIC) + 12, []
        encoding = self.whole()
        self.place += encoding  # bytes of its name

    def whole(self) -> int:
        self.place += 4
        return int(struct.unpack_from(">i", self.content, self.place - 4)[0])

    def numbers(self, kind: str) -> np.ndarray:
        found = np.frombuffer(self.content, kind, self.whole(), self.place)
        self.place += found.nbytes
        return found.astype(found.dtype.newbyteorder("="))

    def item(self) -> _Object:
        flags = self.whole()
        kind, has_attributes, has_tag = flags & 0xFF, bool(flags & 0x200), bool(flags & 0x400)
        if kind == _NIL:
            return _Object({})
        if kind == _REFERENCE:
            return self.seen[(flags >> 8) - 1]
        if kind == _PAIRS:
            return self.pairs(has_attributes, has_tag)
        if kind == _SYMBOL:
            self.seen.append(self.item())
            return self.seen[-1]
        made = _Object(self.value(kind))
        if has_attributes:
            made.attributes = self.item().value
        return made

    def pairs(self, has_attributes: bool, has_tag: bool) -> _Object:
        if has_attributes:
            self.item()
        tag = self.item().value if has_tag else ""
        first = self.item()
        return _Object({tag: first, **self.item().value})

    def value(self, kind: int) -> Any:
        if kind == _CHARS:
            size = max(self.whole(), 0)
            self.place += size
            return self.content[self.place - size:self.place].decode()
        if kind in (_INTEGER, _LOGICAL):
            return self.numbers(">i4")
        if kind == _REAL:
            return self.numbers(">f8")
        if kind in (_TEXT, _LIST):
            items = [self.item() for _ in range(self.whole())]
            return [item.value for item in items] if kind == _TEXT else items
        raise ValueError(f"values of R's type {kind} are not known")
