// The five severity shapes as paths in a 24 by 24 box: the same as in shapes.svg, for markers made in the browser.

/** @type {Record<string, string>} */
export const SHAPES = {
  extreme: "M7.6 1.5h8.8L22.5 7.6v8.8L16.4 22.5H7.6L1.5 16.4V7.6z",
  severe: "M12 .8 23.2 12 12 23.2.8 12z",
  moderate: "M12 1.6 23.2 22H.8z",
  minor: "M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21z",
  unknown: "M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21zm0 3.5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
  normal: "M7.5 2.5h9a5 5 0 0 1 5 5v9a5 5 0 0 1-5 5h-9a5 5 0 0 1-5-5v-9a5 5 0 0 1 5-5z",
};

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} severity @param {string} [number] @returns {SVGSVGElement} */
export function shape(severity, number) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `shape sev-${severity}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[severity] ?? SHAPES.unknown);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  if (number) {
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("x", "12");
    text.setAttribute("y", severity === "moderate" ? "18.5" : "16");
    text.textContent = number;
    svg.append(text);
  }
  return svg;
}
