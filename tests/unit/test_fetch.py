"""Fetching: what is kept, what is refused, and what an interruption leaves. The package manager's client is a stand-in."""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import course_lib.fetch
from course_lib.errors import CourseError
from course_lib.fetch import Source, cache_dir, fetch, is_present

FILES = {"package/models/a.json": b'{"a": 1}', "package/models/b.bin": bytes(range(256)) * 50}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


SOURCE = Source(
    name="toy",
    registry="npm",
    package="toy-package",
    version="1.2.3",
    files={member: sha256(data) for member, data in FILES.items()},
    megabytes=0.1,
    about="toy files",
    licence="none",
    credit="nobody",
    command="python data_scripts/get_toy.py",
)


def tar_bytes(files: dict[str, bytes], *extra: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in extra:
            tar.addfile(info)
    return buffer.getvalue()


def zip_bytes(files: dict[str, bytes], link: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == link else 0o100644) << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def everything_under(folder) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


@pytest.fixture
def client(tmp_path, monkeypatch):
    """A client that hands over `client.archive`, and counts its calls. The cache lies in a folder of the test."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))

    class Client:
        archive, name, calls = tar_bytes(FILES), "toy.tgz", 0

        def __call__(self, registry, package, version, folder, options, tick):
            self.calls += 1
            tick()
            (folder / "npm-cache").mkdir()
            (folder / "npm-cache" / "copy").write_bytes(self.archive)
            (folder / self.name).write_bytes(self.archive)
            return folder / self.name

    client = Client()
    monkeypatch.setattr(course_lib.fetch, "download_archive", client)
    return client


KEPT = {"toy/a.json", "toy/b.bin"}


def test_fetch_keeps_the_named_files_and_nothing_else(client, capsys):
    client.archive = tar_bytes({**FILES, "package/huge.bin": bytes(1000), "../evil": b"x", "/tmp/evil": b"x"})
    assert not is_present(SOURCE)
    paths = fetch(SOURCE)
    assert {member: path.read_bytes() for member, path in paths.items()} == FILES
    assert is_present(SOURCE)
    assert everything_under(cache_dir().parent) == {f"cache/{name}" for name in KEPT}
    assert "toy files from npm package toy-package 1.2.3 (0.1 MB, once)" in capsys.readouterr().err


def test_cached_files_need_no_client(client, monkeypatch, capsys):
    fetch(SOURCE)
    capsys.readouterr()

    def offline(*_):
        raise CourseError("no network")

    monkeypatch.setattr(course_lib.fetch, "download_archive", offline)
    assert fetch(SOURCE)["package/models/b.bin"].read_bytes() == FILES["package/models/b.bin"]
    assert capsys.readouterr().err == ""


def test_without_network_the_message_names_the_command(client, monkeypatch):
    def offline(*_):
        raise CourseError("npm could not fetch toy-package 1.2.3:\n  ENOTFOUND")

    monkeypatch.setattr(course_lib.fetch, "download_archive", offline)
    with pytest.raises(CourseError, match=r"(?s)ENOTFOUND.*toy files.*python data_scripts/get_toy.py"):
        fetch(SOURCE)
    assert everything_under(cache_dir()) == set()


def test_a_damaged_file_is_fetched_again_and_says_so(client, capsys):
    path = fetch(SOURCE)["package/models/b.bin"]
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert not is_present(SOURCE)
    fetch(SOURCE)
    assert path.read_bytes() == FILES["package/models/b.bin"]
    assert client.calls == 2
    assert "b.bin in the cache is damaged" in capsys.readouterr().err


def test_wheels_are_read_as_well(client):
    client.archive, client.name = zip_bytes(FILES), "toy-1.2.3-py3-none-any.whl"
    assert {member: path.read_bytes() for member, path in fetch(SOURCE).items()} == FILES


def link_info(kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo("package/models/b.bin")
    info.type, info.linkname = kind, "package/models/a.json"
    return info


JSON_ONLY = {"package/models/a.json": FILES["package/models/a.json"]}
BAD_ARCHIVES = {
    "missing member": ("toy.tgz", tar_bytes(JSON_ONLY), "no regular file package/models/b.bin"),
    "tar symlink": ("toy.tgz", tar_bytes(JSON_ONLY, link_info(tarfile.SYMTYPE)), "no regular file"),
    "tar hard link": ("toy.tgz", tar_bytes(JSON_ONLY, link_info(tarfile.LNKTYPE)), "no regular file"),
    "zip symlink": ("toy.whl", zip_bytes(FILES, link="package/models/b.bin"), "no regular file"),
    "other content": ("toy.tgz", tar_bytes({**FILES, "package/models/b.bin": b"evil"}), "not the file this course"),
    "cut tarball": ("toy.tgz", tar_bytes(FILES)[:-40], "damaged"),
    "no tarball": ("toy.tgz", b"<html>proxy says no</html>", "damaged"),
    "cut wheel": ("toy.whl", zip_bytes(FILES)[:-40], "damaged"),
}


@pytest.mark.parametrize("case", BAD_ARCHIVES)
def test_bad_archives_are_refused_and_leave_nothing(client, case):
    client.name, client.archive, message = BAD_ARCHIVES[case]
    with pytest.raises(CourseError, match=message):
        fetch(SOURCE)
    assert everything_under(cache_dir()) == set()


def test_a_wrong_download_does_not_harm_the_files_that_are_there(client):
    path = fetch(SOURCE)["package/models/a.json"]
    other = replace(SOURCE, files={**SOURCE.files, "package/models/b.bin": sha256(b"another version")})
    with pytest.raises(CourseError):
        fetch(other)
    assert path.read_bytes() == FILES["package/models/a.json"]


@pytest.mark.parametrize("nth", [1, 2])
def test_ctrl_c_between_two_files_leaves_nothing_that_is_trusted(client, monkeypatch, nth):
    real, calls = os.replace, []

    def interrupted(source, target):
        calls.append(target)
        if len(calls) == nth:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(course_lib.fetch.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(SOURCE)
    assert not is_present(SOURCE)
    assert not list(cache_dir().glob(".*.partial"))
    monkeypatch.setattr(course_lib.fetch.os, "replace", real)
    fetch(SOURCE)
    assert is_present(SOURCE)


def test_an_unwritable_cache_is_named(client, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(CourseError, match=r"(?s)file/cache.*COURSE_CACHE"):
        fetch(SOURCE)


# A process that fetches, with a client that says "working", waits for a line on stdin and then delivers.
CHILD = """
import sys
import course_lib.fetch
from tests.unit.test_fetch import FILES, SOURCE, tar_bytes

def client(registry, package, version, folder, options, tick):
    (folder / "toy.tgz").write_bytes(tar_bytes(FILES)[:100])
    print("working", flush=True)
    sys.stdin.readline()
    (folder / "toy.tgz").write_bytes(tar_bytes(FILES))
    return folder / "toy.tgz"

course_lib.fetch.download_archive = client
course_lib.fetch.fetch(SOURCE)
print("fetched", flush=True)
"""


def start_child() -> subprocess.Popen:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", CHILD], text=True, cwd=Path(__file__).parents[2], **pipes)


def test_a_killed_process_leaves_nothing_in_the_way(client):
    child = start_child()
    assert child.stdout.readline() == "working\n"
    child.kill()
    child.communicate()
    assert list(cache_dir().glob(".*.partial"))
    assert not is_present(SOURCE)
    fetch(SOURCE)
    assert everything_under(cache_dir()) == KEPT


def test_two_processes_fetch_once(client):
    first = start_child()
    assert first.stdout.readline() == "working\n"
    second = start_child()
    assert "waiting" in second.stderr.readline()
    first.stdin.write("go on\n")
    first.stdin.flush()
    assert first.communicate()[0] == "fetched\n"
    assert second.communicate()[0] == "fetched\n"  # without "working": it did not download
    assert is_present(SOURCE)


def test_importing_fetch_does_not_import_torch():
    code = "import sys, course_lib.fetch, course_lib.data, course_lib.zoo; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
