// The incident page: the joined alerts on the map.
import { openInset } from "./place_marks.js";
import { choose, keepChoice, rows } from "./select.js";

const marks = () => rows().filter((row) => row.dataset.lon).map((row) => ({
  id: row.dataset.alert ?? "", severity: row.dataset.severity ?? "unknown", number: row.dataset.number ?? "",
  lon: Number(row.dataset.lon), lat: Number(row.dataset.lat), label: row.querySelector("h3")?.textContent ?? "", href: "",
}));

keepChoice();
document.body.addEventListener("htmx:after:swap", keepChoice);
document.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest("article[data-alert]") : null;
  if (row instanceof HTMLElement && !(/** @type {Element} */ (event.target).closest("a, button, form"))) choose(row.dataset.alert ?? "");
});
const element = document.getElementById("map");
if (element) openInset(element, marks, (alert) => choose(alert, { focus: true })).then(() => keepChoice());
