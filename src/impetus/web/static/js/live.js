// The line to the server: one stream of server-sent events, resumed where it broke off, and honest about its state.
//
// Read with fetch rather than EventSource, because heartbeats are comments, which EventSource hides: a line that is
// open but dead would look alive. Events become DOM events `impetus:alert`, `impetus:incident`, … on the body;
// `impetus:again` says that something may have been missed and everything should be read afresh.
import { clockTime, nowMs } from "./clock.js";

const SILENCE_MS = 12000; // two heartbeats of five seconds and a little
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10000;

const keptMs = Number(document.documentElement.dataset.keptMs) ? Date.parse(document.querySelector("#clock")?.getAttribute("datetime") ?? "") : 0;
const chip = document.getElementById("line");
const words = chip?.querySelector("[data-js-text]");
/** @type {{state: "waiting" | "live" | "lost", heardMs: number, lastId: string}} */
const line = { state: "waiting", heardMs: keptMs || nowMs(), lastId: "" };

/** @param {string} name @param {unknown} [detail] */
function tell(name, detail) {
  document.body.dispatchEvent(new CustomEvent(`impetus:${name}`, { detail }));
}

function show() {
  if (!chip || !words) return;
  chip.dataset.line = line.state;
  document.documentElement.dataset.line = line.state;
  if (line.state === "waiting") return;
  const template = line.state === "live" ? chip.dataset.liveWords : chip.dataset.lostWords;
  const text = (template ?? "")
    .replace("{age}", ((nowMs() - line.heardMs) / 1000).toFixed(1))
    .replace("{time}", clockTime(line.heardMs));
  if (words.textContent !== text) words.textContent = text;
  chip.setAttribute("aria-live", line.state === "live" ? "off" : "polite");
}

function heard() {
  line.heardMs = nowMs();
  if (line.state === "live") return;
  const wasLost = line.state === "lost";
  line.state = "live";
  if (wasLost) tell("again");
  show();
}

function lost() {
  if (line.state !== "lost") {
    line.state = "lost";
    tell("lost");
  }
  show();
}

/** @param {string} block one event as text */
function take(block) {
  let name = "message";
  let data = "";
  for (const row of block.split("\n")) {
    if (row.startsWith("id:")) line.lastId = row.slice(3).trim();
    else if (row.startsWith("event:")) name = row.slice(6).trim();
    else if (row.startsWith("data:")) data += row.slice(5).trim();
  }
  if (!data) return;
  if (name === "gap") tell("again");
  else tell(name, JSON.parse(data));
}

class Refusal extends Error {}

/** Read one stream to its end. Throws when it breaks or falls silent. */
async function listen() {
  const stop = new AbortController();
  const openedMs = nowMs();
  const watch = setInterval(() => nowMs() - Math.max(openedMs, line.heardMs) > SILENCE_MS && stop.abort(), 1000);
  try {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream" };
    if (line.lastId) headers["Last-Event-ID"] = line.lastId;
    const answer = await fetch("/api/v1/events", { headers, signal: stop.signal, cache: "no-store" });
    if (answer.status === 401) location.reload(); // the session is over: the server shows the way on
    if (answer.status === 403) throw new Refusal(); // this role is not told of changes
    if (!answer.ok || !answer.body) throw new Error(`events answered ${answer.status}`);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop() ?? "";
      blocks.forEach(take);
    }
  } finally {
    clearInterval(watch);
  }
}

/** Follow the server for as long as the page is open. */
export async function follow() {
  line.lastId = document.querySelector("[data-change]")?.getAttribute("data-change") ?? "";
  setInterval(show, 500);
  let leaving = false;
  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
  for (let waitMs = FIRST_WAIT_MS; ; ) {
    const openedMs = nowMs();
    try {
      await listen();
    } catch (error) {
      if (error instanceof Refusal) {
        if (chip) chip.hidden = true;
        return;
      }
      // Anything else is shown as a lost line below; the next round tries again.
    }
    if (!leaving) lost();
    waitMs = nowMs() - openedMs > SILENCE_MS ? FIRST_WAIT_MS : Math.min(2 * waitMs, LONGEST_WAIT_MS);
    await new Promise((resume) => setTimeout(resume, waitMs));
  }
}
