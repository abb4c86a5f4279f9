// A map inset: the plan, the live readings on it, and one or more alerts.
import { openMap } from "./map.js";
import { keepReadings } from "./readings.js";
import { alarmed } from "./select.js";

/** @param {HTMLElement} element @param {() => import("./map.js").AlertMark[]} marks @param {(alert: string) => void} [onPress] */
export async function openInset(element, marks, onPress = () => {}) {
  const map = await openMap(element, { plain: true });
  if (!map) return null;
  await map.ready;
  const show = () => map.show(marks(), onPress);
  show();
  keepReadings(map, element, alarmed);
  document.body.addEventListener("htmx:after:swap", show);
  return map;
}
