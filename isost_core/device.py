"""Where a run computes: 'cpu' or 'cuda'."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from isost_core.errors import InputError

if TYPE_CHECKING:
    import torch

DEVICES = ("auto", "cpu", "cuda")


def resolve_device(name: str) -> str:
    """'cpu' or 'cuda' for 'auto', 'cpu' or 'cuda'; an InputError where there is no CUDA device."""
    import torch

    if name not in DEVICES:
        raise InputError(f"Device '{name}' is not known. Choose one of {', '.join(DEVICES)}.")
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no CUDA device on this computer. Choose --device auto or cpu.")
    return name


def device_choices() -> list[tuple[str, str]]:
    """(value, label) of what this computer has; torch is imported only where an NVIDIA driver is found."""
    import os

    choices = [("cpu", f"CPU, {os.cpu_count()} cores")]
    if shutil.which("nvidia-smi") or Path("/dev/nvidia0").exists():
        import torch

        if torch.cuda.is_available():
            choices.insert(0, ("cuda", f"GPU, {torch.cuda.get_device_name(0)}"))
    return [("auto", f"Automatic ({choices[0][1]})"), *choices]


def half_precision(device: str, everywhere: bool = False) -> torch.autocast:
    """Context in which networks multiply in bfloat16 on CUDA, and as they are elsewhere. Distances, solves and the
    state of cells stay in float32 outside it.

    everywhere : bool, on the CPU too: what tests compare
    """
    import torch

    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=everywhere or device != "cpu")


@contextmanager
def one_thread_each(workers: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads (as many as torch uses) in which torch works with one thread each: its own would wait for each
    other."""
    import torch

    threads = torch.get_num_threads()
    with ThreadPoolExecutor(workers or threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            yield pool
        finally:
            torch.set_num_threads(threads)
