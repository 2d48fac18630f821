"""A bare page with one widget on it, as JupyterLab and the book run it: its module's `render({model, el})`."""

import json

PAGE = """<!doctype html><html><head><style>html {{ color-scheme: light dark }}
body {{ margin: 20px; font-family: sans-serif; color: CanvasText; background: Canvas }} {grounds} {css}</style></head>
<body><div id="widget"></div><script type="module">
const state = {state};
const heard = [];
const model = {{ get: (name) => state[name], set(name, value) {{ state[name] = value; }}, save_changes() {{}},
  on: (event, answer) => heard.push([event, answer]) }};
window.told = async (name, value) => {{ // as if Python had set it
  state[name] = value;
  for (const [event, answer] of heard) if (event === `change:${{name}}`) await answer();
}};
const source = new Blob([{source}], {{ type: "text/javascript" }});
const widget = (await import(URL.createObjectURL(source))).default;
window.drawn = (el) => widget.render({{ model, el }});
await drawn(document.getElementById("widget"));
document.body.dataset.ready = "yes";
</script></body></html>"""

# What widgets stand on, by what says so: the book's theme, JupyterLab's, or neither.
GROUNDS = """
html[data-theme=light] body { color: #222832; background: #fff }
html[data-theme=dark] body { color: #ced6dd; background: #14181e }
body[data-jp-theme-light=true] { color: rgba(0, 0, 0, 0.87); background: #fff }
body[data-jp-theme-light=false] { color: #fff; background: #111 }"""

# What a reader sees but for the controls themselves: a slider that only moves its own number changes nothing.
SEEN = """() => {
  const widget = document.getElementById("widget"), copy = widget.cloneNode(true);
  copy.querySelectorAll("label, select, input[type=range]").forEach((control) => control.remove());
  const canvases = [...widget.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()).join();
  return copy.innerHTML + canvases;
}"""


def show(page, widget) -> None:
    """Load `widget` into `page` and wait until it is drawn. A lab's first answer is waited for."""
    getattr(widget, "wait", lambda: None)()
    state = {name: value for name, value in widget.get_state().items() if isinstance(value, str | dict | list)}
    html = PAGE.format(grounds=GROUNDS, css=widget._css, state=_safe(state), source=_safe(widget._esm))
    page.set_content(html)
    page.wait_for_selector("body[data-ready=yes]")


def seen(page) -> str:
    return page.evaluate(SEEN)


def numbers(page, name) -> list[float]:
    """What stands in the attributes data-`name`: numbers with all their digits."""
    return [float(element.get_attribute(f"data-{name}")) for element in page.locator(f"#widget [data-{name}]").all()]


def move(page, control, value) -> None:
    """Set a slider or a list to a value, as a reader's hand does."""
    control.evaluate(
        "(element, value) => { element.value = value;"
        " element.dispatchEvent(new Event('input', {bubbles: true}));"
        " element.dispatchEvent(new Event('change', {bubbles: true})); }",
        str(value),
    )
    page.wait_for_timeout(30)  # a frame of animation


def _safe(value) -> str:
    """JSON that may stand inside a script element. In a stored notebook names are sorted: nothing may hang on their order."""
    return json.dumps(value, sort_keys=True).replace("</", "<\\/")
