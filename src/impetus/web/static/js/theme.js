// Dark or light, kept in a cookie so that the server paints the right one first.

const root = document.documentElement;
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-theme-switch]")) return;
  const theme = root.dataset.theme === "light" ? "dark" : "light";
  root.dataset.theme = theme;
  document.cookie = `impetus_theme=${theme}; path=/; max-age=31536000; samesite=strict${location.protocol === "https:" ? "; secure" : ""}`;
  document.body.dispatchEvent(new CustomEvent("impetus:theme"));
});

/** @param {string} name of a token, without dashes @returns {string} its colour in the present theme */
export const token = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
