"""A stack being prepared: the uploaded files of one visitor on disk, and what the visitor said about them."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from isost_core.errors import InputError
from isost_core.readers.names import is_rubbish
from ui.shell import state, visitor, workspace
from ui.stack import server_files, unpacking

_ANSWERS = "answers.json"
_BEFORE = ".before"  # folder of files that another of the same name took the place of
_STACK_ID = re.compile(r"[0-9a-f]{16}")


def _folder_of_visitor() -> Path:
    return workspace.folder() / "uploads" / visitor.visitor_hash()[:32]


def current() -> Path | None:
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


def new() -> Path:
    """An empty stack, made the current one."""
    folder = _folder_of_visitor() / secrets.token_hex(8)
    folder.mkdir(parents=True)
    state.put(state.STACK, folder.name)
    return folder


def forget() -> None:
    """Remove the current stack and its files; runs made from it stay."""
    folder = current()
    if folder is not None:
        shutil.rmtree(folder)
    state.put(state.STACK, False)


def files(folder: Path) -> list[Path]:
    """Paths of the data files and folders of a stack, by name, with those on the server that were chosen."""
    return sorted([*_own(folder), *server_files.chosen(answers(folder))])


def _own(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != _ANSWERS and not path.name.startswith(".")]


def save(folder: Path, uploads: Iterable[Any]) -> None:
    """Copy uploaded files into the stack under safe names; archives are unpacked, files of one layout put together.

    A file that cannot be unpacked changes nothing; one that takes the place of another can be taken back.
    """
    arriving = folder / ".arriving"
    arriving.mkdir(exist_ok=True)
    try:
        for upload in uploads:
            if is_rubbish(PurePosixPath(upload.name.replace("\\", "/")).name):
                continue
            path = arriving / safe_name(upload.name)
            with open(path, "wb") as out:
                upload.seek(0)
                shutil.copyfileobj(upload, out, 1 << 22)
            name = unpacking.name_of(path)
            ready = unpacking.opened(path)
            _set_aside(folder, name)
            ready.rename(folder / name)
        unpacking.put_together(_own(folder))
    finally:
        shutil.rmtree(arriving, ignore_errors=True)


def _set_aside(folder: Path, name: str) -> None:
    """Keep the file of this name for `bring_back`, and take it out of the stack."""
    path, before = folder / safe_name(name), folder / _BEFORE
    if path.exists():
        before.mkdir(exist_ok=True)
        _delete(before / path.name)
        path.rename(before / path.name)
    remove(folder, name)


def replaced(folder: Path) -> list[str]:
    """Names of files that another of the same name took the place of."""
    return sorted(path.name for path in (folder / _BEFORE).glob("*"))


def bring_back(folder: Path, name: str) -> None:
    """Put the file back that another of the same name took the place of."""
    earlier = folder / _BEFORE / safe_name(name)
    if earlier.exists():
        _delete(folder / earlier.name)
        earlier.rename(folder / earlier.name)


def forget_replaced(folder: Path) -> None:
    """The new files stay: remove those that they took the place of."""
    shutil.rmtree(folder / _BEFORE, ignore_errors=True)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def add_from_server(folder: Path, text: str) -> None:
    """Take a file or folder of this server into the stack, where it lies."""
    path = server_files.checked(text)
    known = answers(folder).get(server_files.ANSWER, [])
    if str(path) not in known:
        answer(folder, **{server_files.ANSWER: [*known, str(path)]})


def adopt(folder: Path, paths: Iterable[str | Path]) -> None:
    """Copy files that are on this server already (example data) into the stack."""
    for path in paths:
        shutil.copyfile(path, folder / safe_name(Path(path).name))


def remove(folder: Path, name: str) -> None:
    """Take a file or folder out of the stack; what is on the server stays there."""
    _delete(folder / safe_name(name))
    kept = [p for p in answers(folder).get(server_files.ANSWER, ()) if Path(p).name != name]
    if kept != answers(folder).get(server_files.ANSWER, []):
        answer(folder, **{server_files.ANSWER: kept})


def safe_name(name: str) -> str:
    """The last part of a file name from outside, with nothing in it that means something to a file system."""
    last = PurePosixPath(str(name).replace("\\", "/")).name
    clean = re.sub(r"[^\w.,+\- ()#%=@&]", "_", last).strip(" .")
    if not clean or clean == _ANSWERS:
        raise InputError(f"The file name '{last}' can't be used. Rename the file and upload it again.")
    return clean[-120:]


def answers(folder: Path) -> dict[str, Any]:
    """What the visitor said about the files: {name: value}."""
    path = folder / _ANSWERS
    return json.loads(path.read_text()) if path.is_file() else {}


def answer(folder: Path, **values: Any) -> None:
    """Keep answers; a reload finds them."""
    known = answers(folder)
    if known | values != known:
        part = folder / f".{secrets.token_hex(4)}.part"  # a page that reads meanwhile finds the answers whole
        part.write_text(json.dumps(known | values))
        part.replace(folder / _ANSWERS)
