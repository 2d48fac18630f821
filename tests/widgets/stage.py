"""A bare page with one widget on it, as JupyterLab and the book run it: its module's `render({model, el})`."""

import json

PAGE = """<!doctype html><html><head><style>html {{ color-scheme: light dark }}
body {{ margin: 20px; font-family: sans-serif; color: CanvasText; background: Canvas }} {css}</style></head>
<body><div id="widget"></div><script type="module">
const state = {state};
const model = {{ get: (name) => state[name], set() {{}}, save_changes() {{}}, on() {{}}, model_id: "m" }};
const source = new Blob([{source}], {{ type: "text/javascript" }});
const widget = (await import(URL.createObjectURL(source))).default;
await widget.render({{ model, el: document.getElementById("widget") }});
document.body.dataset.ready = "yes";
</script></body></html>"""

# What a reader sees but for the controls themselves: a slider that only moves its own number changes nothing.
SEEN = """() => {
  const widget = document.getElementById("widget"), copy = widget.cloneNode(true);
  copy.querySelectorAll("label:not(.answer), select, input[type=range]").forEach((control) => control.remove());
  const canvases = [...widget.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()).join();
  return copy.innerHTML + canvases;
}"""


def show(page, widget) -> None:
    """Load `widget` into `page` and wait until it is drawn."""
    state = {name: value for name, value in widget.get_state().items() if isinstance(value, str | dict | list)}
    html = PAGE.format(css=widget._css, state=_safe(state), source=_safe(widget._esm))
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
    """JSON that may stand inside a script element."""
    return json.dumps(value).replace("</", "<\\/")
