// The picture page: list, map and timeline are three views of the same alerts.
import { keepCity } from "./city_marks.js";
import { openMap } from "./map.js";
import { keepReadings } from "./readings.js";
import { alarmed, choose, chosenRow, keepChoice, rows } from "./select.js";
import { keepTimeline } from "./timeline.js";

/** @type {import("./map.js").PlaceMap | null} */
let map = null;

/** The alerts of the list that stand somewhere. @returns {import("./map.js").AlertMark[]} */
function marks() {
  return rows()
    .filter((row) => row.dataset.lon)
    .map((row) => ({
      id: row.dataset.alert ?? "",
      severity: row.dataset.severity ?? "unknown",
      number: row.dataset.number ?? "",
      lon: Number(row.dataset.lon),
      lat: Number(row.dataset.lat),
      label: row.querySelector("h3")?.textContent ?? "",
      href: row.querySelector("a")?.href ?? "",
    }));
}

function refresh() {
  keepChoice();
  map?.show(spread(marks()), (alert) => choose(alert, { focus: true }));
  keepChoice();
}

/** Alerts at the very same spot stand side by side. @param {import("./map.js").AlertMark[]} all */
function spread(all) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return all.map((mark) => {
    const key = `${mark.lon.toFixed(5)} ${mark.lat.toFixed(5)}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return { ...mark, lon: mark.lon + before * 0.00009 };
  });
}

function listen() {
  document.body.addEventListener("htmx:after:swap", refresh);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const moment = event.target.closest(".moments a[data-alert]");
    if (moment && rows().some((row) => row.dataset.alert === moment.getAttribute("data-alert"))) {
      event.preventDefault();
      choose(moment.getAttribute("data-alert") ?? "", { focus: true });
      return;
    }
    const row = event.target.closest("article[data-alert]");
    if (row instanceof HTMLElement && !event.target.closest("a, button, form") && row !== chosenRow()) choose(row.dataset.alert ?? "");
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element ? event.target.closest("article[data-alert]") : null;
    if (row instanceof HTMLElement && row !== chosenRow()) choose(row.dataset.alert ?? "", { reveal: false });
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-layer]") : null;
    if (!(button instanceof HTMLElement)) return;
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    map?.toggle(button.dataset.layer ?? "", on);
  });
}

keepChoice();
listen();
const moments = document.getElementById("moments");
const axis = document.querySelector(".timeline .axis");
if (moments && axis instanceof HTMLElement) keepTimeline(moments, axis);
const element = document.getElementById("map");
if (element) {
  map = await openMap(element);
  await map?.ready;
  refresh();
  if (map) keepReadings(map, element, alarmed);
  if (map && element.dataset.city) keepCity(map, element.dataset.city, element.dataset.simulated ?? "");
}
