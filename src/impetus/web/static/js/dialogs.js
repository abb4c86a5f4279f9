// Dialogs that ask for a reason: opened by a link that leads to the same form elsewhere when scripts are off.
//
// A dialog keeps what was typed when it is closed with Escape; only a sent form is emptied.

document.addEventListener("click", (event) => {
  const opener = event.target instanceof Element ? event.target.closest("[data-dialog]") : null;
  if (!(opener instanceof HTMLElement)) return;
  const dialog = document.getElementById(opener.dataset.dialog ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  const form = dialog.querySelector("form[data-act]");
  if (form instanceof HTMLFormElement && opener.dataset.action) form.action = opener.dataset.action;
  const about = dialog.querySelector("[data-js-about]");
  if (about && opener.dataset.about) about.textContent = opener.dataset.about;
  for (const field of dialog.querySelectorAll("[data-from]")) {
    const name = field.getAttribute("data-from") ?? "";
    if (field instanceof HTMLInputElement && opener.dataset[name] !== undefined && !field.value) field.value = opener.dataset[name] ?? "";
  }
  dialog.showModal();
  const first = dialog.querySelector("input:not([type=hidden]), textarea, select");
  if (first instanceof HTMLElement) first.focus();
});

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});
