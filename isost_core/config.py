"""The settings of a reconstruction. A default lives here once; the form and the command line read it."""

import dataclasses
import difflib
from dataclasses import dataclass, field
from typing import Any

from isost_core.errors import InputError
from isost_core.words import plain


def _setting(default: float, label: str, help_: str, *, unit: str = "", low: float | None = None,
             high: float | None = None, advanced: bool = True) -> Any:
    meta = {"label": label, "help": help_, "unit": unit, "min": low, "max": high, "advanced": advanced}
    return field(default=default, metadata=meta)


@dataclass(frozen=True)
class Config:
    """Settings of one reconstruction; every field has a label, a unit and bounds in its metadata."""

    preset: str = field(default="standard", metadata={"label": "Preset", "hidden": True})
    objective: str = field(default="bridge", metadata={"label": "Training objective", "hidden": True})
    seed: int = _setting(0, "Seed", "The same seed and settings give the same tissue.", low=0, high=2**31 - 1,
                         advanced=False)
    step_um: float = _setting(30.0, "Integration step", "Longest step along depth when cells are "
                              "moved.", unit="µm", low=0.1, high=1000.0)
    neighbours: int = _setting(16, "Neighbours", "How many measured cells of each neighbouring section guide a "
                               "virtual cell.", low=2, high=64)
    width: int = _setting(64, "Network width", "Size of the two neural networks (hidden units).", low=8, high=512)
    train_steps: int = _setting(200, "Training steps", "Training steps of each network. With the preset paper, of "
                                "each of its three stages.", low=1, high=100_000)
    batch_cells: int = _setting(256, "Cells per step", "How many cells of a section one training step uses.",
                                low=16, high=20_000)
    learning_rate: float = _setting(2e-3, "Learning rate", "Step size of the training (NAdam "
                                                           "optimiser).", low=1e-6, high=1.0)
    diffusion: float = _setting(0.1, "Diffusion", "How much cells scatter on their way over one gap, in cell "
                                "spacings; less over thin gaps. 0 means no scatter.", low=0.0, high=5.0)
    factors: int = _setting(300, "Latent axes", "Largest number of axes that describe the expected expression. With "
                            "fewer genes, all axes are used.", low=2, high=1000)
    groups: int = _setting(6, "Smoothness groups", "Largest number of groups of axes. All axes of a group are "
                           "equally smooth in space.", low=1, high=20)
    anchors: int = _setting(16, "Anchors per section", "How many of the nearest small groups of cells of one "
                            "section are used, at most, to predict the expected expression. All sections together give "
                            "twice as many, and as many larger groups around them.", low=2, high=64)
    masked_cells: int = _setting(1500, "Cells for calibration", "How many cells of each hidden section are used to "
                                 "choose settings, to set the predicted ranges and to grade genes.", low=50,
                                 high=100_000)
    pair_weight: float = _setting(0.3, "Expression in pairing", "How much expression counts against distance when "
                                  "cells of neighbouring sections are paired.", low=0.0, high=10.0)
    blur: float = _setting(0.05, "Sinkhorn blur", "Blur of the Sinkhorn divergence, in widths of the tissue (preset "
                           "paper only).", low=1e-3, high=1.0)
    expression_weight: float = _setting(0.1, "Expression weight", "How much the error of expression counts in "
                                        "training (preset paper only).", low=0.0, high=100.0)

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise InputError(f"Preset '{self.preset}' is not known. Choose one of {', '.join(PRESETS)}.")
        if self.objective not in ("bridge", "sinkhorn"):
            raise InputError(f"Objective '{self.objective}' is not known. Choose bridge or sinkhorn.")
        for f in dataclasses.fields(self):
            _check_field(f, getattr(self, f.name))

    @classmethod
    def of_preset(cls, name: str, **changes: Any) -> "Config":
        """The named preset ('fast', 'standard' or 'paper') with some settings changed."""
        if name not in PRESETS:
            raise InputError(f"Preset '{name}' is not known. Choose one of {', '.join(PRESETS)}.")
        return cls.from_dict({"preset": name, **PRESETS[name], **changes})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Config":
        """Config from a plain dict; an unknown setting is an error that names the nearest one."""
        names = [f.name for f in dataclasses.fields(cls)]
        for key in values:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f" Did you mean '{near[0]}'?" if near else f" Known settings: {', '.join(names)}."
                raise InputError(f"Setting '{key}' is not known.{hint}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def _check_field(f: dataclasses.Field, value: Any) -> None:
    if f.type in (int, float):
        good = isinstance(value, int | float) and not isinstance(value, bool) and value == value
        if not good or (f.type is int and value != int(value)):
            kind = "a whole number" if f.type is int else "a number"
            raise InputError(f"Setting '{f.name}' must be {kind}, found {value!r}.")
        low, high = f.metadata["min"], f.metadata["max"]
        if not low <= value <= high:
            raise InputError(f"Setting '{f.name}' must lie between {plain(low, 6)} and {plain(high, 6)}, found "
                             f"{plain(value, 6)}.")


PRESETS = {
    "fast": {"train_steps": 80, "factors": 60, "groups": 4, "anchors": 10, "masked_cells": 500,
             "neighbours": 10, "width": 32},
    "standard": {},
    "paper": {"objective": "sinkhorn", "train_steps": 100, "neighbours": 5, "factors": 50, "diffusion": 0.1,
              "learning_rate": 1e-3, "batch_cells": 1200, "step_um": 10.0},
}
