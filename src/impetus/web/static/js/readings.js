// What stands on the plan, by its newest readings: crowd colours, air values, and what fell silent.
import { nowMs, span } from "./clock.js";

const READ_EVERY_MS = 3000;
const STALE_S = 120;
const DENSITY = /density|people_per_m2/;
const AIR = /bacteria|concentration|aerosol|pm10|pm2/;

/** @typedef {Record<string, Record<string, [number | null, number, string]>>} Readings value, Unix seconds, unit by asset and property */

const number = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 3 });

/** @param {import("./map.js").PlaceMap} map @param {Readings} readings @param {Map<string, string>} alarmed severity by asset */
function show(map, readings, alarmed) {
  const now = nowMs() / 1000;
  /** @type {Map<string, number>} */
  const density = new Map();
  let oldest = 0;
  for (const [asset, properties] of Object.entries(readings)) {
    const entries = Object.entries(properties);
    const newest = Math.max(...entries.map(([, [, at]]) => at));
    const people = entries.find(([name]) => DENSITY.test(name))?.[1];
    if (people && people[0] !== null && now - people[1] < STALE_S) {
      density.set(asset, people[0]);
      oldest = Math.max(oldest, now - people[1]);
    }
    const air = entries.find(([name]) => AIR.test(name))?.[1];
    const value = air && air[0] !== null ? `${number.format(air[0])} ${air[2]}` : "";
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

/** Keep the map's readings true while somebody looks. @param {import("./map.js").PlaceMap} map @param {HTMLElement} element that names where readings are @param {() => Map<string, string>} alarmed */
export async function keepReadings(map, element, alarmed) {
  if (!element.dataset.readings) return; // this role may not read them
  if (document.visibilityState === "visible") {
    const answer = await fetch(element.dataset.readings).catch(() => null);
    if (answer?.status === 403) return;
    if (answer?.ok) {
      show(map, await answer.json(), alarmed());
      element.setAttribute("data-read", "");
    }
  }
  setTimeout(() => keepReadings(map, element, alarmed), READ_EVERY_MS);
}
