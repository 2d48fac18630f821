"""`book`: build the chapters from their stored outputs into web pages that ask no other host for anything.

MathJax, RequireJS and the widget manager are taken from npm at pinned versions, anywidget from its installed wheel,
and are served beside the pages. Warnings are errors: a broken link or reference does not get into the book.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from course_lib.chapters import NOTEBOOKS
from course_lib.errors import CourseError
from course_lib.fetch import Source, fetch

VENDOR = NOTEBOOKS / "_static" / "vendor"
OUTPUT = NOTEBOOKS / "_build" / "html"
REQUIRE_CONFIG = (
    'requirejs.config({baseUrl: (document.documentElement.dataset.content_root || "./") + "_static/vendor/"});\n'
)
COMMAND = "python3 course.py book"

MATHJAX = Source(
    name="mathjax",
    registry="npm",
    package="mathjax",
    version="3.2.2",
    files={
        "package/es5/tex-svg.js": "d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882",
        "package/LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    },
    megabytes=6.1,
    about="typesetting of formulas in the book",
    licence="Apache-2.0",
    credit="The MathJax Consortium",
    command=COMMAND,
)
REQUIREJS = Source(
    name="requirejs",
    registry="npm",
    package="requirejs",
    version="2.3.8",
    files={"package/require.js": "c1fc6b1d53af7522f78d664922abb32acac64ed0ecccb8f907f1e6fc7262563a"},
    megabytes=0.3,
    about="loading of widgets in the book",
    licence="MIT (in the file's first lines)",
    credit="jQuery Foundation and other contributors",
    command=COMMAND,
)
WIDGETS = Source(
    name="html-manager",
    registry="npm",
    package="@jupyter-widgets/html-manager",
    version="1.0.15",
    files={
        "package/dist/embed-amd.js": "ca87dff57c70ffb2658794fde0eab0e27e5f5472a1f5df7ab2b08e1039fc4b72",
        "package/dist/1551f4f60c37af51121f.woff2": "9834b82ad26e2a37583d22676a12dd2eb0fe7c80356a2114d0db1aa8b3899537",
        "package/dist/embed.js.LICENSE.txt": "aed2008aae8123157c4ae564883166b1af7bab928d504a1fa7de1f67aec11268",
    },
    megabytes=5.1,
    about="widgets in the book",
    licence="BSD-3-Clause",
    credit="Project Jupyter",
    command=COMMAND,
)


def book() -> None:
    """Build the book into notebooks/_build/html."""
    build(NOTEBOOKS, OUTPUT)
    print(f"The book: open {OUTPUT / 'index.html'} in a browser.")


def build(source: Path, output: Path) -> None:
    """Build the pages of the folder `source` (with its conf.py) afresh into `output`; a warning is a CourseError."""
    vendor()
    shutil.rmtree(output.parent, ignore_errors=True)  # an incremental build does not repeat its warnings
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "-n", "--keep-going", "-q"]
    doctrees = ["-d", str(output.parent / "doctrees")]
    if subprocess.call([*command, *doctrees, "-c", str(NOTEBOOKS), str(source), str(output)]):
        raise CourseError("The book was not built: put right what the lines above name, then build it again.")


def vendor() -> None:
    """Bring `_static/vendor/` up to date: the scripts the pages load, under the names they ask for, and licences."""
    import anywidget

    mathjax, requirejs, widgets = (fetch(source) for source in (MATHJAX, REQUIREJS, WIDGETS))
    font = widgets["package/dist/1551f4f60c37af51121f.woff2"]
    files = {
        "tex-svg.js": mathjax["package/es5/tex-svg.js"],
        "require.js": requirejs["package/require.js"],
        "embed-amd.js": widgets["package/dist/embed-amd.js"],
        "anywidget.js": Path(anywidget.__file__).parent / "nbextension" / "index.js",
        f"@jupyter-widgets/{font.name}": font,
        f"@jupyter-widgets/html-manager/dist/{font.name}": font,
        "licences/mathjax.txt": mathjax["package/LICENSE"],
        "licences/widgets.txt": _licence_of("ipywidgets"),
        "licences/inside-widgets.txt": widgets["package/dist/embed.js.LICENSE.txt"],
        "licences/anywidget.txt": _licence_of("anywidget"),
    }
    for name, path in files.items():
        _put(VENDOR / name, path.read_bytes())
    _put(VENDOR / "require-config.js", REQUIRE_CONFIG.encode())


def _licence_of(package: str) -> Path:
    from importlib.metadata import files

    found = [path for path in files(package) or [] if path.name.startswith("LICENSE")]
    if not found:
        raise CourseError(f"The installed {package} carries no licence file. Reinstall it: python3 course.py book")
    return Path(found[0].locate())


def _put(target: Path, content: bytes) -> None:
    if target.exists() and target.read_bytes() == content:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.write_bytes(content)
    os.replace(temporary, target)
