// What stays usable when the server is gone: pages the server marked to be kept, the last masked picture, our own files.
//
// The server decides what may be kept: only answers with `Impetus-Keep: <account>` are, one cache for one account, and the
// cache of another account goes before anything is written. It goes, too, at sign-out and whenever the sign-in page is
// shown. Answers come from the network first; what is kept is shown only when there is no network, and only for half a day.
// A kept page carries the moment it was kept (`data-kept-ms`), so that every age on it stays true.
// It shows notices that arrive by web push (`adapters/notices/web_push.py`), too; they lead to our own pages only.

const VERSION = new URL(self.location.href).pathname.split("/")[2] ?? "";
const FILES = `impetus-files-${VERSION}`;
const KEPT = "impetus-kept-";
const KEPT_AT = "impetus-kept-at";
const TITLE = "impetus-title";
const OLDEST_MS = 12 * 3600 * 1000; // a shift and a half: longer than anybody watches one screen
const PICTURE_MS = 5000; // cameras are asked every two seconds; one kept picture in five is fresh enough
const PATIENCE_MS = 8000; // a server that says nothing for so long is gone
const LONGEST_KEPT = 80; // answers kept for one account
/** @type {Map<string, number>} */
const keptMs = new Map();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(start()));

async function start() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("impetus-files-") && name !== FILES).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** Forget everything kept, but for one account. @param {string} [account] */
async function forget(account = "") {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(KEPT) && name !== KEPT + account).map((name) => caches.delete(name)));
}

/** The address without what only makes it fresh. @param {string} address */
function plain(address) {
  const url = new URL(address);
  url.searchParams.delete("n");
  url.hash = "";
  return url.href;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.method === "POST" && url.pathname === "/sign-out") {
    event.respondWith(signOut(event.request));
  } else if (event.request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(file(event.request));
  } else if (event.request.method === "GET" && url.pathname !== "/api/v1/events" && !event.request.headers.has("range")) {
    event.respondWith(first(event));
  }
});

/** What was kept goes even when the server does not hear that somebody left. @param {Request} request */
async function signOut(request) {
  try {
    return await fetch(request);
  } finally {
    await forget();
  }
}

/** Our own files never change under one address. @param {Request} request */
async function file(request) {
  const cache = await caches.open(FILES);
  const found = await cache.match(request.url);
  if (found) return found;
  const answer = await fetch(request).catch(() => caches.match(request.url));
  if (!answer) return Response.error();
  if (answer.ok && new URL(request.url).pathname.startsWith(`/static/${VERSION}/`)) await cache.put(request.url, answer.clone());
  return answer;
}

/** The network, and what is kept where there is none. @param {any} event */
async function first(event) {
  const { request } = event;
  try {
    const answer = await patient(request);
    if (request.mode === "navigate" && new URL(request.url).pathname === "/sign-in") event.waitUntil(forget());
    const account = answer.headers.get("impetus-keep");
    if (answer.ok && account) event.waitUntil(keep(request.url, account, answer.clone()));
    return answer;
  } catch {
    return (await kept(plain(request.url))) ?? (request.mode === "navigate" ? await kept(new URL("/offline", self.location.origin).href) : undefined) ?? Response.error();
  }
}

/** Fetch, and give up on a page when the server says nothing. @param {Request} request */
async function patient(request) {
  if (request.mode !== "navigate") return fetch(request);
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("late")), PATIENCE_MS));
  return Promise.race([fetch(request), late]);
}

/** @param {string} address @param {string} account @param {Response} answer */
async function keep(address, account, answer) {
  const name = plain(address);
  const now = Date.now();
  const isPicture = (answer.headers.get("content-type") ?? "").startsWith("image/");
  if (isPicture && now - (keptMs.get(name) ?? 0) < PICTURE_MS) return;
  keptMs.set(name, now);
  await forget(account);
  const headers = new Headers({ "content-type": answer.headers.get("content-type") ?? "", [KEPT_AT]: String(now) });
  let body = /** @type {BodyInit} */ (await answer.blob());
  if (headers.get("content-type")?.startsWith("text/html")) {
    const text = await /** @type {Blob} */ (body).text();
    headers.set(TITLE, encodeURIComponent(/<title>([^<]*)<\/title>/.exec(text)?.[1] ?? ""));
    body = text.replace("<html ", `<html data-kept-ms="${now}" `);
  }
  for (const policy of ["content-security-policy", "x-content-type-options", "referrer-policy"]) headers.set(policy, answer.headers.get(policy) ?? "");
  const cache = await caches.open(KEPT + account);
  await cache.put(name, new Response(body, { headers }));
  const all = await cache.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - LONGEST_KEPT)).map((request) => cache.delete(request)));
}

/** @param {string} address @returns {Promise<Response | undefined>} */
async function kept(address) {
  for (const name of (await caches.keys()).filter((each) => each.startsWith(KEPT))) {
    const found = await (await caches.open(name)).match(address);
    if (found && Date.now() - Number(found.headers.get(KEPT_AT)) < OLDEST_MS) return found;
  }
  return undefined;
}

const ANSWER = "answer";
const CALLS = "/on-call"; // where everything somebody is asked stands, whatever a message says
const LONGEST_TITLE = 300;

self.addEventListener("push", (event) => event.waitUntil(tell(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { link, answer } = event.notification.data ?? {};
  event.waitUntil(show(ours(event.action === ANSWER ? answer : link)));
});

/** The address when it is one of our own, else the page of calls: no message leads anywhere else. @param {unknown} address */
function ours(address) {
  const calls = new URL(CALLS, self.location.origin).href;
  try {
    const url = new URL(String(address));
    return url.origin === self.location.origin && !url.username ? url.href : calls;
  } catch {
    return calls;
  }
}

/** What a message says; one that cannot be read is still a call. @param {any} content */
function read(content) {
  try {
    const said = content.json();
    return typeof said?.title === "string" ? said : {};
  } catch {
    return {};
  }
}

/** Show a notice. The same id again replaces what it showed; it stays until somebody answers. @param {any} content */
async function tell(content) {
  const said = read(content);
  const at = Date.parse(said.at);
  await self.registration.showNotification((said.title ?? "Somebody is asked to come").slice(0, LONGEST_TITLE), {
    body: said.simulated ? "Simulated" : "",
    tag: typeof said.id === "string" ? said.id : CALLS,
    timestamp: Number.isNaN(at) ? Date.now() : at,
    requireInteraction: true,
    actions: said.answer_link ? [{ action: ANSWER, title: "I have it" }] : [],
    data: { link: ours(said.link), answer: ours(said.answer_link) },
  });
}

/** Bring the page to the front, in its own tab when it is open already. @param {string} address */
async function show(address) {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = open.find((client) => client.url === address);
  return there ? there.focus() : self.clients.openWindow(address);
}
