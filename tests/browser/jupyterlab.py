"""A real JupyterLab for a test, on a port of its own, and a notebook opened in it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager

import pytest

TOKEN = "course"
SETTINGS = {  # no question about news; all cells in the page, not only those in view
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
IDLE = "() => [...document.querySelectorAll('#jp-main-statusbar *')].some(e => /\\| Idle$/.test(e.textContent))"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def opened(watched, address):
    """The page, when the notebook shows and its kernel waits for work."""
    page = watched.page
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.wait_for_function(IDLE)
    return page


@contextmanager
def serve(tmp_path, name, trusted=True):
    """JupyterLab over a folder, in which the notebook `name` is trusted, with settings and progress of its own."""
    port, environment = free_port(), environment_of(tmp_path)
    for extension, values in SETTINGS.items():
        file = tmp_path / f"settings/lab/@jupyterlab/{extension}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values))
    if trusted:
        trust(tmp_path, name)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={tmp_path}"]
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status?token={TOKEN}", server)
        yield f"{address}/lab/tree/{name}?token={TOKEN}&reset"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_for(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer within {seconds} s (exit code {server.poll()}).")


def environment_of(tmp_path) -> dict[str, str]:
    folder = tmp_path / "settings"
    return os.environ | {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
        "COURSE_PROGRESS": str(tmp_path / "progress.json"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "lab"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }


def trust(tmp_path, name) -> None:
    """Also while the server runs: it looks when the notebook is opened."""
    command = [sys.executable, "-m", "jupyter", "trust", name]
    subprocess.run(command, cwd=tmp_path, env=environment_of(tmp_path), check=True, capture_output=True)


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
