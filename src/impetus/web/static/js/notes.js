// Notes of the timeline: written down in this browser first, then sent one by one in their order, each under a key of its
// own, so that a note sent twice stands once and none is lost when the line or the server goes while it is on its way.
//
// A note belongs to the account that wrote it: nobody else's page shows or sends it. What the server refuses stays, with
// the reason, until its author forgets it.
import { toast } from "./act.js";
import { clockTime, nowMs } from "./clock.js";

/** @typedef {{key: string, incident: string, text: string, ms: number, refused?: string}} Note */

const root = document.documentElement;
const PLACE = `impetus.notes.${root.dataset.account ?? ""}`;
const MOST = 200;
const LATE_MS = 10_000; // a note older than this says when it was written
const AGAIN_MS = 15_000;
const list = document.getElementById("waiting-notes");

/** @returns {Note[]} */
const waiting = () => JSON.parse(localStorage.getItem(PLACE) ?? "[]");

/** @param {Note[]} notes */
function store(notes) {
  if (notes.length) localStorage.setItem(PLACE, JSON.stringify(notes));
  else localStorage.removeItem(PLACE);
  show();
}

/** @returns {string} 32 random hexadecimal digits; `randomUUID` is not there on plain HTTP */
const freshKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

let busy = false;
/** Let one window at a time send. Without locks (plain HTTP) the key keeps a note from standing twice. @param {() => Promise<void>} work */
async function alone(work) {
  if (busy) return;
  busy = true;
  try {
    if (navigator.locks) await navigator.locks.request(PLACE, work);
    else await work();
  } finally {
    busy = false;
  }
}

/** @param {Note} note @returns {HTMLLIElement} */
function line(note) {
  const row = document.createElement("li");
  const when = Object.assign(document.createElement("span"), { className: "when", textContent: clockTime(note.ms) });
  const words = document.createElement("div");
  words.append(Object.assign(document.createElement("strong"), { textContent: note.text }));
  const template = note.refused ? list?.dataset.refused : list?.dataset.waits;
  const said = (template ?? "").replace("{time}", clockTime(note.ms)).replace("{why}", note.refused ?? "");
  words.append(Object.assign(document.createElement("p"), { className: "small dim", textContent: said }));
  if (note.refused) {
    const forget = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: list?.dataset.forget ?? "" });
    forget.addEventListener("click", () => store(waiting().filter((each) => each.key !== note.key)));
    words.append(forget);
  }
  row.append(when, words);
  return row;
}

function show() {
  if (!list) return;
  const here = document.querySelector("form[data-note]")?.getAttribute("data-note");
  const mine = waiting().filter((note) => !here || note.incident === here);
  list.hidden = !mine.length;
  list.replaceChildren(...mine.reverse().map(line));
}

/** @param {Note} note @returns {Promise<"sent" | "later" | string>} the refusal's words otherwise */
async function send(note) {
  const fields = { text: note.text, key: note.key, written: nowMs() - note.ms > LATE_MS ? new Date(note.ms).toISOString() : "" };
  try {
    const answer = await fetch(`/incidents/${note.incident}/note`, {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "manual",
      headers: { "HX-Request": "true", Accept: "application/json", "X-CSRF-Token": root.dataset.csrf ?? "" },
    });
    if (answer.ok) return "sent";
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 429 || answer.status >= 500) return "later";
    const problem = await answer.json();
    if (problem.rule === "form-token" || problem.rule === "session") return "later";
    return [problem.detail ?? problem.title, problem.remedy].filter(Boolean).join(". ") || String(answer.status);
  } catch {
    return "later";
  }
}

/** Send what waits, the oldest first; one window at a time. */
async function flush() {
  if (!waiting().some((note) => !note.refused)) return;
  await alone(async () => {
    let sent = 0;
    for (const note of waiting().filter((each) => !each.refused)) {
      const said = await send(note);
      if (said === "later") break;
      if (said === "sent") sent += 1;
      else toast(said, { refused: true });
      store(waiting().flatMap((each) => (each.key !== note.key ? [each] : said === "sent" ? [] : [{ ...each, refused: said }])));
    }
    if (sent) document.body.dispatchEvent(new CustomEvent("impetus:again"));
  });
}

/** @param {HTMLFormElement} form */
function take(form) {
  const field = form.elements.namedItem("text");
  if (!(field instanceof HTMLInputElement) || !field.value.trim()) return;
  const notes = waiting();
  if (notes.length >= MOST) {
    toast(list?.dataset.full ?? "", { refused: true });
    return;
  }
  store([...notes, { key: freshKey(), incident: form.dataset.note ?? "", text: field.value.trim(), ms: nowMs() }]);
  form.reset();
  flush();
}

let warned = false;
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.dataset.note) {
    event.preventDefault();
    event.stopImmediatePropagation();
    take(form);
  } else if (form.getAttribute("action") === "/sign-out" && waiting().length && !warned) {
    event.preventDefault();
    warned = true;
    toast((document.getElementById("toasts")?.dataset.notesWords ?? "").replace("{count}", String(waiting().length)), { refused: true });
  }
}, true);

/** Show what waits and send it whenever the line is there. */
export function keepNotes() {
  show();
  flush();
  document.body.addEventListener("impetus:again", flush);
  addEventListener("online", flush);
  addEventListener("storage", show);
  setInterval(flush, AGAIN_MS);
}
