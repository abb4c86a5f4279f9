// The picture page: list, map and timeline are three views of the same alerts.
import { nowMs, span } from "./clock.js";
import { openMap } from "./map.js";
import { choose, chosenRow, keepChoice, rows } from "./select.js";
import { keepTimeline } from "./timeline.js";

const READ_EVERY_MS = 3000;
const STALE_S = 120;
const DENSITY = /density|people_per_m2/;
const AIR = /bacteria|concentration|aerosol|pm10|pm2/;

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

/** What stands on the plan, by its newest readings. @param {Record<string, Record<string, [number | null, number, string]>>} readings */
function showReadings(readings) {
  if (!map) return;
  const now = nowMs() / 1000;
  const alarmed = new Map(rows().map((row) => [row.dataset.subject?.split("/").at(-1) ?? "", row.dataset.severity ?? ""]));
  /** @type {Map<string, number>} */
  const density = new Map();
  let oldest = 0;
  for (const [asset, properties] of Object.entries(readings)) {
    const entries = Object.entries(properties);
    const newest = Math.max(...entries.map(([, [, at]]) => at));
    const people = entries.find(([name]) => DENSITY.test(name));
    if (people && people[1][0] !== null && now - people[1][1] < STALE_S) {
      density.set(asset, people[1][0]);
      oldest = Math.max(oldest, now - people[1][1]);
    }
    const air = entries.find(([name]) => AIR.test(name));
    const value = air && air[1][0] !== null ? Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 }).format(air[1][0]) + " " + air[1][2] : "";
    map.say(asset, { value, state: alarmed.get(asset) || (now - newest > STALE_S ? "stale" : "") });
  }
  map.crowd(density);
  legend(density.size, oldest);
}

/** @param {number} count @param {number} oldestS */
function legend(count, oldestS) {
  const box = document.querySelector("[data-legend]");
  const words = box?.querySelector("[data-js-oldest]");
  if (!(box instanceof HTMLElement) || !(words instanceof HTMLElement)) return;
  box.hidden = count === 0;
  words.textContent = (words.dataset.words ?? "").replace("{count}", String(count)).replace("{age}", span(oldestS));
}

async function keepReadings() {
  const address = document.getElementById("map")?.dataset.readings;
  if (!address) return;
  if (document.visibilityState === "visible") {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) showReadings(await answer.json());
  }
  setTimeout(keepReadings, READ_EVERY_MS);
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
  keepReadings();
}
