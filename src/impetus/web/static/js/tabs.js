// One thing at a time: sections `.tab` of a panel become tabs, with arrow keys and with `[` and `]` from anywhere.
//
// The choice stays over reloads of the page and over changes from the server; a key that belongs to something inside a
// tab that is not shown brings its tab first (`showTabOf`).

const CHOSEN = "impetus.tab";
const list = document.getElementById("tabs");
const panels = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".desk-panel > .tab")]);

/** @param {HTMLElement} panel @returns {HTMLButtonElement} */
function button(panel) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "tab-button";
  made.id = `${panel.id}-button`;
  made.setAttribute("role", "tab");
  made.setAttribute("aria-controls", panel.id);
  made.append(panel.querySelector("h2")?.textContent ?? "");
  made.addEventListener("click", () => show(panel));
  return made;
}

/** @param {HTMLElement} panel @param {{focus?: boolean}} [how] */
function show(panel, { focus = false } = {}) {
  for (const each of panels) {
    const is = each === panel;
    each.hidden = !is;
    const control = document.getElementById(`${each.id}-button`);
    control?.setAttribute("aria-selected", String(is));
    control?.setAttribute("tabindex", is ? "0" : "-1");
    if (is && focus) control?.focus();
  }
  sessionStorage.setItem(CHOSEN, panel.id);
}

/** @param {number} step @param {{focus?: boolean}} [how] */
function move(step, how) {
  const at = panels.findIndex((panel) => !panel.hidden);
  show(panels[(at + step + panels.length) % panels.length], how);
}

/** Bring the tab that holds an element. @param {Element} element */
export function showTabOf(element) {
  const panel = element.closest(".desk-panel > .tab");
  if (panel instanceof HTMLElement && panel.hidden) show(panel);
}

/** Write how many there are beside each name. */
function count() {
  for (const panel of panels) {
    const found = panel.dataset.counts ? panel.querySelectorAll(panel.dataset.counts).length : 0;
    const name = panel.querySelector("h2")?.textContent ?? "";
    const control = document.getElementById(`${panel.id}-button`);
    const text = found ? `${name} ${found}` : name;
    if (control && control.textContent !== text) control.textContent = text;
  }
}

/** Make the tabs; the first is shown unless this window had chosen another. */
export function openTabs() {
  if (!list || !panels.length) return;
  list.replaceChildren(...panels.map(button));
  for (const panel of panels) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `${panel.id}-button`);
  }
  show(panels.find((panel) => panel.id === sessionStorage.getItem(CHOSEN)) ?? panels[0]);
  count();
  document.body.addEventListener("htmx:after:swap", count);
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(step, { focus: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLElement && event.target.matches("input, textarea, select")) return;
    if (event.key === "[" || event.key === "]") move(event.key === "]" ? 1 : -1);
  });
}
