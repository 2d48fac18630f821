// The theme's FontAwesome replaces the icon elements that the Play widget still needs; nesting keeps both.
window.FontAwesomeConfig = { autoReplaceSvg: "nest" };
