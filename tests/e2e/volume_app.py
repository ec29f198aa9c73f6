"""The explorer's viewer alone, on a volume of n x n x n points: streamlit run tests/e2e/volume_app.py, ?n=256."""

import base64
import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from isost_core.export.textures import texture
from isost_core.figures.colours import map_table
from ui.explorer import component, region_text, schema

SIDE_UM = 1000.0


@st.cache_resource
def packs(n):
    """Two blobs in a ball, as texels; a hundred measured cells."""
    axis = np.linspace(-1, 1, n, dtype=np.float32)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    value = np.exp(-8 * ((x - 0.2)**2 + y**2 + (z + 0.1)**2)) + 0.7 * np.exp(-14 * ((x + 0.3)**2 + (y - 0.3)**2 + z**2))
    away = 0.95 - np.sqrt(x**2 + y**2 + z**2)
    step = SIDE_UM / (n - 1)
    tissue = np.clip(127.5 + 127.5 * away * SIDE_UM / 2 / (4 * step), 0, 255)
    cells = np.random.default_rng(0).uniform(-300, 300, (100, 3)).astype(np.float32)
    gene = texture({"key": f"gene{n}", "low": 0.0, "high": 1.0, "sd": 1.0, "measured": [0.0, 1.0],
                 "quantiles": np.linspace(0, 1, 201).tolist()}, values=255 * np.clip(value, 0, 1),
                known=np.full(value.shape, 200, np.uint8), measured=np.full(100, 120, np.uint8))
    return {f"tissue{n}": texture({"key": f"tissue{n}"}, tissue=tissue, xyz=cells, section=np.zeros(100, np.uint8)),
            f"gene{n}": gene}


def config(n):
    view = schema.opening() | {"cx": 0.0, "cy": 0.0, "cdepth": 0.0, "levels": {}, "ranges": {}}
    step, half = SIDE_UM / (n - 1), SIDE_UM / 2
    return {"file": "phantom", "tissue": f"tissue{n}", "box": [[-half] * 3, [half] * 3], "safe_um": 3.6 * step,
            "grid": {"origin": [-half] * 3, "step": [step] * 3, "dims": [n] * 3}, "known": True, "noun": "cell",
            "cells_shown": "",
            "channels": [{"name": "blob", "key": f"gene{n}", "colour": (108, 178, 249), "unit": "log1p", "level": 60.0,
                          "range": (0.0, 1.0), "note": ""}],
            "maps": {"viridis": base64.b64encode(map_table().tobytes()).decode(),
                     "cividis": base64.b64encode(map_table("cividis").tobytes()).decode()},
            "sections": [{"name": f"S{k}", "depth_um": -half + 250.0 * k} for k in range(5)], "spacing_um": 12.0,
            "half_gap_um": 125.0, "wheel_um": 10.0, "view": view, "view_id": 1, "opening": view,
            "histology": []}


def region_said():
    """What a server says of a drawn region; None once it was cleared."""
    said = st.session_state.viewer.get("region")
    drawn = said and region_text.read(said, 5)
    st.session_state.region = drawn and {
        "title": f"Region of {len(drawn.points)} corners", "moved": False, "what": "log1p", "text": said,
        "ring": {"points": drawn.points.tolist(), "normal": drawn.normal.tolist()},
        "columns": ["gene", "source", "area", "mean"],
        "rows": [{"gene": "blob", "source": "predicted", "area": "0.1 mm²", "mean": "0.52"}]}


st.set_page_config(layout="wide")
n = int(st.query_params.get("n", "128"))
component.feed(packs(n))
component.viewer(config(n) | {"region": st.session_state.get("region")}, "viewer", lambda: None, region_said)
