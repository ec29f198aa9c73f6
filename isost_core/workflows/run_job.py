"""Which function does which job, by its command."""

from importlib import import_module

from isost_core.jobs.executors import NICHES, RECONSTRUCT, REGISTER, VALIDATE
from isost_core.jobs.progress import Cancelled

_DOES = {RECONSTRUCT: ("reconstruct", "execute"), REGISTER: ("register", "execute_registration"),
         VALIDATE: ("validate", "execute_validation"), NICHES: ("find_niches", "execute_niches")}


def work(job, folder):
    """Do a job in this process; returns whether it was finished, not cancelled."""
    module, function = _DOES[job]
    try:
        getattr(import_module(f"isost_core.workflows.{module}"), function)(folder)
    except Cancelled:
        return False
    return True
