// Sound on request: a short figure per severity, only after somebody asked for it on this seat.

const ON = "impetus.sound";
/** Notes in Hz: more notes for what is worse, rising for what is urgent. @type {Record<string, number[]>} */
const FIGURES = { extreme: [880, 660, 880, 660, 880], severe: [740, 880, 740], moderate: [660, 740], minor: [587], unknown: [587] };
const NOTE_S = 0.16;
const MUTE_MS = 1500;

/** @type {AudioContext | null} */
let audio = null;
let playedMs = 0;
const button = document.querySelector("[data-sound]");

/** @param {string} severity */
export function play(severity) {
  if (!audio || Date.now() - playedMs < MUTE_MS) return;
  playedMs = Date.now();
  const loudness = audio.createGain();
  loudness.gain.value = 0.12;
  loudness.connect(audio.destination);
  (FIGURES[severity] ?? FIGURES.unknown).forEach((hertz, place) => {
    const note = /** @type {AudioContext} */ (audio).createOscillator();
    note.frequency.value = hertz;
    note.connect(loudness);
    const start = /** @type {AudioContext} */ (audio).currentTime + place * NOTE_S * 1.25;
    note.start(start);
    note.stop(start + NOTE_S);
  });
}

/** @param {boolean} on */
function set(on) {
  audio = on ? (audio ?? new AudioContext()) : null;
  button?.setAttribute("aria-pressed", String(on));
  if (on) localStorage.setItem(ON, "1");
  else localStorage.removeItem(ON);
}

button?.addEventListener("click", () => {
  set(!audio);
  play("minor");
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if (event.key.toLowerCase() === "m" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && button instanceof HTMLElement) button.click();
});
if (localStorage.getItem(ON)) document.addEventListener("pointerdown", () => set(true), { once: true });

document.body.addEventListener("impetus:alert", (event) => {
  const facts = /** @type {CustomEvent} */ (event).detail?.facts ?? {};
  if (facts.sound && !facts.paced) play(String(facts.severity ?? "unknown"));
});
// An alert that asks for attention comes with a card for one seat, or for all when nobody has sat down: nobody else hears it.
document.body.addEventListener("impetus:ask", (event) => {
  const facts = /** @type {CustomEvent} */ (event).detail?.facts ?? {};
  if (!facts.seat || facts.seat === document.documentElement.dataset.seat) play(String(facts.severity ?? "unknown"));
});
