// One datastream drawn large: what was measured, the expected band, unusual stretches and alarms, and the day ahead; below it,
// on the same time axis, how unusual each moment was.
import uPlot from "../vendor/uplot.js";
import { token } from "./theme.js";

/** @typedef {{time: number[], expected: (number | null)[], low: (number | null)[], high: (number | null)[]}} Band */
/** @typedef {{since: number, until: number, readings: {time: number[], value: (number | null)[]}, past: Band & {p: (number | null)[]}, ahead: Band, lowest: number, spells: {state: string, since: number, until: number}[], alerts: {id: number, severity: string, began: number, last: number}[]}} Told */

const REFRESH_MS = 20000;
const AHEAD_SHARE = 1; // a day ahead beside a day back: at most as much as is shown of the past
const DAY_S = 86400;
const LEAST_ODDS = 1e-6;
const zone = document.documentElement.dataset.zone || "UTC";
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 4 });
const moment = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone });
const font = () => `12px ${token("font") || "sans-serif"}`;

/** Columns on one time axis: low, high, measured, unusual, low ahead, high ahead, expected ahead, p. @param {Told} told @returns {any[]} */
function columns(told) {
  const { past, ahead, readings, spells } = told;
  const end = told.until + Math.min(DAY_S, AHEAD_SHARE * (told.until - told.since));
  const coming = fromNow(ahead, told.until, end);
  const floor = (/** @type {number | null} */ value) => (value === null ? null : Math.max(value, told.lowest));
  const own = /** @type {[number[], ...((number | null)[])[]]} */ ([past.time, past.low.map(floor), past.high, past.p.map((p) => (p === null ? null : Math.max(p, LEAST_ODDS)))]);
  const odd = readings.time.map((at, row) => (spells.some((spell) => spell.state === "strange" && at >= spell.since && at <= spell.until + 300) ? readings.value[row] : null));
  const later = [coming.time, coming.low.map(floor), coming.high, coming.expected];
  const joined = /** @type {any} */ (uPlot.join(/** @type {any} */ ([own, [readings.time, readings.value, odd], later]), /** @type {any} */ ([[1, 1, 1], [1, 1], [1, 1, 1]])));
  const [time, low, high, p, measured, strange, lowAhead, highAhead, expectedAhead] = joined;
  for (const column of [low, high, p]) carry(time, column);
  return [time, low, high, measured, strange, lowAhead, highAhead, expectedAhead, p];
}

/** What is expected from now to an end, its first moment drawn between those around now. @param {Band} ahead @param {number} now @param {number} end @returns {Band} */
function fromNow(ahead, now, end) {
  const rows = ahead.time.map((_, row) => row).filter((row) => ahead.time[row] > now && ahead.time[row] <= end);
  const [first] = rows;
  const cut = (/** @type {(number | null)[]} */ column) => {
    const [before, after] = [column[first - 1], column[first]];
    const share = (now - ahead.time[first - 1]) / (ahead.time[first] - ahead.time[first - 1]);
    const between = first > 0 && before !== null && after !== null ? [before + share * (after - before)] : [];
    return [...between, ...rows.map((row) => column[row])];
  };
  const starts = first > 0 && ahead.expected[first - 1] !== null && ahead.expected[first] !== null;
  return { time: [...(starts ? [now] : []), ...rows.map((row) => ahead.time[row])], expected: cut(ahead.expected), low: cut(ahead.low), high: cut(ahead.high) };
}

/** Carry a band to the readings between its moments, so that it is one shape. @param {number[]} time @param {(number | null | undefined)[]} column */
function carry(time, column) {
  let last = -1;
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row];
    if (value === null || value === undefined) continue;
    if (last >= 0 && time[row] - time[last] <= 3700) {
      for (let between = last + 1; between < row; between += 1) {
        const share = (time[between] - time[last]) / (time[row] - time[last]);
        column[between] = /** @type {number} */ (column[last]) + share * (value - /** @type {number} */ (column[last]));
      }
    }
    last = row;
  }
}

/** @param {HTMLElement} box @param {HTMLElement} below @param {Told} told */
function draw(box, below, told) {
  const words = box.dataset;
  const severity = words.severity ?? "moderate";
  const readout = document.querySelector("[data-js-readout]");
  const sync = uPlot.sync("sensor");
  const axis = () => ({ stroke: token("text-2"), grid: { stroke: token("grid"), width: 1 }, ticks: { show: false }, font: font() });
  const times = () => ({ ...axis(), size: 32, values: (/** @type {any} */ _plot, /** @type {number[]} */ ticks, /** @type {any} */ _axis, /** @type {any} */ _space, /** @type {number} */ step) => ticks.map((at) => new Intl.DateTimeFormat("en-GB", step >= DAY_S ? { day: "numeric", month: "short", timeZone: zone } : { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(at * 1000)) });
  const data = columns(told);
  const span = { min: told.since, max: data[0].length ? Math.max(told.until, data[0].at(-1)) : told.until };
  const shared = () => ({ tzDate: (/** @type {number} */ s) => uPlot.tzDate(new Date(s * 1000), zone), legend: { show: false }, cursor: { y: false, points: { size: 7 }, sync: { key: sync.key } } });

  /** @param {uPlot} plot */
  function ground(plot) {
    const { ctx, bbox } = plot;
    const across = (/** @type {number} */ at) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(at, "x", true)));
    let free = -Infinity;
    ctx.save();
    for (const spell of told.spells) {
      const from = across(spell.since);
      const width = Math.max(3, across(spell.until) - from);
      if (spell.state === "strange") {
        ctx.fillStyle = `color-mix(in srgb, ${token(severity)} 16%, transparent)`;
        ctx.fillRect(from, bbox.top, width, bbox.height);
      } else hatch(ctx, from, bbox.top, width, bbox.height);
      if (from < free) continue; // a name beside a name that is still being read would be neither
      name(ctx, words[`words${spell.state[0].toUpperCase()}${spell.state.slice(1)}`] ?? "", from + 4, bbox.top + 14 * devicePixelRatio, width);
      free = from + 72 * devicePixelRatio;
    }
    ctx.restore();
  }

  /** @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} x @param {number} y @param {number} room */
  function name(ctx, text, x, y, room) {
    ctx.font = `${12 * devicePixelRatio}px ${token("font") || "sans-serif"}`;
    ctx.fillStyle = token("text-2");
    ctx.textAlign = "left";
    if (ctx.measureText(text).width < room + 60) ctx.fillText(text, x, y);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} width @param {number} height */
  function hatch(ctx, x, y, width, height) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(x, y, width, height);
    ctx.clip();
    ctx.strokeStyle = token("hair");
    ctx.lineWidth = 2;
    for (let at = x - height; at < x + width; at += 10 * devicePixelRatio) {
      ctx.beginPath();
      ctx.moveTo(at, y + height);
      ctx.lineTo(at + height, y);
      ctx.stroke();
    }
    ctx.restore();
  }

  /** @param {uPlot} plot */
  function marks(plot) {
    const { ctx, bbox } = plot;
    const now = plot.valToPos(told.until, "x", true);
    ctx.save();
    if (data[0].at(-1) > told.until + 60) {
      ctx.strokeStyle = token("text-2");
      ctx.setLineDash([4, 4]);
      ctx.beginPath();
      ctx.moveTo(now, bbox.top);
      ctx.lineTo(now, bbox.top + bbox.height);
      ctx.stroke();
      name(ctx, words.wordsNow ?? "", now + 6, bbox.top + bbox.height - 8 * devicePixelRatio, 400);
      const first = data[6].findIndex((/** @type {number | null} */ value) => value !== null && value !== undefined);
      if (first >= 0) name(ctx, words.wordsAhead ?? "", now + 6, plot.valToPos(data[6][first], "y", true) - 10 * devicePixelRatio, 400);
    }
    ctx.setLineDash([]);
    for (const alert of told.alerts) {
      const at = plot.valToPos(alert.began, "x", true);
      if (at < bbox.left) continue;
      ctx.fillStyle = token(alert.severity);
      ctx.beginPath();
      ctx.moveTo(at, bbox.top + 22 * devicePixelRatio);
      ctx.lineTo(at - 6 * devicePixelRatio, bbox.top + 34 * devicePixelRatio);
      ctx.lineTo(at + 6 * devicePixelRatio, bbox.top + 34 * devicePixelRatio);
      ctx.fill();
      ctx.strokeStyle = token(alert.severity);
      ctx.beginPath();
      ctx.moveTo(at, bbox.top + 34 * devicePixelRatio);
      ctx.lineTo(at, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
    const row = data[1].findIndex((/** @type {number | null} */ value) => value !== null && value !== undefined);
    if (row >= 0 && now - plot.valToPos(data[0][row], "x", true) > 120 * devicePixelRatio) {
      const y = plot.valToPos(data[1][row], "y", true) + 14 * devicePixelRatio;
      name(ctx, words.wordsExpected ?? "", plot.valToPos(data[0][row], "x", true) + 4, Math.min(y, bbox.top + bbox.height - 4), 400);
    }
  }

  /** @param {uPlot} plot */
  function say(plot) {
    if (!readout) return;
    const row = plot.cursor.idx;
    if (row === null || row === undefined) {
      readout.textContent = "";
      return;
    }
    const at = (/** @type {number} */ column) => data[column][row] ?? null;
    const value = at(3) ?? at(7);
    const [low, high] = [at(1) ?? at(5), at(2) ?? at(6)];
    const range = low !== null && high !== null ? ` · ${words.wordsExpected} ${number.format(low)}–${number.format(high)}` : "";
    readout.textContent = `${moment.format(data[0][row] * 1000)}${value === null ? "" : ` · ${number.format(value)} ${words.unit}`}${range}`;
  }

  const line = (/** @type {string} */ stroke, width = 1.5, more = {}) => ({ stroke, width, spanGaps: true, points: { show: false }, ...more });
  const large = new uPlot(/** @type {any} */ ({
    ...shared(),
    width: box.clientWidth,
    height: Math.max(240, Math.min(420, innerHeight * 0.42)),
    scales: { x: { range: [span.min, span.max] }, y: { range: (/** @type {any} */ _plot, /** @type {number} */ low, /** @type {number} */ high) => { const room = (high - low || 1) * 0.14; return [Math.max(told.lowest, low - room), high + room]; } } },
    axes: [times(), { ...axis(), size: 76, label: words.unit, labelSize: 20, labelFont: font(), values: (/** @type {any} */ _plot, /** @type {number[]} */ ticks) => ticks.map((tick) => number.format(tick)) }],
    series: [{}, line("transparent", 0, { spanGaps: false }), line("transparent", 0, { spanGaps: false }), line(token("measured")), line(token(severity), 2.5, { spanGaps: false }), line("transparent", 0), line("transparent", 0), line(token("text-2"), 1.5, { dash: [5, 4] })],
    bands: [{ series: [2, 1], fill: token("band") }, { series: [6, 5], fill: `color-mix(in srgb, ${token("band")} 55%, transparent)` }],
    hooks: { drawClear: [ground], draw: [marks], setCursor: [say] },
  }), data.slice(0, 8), box);
  const small = new uPlot(/** @type {any} */ ({
    ...shared(),
    width: below.clientWidth,
    height: 110,
    scales: { x: { range: [span.min, span.max] }, y: { distr: 3, dir: -1, range: [LEAST_ODDS, 1] } },
    axes: [times(), { ...axis(), size: 96, filter: (/** @type {any} */ _plot, /** @type {number[]} */ ticks) => ticks, splits: () => [1, 0.01, 0.0001, 0.000001], values: (/** @type {any} */ _plot, /** @type {number[]} */ ticks) => ticks.map((tick) => number.format(Math.round(1 / tick))) }],
    series: [{}, line(token("measured"), 1.25, { spanGaps: false, fill: token("band"), fillTo: () => 1 })],
  }), [data[0], data[8]], below);
  return { destroy: () => [large, small].forEach((plot) => plot.destroy()), resize: () => [[large, box], [small, below]].forEach(([plot, around]) => /** @type {uPlot} */ (plot).setSize({ width: /** @type {HTMLElement} */ (around).clientWidth, height: /** @type {uPlot} */ (plot).height })) };
}

/** @param {HTMLElement} box @param {HTMLElement} below */
async function open(box, below) {
  /** @type {Told | null} */
  let told = null;
  /** @type {ReturnType<typeof draw> | null} */
  let drawn = null;
  const show = () => {
    if (!told) return;
    drawn?.destroy();
    box.replaceChildren();
    if (!told.readings.time.length && !told.past.time.length) {
      box.textContent = box.dataset.wordsNone ?? "";
      return;
    }
    drawn = draw(box, below, told);
    box.setAttribute("data-drawn", "");
  };
  const read = async () => {
    if (document.visibilityState === "visible" && !box.matches(":hover")) {
      const answer = await fetch(box.dataset.series ?? "").catch(() => null);
      if (answer?.status === 403) return;
      if (answer?.ok) {
        told = await answer.json();
        show();
      }
    }
    setTimeout(read, REFRESH_MS);
  };
  new ResizeObserver(() => drawn?.resize()).observe(box);
  document.body.addEventListener("impetus:theme", show);
  read();
}

const box = document.getElementById("plot");
const below = document.getElementById("odds");
if (box && below) open(box, below);
