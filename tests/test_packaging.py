"""The package as it is installed: one source of versions, a wheel with all of the core, a command that starts."""

import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import isost_core as isost
from tests.conftest import ROOT

NOT_SOURCE = shutil.ignore_patterns(".*", "__pycache__", "workspace", "screenshots", "build", "dist", "*.egg-info")


def run(*command, cwd):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of the checkout: building leaves folders beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=NOT_SOURCE)
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
        "--wheel-dir", folder, folder / "source", cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel):
    """The programs of a clean environment: the wheel is installed there, the checkout is not on its path."""
    clean = wheel.parent / "clean"
    venv.create(clean)
    inside = clean / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", inside, "install", "--quiet", "--no-deps", "--no-index", wheel,
        cwd=wheel.parent)
    packages = Path(run(inside, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=clean).strip())
    installed = [folder for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]
    (packages / "dependencies.pth").write_text("\n".join(installed))
    return inside.parent


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_wheel_has_the_core_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}
    sources = {str(path.relative_to(ROOT)) for path in (ROOT / "isost_core").rglob("*")
               if path.is_file() and "__pycache__" not in path.parts}
    assert packed == sources


def test_the_wheel_has_the_version_of_the_core(wheel):
    assert wheel.name.split("-")[1] == isost.__version__


def test_the_command_starts_from_a_clean_environment(programs, tmp_path):
    said = run(programs / "isost", "--help", cwd=tmp_path)
    assert said == run(programs / "python", "-m", "isost_core", "--help", cwd=tmp_path)
    assert all(command in said for command in ("fit", "align", "validate", "export"))
    assert "--tilt" in run(programs / "isost", "slice", "--help", cwd=tmp_path)
    run(programs / "isost", "phantom", "--kind", "ball", "--sections", "3", "--gap", "50", "--cells", "60", "--genes",
        "5", "--out", "made.h5ad", cwd=tmp_path)
    assert (tmp_path / "made.h5ad").is_file()


def test_the_public_names_come_from_the_wheel_outside_the_checkout(programs, tmp_path):
    code = ("import isost_core as isost; from isost_core.readers import ReadOptions; "
            "all(getattr(isost, name) for name in isost.__all__) and print(isost.__file__)")
    found = Path(run(programs / "python", "-c", code, cwd=tmp_path).strip())
    assert found.is_relative_to(programs.parent) and not found.is_relative_to(ROOT)


def test_requirements_are_made_from_pyproject():
    run(sys.executable, ROOT / ".ci" / "requirements.py", "--check", cwd=ROOT)


def test_torch_is_installed_before_all_else():
    wanted = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert wanted[0].startswith("torch==")


def test_every_dependency_has_one_pinned_version():
    extras = project()["optional-dependencies"]
    pinned = [*project()["dependencies"], *extras["app"], *extras["dev"]]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pinned)
    assert len({pin.split("==")[0] for pin in pinned}) == len(pinned)


def test_the_gpu_extra_refuses_the_cpu_build_of_the_same_torch():
    torch = project()["dependencies"][0]
    assert project()["optional-dependencies"]["gpu"] == [torch.replace("==", "!=") + "+cpu"]
