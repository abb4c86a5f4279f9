// The keyboard: J and K move, letters act on what is chosen, `?` lists the keys, Escape never loses text.
//
// A letter presses the button that carries it (`data-key`), so a key can never do what no button does. Letters can be
// switched off, as WCAG 2.2 (2.1.4) asks, and do nothing while somebody types.
import { chosenRow, move } from "./select.js";
import { showTabOf } from "./tabs.js";

const OFF = "impetus.keys.off";
const PLACES = { 1: "/", 2: "/alerts", 3: "/incidents" };

/** @param {EventTarget | null} target */
const isTyping = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])"));

/** @param {string} letter @returns {HTMLElement | undefined} the visible control that carries the letter */
function control(letter) {
  const near = chosenRow() ?? document;
  const all = [...near.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`), ...document.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`)];
  return /** @type {HTMLElement[]} */ (all).find((element) => (element.checkVisibility() || element.closest(".desk-panel > .tab[hidden]")) && !element.matches(":disabled") && (near === document || near.contains(element) || !element.closest("article[data-alert]")));
}

/** @param {HTMLElement | undefined} found @returns {boolean} whether there was something to press */
function press(found) {
  if (!found) return false;
  showTabOf(found);
  if (found.matches("input, textarea, select")) found.focus();
  else found.click();
  return true;
}

function showKeys() {
  const dialog = document.getElementById("keys");
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape" && isTyping(event.target)) {
    /** @type {HTMLElement} */ (event.target).blur();
    return;
  }
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    showKeys();
    return;
  }
  if (localStorage.getItem(OFF)) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (key === "J" || key === "K") {
    event.preventDefault();
    move(key === "J" ? 1 : -1);
  } else if (key === "Enter" && event.target instanceof HTMLElement && event.target.matches("article[data-alert], body")) {
    const link = chosenRow()?.querySelector("h3 a");
    if (link instanceof HTMLElement) link.click();
  } else if (/^[A-Z1-9]$/.test(key) && !event.repeat && press(control(key))) {
    event.preventDefault();
  } else if (key in PLACES) {
    location.assign(PLACES[/** @type {keyof PLACES} */ (key)]);
  }
});

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-open-keys]")) showKeys();
});

const toggle = document.querySelector("[data-keys-switch]");
if (toggle instanceof HTMLInputElement) {
  toggle.checked = !localStorage.getItem(OFF);
  toggle.addEventListener("change", () => (toggle.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
