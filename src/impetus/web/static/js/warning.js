// The composer's map: the polygon of the text field, drawn; a press adds a corner to the text field. The field is the truth.
import { openMap } from "./map.js";

/** @param {string} text @returns {[number, number][]} corners as longitude, latitude */
export function corners(text) {
  /** @type {[number, number][]} */
  const found = [];
  for (const line of text.split("\n")) {
    const [lat, lon] = line.split(/[,; ]+/).filter(Boolean).map(Number);
    if (Number.isFinite(lat) && Number.isFinite(lon)) found.push([lon, lat]);
  }
  return found;
}

/** @param {[number, number][]} ring */
const drawn = (ring) => ({
  type: /** @type {const} */ ("Feature"),
  properties: {},
  geometry: ring.length > 2 ? { type: /** @type {const} */ ("Polygon"), coordinates: [[...ring, ring[0]]] } : { type: /** @type {const} */ ("LineString"), coordinates: ring },
});

const element = document.getElementById("map");
const field = document.querySelector(element?.dataset.polygon ?? "#f-polygon");
if (element && field instanceof HTMLTextAreaElement) {
  const map = await openMap(element, { plain: true });
  await map?.ready;
  if (map) {
    const color = getComputedStyle(document.documentElement).getPropertyValue("--extreme").trim();
    map.map.addSource("warning", { type: "geojson", data: drawn(corners(field.value)) });
    map.map.addLayer({ id: "warning-area", type: "fill", source: "warning", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": color, "fill-opacity": 0.2 } });
    map.map.addLayer({ id: "warning-edge", type: "line", source: "warning", paint: { "line-color": color, "line-width": 3, "line-dasharray": [2, 1] } });
    const redraw = () => /** @type {any} */ (map.map.getSource("warning"))?.setData(drawn(corners(field.value)));
    field.addEventListener("input", redraw);
    element.classList.add("drawing");
    map.map.on("click", (/** @type {any} */ press) => {
      const line = `${press.lngLat.lat.toFixed(6)}, ${press.lngLat.lng.toFixed(6)}`;
      field.value = [field.value.trim(), line].filter(Boolean).join("\n");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
