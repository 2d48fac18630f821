const SIDE = 800; // the longer side of the canvas, in its own pixels
const BORDER = 0.12; // how much is shown beyond the picture, as a share of its longer side
const sign = (number) => String(number).replace("-", "−");
const MARK = "#e69f00", BELOW = "#56b4e9";

export default {
  async render({ model, el }) {
    const { image, fields } = model.get("data");
    const shown = await picture(image);
    const { width, height } = shown, margin = BORDER * Math.max(width, height);
    const zoom = SIDE / (Math.max(width, height) + 2 * margin); // pixels of the canvas for one of the picture
    let layer = fields.length - 1, cell = [0, 0], below = true;

    const view = make("canvas", { width: zoom * (width + 2 * margin), height: zoom * (height + 2 * margin), className: "framed" });
    const status = make("p", { className: "note", role: "status" });

    // The field of a cell as pixels [left, top, right, bottom], all of them inside the square, also beyond the border.
    const square = (field, [x, y]) => [field.first + x * field.j, field.first + y * field.j,
      field.first + x * field.j + field.r - 1, field.first + y * field.j + field.r - 1];
    const middle = (field, [x, y]) => [x, y].map((at) => field.first + at * field.j + (field.r - 1) / 2);
    const nearest = (field, [x, y]) => [[x, field.columns], [y, field.rows]].map(([at, count]) =>
      within(Math.round((at - field.first - (field.r - 1) / 2) / field.j), 0, count - 1));

    const onCanvas = (at) => zoom * (at + margin);
    const rectangle = (context, [left, top, right, bottom], colour, thick) => {
      context.strokeStyle = colour; context.lineWidth = thick;
      context.strokeRect(onCanvas(left), onCanvas(top), zoom * (right - left + 1), zoom * (bottom - top + 1));
    };
    const redraw = () => {
      const field = fields[layer], [left, top, right, bottom] = square(field, cell), context = view.getContext("2d");
      hatch(context, view.width, view.height);
      context.drawImage(shown, onCanvas(0), onCanvas(0), zoom * width, zoom * height);
      context.fillStyle = "rgba(0, 0, 0, 0.55)"; // all that the cell cannot see
      const outside = new Path2D();
      outside.rect(0, 0, view.width, view.height);
      outside.rect(onCanvas(left), onCanvas(top), zoom * field.r, zoom * field.r);
      context.fill(outside, "evenodd");
      if (below) for (const other of fields.slice(0, layer)) rectangle(context, square(other, nearest(other, middle(field, cell))), BELOW, 1.5);
      rectangle(context, [left, top, right, bottom], MARK, 4);
      const [x, y] = middle(field, cell).map((at) => onCanvas(at + 0.5));
      context.beginPath(); context.arc(x, y, 6, 0, 7);
      context.fillStyle = MARK; context.fill();
      context.strokeStyle = "black"; context.lineWidth = 1.5; context.stroke();

      const seenWidth = Math.max(0, Math.min(right, width - 1) - Math.max(left, 0) + 1);
      const seenHeight = Math.max(0, Math.min(bottom, height - 1) - Math.max(top, 0) + 1), seen = seenWidth * seenHeight;
      const percent = (share) => `${(100 * share).toFixed(share < 0.01 ? 3 : 1)} %`; // of a small share more digits
      const beyond = 1 - seen / field.r ** 2;
      status.textContent = `${field.name}: ${field.rows} × ${field.columns} cells, ${field.j} pixels apart. Row ${cell[1]}, column ${cell[0]} may see `
        + `${field.r} × ${field.r} pixels, rows ${sign(top)} to ${sign(bottom)}, columns ${sign(left)} to ${sign(right)}: ${percent(seen / (width * height))} of the picture. `
        + (beyond > 0 ? `${percent(beyond)} of the square lies beyond its border.` : "The whole square lies on it.");
      view.setAttribute("aria-label", `the picture with the square of ${field.r} × ${field.r} pixels that a cell of ${field.name} may see; `
        + `the arrow keys choose the cell, now row ${cell[1]}, column ${cell[0]}`);
      bars.forEach((parts, index) => parts.forEach((part) => part.classList.toggle("chosen", index === layer)));
    };

    const toCell = (x, y) => { cell = [within(x, 0, fields[layer].columns - 1), within(y, 0, fields[layer].rows - 1)]; redraw(); };
    pointed(view, (partX, partY) => toCell(...nearest(fields[layer], [(partX * view.width) / zoom - margin - 0.5, (partY * view.height) / zoom - margin - 0.5])),
      (dx, dy) => toCell(cell[0] + dx, cell[1] + dy));
    const toLayer = (index) => {
      const before = middle(fields[layer], cell);
      layer = index;
      toCell(...nearest(fields[layer], before)); // the same place in the picture
    };
    const layerSlider = slider("layer", { min: 0, max: fields.length - 1, value: layer, show: (index) => fields[index].name }, toLayer);
    const belowTick = tick("the layers before it (blue)", below, (on) => { below = on; redraw(); });

    // The side r of every layer's field as a bar.
    const largest = Math.max(...fields.map((field) => field.r));
    const bars = fields.map((field) => [make("span", {}, field.name), make("b", {}, String(field.r)),
      make("span", { className: "bar" }, make("i", { style: `width: ${(100 * field.r) / largest}%` }))]);
    const table = make("div", { className: "bars fields" }, make("span"), make("b", {}, "pixels"), make("span"), ...bars.flat());
    frame(model, el, row(layerSlider, belowTick), make("div", { className: "columns wide-left" }, view, table), status);
    toCell(...nearest(fields[layer], [width / 2, height / 2])); // in the middle to begin with
  },
};

// Beyond the border of the picture: no light, but the zeros of the padding.
function hatch(context, width, height) {
  context.fillStyle = "#bbb"; context.fillRect(0, 0, width, height);
  context.strokeStyle = "#999"; context.lineWidth = 2;
  context.beginPath();
  for (let at = -height; at < width; at += 14) { context.moveTo(at, height); context.lineTo(at + height, 0); }
  context.stroke();
}
