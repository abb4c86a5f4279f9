// What every page runs. Each module keeps one idea; order does not matter.
import "../vendor/htmx.js";
import "./clock.js";
import "./theme.js";
import "./keys.js";
import "./act.js";
import "./dialogs.js";
import "./sound.js";
import { follow } from "./live.js";
import { keepNotes } from "./notes.js";
import { getReady } from "./offline.js";

if ("live" in document.documentElement.dataset) {
  follow();
  keepNotes();
  getReady();
}
