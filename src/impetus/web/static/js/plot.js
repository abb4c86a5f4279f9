// An explaining series as a plot: expected band in slate, measured in light grey, the surprising part in its severity's
// colour, axes with units, and what was measured since. Labels stand in the plot; there is no legend to look up.
import uPlot from "../vendor/uplot.js";
import { token } from "./theme.js";

/** @typedef {{datastream: number, title: string, unit: string, time_us: number[], measured: (number | null)[], low: (number | null)[], high: (number | null)[], coverage: number, from_us: number}} Series */
/** @typedef {{expected: string, since: string, now: string}} Words */

const US_PER_S = 1e6;
const zone = document.documentElement.dataset.zone || "UTC";
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 4 });

/** @param {Series} series @param {{time: number[], value: (number | null)[]}} since @returns {any} columns for uPlot */
function columns(series, since) {
  const time = [...series.time_us.map((us) => us / US_PER_S), ...since.time];
  const blank = since.time.map(() => null);
  const surprising = series.measured.map((value, row) => (series.time_us[row] >= series.from_us ? value : null));
  const first = surprising.findIndex((value) => value !== null);
  if (first > 0) surprising[first - 1] = series.measured[first - 1];
  return [time, [...series.low, ...blank], [...series.high, ...blank], [...series.measured, ...blank], [...surprising, ...blank], [...series.time_us.map((_, row) => (row === series.time_us.length - 1 ? series.measured[row] : null)), ...since.value]];
}

/** @param {uPlot} plot @param {string} text @param {number} at seconds @param {number | null | undefined} value @param {string} colour @param {CanvasTextAlign} align @param {number} lift */
function label(plot, text, at, value, colour, align, lift) {
  if (value === null || value === undefined || !text) return;
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.font = `${12 * devicePixelRatio}px ${token("font") || "sans-serif"}`;
  ctx.textAlign = align;
  const x = Math.min(plot.bbox.left + plot.bbox.width - 4, Math.max(plot.bbox.left + 4, plot.valToPos(at, "x", true)));
  ctx.fillText(text, x, plot.valToPos(value, "y", true) + lift * devicePixelRatio);
  ctx.restore();
}

/** @param {HTMLElement} box @param {Series} series @param {string} severity @param {Words} words @param {{large: boolean}} how */
export function drawPlot(box, series, severity, words, { large }) {
  const readout = box.closest("figure")?.querySelector("[data-js-readout]");
  /** @type {{time: number[], value: (number | null)[]}} */
  const since = { time: [], value: [] };
  const height = () => (large ? Math.max(220, Math.min(360, innerHeight * 0.32)) : 168);
  const axis = () => ({ stroke: token("text-2"), grid: { stroke: token("grid"), width: 1 }, ticks: { show: false }, font: `12px ${token("font") || "sans-serif"}` });

  /** @returns {any} */
  const options = () => ({
    width: box.clientWidth,
    height: height(),
    tzDate: (/** @type {number} */ s) => uPlot.tzDate(new Date(s * 1000), zone),
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { y: { range: (/** @type {any} */ _plot, /** @type {number} */ low, /** @type {number} */ high) => { const room = (high - low || 1) * 0.12; return [low >= 0 && low - room < 0 ? 0 : low - room, high + room]; } } },
    axes: [{ ...axis(), size: 32, values: [[3600, "{HH}:{mm}", null, null, null, null, null, null, 1], [60, "{HH}:{mm}", null, null, null, null, null, null, 1], [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1]] }, { ...axis(), size: 56, label: series.unit, labelSize: 20, labelFont: `12px ${token("font") || "sans-serif"}`, values: (/** @type {any} */ _plot, /** @type {number[]} */ ticks) => ticks.map((tick) => number.format(tick)) }],
    series: [
      {},
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { stroke: token("measured"), width: 1.5, points: { show: false } },
      { stroke: token(severity), width: 2.5, points: { show: false } },
      { stroke: token("here"), width: 1.5, dash: [5, 4], points: { show: false } },
    ],
    bands: [{ series: [2, 1], fill: token("band") }],
    hooks: { draw: [annotate], setCursor: [say] },
  });

  /** @param {uPlot} plot */
  function annotate(plot) {
    const row = series.low.findIndex((value) => value !== null);
    if (row >= 0) {
      const low = plot.valToPos(series.low[row] ?? 0, "y", true);
      const below = low + 16 * devicePixelRatio < plot.bbox.top + plot.bbox.height;
      label(plot, words.expected, series.time_us[row] / US_PER_S, below ? series.low[row] : series.high[row], token("text-2"), "left", below ? 14 : -6);
    }
    if (large && since.time.length > 2) label(plot, words.since, since.time[since.time.length - 1], since.value[since.value.length - 1], token("here"), "right", -10);
  }

  /** @param {uPlot} plot */
  function say(plot) {
    if (!readout) return;
    const row = plot.cursor.idx;
    const value = row === null || row === undefined ? null : (plot.data[3][row] ?? plot.data[5][row]);
    if (row === null || row === undefined || value === null || value === undefined) {
      readout.textContent = "";
      return;
    }
    const low = plot.data[1][row];
    const high = plot.data[2][row];
    const at = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone }).format(plot.data[0][row] * 1000);
    readout.textContent = `${at} · ${number.format(value)} ${series.unit}${low !== null && low !== undefined && high !== null && high !== undefined ? ` · ${words.expected} ${number.format(low)}–${number.format(high)}` : ""}`;
  }

  box.replaceChildren();
  let plot = new uPlot(options(), columns(series, since), box);
  box.setAttribute("data-drawn", "");
  new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: height() })).observe(box);
  document.body.addEventListener("impetus:theme", () => {
    plot.destroy();
    plot = new uPlot(options(), columns(series, since), box);
  });
  return {
    series,
    /** Add what was measured since. @param {number[]} time seconds @param {(number | null)[]} value */
    append(time, value) {
      const last = since.time.at(-1) ?? series.time_us.at(-1) / US_PER_S;
      const fresh = time.map((at, row) => /** @type {[number, number | null]} */ ([at, value[row]])).filter(([at]) => at > last);
      if (!fresh.length) return;
      since.time.push(...fresh.map(([at]) => at));
      since.value.push(...fresh.map(([, measured]) => measured));
      plot.setData(columns(series, since));
    },
    /** @returns {number} seconds of the newest point */
    newest: () => since.time.at(-1) ?? series.time_us.at(-1) / US_PER_S,
  };
}
