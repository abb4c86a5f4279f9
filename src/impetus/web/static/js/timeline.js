// The last six hours along one line: hours below, alerts above, each with as many words as there is room for.
import { clockTime, nowMs } from "./clock.js";

const SPAN_MS = 6 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const NOW_AT = 0.955; // the share of the width where "now" stands: what is left is room for its word
const LANES = 2;
const LANE_REM = 1.5;
const SHAPE_PX = 20;
const GAP_PX = 8;

/** @typedef {{item: HTMLElement, x: number, lane: number, settled: boolean}} Spot */
/** @typedef {[number, number]} Stretch */

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

/** @param {Stretch[]} taken @param {number} from @param {number} to */
const isFree = (taken, from, to) => taken.every(([start, end]) => to + GAP_PX < start || from - GAP_PX > end);

/** Give every shape its lane, so that none hides another. @param {HTMLElement[]} items @param {number} width @param {number} now @param {Stretch[][]} taken @returns {Spot[]} */
function spots(items, width, now, taken) {
  const found = [];
  for (const item of items) {
    const x = across(Date.parse(item.dataset.at ?? ""), width, now);
    item.hidden = x < 0;
    if (x < 0) continue;
    const free = taken.findIndex((lane) => isFree(lane, x - SHAPE_PX / 2, x + SHAPE_PX / 2));
    const lane = free < 0 ? 0 : free;
    taken[lane].push([x - SHAPE_PX / 2, x + SHAPE_PX / 2]);
    found.push({ item, x, lane, settled: item.matches(".closed, .shelved") });
  }
  return found;
}

/** Write the words where they fit: open alerts first, the newest first among them. @param {Spot} spot @param {number} width @param {Stretch[][]} taken */
function write({ item, x, lane }, width, taken) {
  const words = item.querySelector(".words");
  const wordsPx = words instanceof HTMLElement ? words.offsetWidth + GAP_PX : 0;
  /** @type {[string, number, number][]} */
  const sides = [["right", x + SHAPE_PX / 2, x + SHAPE_PX / 2 + wordsPx], ["left", x - SHAPE_PX / 2 - wordsPx, x - SHAPE_PX / 2]];
  if (x > width / 2) sides.reverse();
  const fits = sides.find(([, from, to]) => from >= 0 && to <= width && taken[lane].every(([start, end]) => to <= start || from >= end));
  item.classList.toggle("bare", !fits);
  item.classList.toggle("left", fits?.[0] === "left");
  if (fits) taken[lane].push([fits[1], fits[2]]);
}

/** @param {HTMLElement} list @param {number} now */
function place(list, now) {
  const width = list.clientWidth;
  /** @type {Stretch[][]} */
  const taken = Array.from({ length: LANES }, () => []);
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li[data-at]")]).reverse();
  for (const item of items) item.classList.remove("bare", "left");
  const title = list.parentElement?.querySelector("h2");
  if (title) taken[0].push([0, title.offsetWidth]);
  const all = spots(items, width, now, taken);
  for (const spot of all) {
    spot.item.style.left = `${spot.x}px`;
    spot.item.style.top = `${spot.lane * LANE_REM}rem`;
  }
  for (const spot of [...all.filter(({ settled }) => !settled), ...all.filter(({ settled }) => settled)]) write(spot, width, taken);
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
