// Acts: forms marked `data-act` are sent without leaving the page; what was typed stays until the server has it.
//
// The server answers `{said, undo?, go?}` or a problem document. Without scripts the same forms post and come back.

const toasts = document.getElementById("toasts");
const STAY_MS = 8000;

/** @param {string} text @param {{refused?: boolean, undo?: string | null}} [how] */
export function toast(text, { refused = false, undo = null } = {}) {
  if (!toasts) return;
  const box = document.createElement("div");
  box.className = refused ? "toast refused" : "toast";
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  box.append(words);
  if (undo) box.append(undoForm(undo));
  toasts.replaceChildren(box);
  setTimeout(() => box.remove(), refused ? 2 * STAY_MS : STAY_MS);
}

/** @param {string} address @returns {HTMLFormElement} */
function undoForm(address) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  form.dataset.act = "";
  const button = document.createElement("button");
  button.className = "button";
  button.dataset.key = "U";
  button.append(toasts?.dataset.undoWords ?? "Undo", " ", Object.assign(document.createElement("kbd"), { textContent: "U" }));
  form.append(button);
  return form;
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} pressed */
async function send(form, pressed) {
  const address = pressed?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  const body = new FormData(form);
  if (pressed instanceof HTMLButtonElement && pressed.name) body.set(pressed.name, pressed.value);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(/** @type {[string, string][]} */ ([...body.entries()])),
      headers: { "HX-Request": "true", Accept: "application/json", "X-CSRF-Token": document.documentElement.dataset.csrf ?? "" },
    });
    const said = await answer.json();
    if (!answer.ok) {
      toast([said.detail ?? said.title, said.remedy].filter(Boolean).join(". "), { refused: true });
      return;
    }
    form.closest("dialog")?.close();
    if (!("keep" in form.dataset)) form.reset();
    if (said.go) {
      location.assign(said.go);
      return;
    }
    toast(said.said, { undo: said.undo });
    document.body.dispatchEvent(new CustomEvent("impetus:again"));
  } catch {
    toast(toasts?.dataset.failedWords ?? "", { refused: true });
  } finally {
    form.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !("act" in form.dataset)) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") send(form, event.submitter);
});
