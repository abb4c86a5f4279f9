// Web push: the browser subscribes with the installation's key, and the form keeps where it is reached, sealed.

const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-push]"));
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("contact-form"));

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function subscribe() {
  if (!button || !form) return;
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOf(button.dataset.push ?? ""),
  });
  const fields = /** @type {{channel: HTMLSelectElement, address: HTMLInputElement}} */ (/** @type {unknown} */ (form.elements));
  fields.channel.value = button.dataset.pushChannel ?? "";
  fields.address.value = JSON.stringify(subscription.toJSON());
  form.requestSubmit();
}

if (button) {
  button.hidden = !("serviceWorker" in navigator && "PushManager" in window);
  button.addEventListener("click", () => {
    subscribe().catch(() => {
      button.disabled = true;
    });
  });
}
