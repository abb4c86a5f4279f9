// The map of the place: our own plan, drawn by MapLibre GL without any address but our own.
//
// Text on a GL map would need font files; labels, cameras and alerts are HTML markers instead, so that they follow the
// theme, read in greyscale, take the keyboard and cost no download. A basemap is used when the installation has one.
import * as maplibre from "../vendor/maplibre-gl.mjs";
import { bounds, cone, middle, places } from "./geometry.js";
import { shape } from "./shapes.js";
import { style } from "./map_style.js";

/** @typedef {{id: string, severity: string, number: string, lon: number, lat: number, label: string, href: string}} AlertMark */
/** @typedef {{type: "FeatureCollection", features: any[]}} Features */

const LAYER_ROLES = { cameras: ["camera"], air: ["sampler", "sensor"], network: ["switch"], crowd: ["counter"] };
const MIN_SHOWN_PEOPLE_PER_M2 = 0.05;

/** @param {string} role @param {any} properties @returns {HTMLElement} */
function assetElement(role, properties) {
  const element = document.createElement("div");
  element.className = `asset ${role}`;
  element.dataset.asset = properties.key ?? "";
  element.title = properties.name ?? "";
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = role === "camera" || role === "switch" || role === "sampler" ? String(properties.key ?? "").toUpperCase() : (properties.name ?? "");
  const value = document.createElement("span");
  value.className = "value";
  element.append(name, document.createElement("i"), value);
  return element;
}

/** @param {any[]} features @param {string} role */
const ofRole = (features, role) => features.filter((feature) => feature.properties?.role === role);

/** @param {any[]} cameras @returns {Features} */
function cones(cameras) {
  return {
    type: "FeatureCollection",
    features: cameras.filter(({ properties }) => properties.range_m).map(({ geometry, properties }) => ({
      type: "Feature",
      properties: { key: properties.key },
      geometry: { type: "Polygon", coordinates: [cone(geometry.coordinates, properties.heading_deg ?? 0, properties.span_deg ?? 60, properties.range_m)] },
    })),
  };
}

/** @param {any[]} features @returns {Features} lines from what hangs on a switch to the switch */
function wires(features) {
  const switches = new Map(ofRole(features, "switch").map((feature) => [feature.properties.key, feature.geometry.coordinates]));
  return {
    type: "FeatureCollection",
    features: features.filter(({ properties }) => switches.has(properties?.switch)).map(({ geometry, properties }) => ({
      type: "Feature",
      properties: { key: properties.key },
      geometry: { type: "LineString", coordinates: [middle(geometry), switches.get(properties.switch)] },
    })),
  };
}

export class PlaceMap {
  /** @param {HTMLElement} element @param {{features: any[]}} plan @param {{basemap?: string, around?: [number, number], plain?: boolean}} [how] */
  constructor(element, plan, { basemap, around, plain = false } = {}) {
    const features = plan.features ?? [];
    this.features = features;
    /** @type {Map<string, {marker: maplibre.Marker, mark: AlertMark}>} */
    this.alerts = new Map();
    /** @type {Map<string, HTMLElement[]>} */
    this.assets = new Map();
    this.hidden = new Set(["network"]);
    this.sources = { plan, cones: cones(ofRole(features, "camera")), wires: wires(features), cells: { type: "FeatureCollection", features: ofRole(features, "cell") } };
    this.basemap = basemap;
    const ground = ofRole(features, "ground").flatMap((feature) => places(feature.geometry));
    this.home = bounds(ground.length ? ground : features.flatMap((feature) => places(feature.geometry)));
    this.map = new maplibre.Map({
      container: element,
      style: style(this.sources, basemap),
      attributionControl: basemap ? { compact: true } : false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      fadeDuration: 0,
      maxZoom: 21,
      ...(around ? { center: around, zoom: 17.2 } : {}),
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.getCanvas().setAttribute("aria-label", element.closest("[aria-label]")?.getAttribute("aria-label") ?? "");
    if (!around) this.fit();
    if (!plain) this.map.addControl(new maplibre.ScaleControl({ unit: "metric", maxWidth: 80 }), "bottom-left");
    this.#addMarkers(features);
    /** @type {Promise<void>} */
    this.ready = new Promise((resolve) => this.map.once("load", () => resolve()));
    this.ready.then(() => element.setAttribute("data-drawn", ""));
  }

  /** Show the whole place with room for what stands on the map's edges. */
  fit() {
    if (!this.home) return;
    const box = this.map.getContainer();
    const [west, south, east, north] = this.home;
    const tall = box.clientHeight;
    this.map.fitBounds([[west, south], [east, north]], { padding: { top: tall * 0.165, bottom: tall * 0.155, left: 28, right: 28 }, duration: 0 });
  }

  /** @param {any[]} features */
  #addMarkers(features) {
    for (const { geometry, properties } of features) {
      const role = properties?.role;
      if (role === "label" || role === "exit" || (role === "water" && properties.label)) this.#addLabel(role, geometry, properties);
      else if (["camera", "sampler", "switch", "sensor"].includes(role)) {
        const element = assetElement(role, properties);
        this.assets.set(properties.key, [...(this.assets.get(properties.key) ?? []), element]);
        new maplibre.Marker({ element, anchor: "center" }).setLngLat(geometry.coordinates).addTo(this.map);
      }
    }
    this.#applyLayers();
  }

  /** @param {string} role @param {any} geometry @param {any} properties */
  #addLabel(role, geometry, properties) {
    if (role === "exit") return;
    const element = document.createElement("div");
    element.className = `map-label ${properties.name === properties.name?.toUpperCase() && properties.name.length > 3 ? "water" : ""} ${properties.name?.length === 1 ? "exit" : ""}`;
    element.textContent = properties.name ?? "";
    new maplibre.Marker({ element }).setLngLat(this.#inView(middle(geometry))).addTo(this.map);
  }

  /** A label that would stand just outside is moved to the edge of what is seen. @param {[number, number]} place @returns {[number, number]} */
  #inView([lon, lat]) {
    const seen = this.map.getBounds();
    const room = (seen.getNorth() - seen.getSouth()) * 0.025;
    return [lon, Math.min(Math.max(lat, seen.getSouth() + room), seen.getNorth() - room)];
  }

  /** @param {string} layer @param {boolean} on */
  toggle(layer, on) {
    if (on) this.hidden.delete(layer);
    else this.hidden.add(layer);
    this.#applyLayers();
  }

  #applyLayers() {
    for (const [layer, roles] of Object.entries(LAYER_ROLES)) {
      for (const role of roles) this.map.getContainer().classList.toggle(`no-${role}`, this.hidden.has(layer));
    }
    if (!this.map.isStyleLoaded() && !this.map.getLayer("cells")) {
      this.map.once("styledata", () => this.#applyLayers());
      return;
    }
    const visible = (/** @type {string} */ layer) => (this.hidden.has(layer) ? "none" : "visible");
    for (const [id, layer] of [["cells", "crowd"], ["cones", "cameras"], ["wires", "network"]]) {
      if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", visible(layer));
    }
  }

  /** Colour each cell by its counters' people per square metre. @param {Map<string, number>} density by counter */
  crowd(density) {
    for (const { properties } of this.sources.cells.features) {
      let sum = 0;
      let weights = 0;
      for (const [counter, weight] of Object.entries(properties.counters ?? {})) {
        const measured = density.get(counter);
        if (measured === undefined) continue;
        sum += measured * Number(weight);
        weights += Number(weight);
      }
      const people = weights > 0.5 ? sum / weights : -1;
      this.map.setFeatureState({ source: "cells", id: properties.key }, { people: people < MIN_SHOWN_PEOPLE_PER_M2 ? -1 : people });
    }
  }

  /** @param {string} asset @param {{value?: string, state?: string}} said */
  say(asset, { value = "", state = "" }) {
    for (const element of this.assets.get(asset) ?? []) {
      element.dataset.state = state;
      const text = element.querySelector(".value");
      if (text && text.textContent !== value) text.textContent = value;
    }
    if (this.map.getSource("cones")) this.map.setFeatureState({ source: "cones", id: asset }, { state });
  }

  /** Show these alerts and no others. @param {AlertMark[]} marks @param {(alert: string) => void} onPress */
  show(marks, onPress) {
    const wanted = new Map(marks.map((mark) => [mark.id, mark]));
    for (const [id, { marker, mark }] of this.alerts) {
      const next = wanted.get(id);
      if (next && next.severity === mark.severity && next.number === mark.number && next.lon === mark.lon && next.lat === mark.lat) wanted.delete(id);
      else {
        marker.remove();
        this.alerts.delete(id);
      }
    }
    for (const mark of wanted.values()) {
      const element = document.createElement("button");
      element.type = "button";
      element.className = `alert-mark sev-${mark.severity}`;
      element.dataset.alert = mark.id;
      element.setAttribute("aria-label", [mark.number, mark.label].filter(Boolean).join(" "));
      element.append(shape(mark.severity, mark.number));
      element.addEventListener("click", () => onPress(mark.id));
      const marker = new maplibre.Marker({ element }).setLngLat([mark.lon, mark.lat]).addTo(this.map);
      this.alerts.set(mark.id, { marker, mark });
    }
  }

  /** Draw anew in the present theme. */
  restyle() {
    this.map.setStyle(style(this.sources, this.basemap));
    this.#applyLayers();
  }
}

/** Make a map in an element that names its plan, or say why there is none.
 * @param {HTMLElement} element @param {{around?: [number, number], plain?: boolean}} [how] @returns {Promise<PlaceMap | null>} */
export async function openMap(element, how = {}) {
  const message = element.parentElement?.querySelector("[data-message]");
  const fail = (/** @type {string} */ key) => {
    element.hidden = true;
    for (const part of element.parentElement?.querySelectorAll(".layers, .legend") ?? []) /** @type {HTMLElement} */ (part).hidden = true;
    if (message instanceof HTMLElement) {
      message.hidden = false;
      message.textContent = message.dataset[key] ?? "";
    }
    return null;
  };
  const answer = await fetch(element.dataset.plan ?? "").catch(() => null);
  if (!answer?.ok) return fail("noPlan");
  try {
    const map = new PlaceMap(element, await answer.json(), { basemap: element.dataset.basemap, ...how });
    document.body.addEventListener("impetus:theme", () => map.restyle());
    return map;
  } catch (error) {
    if (document.createElement("canvas").getContext("webgl2")) throw error;
    return fail("noGl");
  }
}
