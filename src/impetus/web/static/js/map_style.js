// How the map looks: our tokens as a MapLibre style. Layers from the ground up; nothing here is fetched from elsewhere.
import * as maplibre from "../vendor/maplibre-gl.mjs";
import { Protocol } from "../vendor/pmtiles.js";
import { token } from "./theme.js";

maplibre.addProtocol("pmtiles", new Protocol().tile);

/** @param {string} role */
const is = (role) => ["==", ["get", "role"], role];

/** @param {Record<string, any>} sources @param {string} [basemap] address of a PMTiles file @returns {any} a style */
export function style(sources, basemap) {
  /** @type {Record<string, any>} */
  const all = Object.fromEntries(Object.entries(sources).map(([name, data]) => [name, { type: "geojson", data, promoteId: "key" }]));
  if (basemap) all.basemap = { type: "vector", url: `pmtiles://${new URL(basemap, location.href).href}`, attribution: "© OpenStreetMap" };
  return { version: 8, sources: all, layers: [background(), ...(basemap ? basemapLayers() : []), ...planLayers()] };
}

const background = () => ({ id: "background", type: "background", paint: { "background-color": token("map-ground") } });

/** Layers of a basemap in the Protomaps schema, quiet enough to lie under everything. */
function basemapLayers() {
  const fill = (/** @type {string} */ layer, /** @type {string} */ colour, opacity = 1) => ({ id: `base-${layer}`, type: "fill", source: "basemap", "source-layer": layer, paint: { "fill-color": token(colour), "fill-opacity": opacity } });
  return [
    fill("earth", "map-ground"),
    fill("landuse", "map-square", 0.5),
    fill("water", "map-water"),
    { id: "base-roads", type: "line", source: "basemap", "source-layer": "roads", paint: { "line-color": token("map-building"), "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 12, 0.5, 18, 10] } },
    fill("buildings", "map-building"),
  ];
}

function planLayers() {
  const fill = (/** @type {string} */ role, /** @type {string} */ colour, opacity = 1) => ({ id: role, type: "fill", source: "plan", filter: is(role), paint: { "fill-color": token(colour), "fill-opacity": opacity } });
  const edge = (/** @type {string} */ role, /** @type {string} */ colour, width = 1) => ({ id: `${role}-edge`, type: "line", source: "plan", filter: is(role), paint: { "line-color": token(colour), "line-width": width } });
  return [
    fill("street", "map-square", 0.45),
    fill("water", "map-water"),
    edge("water", "map-water-edge", 2),
    fill("building", "map-building"),
    edge("building", "map-building-edge"),
    fill("ground", "map-square"),
    edge("ground", "map-edge", 3),
    { id: "cells", type: "fill", source: "cells", paint: { "fill-color": crowdColour(), "fill-opacity": crowdOpacity(), "fill-outline-color": token("map-ground") } },
    { id: "cones", type: "fill", source: "cones", paint: { "fill-color": stateColour(), "fill-opacity": ["match", ["coalesce", ["feature-state", "state"], ""], ["extreme", "severe", "moderate"], 0.3, 0.07] } },
    { id: "wires", type: "line", source: "wires", paint: { "line-color": token("edge"), "line-width": 1, "line-dasharray": [3, 2] } },
    { id: "exits", type: "line", source: "plan", filter: is("exit"), paint: { "line-color": token("normal"), "line-width": 9 } },
  ];
}

const people = ["coalesce", ["feature-state", "people"], -1];
const share = (/** @type {number} */ level) => parseFloat(token(`crowd-${level}-share`)) / 100;
const crowdColour = () => ["step", people, token("crowd-0"), 1, token("crowd-1"), 2, token("crowd-2"), 3, token("crowd-3")];
const crowdOpacity = () => ["step", people, 0, 0, share(0), 1, share(1), 2, share(2), 3, share(3)];
const stateColour = () => ["match", ["coalesce", ["feature-state", "state"], ""], "extreme", token("extreme"), "severe", token("extreme"), "moderate", token("severe"), token("here")];
