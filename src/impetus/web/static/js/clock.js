// The clock with seconds, and every age on the page, kept true once a second.

const root = document.documentElement;
const clock = document.getElementById("clock");
const madeMs = Number(root.dataset.keptMs) || Date.now(); // a page kept for the time without the server is older than now
const skewMs = clock instanceof HTMLTimeElement ? Date.parse(clock.dateTime) - madeMs : 0;
const timeOfDay = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: root.dataset.zone || "UTC",
});

/** The server's time: a seat's own clock may be wrong. @returns {number} milliseconds since the epoch */
export const nowMs = () => Date.now() + skewMs;

/** @param {number} ms @returns {string} time of day with seconds at the installation */
export const clockTime = (ms) => timeOfDay.format(ms);

/** @param {number} seconds @returns {string} the span in its largest whole unit: `11 s`, `3 min`, `5 h`, `2 d` */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}

/** @param {number} seconds @returns {string} a running span with its seconds: `1 min 04 s`, `2 h 07 min` */
export function elapsed(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function tick() {
  const now = nowMs();
  if (clock) clock.textContent = clockTime(now);
  for (const [selector, words] of /** @type {const} */ ([["time[data-age]", span], ["time[data-elapsed]", elapsed]])) {
    for (const time of document.querySelectorAll(selector)) {
      const text = words((now - Date.parse(/** @type {HTMLTimeElement} */ (time).dateTime)) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
  }
  setTimeout(tick, 1000 - (nowMs() % 1000));
}
tick();
document.body.addEventListener("htmx:after:swap", () => tickOnce());
function tickOnce() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    time.textContent = span((nowMs() - Date.parse(/** @type {HTMLTimeElement} */ (time).dateTime)) / 1000);
  }
}
