"""A stack being prepared: the uploaded files of one visitor on disk, and what the visitor said about them."""

import json
import re
import secrets
import shutil
from pathlib import Path, PurePosixPath

from isost_core.errors import InputError
from ui import state, visitor, workspace

_ANSWERS = "answers.json"
_STACK_ID = re.compile(r"[0-9a-f]{16}")


def _folder_of_visitor():
    return workspace.folder() / "uploads" / visitor.visitor_hash()[:32]


def current():
    """Folder of the stack this visitor works on (the latest one after a reload), or None."""
    stack_id = state.get(state.STACK)
    if stack_id and _STACK_ID.fullmatch(stack_id):
        folder = _folder_of_visitor() / stack_id
        return folder if folder.is_dir() else None
    folders = sorted(_folder_of_visitor().glob("*/"), key=lambda f: f.stat().st_mtime, reverse=True)
    if stack_id is False or not folders:
        return None
    state.put(state.STACK, folders[0].name)
    return folders[0]


def new():
    """An empty stack, made the current one."""
    folder = _folder_of_visitor() / secrets.token_hex(8)
    folder.mkdir(parents=True)
    state.put(state.STACK, folder.name)
    return folder


def forget():
    """Remove the current stack and its files; runs made from it stay."""
    folder = current()
    if folder is not None:
        shutil.rmtree(folder)
    state.put(state.STACK, False)


def files(folder):
    """Paths of the data files of a stack, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name != _ANSWERS)


def save(folder, uploads):
    """Copy uploaded files into the stack under safe names."""
    for upload in uploads:
        with open(folder / safe_name(upload.name), "wb") as out:
            upload.seek(0)
            shutil.copyfileobj(upload, out, 1 << 22)


def adopt(folder, paths):
    """Copy files that are on this server already (example data) into the stack."""
    for path in paths:
        shutil.copyfile(path, folder / safe_name(Path(path).name))


def remove(folder, name):
    (folder / safe_name(name)).unlink(missing_ok=True)


def safe_name(name):
    """The last part of a file name from outside, with nothing in it that means something to a file system."""
    last = PurePosixPath(str(name).replace("\\", "/")).name
    clean = re.sub(r"[^\w.+\- ()]", "_", last).strip(" .")
    if not clean or clean == _ANSWERS:
        raise InputError(f"The file name '{last}' can't be used. Rename the file and upload it again.")
    return clean[-120:]


def answers(folder):
    """What the visitor said about the files: {name: value}."""
    path = folder / _ANSWERS
    return json.loads(path.read_text()) if path.is_file() else {}


def answer(folder, **values):
    """Keep answers; a reload finds them."""
    known = answers(folder)
    if known | values != known:
        (folder / _ANSWERS).write_text(json.dumps(known | values))
