// The last six hours along one line: hours below, alerts above, each on the lane where its words have room.
import { clockTime, nowMs } from "./clock.js";

const SPAN_MS = 6 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const NOW_AT = 0.955; // the share of the width where "now" stands: what is left is room for its word
const LANES = 2;
const SHAPE_PX = 22;

/** @param {number} ms @param {number} width @param {number} now @returns {number} */
const across = (ms, width, now) => ((ms - (now - SPAN_MS)) / SPAN_MS) * NOW_AT * width;

/** @param {HTMLElement} axis @param {number} width @param {number} now */
function drawAxis(axis, width, now) {
  const marks = [];
  for (let hour = Math.ceil((now - SPAN_MS) / HOUR_MS) * HOUR_MS; hour <= now; hour += HOUR_MS) {
    const x = across(hour, width, now);
    if (x > NOW_AT * width - 60) continue;
    const mark = document.createElement("span");
    mark.textContent = clockTime(hour).slice(0, 5);
    mark.style.left = `${x}px`;
    marks.push(mark);
  }
  const here = document.createElement("b");
  here.textContent = axis.dataset.now ?? "";
  here.style.left = `${NOW_AT * width}px`;
  axis.replaceChildren(...marks, here);
}

/** Lay the alerts out: newest first, so that what is recent keeps its words when there is no room for all.
 * @param {HTMLElement} list @param {number} now */
function place(list, now) {
  const width = list.clientWidth;
  /** @type {[number, number][][]} */
  const taken = Array.from({ length: LANES }, () => []);
  const free = (/** @type {number} */ lane, /** @type {number} */ from, /** @type {number} */ to) => taken[lane].every(([start, end]) => to < start || from > end);
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li[data-at]")]).reverse();
  for (const item of items) {
    const x = across(Date.parse(item.dataset.at ?? ""), width, now);
    item.hidden = x < 0;
    if (x < 0) continue;
    item.classList.remove("bare", "left");
    const words = item.querySelector(".words");
    const wordsPx = words instanceof HTMLElement ? words.scrollWidth + 10 : 0;
    const sides = x > width / 2 ? ["left", "right"] : ["right", "left"];
    const spots = [];
    for (let lane = 0; lane < LANES; lane += 1) {
      for (const side of sides) {
        const from = side === "left" ? x - SHAPE_PX / 2 - wordsPx : x - SHAPE_PX / 2;
        const to = side === "left" ? x + SHAPE_PX / 2 : x + SHAPE_PX / 2 + wordsPx;
        if (from >= 0 && to <= width && free(lane, from, to)) spots.push({ lane, side, from, to });
      }
    }
    const bare = Array.from({ length: LANES }, (_, lane) => lane).find((lane) => free(lane, x - SHAPE_PX / 2, x + SHAPE_PX / 2)) ?? 0;
    const spot = spots[0] ?? { lane: bare, side: "right", from: x - SHAPE_PX / 2, to: x + SHAPE_PX / 2 };
    if (!spots.length) item.classList.add("bare");
    if (spot.side === "left") item.classList.add("left");
    taken[spot.lane].push([spot.from, spot.to]);
    item.style.left = `${x}px`;
    item.style.top = `${spot.lane * 24}px`;
  }
}

/** Keep the timeline true: now, at each swap, at each change of width. @param {HTMLElement} list @param {HTMLElement} axis */
export function keepTimeline(list, axis) {
  const draw = () => {
    const now = nowMs();
    list.classList.add("laid-out");
    drawAxis(axis, list.clientWidth, now);
    place(list, now);
  };
  draw();
  new ResizeObserver(draw).observe(list);
  document.body.addEventListener("htmx:after:swap", draw);
  setInterval(draw, 15000);
}
