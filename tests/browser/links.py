"""The links, pictures and anchors of built pages, read from their HTML without a browser."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.targets += [values[name] for name in ("href", "src") if values.get(name)]
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}


def broken_links(folder: Path) -> list[str]:
    """ "page: target" for every link, picture or script of the pages in `folder` that leads nowhere.

    Links to other hosts are not followed; the theme's own templates under `_static` are no pages.
    """
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        if "_static" in path.parts:
            continue
        pages[path] = _Page()
        pages[path].feed(path.read_text("utf-8"))
    broken = []
    for path, page in pages.items():
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            missing = not goal.is_file() or (goal in pages and anchor and anchor not in pages[goal].anchors)
            if missing:
                broken.append(f"{path.relative_to(folder)}: {target}")
    return broken
