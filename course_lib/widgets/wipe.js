export default {
  render({ model, el }) {
    const { left, right, names } = model.get("data");
    const upper = make("img", { className: "upper", src: left, alt: names[0], draggable: false });
    const edge = make("div", { className: "edge" });
    const show = (percent) => {
      upper.style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
      edge.style.left = `calc(${percent}% - 1px)`;
    };
    const input = make("input", { type: "range", min: 0, max: 100, value: 50, className: "wide", "aria-label": "edge between the pictures" });
    input.addEventListener("input", () => show(Number(input.value)));
    const pictures = make("div", { className: "wipe" }, make("img", { src: right, alt: names[1], draggable: false }), upper, edge);
    const follow = (event) => {
      const box = pictures.getBoundingClientRect();
      input.value = (100 * (event.clientX - box.left)) / box.width;
      show(Number(input.value));
    };
    pictures.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      pictures.setPointerCapture(event.pointerId); // the edge follows, also beyond the picture's border
      follow(event);
    });
    pictures.addEventListener("pointermove", (event) => { if (event.buttons) follow(event); });
    const legend = row(make("b", {}, `← ${names[0]}`), make("b", { style: "margin-left: auto" }, `${names[1]} →`));
    show(50);
    frame(model, el, legend, pictures, input);
  },
};
