// Getting ready for the time without the server: what this account may need is asked for once, and again when it changed.
//
// The server names the pages (`/offline/keep`); the service worker keeps what the server marks. Pictures are never asked
// for here: only what a person really looked at is kept, because a look is written into the log.
import { nowMs } from "./clock.js";

const EVERY_MS = 60_000;
const root = document.documentElement;
/** @type {Map<string, string>} */
const known = new Map();
let asked = 0;

async function prepare() {
  if (nowMs() - asked < EVERY_MS / 3 || root.dataset.line === "lost") return;
  asked = nowMs();
  const answer = await fetch("/offline/keep", { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  for (const { path, version } of (await answer.json()).pages) {
    if (known.get(path) === version) continue;
    const page = await fetch(path).catch(() => null);
    if (page?.ok) known.set(path, version);
  }
}

/** On a kept page, give each picture the age of what is really shown. */
async function tellAges() {
  for (const image of document.querySelectorAll("img[data-camera]")) {
    const answer = await fetch(image.getAttribute("data-camera") ?? "").catch(() => null);
    const at = Number(answer?.headers.get("impetus-kept-at"));
    const taken = image.closest("figure")?.querySelector("time[data-taken]");
    if (at && taken instanceof HTMLTimeElement) taken.dateTime = new Date(at + nowMs() - Date.now()).toISOString();
  }
}

/** Write the list of what is kept, newest first. @param {HTMLElement} list */
async function listKept(list) {
  const found = [];
  for (const name of (await caches.keys()).filter((each) => each === `impetus-kept-${root.dataset.account}`)) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      const title = decodeURIComponent(answer?.headers.get("impetus-title") ?? "");
      if (title) found.push({ title, path: new URL(request.url).pathname, at: Number(answer?.headers.get("impetus-kept-at")) });
    }
  }
  found.sort((a, b) => b.at - a.at);
  list.replaceChildren(...found.filter(({ path }) => path !== "/offline").map(({ title, path, at }) => {
    const row = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: path, textContent: title, className: "grow" });
    const age = Object.assign(document.createElement("time"), { dateTime: new Date(at + nowMs() - Date.now()).toISOString(), className: "value" });
    age.dataset.age = "";
    row.append(link, age);
    return row;
  }));
}

/** Start: only where somebody is signed in and the browser can. */
export async function getReady() {
  if (!("serviceWorker" in navigator) || !root.dataset.sw) return;
  await navigator.serviceWorker.register(root.dataset.sw, { scope: "/" }).catch(() => null);
  await navigator.serviceWorker.ready;
  const list = document.getElementById("kept-pages");
  if (root.dataset.keptMs) await tellAges();
  await prepare();
  if (list) await listKept(list);
  setInterval(() => document.visibilityState === "visible" && prepare(), EVERY_MS);
  document.body.addEventListener("impetus:incident", () => setTimeout(prepare, 2000));
}
