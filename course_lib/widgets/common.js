// Helpers of all widgets. Everything is made of plain elements, so that keyboard and screen readers work as usual.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A labelled slider. changed(number) is called for every move. move(to) and reach(max) set it from outside.
function slider(label, { min, max, step = 1, value, show = String }, changed) {
  const number = make("span", { className: "number" }, show(value));
  const input = make("input", { type: "range", min, max, step, value });
  const tell = () => { number.textContent = input.ariaValueText = show(Number(input.value)); };
  input.addEventListener("input", () => { tell(); changed(Number(input.value)); });
  const whole = make("label", {}, label, input, number);
  whole.move = (to) => { input.value = to; tell(); };
  whole.reach = (to) => { input.max = to; tell(); };
  tell();
  return whole;
}

// A labelled list of names. changed(index) is called for every choice. fill(names, value) sets others: the list itself stays,
// and so does the keyboard's focus on it.
function choice(label, names, value, changed) {
  const list = make("select", {}), whole = make("label", {}, label, list);
  whole.fill = (others, index) => {
    if (others.join("\n") !== whole.names?.join("\n")) list.replaceChildren(...others.map((name, at) => make("option", { value: at }, name)));
    whole.names = others;
    list.value = index;
  };
  whole.fill(names, value);
  list.addEventListener("change", () => changed(Number(list.value)));
  return whole;
}

function tick(label, value, changed) {
  const box = make("input", { type: "checkbox", checked: value });
  box.addEventListener("change", () => changed(box.checked));
  return make("label", {}, box, label);
}

// Parts that share a line. (Not of the class "row": the book's theme makes every child of such a one as wide as the column.)
function row(...children) { return make("div", { className: "line" }, ...children); }

// Numbers that came as base64: Uint8Array or Float32Array.
function unpack(text, kind = Uint8Array) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new kind(bytes.buffer);
}

// A canvas of width × height cells. paint(index) gives [red, green, blue] of a cell in 0 … 255.
function paint(canvas, width, height, colour) {
  canvas.width = width; canvas.height = height;
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let index = 0; index < width * height; index++) {
    const [red, green, blue] = colour(index), at = 4 * index;
    image.data[at] = red; image.data[at + 1] = green; image.data[at + 2] = blue; image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// Elements of a drawing (SVG): their lines and letters follow the page into dark.
function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Colours as in the book's figures: a matte's grey, a value ≥ 0 (1 = yellow), a value of either sign (blue, white, red).
const VIRIDIS = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128], [94, 201, 98], [173, 220, 48], [253, 231, 37]];
const BLUE_RED = [[5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [247, 247, 247], [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31]];
function table(colours) { // 256 colours, made once: a picture asks for one at every pixel
  const steps = Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (colours.length - 1), low = Math.min(Math.floor(at), colours.length - 2);
    return colours[low].map((part, k) => part + (at - low) * (colours[low + 1][k] - part));
  });
  return (value) => steps[Math.round(255 * Math.min(Math.max(value, 0), 1))];
}
const heat = table(VIRIDIS), diverging = table(BLUE_RED), grey = table([[0, 0, 0], [255, 255, 255]]);
// Black or white, whichever reads better on a colour of 0 … 255: at least 4.5 : 1 (WCAG's luminance).
function readable(colour) {
  const [red, green, blue] = colour.map((part) => (part <= 10 ? part / 3295 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "black" : "white";
}
function signed(value) { return diverging((value + 1) / 2); }
function scale(colours, left, right) { // a legend: what its two ends mean
  const stops = colours.map((colour) => `rgb(${colour})`).join();
  return make("span", { className: "scale" }, left, make("i", { style: `background: linear-gradient(to right, ${stops})` }), right);
}

// A picture with its name above it.
function captioned(name, picture) { return make("figure", {}, make("figcaption", {}, name), picture); }

// Pictures of one size on top of each other, the first at the bottom.
function layers(...pictures) { return make("div", { className: "layers" }, ...pictures); }

// Bits of numpy.packbits, one for each cell. outline(…) walks around the cells that `inside` has, for a path of an SVG.
function unpackBits(text) {
  const bytes = unpack(text);
  return Uint8Array.from({ length: 8 * bytes.length }, (_, at) => (bytes[at >> 3] >> (7 - (at & 7))) & 1);
}
function outline(inside, width, height) {
  const has = (x, y) => x >= 0 && y >= 0 && x < width && y < height && inside[y * width + x];
  let path = "";
  for (let y = 0; y <= height; y++) for (let x = 0; x <= width; x++) {
    if (!has(x, y) !== !has(x, y - 1)) path += `M${x} ${y}h1`;
    if (!has(x, y) !== !has(x - 1, y)) path += `M${x} ${y}v1`;
  }
  return path;
}

// The frame of a widget: its description for those who cannot see it, then its parts.
function frame(model, el, ...parts) {
  const box = make("div", { className: "course-widget", role: "group", "aria-label": model.get("description") }, ...parts);
  // In JupyterLab arrow keys would move on to the next cell. Some versions ask for the mark, others take what reaches them.
  model.on?.("change:description", () => box.setAttribute("aria-label", model.get("description")));
  box.setAttribute("data-lm-suppress-shortcuts", "true");
  box.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); });
  el.append(box);
  return box;
}

// A picture that came as text, as a canvas to draw from; .pixels are its colours, four bytes a pixel.
async function picture(uri) {
  const image = new Image();
  image.src = uri;
  await image.decode();
  const canvas = make("canvas", { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  canvas.pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  return canvas;
}

const within = (value, low, high) => Math.min(Math.max(value, low), high);

// Makes a canvas answer to the mouse, a finger and, once it has the focus, the arrow keys.
// to(x, y): a place, both 0 … 1. by(dx, dy): steps of the arrow keys, ten at once with Shift. follow: also without a press.
function pointed(canvas, to, by, follow = false) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    to(within((event.clientX - box.left) / box.width, 0, 1), within((event.clientY - box.top) / box.height, 0, 1));
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application"); // a screen reader hands the arrow keys on
  canvas.style.cursor = "crosshair";
  canvas.addEventListener("pointerdown", move);
  canvas.addEventListener("pointermove", (event) => { if (follow || event.buttons) move(event); });
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault(); // the page stays where it is
    by(...steps[event.key].map((step) => step * (event.shiftKey ? 10 : 1)));
  });
}
