// Light, dark, or as the system is: kept in this browser, the same in all its windows.
const KEY = "theme";
const NEXT = { "": "light", light: "dark", dark: "" };
const WORDS = { "": "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };

function show() {
  const theme = localStorage.getItem(KEY) || "";
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const words of document.querySelectorAll("[data-theme-next] span")) words.textContent = WORDS[theme];
}

function pressed({ target }) {
  if (!target.closest("[data-theme-next]")) return;
  localStorage.setItem(KEY, NEXT[localStorage.getItem(KEY) || ""]);
  show();
}

show();
document.addEventListener("arrived", show);
document.addEventListener("click", pressed);
window.addEventListener("storage", show);
