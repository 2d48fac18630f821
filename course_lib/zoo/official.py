"""The authors' own `.pth` files, for those who can reach them: checked by loading, then kept in the cache as safetensors."""

from __future__ import annotations

import os
import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

from course_lib.errors import CourseError
from course_lib.zoo.sources import OFFICIAL


def import_official(backbone: str, origin: str, progress: bool = True) -> Path:
    """Take the authors' checkpoint for `backbone` ("mobilenetv3" or "resnet50") from `origin`, a path or an http(s) URL.

    The file must load as a whole RVM of that backbone (keys and shapes). Returns the path in the cache; nothing is kept
    under it unless every check passed. Raises CourseError.
    """
    file = OFFICIAL[backbone]
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=file.path.parent) as folder:
            partial = Path(folder)
            source = _obtain(origin, partial / file.file, progress)
            _check_and_store(source, backbone, partial / file.path.name)
            os.replace(partial / file.path.name, file.path)
    except OSError as error:
        raise CourseError(f"Cannot keep {file.file} in {file.path.parent}: {error.strerror or error}.") from error
    return file.path


def _obtain(origin: str, target: Path, progress: bool) -> Path:
    if not origin.startswith(("http://", "https://")):
        path = Path(origin).expanduser()
        if not path.is_file():
            raise CourseError(f"There is no file {path}. --from takes the path or the http(s) URL of {target.name}.")
        return path
    try:
        with urllib.request.urlopen(origin, timeout=30) as response, target.open("wb") as output:
            size = int(response.headers.get("Content-Length", 0)) or None
            shown = {"total": size, "unit": "B", "unit_scale": True, "desc": target.name, "disable": not progress}
            with tqdm.wrapattr(response, "read", **shown) as stream:
                shutil.copyfileobj(stream, output, 1 << 20)
    except (urllib.error.URLError, TimeoutError, ConnectionError, ValueError) as error:
        raise CourseError(
            f"Could not fetch {origin}: {getattr(error, 'reason', error)}.\n"
            "Download the file by other means and give its path to --from."
        ) from None
    return target


def _check_and_store(source: Path, backbone: str, target: Path) -> None:
    from safetensors.torch import save_file

    from course_lib.zoo.checkpoints import build_rvm, read_state_dict, recognise_backbone

    state = read_state_dict(source)
    found = recognise_backbone(state, source)
    if found != backbone:
        raise CourseError(f"{source} is an RVM with backbone {found}, not {backbone}. Run it with --backbone {found}.")
    if not build_rvm(state, source).segmentation_available:
        raise CourseError(f"{source} lacks project_seg: it is not the authors' full checkpoint.")
    save_file({key: value.contiguous() for key, value in state.items()}, target)
