"""The settings of a reconstruction as a form: a preset, and a number box for each setting of the config."""

import dataclasses
from collections.abc import Mapping

import streamlit as st

from isost_core.config import Config
from ui.jobs import words
from ui.shell.number_box import number_box

PRESET_WORDS = {
    "fast": ("Fast", "A first look, with fewer details."),
    "standard": ("Standard", "The recommended settings."),
    "paper": ("Paper", "The training of the published method, for comparison. It is the slowest."),
}


def preset_picker(seconds: Mapping[str, float]) -> str:
    """Choose one of the presets in plain words, with the time that each is expected to take."""
    names = list(PRESET_WORDS)
    return st.radio("Preset", names, index=names.index(Config().preset), format_func=lambda name: PRESET_WORDS[name][0],
                    captions=[f"{text} About {words.duration(seconds[name])}."
                              for name, (_, text) in PRESET_WORDS.items()], key="preset")


def config_fields(defaults: Config, advanced: bool) -> dict[str, int | float]:
    """A number box for each setting of a config with this 'advanced' flag; returns {name: value}."""
    shown = [f for f in dataclasses.fields(defaults)
             if not f.metadata.get("hidden") and f.metadata.get("advanced", True) == advanced]
    columns = st.columns(2 if len(shown) > 1 else 1, gap="medium")
    values = {}
    for number, f in enumerate(shown):
        with columns[number % len(columns)]:
            values[f.name] = _number(f, getattr(defaults, f.name), defaults.preset)
    return values


def _number(f: dataclasses.Field, default: float, preset: str) -> int | float:
    meta, whole = f.metadata, f.type is int
    label = f"{meta['label']} ({meta['unit']})" if meta["unit"] else meta["label"]
    value = number_box(label, f"setting.{preset}.{f.name}", default, meta["min"], meta["max"], whole=whole,
                       help=meta["help"])
    return default if value is None else value
