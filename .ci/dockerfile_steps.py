"""Run the steps of the Dockerfile without docker, in a fresh folder and a fresh virtual environment.

    python .ci/dockerfile_steps.py                # everything, minutes: packages are installed anew
    python .ci/dockerfile_steps.py --installed    # seconds: with the packages of this Python

Shows that the steps work, that the app starts as the user without rights, and that it answers its health check.
The folders /app and /workspace become folders of a temporary one, and the user is not created: its number is used
where this runs as root. System packages are installed where this runs as root and apt is there. The build argument
TORCH_INDEX is empty unless given with --build-arg, so that torch comes from the package index set up here.
"""

import argparse
import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
USER_ID = 1000
START_S = 120


def steps(text):
    """(instruction, rest) of each step of a Dockerfile, continuation lines joined, comments dropped."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [tuple(line.strip().split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


class Build:
    """The state that steps change: environment, working folder, command, health check."""

    def __init__(self, home, arguments):
        self.home, self.given = home, dict(a.split("=", 1) for a in arguments.build_arg)
        self.installed, self.port = arguments.installed, arguments.port
        self.env = {**os.environ, "HOME": str(home / "home")}
        self.folder, self.command, self.health = home, None, None
        if self.installed:
            programs = Path(sys.executable).parent
        else:
            subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
            programs = home / "venv" / "bin"
        self.env["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
        (home / "home").mkdir()

    def inside(self, text):
        """The text with the image's folders moved into the temporary one."""
        return re.sub(r"(?<![\w./-])/(app|workspace)\b", lambda m: str(self.home / m.group(1)), text)

    def do_arg(self, rest):
        name, _, _ = rest.partition("=")
        self.env[name] = self.given.get(name, "")

    def do_env(self, rest):
        self.env |= dict(pair.split("=", 1) for pair in shlex.split(self.inside(rest)))

    def do_workdir(self, rest):
        self.folder = Path(self.inside(rest))
        self.folder.mkdir(parents=True, exist_ok=True)

    def do_volume(self, rest):
        folder = Path(self.inside(rest))
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, USER_ID, USER_ID)

    def do_copy(self, rest):
        source, _ = rest.split()
        if source != ".":
            shutil.copy(ROOT / source, self.folder)
            return
        patterns = (ROOT / ".dockerignore").read_text().split()
        shutil.copytree(ROOT, self.folder, dirs_exist_ok=True, ignore=lambda at, names: _left_out(at, names, patterns))

    def do_run(self, rest):
        for command in rest.split(" && ") if rest.startswith("apt-get") else [rest]:
            reason = self._skip(command.strip())
            if reason:
                print(f"  skipped, {reason}: {command.strip()[:70]}", flush=True)
                continue
            subprocess.run(["/bin/sh", "-c", self.inside(command)], cwd=self.folder, env=self.env, check=True,
                           stdout=subprocess.DEVNULL)

    def _skip(self, command):
        if command.startswith("apt-get"):
            if os.geteuid() != 0 or not shutil.which("apt-get"):
                return "needs root and apt"
            return "packages are there" if self.installed else ""
        if command.startswith("rm -rf /var/lib/apt"):
            return "would empty this machine's lists"
        if command.startswith("useradd"):
            return "would change this machine's users"
        return "packages are there" if self.installed and command.startswith("pip install") else ""

    def do_healthcheck(self, rest):
        self.health = json.loads(self._moved_port(rest[rest.index("CMD") + 3:]))

    def do_cmd(self, rest):
        self.command = json.loads(self._moved_port(rest))

    def _moved_port(self, text):
        return text.replace("8501", str(self.port))


def _left_out(at, names, patterns):
    below = Path(at).relative_to(ROOT)
    anywhere = [p.removeprefix("**/") for p in patterns if p.startswith("**/")]
    return [n for n in names if str(below / n) in patterns or any(fnmatch.fnmatch(n, p) for p in anywhere)]


def start(build):
    """Start the image's command as its user and wait until it is healthy; returns the seconds that took."""
    who = _user(build)
    command = [shutil.which(build.command[0], path=build.env["PATH"]), *build.command[1:]]
    health = [shutil.which(build.health[0], path=build.env["PATH"]), *build.health[1:]]
    began = time.monotonic()
    app = subprocess.Popen(command, cwd=build.folder, env=build.env, **who)
    try:
        while subprocess.run(health, env=build.env, capture_output=True, check=False).returncode:
            if app.poll() is not None or time.monotonic() - began > START_S:
                raise SystemExit(f"The app did not become healthy (it ended with {app.poll()}).")
            time.sleep(0.5)
        seconds = time.monotonic() - began
        with urllib.request.urlopen(f"http://127.0.0.1:{build.port}/", timeout=10) as answer:
            assert answer.status == 200
        check_volume(build, who)
        return seconds
    finally:
        app.terminate()
        app.wait(timeout=20)


def _user(build):
    """Popen arguments for the user without rights, where this machine can become that user and run Python as it."""
    who = {"user": USER_ID, "group": USER_ID, "extra_groups": []}
    python = shutil.which("python", path=build.env["PATH"])
    try:
        subprocess.run([python, "-c", ""], cwd=build.home, env=build.env, check=True, **who)
    except OSError:
        print("  the user without rights cannot run this Python: going on as the present user", flush=True)
        return {}
    os.chown(build.home / "home", USER_ID, USER_ID)
    return who


def check_volume(build, who):
    """The user can write where runs are kept, and the core starts in the image."""
    code = "import os, pathlib; p = pathlib.Path(os.environ['ISOST_WORKSPACE'], 'x'); p.write_text(''); p.unlink()"
    subprocess.run([shutil.which("python", path=build.env["PATH"]), "-c", f"import isost_core; {code}"],
                   cwd=build.folder, env=build.env, check=True, **who)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--installed", action="store_true", help="use this Python's packages, install nothing")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--port", type=int, default=8511, help="port that stands in for 8501")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isost-image-") as folder:
        os.chmod(folder, 0o755)
        build = Build(Path(folder), arguments)
        for instruction, rest in steps((ROOT / "Dockerfile").read_text()):
            print(f"{instruction} {rest[:90]}", flush=True)
            action = getattr(build, f"do_{instruction.lower()}", None)
            if action:
                action(rest)
        seconds = start(build)
    print(f"Every step worked; the app was healthy after {seconds:.1f} s.")


if __name__ == "__main__":
    main()
