// The page of city systems: their map.
import { keepCity } from "./city_marks.js";
import { openMap } from "./map.js";

const element = document.getElementById("map");
if (element) {
  const map = await openMap(element, { plain: true });
  await map?.ready;
  if (map) await keepCity(map, element.dataset.city ?? "", element.dataset.simulated ?? "");
}
