// Pictures that stay fresh, and time that runs out: `img[data-camera]` is loaded anew, `time[data-left]` counts down.
//
// A picture is replaced only when the next one has come; while the page is hidden nothing is asked for.

import { elapsed, nowMs } from "./clock.js";

const FRESH_MS = 2000;
let count = 0;

/** @param {HTMLImageElement} image */
function refresh(image) {
  const address = image.dataset.camera ?? "";
  const next = new Image();
  next.onload = () => {
    if (!image.isConnected || image.dataset.camera !== address) return;
    image.src = next.src;
    const taken = image.closest("figure")?.querySelector("time[data-taken]");
    if (taken instanceof HTMLTimeElement) taken.dateTime = new Date(nowMs()).toISOString();
  };
  count += 1;
  next.src = `${address}${address.includes("?") ? "&" : "?"}n=${count}`;
}

function refreshAll() {
  if (document.visibilityState !== "visible" || document.documentElement.dataset.line === "lost") return;
  for (const image of document.querySelectorAll("img[data-camera]")) refresh(/** @type {HTMLImageElement} */ (image));
}

function countDown() {
  for (const time of document.querySelectorAll("time[data-left]")) {
    if (!(time instanceof HTMLTimeElement)) continue;
    const seconds = (Date.parse(time.dateTime) - nowMs()) / 1000;
    time.textContent = elapsed(seconds);
    if (seconds <= 0 && !time.dataset.over) {
      time.dataset.over = "yes";
      document.body.dispatchEvent(new CustomEvent("impetus:again"));
    }
  }
}

setInterval(refreshAll, FRESH_MS);
setInterval(countDown, 1000);
countDown();
