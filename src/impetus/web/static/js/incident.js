// The incident page: the joined alerts on the map, the tabs, and a timeline that only grows.
import { openInset } from "./place_marks.js";
import { choose, keepChoice, rows } from "./select.js";
import { openTabs, showTabOf } from "./tabs.js";

const marks = () => rows().filter((row) => row.dataset.lon).map((row) => ({
  id: row.dataset.alert ?? "", severity: row.dataset.severity ?? "unknown", number: row.dataset.number ?? "",
  lon: Number(row.dataset.lon), lat: Number(row.dataset.lat), label: row.querySelector("h3")?.textContent ?? "", href: "",
}));

/** Put the lines that came above those that are there; when there is a hole between them, show only the new ones. */
function growStory() {
  const staged = document.querySelector("#story-newest .story");
  const shown = document.querySelector("#story .story");
  if (!staged || !shown) return;
  const known = new Set([...shown.children].map((line) => line.getAttribute("data-line")));
  const lines = [...staged.children];
  const fresh = lines.filter((line) => !known.has(line.getAttribute("data-line")));
  if (fresh.length === lines.length && known.size) startAgain(shown, staged);
  else shown.prepend(...fresh);
  staged.remove();
}

/** @param {Element} shown @param {Element} staged */
function startAgain(shown, staged) {
  shown.replaceChildren(...staged.children);
  for (const later of document.querySelectorAll("#story ~ .story")) later.remove();
  const older = document.querySelector("#older a");
  const address = staged.getAttribute("data-older");
  if (!older || !address) return;
  older.setAttribute("href", address);
  older.setAttribute("hx-get", address);
}

keepChoice();
openTabs();
document.body.addEventListener("htmx:after:swap", () => {
  keepChoice();
  growStory();
});
document.body.addEventListener("impetus:chosen", () => showTabOf(/** @type {Element} */ (rows()[0] ?? document.body)));
document.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest("article[data-alert]") : null;
  if (row instanceof HTMLElement && !(/** @type {Element} */ (event.target).closest("a, button, form"))) choose(row.dataset.alert ?? "");
});
const element = document.getElementById("map");
if (element) openInset(element, marks, (alert) => choose(alert, { focus: true })).then(() => keepChoice());
