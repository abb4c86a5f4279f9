// The alert page: plots with what came since, and where it is.
import { openInset } from "./place_marks.js";
import { drawPlot } from "./plot.js";

const READ_EVERY_MS = 5000;
const US_PER_S = 1e6;
const LONGEST_S = 2 * 3600;

/** @param {ReturnType<typeof drawPlot>[]} plots */
async function keepSince(plots) {
  const oldest = Math.min(...plots.map((plot) => plot.newest()));
  const first = Math.min(...plots.map((plot) => plot.series.time_us.at(-1) ?? 0)) / US_PER_S;
  if (Date.now() / 1000 - first > LONGEST_S) return;
  if (document.visibilityState === "visible") {
    const query = new URLSearchParams(plots.map((plot) => ["datastream", String(plot.series.datastream)]));
    query.set("since", new Date(oldest * 1000).toISOString());
    const answer = await fetch(`/api/v1/series?${query}`).catch(() => null);
    if (answer?.status === 403) return;
    if (answer?.ok) {
      const found = await answer.json();
      for (const plot of plots) {
        const rows = found.datastream.map((/** @type {number} */ id, /** @type {number} */ row) => (id === plot.series.datastream ? row : -1)).filter((/** @type {number} */ row) => row >= 0);
        plot.append(rows.map((/** @type {number} */ row) => found.time_us[row] / US_PER_S), rows.map((/** @type {number} */ row) => found.result[row]));
      }
    }
  }
  setTimeout(() => keepSince(plots), READ_EVERY_MS);
}

const holder = document.querySelector(".plots");
const json = document.getElementById("plots");
if (holder instanceof HTMLElement && json) {
  const words = { expected: holder.dataset.wordsExpected ?? "", since: holder.dataset.wordsSince ?? "", now: holder.dataset.wordsNow ?? "" };
  /** @type {import("./plot.js").Series[]} */
  const all = JSON.parse(json.textContent ?? "[]");
  const plots = all.map((series, place) => {
    const figure = holder.querySelector(`[data-plot="${place}"]`);
    const box = figure?.querySelector(".canvas");
    return box instanceof HTMLElement ? drawPlot(box, series, holder.dataset.severity ?? "unknown", words, { large: place === 0 }) : null;
  }).filter((plot) => plot !== null);
  if (plots.length) keepSince(plots);
}

const element = document.getElementById("map");
if (element) {
  const { lon, lat, severity, alert, label } = element.dataset;
  openInset(element, () => (lon && lat ? [{ id: alert ?? "", severity: severity ?? "unknown", number: "", lon: Number(lon), lat: Number(lat), label: label ?? "", href: "" }] : []));
}
