// The city as hexagons that grow and brighten with surprise, and a slider through the last hours that plays.
//
// A frame is a byte a cell; the newest is refreshed while somebody looks at now. Beside the map, the list says in words what
// the frame shows; a cell that is pressed lists its own sensors.
import * as maplibre from "../vendor/maplibre-gl.mjs";
import { clockTime } from "./clock.js";
import { PlaceMap } from "./map.js";
import { token } from "./theme.js";

/** @typedef {{edge_m: number, lon: number[], lat: number[], size: number[], time: number[], levels: string, strange: number[], fault: number[], silent: number[], alerts: {id: string, severity: string, label: string, lon: number, lat: number, began: number, last: number}[]}} Frames */

const REFRESH_MS = 15000;
const FRAME_MS = 140;
const LIST_MS = 350;
const FAULT = 16;
const SILENT = 32;
const LEVEL = 15;
const SHARE = [0.4, 0.4, 0.4, 0.6, 0.78, 0.92, 1]; // of a full cell, by level: size says what colour says
const FILLED_FROM = 2;
const EARTH_RADIUS_M = 6371008.8;
const DEGREE = Math.PI / 180;

/** @param {number} lon @param {number} lat @param {number} edgeM across the flat sides @returns {[number, number][]} */
function ring(lon, lat, edgeM) {
  const radius = edgeM / Math.sqrt(3);
  /** @type {[number, number][]} */
  const corners = [];
  for (let corner = 0; corner <= 6; corner += 1) {
    const angle = (corner * 60 + 30) * DEGREE;
    corners.push([lon + (radius * Math.cos(angle)) / (EARTH_RADIUS_M * DEGREE * Math.cos(lat * DEGREE)), lat + (radius * Math.sin(angle)) / (EARTH_RADIUS_M * DEGREE)]);
  }
  return corners;
}

/** @param {Frames} frames @param {Uint8Array} levels @param {number} frame @returns {any} */
function features(frames, levels, frame) {
  const cells = frames.lon.length;
  return {
    type: "FeatureCollection",
    features: frames.lon.flatMap((lon, cell) => {
      const code = levels[frame * cells + cell];
      const level = code & LEVEL;
      const trouble = code & FAULT ? "fault" : code & SILENT ? "silent" : "";
      const shapes = [];
      if (level > 0) shapes.push({ type: "Feature", properties: { cell, level, trouble: "" }, geometry: { type: "Polygon", coordinates: [ring(lon, frames.lat[cell], frames.edge_m * 0.96 * SHARE[level])] } });
      if (trouble) shapes.push({ type: "Feature", properties: { cell, level: 0, trouble }, geometry: { type: "Polygon", coordinates: [ring(lon, frames.lat[cell], frames.edge_m * 0.9)] } });
      return shapes;
    }),
  };
}

const bySurprise = () => ["match", ["get", "level"], 2, token("edge"), 3, token("crowd-0"), 4, token("crowd-1"), 5, token("crowd-2"), 6, token("crowd-3"), "transparent"];

/** @param {any} data @returns {any[]} layers of the cells, and their source beside */
const layers = () => [
  { id: "surprise", type: "fill", source: "surprise", filter: [">=", ["get", "level"], FILLED_FROM], paint: { "fill-color": bySurprise(), "fill-opacity": 0.88 } },
  { id: "surprise-hollow", type: "line", source: "surprise", filter: ["==", ["get", "level"], 1], paint: { "line-color": token("edge"), "line-width": 1.5 } },
  { id: "surprise-event", type: "line", source: "surprise", filter: ["==", ["get", "level"], 6], paint: { "line-color": token("text"), "line-width": 2 } },
  { id: "surprise-silent", type: "line", source: "surprise", filter: ["==", ["get", "trouble"], "silent"], paint: { "line-color": token("text-2"), "line-width": 2, "line-dasharray": [3, 2] } },
  { id: "surprise-fault", type: "line", source: "surprise", filter: ["==", ["get", "trouble"], "fault"], paint: { "line-color": token("text"), "line-width": 3 } },
  { id: "surprise-press", type: "fill", source: "surprise", paint: { "fill-opacity": 0 } },
];

class CityView {
  /** @param {PlaceMap} place @param {Frames} frames @param {HTMLElement} box */
  constructor(place, frames, box) {
    this.place = place;
    this.box = box;
    this.frame = frames.time.length - 1;
    this.take(frames);
    place.map.on("style.load", () => this.#addLayers());
    if (place.map.isStyleLoaded()) this.#addLayers();
    place.map.on("click", "surprise-press", (event) => this.#list(Number(event.features?.[0]?.properties.cell)));
    place.map.on("mouseenter", "surprise-press", () => (place.map.getCanvas().style.cursor = "pointer"));
    place.map.on("mouseleave", "surprise-press", () => (place.map.getCanvas().style.cursor = ""));
  }

  get isNow() {
    return this.frame === this.frames.time.length - 1;
  }

  /** @param {Frames} frames */
  take(frames) {
    const wasNow = !this.frames || this.isNow;
    this.frames = frames;
    this.levels = Uint8Array.from(atob(frames.levels), (letter) => letter.charCodeAt(0));
    if (wasNow) this.frame = frames.time.length - 1;
  }

  #addLayers() {
    const { map } = this.place;
    if (map.getSource("surprise")) return;
    map.addSource("surprise", { type: "geojson", data: features(this.frames, this.levels, this.frame) });
    for (const layer of layers()) map.addLayer(/** @type {any} */ (layer));
    this.draw();
  }

  draw() {
    const source = this.place.map.getSource("surprise");
    if (source) /** @type {maplibre.GeoJSONSource} */ (source).setData(features(this.frames, this.levels, this.frame));
    const at = this.frames.time[this.frame];
    const before = this.frames.time[this.frame - 1] ?? at - 60;
    const marks = this.frames.alerts.filter((alert) => alert.began <= at && alert.last >= before).map((alert) => ({ ...alert, number: "", href: "" }));
    this.place.show(marks, (alert) => location.assign(`/alerts/${alert}`));
    this.box.dataset.frame = String(this.frame);
  }

  /** Fit what is seen to the cells, where there is no plan. */
  fit() {
    const { lon, lat } = this.frames;
    if (!lon.length) return;
    this.place.map.fitBounds([[Math.min(...lon), Math.min(...lat)], [Math.max(...lon), Math.max(...lat)]], { padding: 72, duration: 0, maxZoom: 19 });
  }

  /** @param {number | null} cell */
  #list(cell) {
    readList(this.isNow ? null : this.frames.time[this.frame], cell);
  }
}

const list = document.getElementById("worst");
let asked = 0;

/** Take in the list of a moment, or of one cell. @param {number | null} at Unix seconds @param {number | null} [cell] */
async function readList(at, cell = null) {
  if (!list) return;
  const query = new URLSearchParams();
  if (at !== null) query.set("at", String(at));
  if (cell !== null) query.set("cell", String(cell));
  asked += 1;
  const mine = asked;
  const answer = await fetch(`/city/worst?${query}`).catch(() => null);
  if (!answer?.ok || mine !== asked) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  list.replaceChildren(...page.body.childNodes);
  list.dataset.at = at === null ? "now" : String(at);
}

/** @param {CityView} view */
function play(view) {
  const slider = document.querySelector("[data-slider]");
  const button = document.querySelector("[data-play]");
  const cursor = document.querySelector("[data-cursor]");
  const said = document.querySelector("[data-at] [data-js-text]");
  if (!(slider instanceof HTMLInputElement) || !(button instanceof HTMLElement)) return;
  let timer = 0;
  let listTimer = 0;

  function show() {
    const { time } = view.frames;
    slider.max = String(time.length - 1);
    slider.value = String(view.frame);
    const words = view.isNow ? (slider.dataset.nowWords ?? "") : clockTime(time[view.frame] * 1000).slice(0, 5);
    slider.setAttribute("aria-valuetext", words);
    if (said) said.textContent = view.isNow ? clockTime(time[view.frame] * 1000) : words;
    const svg = cursor?.ownerSVGElement;
    if (cursor && svg) {
      const step = svg.viewBox.baseVal.width / time.length;
      cursor.setAttribute("x", String(view.frame * step));
      cursor.setAttribute("width", String(step));
    }
    view.draw();
  }

  /** @param {number} frame */
  function go(frame) {
    view.frame = frame;
    show();
    clearTimeout(listTimer);
    listTimer = setTimeout(() => readList(view.isNow ? null : view.frames.time[view.frame]), LIST_MS);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    say(false);
  }

  /** @param {boolean} on */
  function say(on) {
    button.setAttribute("aria-pressed", String(on));
    const words = button.querySelector("[data-js-text]");
    if (words) words.textContent = (on ? button.dataset.pauseWords : button.dataset.playWords) ?? "";
  }

  slider.addEventListener("input", () => {
    stop();
    go(Number(slider.value));
  });
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (view.isNow) view.frame = 0;
    say(true);
    timer = setInterval(() => {
      if (view.isNow) return stop();
      go(view.frame + 1);
    }, FRAME_MS);
  });
  setInterval(async () => {
    if (document.visibilityState !== "visible" || timer || !view.isNow) return;
    const answer = await fetch(`/city/frames?hours=${view.box.dataset.hours}`).catch(() => null);
    if (!answer?.ok) return;
    view.take(await answer.json());
    show();
    if (!list?.matches(":hover, :focus-within")) readList(null);
  }, REFRESH_MS);
  show();
}

/** Ring the place of a row of the list that is looked at. @param {PlaceMap} place */
function light(place) {
  const element = document.createElement("div");
  element.className = "lit";
  const marker = new maplibre.Marker({ element });
  const point = (/** @type {Event} */ event) => {
    const row = event.target instanceof Element ? event.target.closest("li[data-lon]") : null;
    if (row instanceof HTMLElement) marker.setLngLat([Number(row.dataset.lon), Number(row.dataset.lat)]).addTo(place.map);
    else marker.remove();
  };
  list?.addEventListener("focusin", point);
  list?.addEventListener("mouseover", point);
  list?.addEventListener("mouseleave", () => marker.remove());
  list?.addEventListener("focusout", () => marker.remove());
}

async function open() {
  const box = document.getElementById("map");
  const message = box?.parentElement?.querySelector("[data-message]");
  if (!box || !(message instanceof HTMLElement)) return;
  const fail = (/** @type {string} */ key) => {
    box.hidden = true;
    message.hidden = false;
    message.textContent = message.dataset[key] ?? "";
  };
  const [plan, answer] = await Promise.all([fetch(box.dataset.plan ?? "").catch(() => null), fetch(`/city/frames?hours=${box.dataset.hours}`).catch(() => null)]);
  if (!answer?.ok) return;
  /** @type {Frames} */
  const frames = await answer.json();
  const ground = plan?.ok ? await plan.json() : { features: [] };
  if (!frames.lon.length && !ground.features.length) return fail("noCells");
  try {
    const place = new PlaceMap(box, ground, { basemap: box.dataset.basemap });
    for (const layer of ["crowd", "cameras", "air", "network"]) place.toggle(layer, false);
    document.body.addEventListener("impetus:theme", () => place.restyle());
    const view = new CityView(place, frames, box);
    if (!ground.features.length) view.fit();
    play(view);
    light(place);
  } catch (error) {
    if (document.createElement("canvas").getContext("webgl2")) throw error;
    fail("noGl");
  }
}
open();
