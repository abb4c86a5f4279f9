// Plane geometry on a few hundred metres of WGS 84: good to a centimetre at the size of a square.

const EARTH_RADIUS_M = 6371008.8;
const DEGREE = Math.PI / 180;
const CONE_STEPS = 16;

/** @typedef {[number, number]} Place longitude and latitude in degrees */

/** @param {Place} from @param {number} headingDeg clockwise from north @param {number} distanceM @returns {Place} */
export function moved([lon, lat], headingDeg, distanceM) {
  const north = distanceM * Math.cos(headingDeg * DEGREE);
  const east = distanceM * Math.sin(headingDeg * DEGREE);
  return [lon + east / (EARTH_RADIUS_M * Math.cos(lat * DEGREE) * DEGREE), lat + north / (EARTH_RADIUS_M * DEGREE)];
}

/** The field of view of a camera as a ring. @param {Place} from @param {number} headingDeg @param {number} spanDeg @param {number} rangeM @returns {Place[]} */
export function cone(from, headingDeg, spanDeg, rangeM) {
  /** @type {Place[]} */
  const ring = [from];
  for (let step = 0; step <= CONE_STEPS; step += 1) {
    ring.push(moved(from, headingDeg - spanDeg / 2 + (spanDeg * step) / CONE_STEPS, rangeM));
  }
  ring.push(from);
  return ring;
}

/** @param {any} geometry of a GeoJSON feature @returns {Place[]} all its places */
export function places(geometry) {
  const found = geometry?.coordinates?.flat(Infinity) ?? [];
  return Array.from({ length: found.length / 2 }, (_, at) => /** @type {Place} */ ([found[2 * at], found[2 * at + 1]]));
}

/** @param {Place[]} all @returns {[number, number, number, number] | null} west, south, east, north */
export function bounds(all) {
  if (!all.length) return null;
  const lons = all.map((place) => place[0]);
  const lats = all.map((place) => place[1]);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** @param {any} geometry @returns {Place} the middle of its bounds */
export function middle(geometry) {
  const [west, south, east, north] = bounds(places(geometry)) ?? [0, 0, 0, 0];
  return [(west + east) / 2, (south + north) / 2];
}
