"""Is it readable? The contrast of every text in a widget against what lies behind it, as WCAG counts it."""

LEAST = 4.5  # of normal text, WCAG 2.2 level AA

# Each text that is too faint, with its ratio. Squares and dots are colours of a legend and no text.
FAINT = """(least) => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parts = (css) => { // red, green, blue in 0 … 255, opacity in 0 … 1
    probe.clearRect(0, 0, 1, 1); probe.fillStyle = css; probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, c) => a * part + (1 - a) * below[c]);
  const chain = (element) => (element ? [element, ...chain(element.parentElement)] : []);
  const ground = (element) => chain(element).reverse()
    .reduce((below, one) => over(parts(getComputedStyle(one).backgroundColor), below), [255, 255, 255]);
  const linear = (part) => (part <= 10 ? part / 3295 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const faint = [];
  for (const widget of document.querySelectorAll(".course-widget")) {
    const texts = document.createTreeWalker(widget, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.textContent.trim(), element = texts.currentNode.parentElement;
      const hidden = element.matches("option:not(:checked)") || !element.getClientRects().length && !element.matches("option");
      if (/^[■●□]*$/.test(text) || element.matches(":disabled") || hidden) continue;
      const letter = element instanceof SVGElement, plate = element.previousElementSibling?.matches("rect");
      const below = letter && plate ? parts(getComputedStyle(element.previousElementSibling).fill) : ground(element);
      const style = getComputedStyle(element.matches("option") ? element.closest("select") : element);
      const colour = parts(letter ? style.fill : style.color);
      colour[3] *= chain(element).reduce((product, one) => product * getComputedStyle(one).opacity, 1);
      const [dark, light] = [luminance(over(colour, below)), luminance(below)].sort((a, b) => a - b);
      const ratio = (light + 0.05) / (dark + 0.05);
      const seen = [over(colour, below), below].map((one) => one.slice(0, 3).map(Math.round)).join(" on ");
      if (ratio < least) faint.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}, ${seen}`);
    }
  }
  return faint;
}"""


def faint(page, least: float = LEAST) -> list[str]:
    """The texts of all widgets of a page that are hard to read."""
    return page.evaluate(FAINT, least)
