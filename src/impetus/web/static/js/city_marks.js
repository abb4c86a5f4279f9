// City systems on a map: what each shows, as far as it is known. The list beside the map says the same.
import * as maplibre from "../vendor/maplibre-gl.mjs";

/** @typedef {{id: string, name: string, kind: string, lon: number, lat: number, simulated: boolean, words: string, state: string, until: string}} CityMark */

/** @param {CityMark} mark @param {string} simulated @returns {HTMLElement} */
function element(mark, simulated) {
  const box = document.createElement("div");
  box.className = `city-mark ${mark.kind} state-${mark.state || "blank"}${mark.simulated ? " is-simulated" : ""}`;
  box.dataset.device = mark.id;
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = mark.simulated && mark.words ? `${mark.name} · ${simulated}` : mark.name; // a blank one is violet and small: many stand close
  const words = document.createElement("span");
  words.className = "words";
  words.textContent = mark.words ? (mark.state === "standing" ? mark.words : `${mark.words} ?`) : "";
  box.append(name, words);
  box.title = [mark.name, mark.simulated ? simulated : "", mark.words, mark.state].filter(Boolean).join(" · ");
  return box;
}

/** A mark near an edge grows inwards. @param {import("./map.js").PlaceMap} map @param {number} lon @returns {"left" | "right" | "bottom"} */
function side(map, lon) {
  if (!map.home) return "bottom";
  const share = (lon - map.home[0]) / (map.home[2] - map.home[0]);
  return share < 0.25 ? "left" : share > 0.75 ? "right" : "bottom";
}

/** Show the city systems on a map, and keep them true. @param {import("./map.js").PlaceMap} map @param {string} address @param {string} simulated */
export async function keepCity(map, address, simulated) {
  /** @type {maplibre.Marker[]} */
  let markers = [];
  const refresh = async () => {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) return;
    /** @type {CityMark[]} */
    const marks = await answer.json();
    for (const marker of markers) marker.remove();
    markers = marks.map((mark) => new maplibre.Marker({ element: element(mark, simulated), anchor: side(map, mark.lon) }).setLngLat([mark.lon, mark.lat]).addTo(map.map));
  };
  document.body.addEventListener("impetus:effect", refresh);
  document.body.addEventListener("impetus:again", refresh);
  await refresh();
}
