const GLASS = 330, FEWEST = 5, MOST = 31, ROOM = 20; // the magnified window: pixels, cells a side, pixels of a cell that holds a number
const COLOURS = { black: [0, 0, 0], white: [255, 255, 255], "screen green": [0, 177, 64], night: [5, 8, 20], sky: [135, 190, 235] };
const LOOKS = ["I, the picture", "α, the matte", "F, the foreground", "αI + (1−α)B, with the old colours", "αF + (1−α)B, a composite"];
const MARK = [230, 159, 0]; // orange: the window and the band of the trimap

export default {
  async render({ model, el }) {
    const { image, alpha, foreground, background, at, corner, radius, disks } = model.get("data");
    const [I, matte, F, own] = await Promise.all([image, alpha, foreground, ...(background ? [background] : [])].map(picture));
    const { width, height } = I, grounds = { ...(own && { "the picture's own": null }), ...COLOURS };
    const SHOWN = own ? [...LOOKS, "B, the background"] : LOOKS;
    let [x, y] = at, shown = 1, colour = own ? 0 : 1, size = radius, trimap = false, inBytes = false, band = null, cells = 11;

    const share = (index) => matte.pixels[4 * index]; // α in 0 … 255
    const rgb = (source, index) => [0, 1, 2].map((channel) => source.pixels[4 * index + channel]);
    const over = (source, index) => {
      const a = share(index) / 255, B = Object.values(grounds)[colour] ?? rgb(own, index);
      return rgb(source, index).map((value, channel) => a * value + (1 - a) * B[channel]);
    };
    const bare = [(index) => rgb(I, index), (index) => rgb(matte, index), (index) => rgb(F, index),
      (index) => over(I, index), (index) => over(F, index), (index) => rgb(own, index)];
    const colourOf = (index) => {
      const plain = bare[shown](index);
      return trimap && band[index] ? plain.map((value, channel) => 0.4 * value + 0.6 * MARK[channel]) : plain;
    };

    const view = make("canvas", { className: "framed" }), glass = make("canvas", { className: "framed", width: GLASS, height: GLASS });
    const small = make("canvas"), status = make("p", { className: "note", role: "status" });
    const about = make("p", { className: "note", role: "status" });

    // The picture, twice as large so that the frame of the window is thinner than a pixel.
    const redrawPicture = () => {
      if (trimap) band = unknown(share, width, height, disks[size]);
      paint(small, width, height, colourOf);
      redraw();
    };
    const redraw = () => {
      view.width = 2 * width; view.height = 2 * height;
      const context = view.getContext("2d");
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, 2 * width, 2 * height);
      const half = (cells - 1) / 2;
      context.strokeStyle = `rgb(${MARK})`; context.lineWidth = 2;
      context.strokeRect(2 * (x - half), 2 * (y - half), 2 * cells, 2 * cells);
      magnify(half);
      const index = y * width + x, place = `column ${x + corner[0]}, row ${y + corner[1]}`; // in the whole picture
      view.setAttribute("aria-label", `${SHOWN[shown]}; the arrow keys move the window, now at ${place}`);
      glass.setAttribute("aria-label", `${cells} × ${cells} pixels around ${place}${GLASS / cells < ROOM ? "" : ", with the number of alpha in each"}`);
      const B = own ? `, B = (${rgb(own, index).join(", ")})` : "";
      status.textContent = `C${place.slice(1)}: α = ${share(index)}/255 = ${(share(index) / 255).toFixed(3)}, `
        + `I = (${rgb(I, index).join(", ")}), F = (${rgb(F, index).join(", ")})${B}.`;
      const count = trimap ? band.reduce((sum, one) => sum + one, 0) : 0;
      about.textContent = trimap ? `Radius ${size}: ${count} of ${width * height} pixels are left open (orange), ${(100 * count / (width * height)).toFixed(1)} %.` : "";
    };
    const magnify = (half) => {
      const context = glass.getContext("2d");
      context.fillStyle = "#808080"; context.fillRect(0, 0, GLASS, GLASS); // beyond the picture's border
      const cell = GLASS / cells, edge = (k) => Math.round(k * cell); // whole pixels: no gaps between cells
      context.textAlign = "center"; context.textBaseline = "middle"; context.font = `${Math.min(0.37 * cell, 18)}px sans-serif`;
      for (let row = 0; row < cells; row++) for (let column = 0; column < cells; column++) {
        const px = x - half + column, py = y - half + row;
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const index = py * width + px, [r, g, b] = colourOf(index);
        context.fillStyle = `rgb(${r}, ${g}, ${b})`;
        context.fillRect(edge(column), edge(row), edge(column + 1) - edge(column), edge(row + 1) - edge(row));
        if (cell < ROOM) continue;
        context.fillStyle = readable([r, g, b]);
        const text = inBytes ? share(index) : (share(index) / 255).toFixed(2);
        context.fillText(text, (column + 0.5) * cell, (row + 0.5) * cell);
      }
      context.strokeStyle = `rgb(${MARK})`; context.lineWidth = 2;
      context.strokeRect(half * cell, half * cell, cell, cell);
    };

    const move = (toX, toY) => { x = within(toX, 0, width - 1); y = within(toY, 0, height - 1); redraw(); };
    pointed(view, (partX, partY) => move(Math.floor(partX * width), Math.floor(partY * height)), (dx, dy) => move(x + dx, y + dy), true);

    const views = choice("show", SHOWN, shown, (index) => { shown = index; redrawPicture(); });
    const plain = choice("B", Object.keys(grounds), colour, (index) => {
      colour = index;
      if (shown !== 3 && shown !== 4) { shown = 4; views.querySelector("select").value = 4; } // a background is seen in a composite only
      redrawPicture();
    });
    const bytes = tick("α as 0 … 255", inBytes, (on) => {
      inBytes = on;
      if (GLASS / cells < ROOM) zoom.move(cells = 15); // who asks for numbers wants to see them
      redraw();
    });
    const showBand = (on) => { trimap = on; box.querySelector("input").checked = on; redrawPicture(); };
    const box = tick("trimap", trimap, showBand);
    const sizes = slider("radius", { min: 0, max: disks.length - 1, value: size, show: (value) => `${value} px` },
      (value) => { size = value; showBand(true); });
    const zoom = slider("cells", { min: FEWEST, max: MOST, step: 2, value: cells, show: (count) => `${count} × ${count}` }, (count) => { cells = count; redraw(); });
    frame(model, el, row(views, plain), row(zoom, bytes, box, sizes), make("div", { className: "columns" }, view, glass), status, about);
    redrawPicture();
  },
};

// What a trimap leaves open: 1 where a disk around the pixel meets both, or anything soft. As trimap_from_mask: certain is
// α ≥ 0.99 or α ≤ 0.01, and beyond the border lies more of the same.
function unknown(share, width, height, disk) {
  const open = new Uint8Array(width * height).fill(1);
  for (const certain of [(a) => a >= 0.99 * 255, (a) => a <= 0.01 * 255]) {
    const misses = new Int32Array((width + 1) * height); // per row: how many uncertain pixels lie to the left
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++)
      misses[y * (width + 1) + x + 1] = misses[y * (width + 1) + x] + !certain(share(y * width + x));
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      const sure = disk.every((reach, away) => [y - away, y + away].every((line) => line < 0 || line >= height
        || misses[line * (width + 1) + Math.min(x + reach + 1, width)] === misses[line * (width + 1) + Math.max(x - reach, 0)]));
      if (sure) open[y * width + x] = 0;
    }
  }
  return open;
}
