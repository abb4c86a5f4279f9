// Which alert the hand is on: one number, shown in list, map and timeline alike.

/** @type {string | null} */
let chosen = null;

/** @returns {HTMLElement[]} the alerts of the list, in its order */
export const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("article[data-alert]")]);

/** @returns {HTMLElement | undefined} the chosen alert in the list */
export const chosenRow = () => rows().find((row) => row.dataset.alert === chosen);

/** @returns {string | null} */
export const chosenAlert = () => chosen;

function mark() {
  for (const element of document.querySelectorAll("[data-alert]")) {
    const is = element.getAttribute("data-alert") === chosen;
    element.toggleAttribute("data-js-chosen", is);
    if (element.matches("article, button")) element.setAttribute("aria-current", String(is));
  }
}

/** @param {string} alert @param {{reveal?: boolean, focus?: boolean}} [how] */
export function choose(alert, { reveal = true, focus = false } = {}) {
  chosen = alert;
  mark();
  const row = chosenRow();
  if (row && reveal) row.scrollIntoView({ block: "nearest" });
  if (row && focus) row.focus({ preventScroll: true });
  document.body.dispatchEvent(new CustomEvent("impetus:chosen", { detail: alert }));
}

/** Keep the choice over a refresh; when its alert is gone, take the first. */
export function keepChoice() {
  const all = rows();
  if (!chosen || !all.some((row) => row.dataset.alert === chosen)) chosen = all[0]?.dataset.alert ?? null;
  mark();
}

/** @param {1 | -1} step */
export function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.dataset.alert === chosen);
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  choose(next.dataset.alert ?? "", { focus: true });
}

const RANKS = ["extreme", "severe", "moderate", "minor", "unknown"];

/** The worst news of each thing on the plan. @returns {Map<string, string>} severity by asset */
export function alarmed() {
  /** @type {Map<string, string>} */
  const worst = new Map();
  for (const row of rows()) {
    const severity = row.dataset.severity ?? "unknown";
    for (const asset of (row.dataset.assets ?? "").split(" ").filter(Boolean)) {
      const before = worst.get(asset);
      if (before === undefined || RANKS.indexOf(severity) < RANKS.indexOf(before)) worst.set(asset, severity);
    }
  }
  return worst;
}
