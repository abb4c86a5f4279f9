// Every sensor as one mark of a dense grid: shape and light say how it stands, arrow keys move, Enter opens.
//
// Ten thousand marks are drawn on one canvas; for assistive technology the grid is a slider through the sensors, whose value
// is the sensor's own line, read from the server when the cursor rests.
import { token } from "./theme.js";

const REST_MS = 150;
const REFRESH_MS = 15000;
const LARGEST = 40;
const SMALLEST = 7;
const STATE = { LEARNING: 0, CALM: 1, STRANGE: 2, FAULT: 3, SILENT: 4, UNJUDGED: 255 };

/** @param {CanvasRenderingContext2D} pen @param {number} code @param {number} x of the middle @param {number} y @param {number} size */
function drawMark(pen, code, x, y, size) {
  const half = size * 0.4;
  pen.lineWidth = Math.max(1, size / 9);
  if (code === STATE.FAULT) {
    pen.fillStyle = token("text");
    pen.fillRect(x - half, y - half, 2 * half, 2 * half);
  } else if (code === STATE.SILENT) {
    pen.strokeStyle = token("text");
    pen.strokeRect(x - half + 0.5, y - half + 0.5, 2 * half - 1, 2 * half - 1);
  } else if (code === STATE.STRANGE) {
    pen.fillStyle = token("crowd-3");
    pen.beginPath();
    pen.moveTo(x, y - half);
    pen.lineTo(x + half, y + half);
    pen.lineTo(x - half, y + half);
    pen.fill();
  } else if (code === STATE.LEARNING) {
    pen.strokeStyle = token("edge");
    pen.beginPath();
    pen.arc(x, y, half * 0.6, 0, 7);
    pen.stroke();
  } else if (code === STATE.CALM) {
    const dot = Math.max(1.2, size * 0.17);
    pen.fillStyle = token("edge");
    pen.fillRect(x - dot, y - dot, 2 * dot, 2 * dot);
  } else {
    pen.fillStyle = token("edge");
    pen.fillRect(x - half, y - 0.5, 2 * half, 1);
  }
}

class Grid {
  /** @param {HTMLElement} box @param {HTMLElement} said */
  constructor(box, said) {
    this.box = box;
    this.said = said;
    this.canvas = /** @type {HTMLCanvasElement} */ (box.querySelector("canvas"));
    /** @type {number[]} */
    this.ids = [];
    this.codes = new Uint8Array();
    this.at = 0;
    this.pointed = -1;
    this.rest = 0;
    new ResizeObserver(() => this.draw()).observe(box);
    document.body.addEventListener("impetus:theme", () => this.draw());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("focus", () => this.#rest());
    box.addEventListener("blur", () => this.draw());
    box.addEventListener("pointermove", (event) => this.#point(event));
    box.addEventListener("pointerleave", () => this.#leave());
    box.addEventListener("click", (event) => {
      const place = this.#under(event);
      if (place >= 0) location.assign(`/sensors/${this.ids[place]}`);
    });
  }

  /** @param {{ids: number[], codes: string}} told */
  take(told) {
    const chosen = this.ids[this.at];
    this.ids = told.ids;
    this.codes = Uint8Array.from(atob(told.codes), (letter) => letter.charCodeAt(0));
    this.at = Math.max(0, this.ids.indexOf(chosen));
    this.box.setAttribute("aria-valuemax", String(this.ids.length));
    this.draw();
    this.box.setAttribute("data-drawn", "");
  }

  draw() {
    const width = this.box.clientWidth;
    const room = Math.max(180, innerHeight * 0.52);
    const count = this.ids.length;
    if (!count || !width) return;
    this.size = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(Math.sqrt((width * room) / count))));
    this.columns = Math.max(1, Math.floor(width / this.size));
    const rows = Math.ceil(count / this.columns);
    const scale = devicePixelRatio;
    this.canvas.width = this.columns * this.size * scale;
    this.canvas.height = rows * this.size * scale;
    const pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, rows * this.size);
    this.canvas.style.width = `${this.columns * this.size}px`;
    for (let place = 0; place < count; place += 1) {
      drawMark(pen, this.codes[place], ((place % this.columns) + 0.5) * this.size, (Math.floor(place / this.columns) + 0.5) * this.size, this.size);
    }
    const shown = this.pointed >= 0 ? this.pointed : document.activeElement === this.box ? this.at : -1;
    if (shown < 0) return;
    pen.strokeStyle = token("here");
    pen.lineWidth = 2;
    pen.strokeRect((shown % this.columns) * this.size + 1, Math.floor(shown / this.columns) * this.size + 1, this.size - 2, this.size - 2);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns, PageDown: 10 * this.columns, PageUp: -10 * this.columns, Home: -this.ids.length, End: this.ids.length });
    if (event.key === "Enter" && this.ids.length) {
      location.assign(`/sensors/${this.ids[this.at]}`);
    } else if (event.key in steps) {
      this.at = Math.max(0, Math.min(this.ids.length - 1, this.at + steps[event.key]));
      this.#rest();
    } else return;
    event.preventDefault();
  }

  /** @param {MouseEvent} event @returns {number} */
  #under(event) {
    const frame = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - frame.left) / this.size);
    const place = Math.floor((event.clientY - frame.top) / this.size) * this.columns + column;
    return column >= 0 && column < this.columns && place >= 0 && place < this.ids.length ? place : -1;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const place = this.#under(event);
    if (place === this.pointed) return;
    this.pointed = place;
    this.#rest(place);
  }

  #leave() {
    this.pointed = -1;
    this.draw();
  }

  /** Draw at once; read the sensor's line once the cursor rests. @param {number} [place] */
  #rest(place = this.at) {
    this.draw();
    clearTimeout(this.rest);
    if (place < 0) return;
    this.rest = setTimeout(async () => {
      const answer = await fetch(`/sensors/${this.ids[place]}/said`).catch(() => null);
      if (!answer?.ok) return;
      const { text } = await answer.json();
      this.said.textContent = text;
      if (place === this.at) {
        this.box.setAttribute("aria-valuenow", String(place + 1));
        this.box.setAttribute("aria-valuetext", text);
      }
    }, REST_MS);
  }
}

/** @param {Grid} grid @param {string} address */
async function keep(grid, address) {
  if (document.visibilityState === "visible") {
    const answer = await fetch(address).catch(() => null);
    if (answer?.status === 403) return;
    if (answer?.ok) grid.take(await answer.json());
  }
  setTimeout(() => keep(grid, address), REFRESH_MS);
}

const box = document.getElementById("grid");
const said = document.querySelector("[data-said]");
if (box && said instanceof HTMLElement) keep(new Grid(box, said), box.dataset.grid ?? "");
