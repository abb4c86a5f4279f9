// The METHANE report: saved while somebody types, kept on this machine while the server cannot be heard, joined part by part.
//
// Of each part we know what the server said last (`known`) and in which version of the report (`base`). A part whose field
// says something else is unsaved: its words go into localStorage at once and to the server shortly after, with their base,
// so that the server can tell whether somebody else wrote the part meanwhile. Then both wordings stand on the page until
// somebody settles which is right, and the field keeps what was typed into it. Nothing here ever drops typed words.
import { toast } from "./act.js";
import { clockTime, nowMs } from "./clock.js";

const QUIET_MS = 600; // after the last key
const LONGEST_MS = 2000; // after the first unsaved one
const RETRY_MS = 3000;
const SHOWN_TRIES = 10;
const FORGET_MS = 7 * 24 * 3600 * 1000;

/** @typedef {{known: string, base: number, sent: string | null, beside: number}} Part */

const panel = document.getElementById("methane");
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("methane-form"));
const sending = /** @type {HTMLFormElement | null} */ (document.getElementById("methane-send"));
const said = document.getElementById("methane-saved");
const drafts = `impetus.methane.${panel?.dataset.incident}.${panel?.dataset.who}`;

/** @type {Map<string, HTMLInputElement | HTMLSelectElement>} */
const fields = new Map();
/** @type {Map<string, Part>} */
const parts = new Map();
let firstUnsavedMs = 0;
let shownVersion = 0;
let changedByOthers = false;
/** @type {number | undefined} */
let timer;
/** @type {Promise<boolean> | null} */
let saving = null;
/** @type {Set<string>} parts the server refused as they are; an edit clears it */
const refused = new Set();

/** This page's name, the same after a reload: a page is not at odds with its own words. */
function seat() {
  const key = "impetus.seat";
  const own = sessionStorage.getItem(key) ?? Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(key, own);
  return own;
}

/** @param {string} name */
const typed = (name) => fields.get(name)?.value.trim().replace(/\s+/g, " ") ?? "";
/** @param {string} name */
const isUnsaved = (name) => typed(name) !== parts.get(name)?.known;
const unsaved = () => [...fields.keys()].filter(isUnsaved);
/** Unsaved parts the server has not seen in these words. */
const unsent = () => unsaved().filter((name) => parts.get(name)?.sent !== typed(name) && !refused.has(name));

function keep() {
  /** @type {Record<string, {text: string, known: string, base: number}>} */
  const kept = {};
  for (const name of unsaved()) {
    const part = /** @type {Part} */ (parts.get(name));
    kept[name] = { text: typed(name), known: part.known, base: part.base };
  }
  try {
    if (Object.keys(kept).length) localStorage.setItem(drafts, JSON.stringify({ atMs: Date.now(), parts: kept }));
    else localStorage.removeItem(drafts);
  } catch {
    tell("refused", "localStorage"); // full or forbidden: the field itself still holds the words
  }
}

function takeUp() {
  const text = localStorage.getItem(drafts);
  if (!text) return;
  try {
    const kept = JSON.parse(text);
    if (Date.now() - kept.atMs > FORGET_MS) return;
    for (const [name, draft] of Object.entries(kept.parts)) {
      const field = fields.get(name);
      if (!field || field.value === draft.text) continue;
      field.value = draft.text;
      Object.assign(/** @type {Part} */ (parts.get(name)), { known: draft.known, base: draft.base });
    }
  } catch {
    localStorage.removeItem(drafts);
  }
}

/** @param {"saved" | "saving" | "kept" | "refused"} state @param {string} [why] */
function tell(state, why = "") {
  if (!said || !panel) return;
  said.dataset.state = state;
  said.textContent = (panel.dataset[state] ?? "").replace("{time}", clockTime(nowMs())).replace("{why}", why);
}

/** @param {string} address @param {Record<string, string>} body */
async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(body),
    keepalive: true,
    headers: { "HX-Request": "true", Accept: "application/json", "X-CSRF-Token": document.documentElement.dataset.csrf ?? "" },
  });
  return { ok: answer.ok, said: await answer.json() };
}

/** Send what is unsaved, those with the same base together. @returns {Promise<boolean>} whether the server has it all */
async function saveOnce() {
  const names = unsent();
  const bases = new Set(names.map((name) => parts.get(name)?.base ?? 0));
  for (const base of bases) {
    const words = Object.fromEntries(names.filter((name) => parts.get(name)?.base === base).map((name) => [name, typed(name)]));
    const answer = await post(panel?.dataset.methane ?? "", { ...words, base: String(base), seat: seat() });
    if (!answer.ok) {
      Object.keys(words).forEach((name) => refused.add(name));
      tell("refused", [answer.said.detail, answer.said.remedy].filter(Boolean).join(". "));
      return false;
    }
    for (const [name, outcome] of Object.entries(answer.said.joined)) taken(name, words[name], outcome, answer.said.version);
  }
  return true;
}

/** @param {string} name @param {string} text @param {string} outcome @param {number} version */
function taken(name, text, outcome, version) {
  const part = parts.get(name);
  if (!part) return;
  part.sent = text;
  if (outcome === "beside") {
    part.beside = version;
    return;
  }
  part.beside = 0;
  part.known = text;
  if (outcome === "stand" || text) part.base = version;
}

/** @returns {Promise<boolean>} whether the server has everything that was typed */
async function save() {
  clearTimeout(timer);
  while (saving) await saving;
  if (!unsent().length) return unsaved().every((name) => parts.get(name)?.beside);
  firstUnsavedMs = 0;
  tell("saving");
  saving = saveOnce().catch(() => {
    tell("kept");
    timer = setTimeout(save, RETRY_MS);
    return false;
  });
  const ok = await saving;
  saving = null;
  keep();
  if (ok) {
    tell("saved");
    look();
    if (unsent().length) soon();
  }
  return ok;
}

function soon() {
  const now = Date.now();
  firstUnsavedMs ||= now;
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(QUIET_MS, firstUnsavedMs + LONGEST_MS - now)));
}

const look = () => document.body.dispatchEvent(new CustomEvent("methane:look"));

/** Take over what the server has, wherever nothing unsaved stands. */
function join() {
  const truth = document.querySelector("#methane-truth [data-version]");
  if (!(truth instanceof HTMLElement)) return;
  const version = Number(truth.dataset.version);
  shownVersion = version;
  for (const [name, field] of fields) {
    const part = /** @type {Part} */ (parts.get(name));
    const text = truth.querySelector(`[data-part="${name}"]`)?.textContent ?? "";
    const open = document.querySelector(`.methane-two[data-part="${name}"][data-seat="${seat()}"]`);
    const isSettled = part.beside > 0 && part.beside <= version && !open && typed(name) === part.sent;
    if (version < part.base) continue;
    if (!isUnsaved(name) || isSettled || typed(name) === text) {
      if (typed(name) !== text) {
        field.value = text;
        changedByOthers = true;
      }
      Object.assign(part, { known: text, base: version, beside: 0 });
    } else if (text === part.known) part.base = version;
  }
  keep();
}

/** Wait until the page shows what the server has after our own words. @returns {Promise<boolean>} whether it still says what was seen */
async function shown() {
  const newest = Math.max(...[...parts.values()].map((part) => part.base));
  changedByOthers = false;
  for (let tries = 0; shownVersion < newest && tries < SHOWN_TRIES; tries += 1) {
    look();
    await new Promise((resume) => setTimeout(resume, QUIET_MS / 2));
  }
  return shownVersion >= newest && !changedByOthers;
}

/** @param {SubmitEvent | null} event */
async function send(event) {
  event?.preventDefault();
  if (!sending || sending.getAttribute("aria-busy") === "true") return;
  sending.setAttribute("aria-busy", "true");
  try {
    if (!(await save()) || !(await shown())) {
      toast(panel?.dataset.unsent ?? "", { refused: true });
      return;
    }
    const to = new FormData(sending).get("to");
    const answer = await post(sending.action, { to: String(to ?? ""), version: String(shownVersion) });
    if (answer.ok) toast(answer.said.said);
    else toast([answer.said.detail, answer.said.remedy].filter(Boolean).join(". "), { refused: true });
    look();
  } catch {
    toast(panel?.dataset.unsent ?? "", { refused: true });
  } finally {
    sending.removeAttribute("aria-busy");
  }
}

/** @param {KeyboardEvent} event */
function keys(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) {
    send(null);
    return;
  }
  const all = [...fields.values()];
  const next = all[all.indexOf(/** @type {HTMLInputElement} */ (event.target)) + 1];
  (next ?? sending?.querySelector("button"))?.focus();
}

/** @param {Event} event */
function changed(event) {
  const name = event.target instanceof HTMLElement ? event.target.getAttribute("name") : null;
  if (!name || !parts.has(name)) return;
  refused.delete(name);
  if (isUnsaved(name)) tell("saving");
  keep();
  soon();
}

function start() {
  if (!panel || !form) return;
  const version = Number(/** @type {HTMLInputElement} */ (form.elements.namedItem("base")).value);
  for (const row of form.querySelectorAll("[data-part]")) {
    const field = row.querySelector("select, input:not([type=hidden])");
    const name = row.getAttribute("data-part") ?? "";
    const known = /** @type {HTMLInputElement} */ (form.elements.namedItem(`was_${name}`)).value;
    fields.set(name, /** @type {HTMLInputElement} */ (field));
    parts.set(name, { known, base: version, sent: null, beside: 0 });
    /** @type {HTMLInputElement} */ (field).value = known; // browsers fill forms in again after a reload, from before
  }
  takeUp();
  join();
  if (unsaved().length) soon();
  form.addEventListener("input", changed);
  form.addEventListener("focusout", () => unsent().length && save());
  form.addEventListener("keydown", keys);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  sending?.addEventListener("submit", send);
  document.body.addEventListener("htmx:after:swap", join);
  document.body.addEventListener("impetus:again", () => unsent().length && save());
  document.body.addEventListener("impetus:methane", look);
  addEventListener("online", () => unsent().length && save());
  addEventListener("pagehide", () => {
    keep();
    if (unsent().length) save();
  });
}

start();
