"""Build a layer's folder: wheels of the target runtime and architecture, our package or models, and nothing else.

`python3 build.py core|inference FOLDER`, for any Python 3.11+ with pip. Standard library only. What it builds for comes
from LAMBDA_RUNTIME and LAMBDA_ARCHITECTURE, else from the `--parameter-overrides` of the `sam build` that runs it,
else from the template's defaults; it says which. Overrides in samconfig.toml are not seen, as SAM builds a copy of this
folder: give them on the command line. LAMBDA_PLATFORM=native takes this machine's own wheels (laptops).
LAYER_CACHE names a folder that keeps installed packages between builds.

/opt is read-only in Lambda, where nothing can keep what a cold start compiled: so the layer brings its bytecode, made
by a Python of the target's version. Where there is none on this machine, the layer goes without, and says so.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pip._vendor.packaging.markers import Marker

LAYERS = Path(__file__).resolve().parent
DEFAULT_RUNTIME, DEFAULT_ARCHITECTURE = "python3.13", "arm64"
UNTOLD = "the defaults (another Runtime or Architecture: `sam build --parameter-overrides`; samconfig.toml is not read)"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# Amazon Linux 2023, which python3.12 and later run on, has glibc 2.34.
GLIBC = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")

# Folders of packages that no function reads at run time.
UNREAD = ("__pycache__", "tests", "test", "testing/tests")
UNREAD_IN = {
    "numpy": ("_core/include", "_core/lib", "f2py", "typing/tests", "_pyinstaller"),
    "onnxruntime": ("tools", "transformers", "quantization", "datasets", "backend"),
}
UNREAD_SUFFIXES = (".pyi", ".h", ".a", ".pxd", ".pyx")
WITHOUT_BYTECODE = "that more than doubles a cold start's imports (330 ms of CPU instead of 140); pyenv installs one"

# A distribution keeps what importlib.metadata and its licence ask for.
KEPT_METADATA = ("METADATA", "entry_points.txt", "top_level.txt")


class BuildError(Exception):
    """The layer cannot be built; the message says what to change."""


@dataclass(frozen=True)
class Target:
    """What a layer is built for: a Lambda runtime (`python3.13`), an architecture (`arm64`), or this machine itself."""

    runtime: str
    architecture: str
    native: bool
    source: str

    @property
    def version(self) -> str:
        return self.runtime.removeprefix("python")

    def markers(self) -> dict[str, str]:
        """What the markers of a requirements file are held against; pip itself would take this interpreter's."""
        if self.native:
            return {}
        return {
            "python_version": self.version,
            "python_full_version": f"{self.version}.0",
            "platform_machine": MACHINES[self.architecture],
            "platform_system": "Linux",
            "sys_platform": "linux",
            "os_name": "posix",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }

    def pip_options(self) -> list[str]:
        """Options that make pip choose wheels of this target."""
        if self.native:
            return []
        machine = MACHINES[self.architecture]
        platforms = [option for glibc in GLIBC for option in ("--platform", f"{glibc}_{machine}")]
        # pip holds Requires-Python against this interpreter; the lock was resolved for every runtime we build for.
        return [*platforms, "--implementation", "cp", "--python-version", self.version, "--ignore-requires-python"]

    def __str__(self) -> str:
        return f"{self.runtime} {self.architecture}{' (this machine)' if self.native else ''}, from {self.source}"


def find_target(environment: Mapping[str, str], ancestors: list[str]) -> Target:
    """The target to build for.

    Args:
        environment: LAMBDA_RUNTIME, LAMBDA_ARCHITECTURE, LAMBDA_PLATFORM.
        ancestors: command lines of the processes above this one, nearest first.

    Raises:
        BuildError: names a value that is not one we can build for.
    """
    overrides = next((found for line in ancestors if (found := _overrides(line))), {})
    runtime = environment.get("LAMBDA_RUNTIME") or overrides.get("Runtime") or DEFAULT_RUNTIME
    architecture = environment.get("LAMBDA_ARCHITECTURE") or overrides.get("Architecture") or DEFAULT_ARCHITECTURE
    source = "the environment" if environment.get("LAMBDA_RUNTIME") else "`sam build`" if overrides else UNTOLD
    native = environment.get("LAMBDA_PLATFORM") == "native"
    if not re.fullmatch(r"python3\.\d+", runtime):
        raise BuildError(f"runtime {runtime!r} is none of ours: give Runtime=python3.13 or the like")
    if architecture not in MACHINES:
        raise BuildError(f"architecture {architecture!r} is unknown: give Architecture=arm64 or x86_64")
    own = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if native and runtime != own:
        raise BuildError(f"native wheels are {own}'s, not {runtime}'s: run with that Python, or unset LAMBDA_PLATFORM")
    return Target(runtime, architecture, native, source)


def _overrides(command_line: str) -> dict[str, str]:
    """`Runtime` and `Architecture` in a `sam build` command line, in either of the two forms that SAM takes."""
    if not re.search(r"\bbuild\b", command_line):
        return {}
    short = re.findall(r"\b(Runtime|Architecture)=[\"']?([\w.]+)", command_line)
    long = re.findall(r"ParameterKey=(Runtime|Architecture),ParameterValue=[\"']?([\w.]+)", command_line)
    return dict([*short, *long])


def ancestor_command_lines() -> list[str]:
    """Command lines of this process's ancestors, nearest first."""
    processes = _processes_from_proc() if Path("/proc/self/stat").exists() else _processes_from_ps()
    lines, pid = [], os.getppid()
    while pid in processes and pid > 1:
        pid, command_line = processes[pid]
        lines.append(command_line)
    return lines


def _processes_from_proc() -> dict[int, tuple[int, str]]:
    """Parent and command line of each process; small Linux images have no `ps`."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command_line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            # It ended while we looked.
            continue
        found[int(folder.name)] = (parent, command_line)
    return found


def _processes_from_ps() -> dict[int, tuple[int, str]]:
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in listing.splitlines():
        pid, parent, *command = line.split(None, 2)
        found[int(pid)] = (int(parent), command[0] if command else "")
    return found


def wanted(requirements: str, target: Target) -> str:
    """The lock's entries that the target needs, without their markers."""
    kept = []
    for entry in re.split(r"\n(?=[A-Za-z])", re.sub(r"^\s*#.*\n", "", requirements, flags=re.MULTILINE)):
        head, line_end, hashes = entry.partition("\\\n")
        requirement, _, marker = head.partition(" ; ")
        if not marker or Marker(marker.strip()).evaluate(target.markers()):
            kept.append(f"{requirement.strip()} {line_end}{hashes.strip()}\n")
    return "".join(kept)


def install(requirements: Path, target: Target, folder: Path) -> None:
    """Install the locked wheels into `folder`. Raises BuildError with pip's own last words."""
    lock = folder.with_name("requirements.txt")
    lock.write_text(wanted(requirements.read_text(), target))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--no-compile"]
    command += [*target.pip_options(), "--target", str(folder), "--requirement", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr.strip()[-400:]]
        raise BuildError(f"pip found no way to install {requirements.parent.name} for {target}: {said[-1]}")


def trim(folder: Path) -> None:
    """Delete what no function reads: tests, headers, stubs, build tools, records of the installation."""
    doomed = [path for name in UNREAD for path in folder.rglob(name)]
    doomed += [folder / package / name for package, names in UNREAD_IN.items() for name in names]
    doomed += [path for path in folder.rglob("*") if path.suffix in UNREAD_SUFFIXES]
    for distribution in folder.glob("*.dist-info"):
        doomed += [p for p in distribution.iterdir() if p.name not in KEPT_METADATA and "licen" not in p.name.lower()]
    doomed.append(folder / "bin")
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def interpreter_of(version: str) -> str | None:
    """A Python of this version (`3.13`) that runs here: this one, the PATH's, or pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = sorted(str(path) for path in pyenv.glob(f"versions/{version}.*/bin/python"))
    for candidate in (sys.executable, shutil.which(f"python{version}"), *installed):
        if candidate is None:
            continue
        # A pyenv shim may exist and not run.
        asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == version:
            return candidate
    return None


def compile_in(folder: Path, interpreter: str, *, below: str) -> None:
    """Compile every module of `folder`, which Lambda will see as `below`; the same sources give the same files.

    Raises:
        BuildError: a module does not compile.
    """
    command = [interpreter, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(folder), "-p", below, str(folder)]
    # The order of a frozenset in bytecode follows the hash seed.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{interpreter} cannot compile {folder.name}: {(done.stdout + done.stderr).strip()[-400:]}")


def packages(layer: str, target: Target, cache: Path | None, interpreter: str | None) -> Path:
    """A folder with the layer's installed, trimmed and compiled packages, out of the cache where it has them."""
    requirements = LAYERS / layer / "requirements.txt"
    settings = repr((target.pip_options(), target.runtime, interpreter is not None)).encode()
    recipe = requirements.read_bytes() + Path(__file__).read_bytes() + settings
    kept = (cache or Path(tempfile.mkdtemp())) / f"{layer}-{hashlib.sha256(recipe).hexdigest()[:16]}"
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            installed = Path(scratch) / "python"
            install(requirements, target, installed)
            trim(installed)
            if interpreter is not None:
                compile_in(installed, interpreter, below="/opt/python")
            installed.rename(kept)
    return kept


def build(layer: str, target: Target, artifacts: Path, cache: Path | None) -> None:
    """Write the layer into `artifacts`: `python/` and, for the AI services, `models/`."""
    ignore = shutil.ignore_patterns("__pycache__")
    interpreter = interpreter_of(target.version)
    if interpreter is None:
        print(f"{layer} layer: no Python {target.version} here, so no bytecode: {WITHOUT_BYTECODE}")
    installed = packages(layer, target, cache, interpreter)
    shutil.copytree(installed, artifacts / "python", dirs_exist_ok=True, symlinks=True)
    for legal in ("NOTICE", "LICENSE-Apache-2.0"):
        shutil.copy(LAYERS / legal, artifacts)
    if cache is None:
        shutil.rmtree(installed.parent)
    if layer == "core":
        ours = artifacts / "python/besunny"
        shutil.copytree(LAYERS / "core/besunny", ours, ignore=ignore)
        if interpreter is not None:
            compile_in(ours, interpreter, below="/opt/python/besunny")
    else:
        shutil.copytree(LAYERS / "inference/models", artifacts / "models", ignore=ignore)


def main() -> None:
    layer, artifacts = sys.argv[1:]
    cache = os.environ.get("LAYER_CACHE")
    target = find_target(os.environ, ancestor_command_lines())
    print(f"{layer} layer: for {target}; made by Python {platform.python_version()}")
    if target.runtime == "python3.11" and layer == "inference" and not target.native:
        print("inference layer: AWS's python3.11 (glibc 2.26) cannot load it: deploy python3.12+")
    build(layer, target, Path(artifacts), Path(cache) if cache else None)


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"layers/build.py: {error}")
