// Says in a corner what could not be done, and what was.
const SECONDS = 8;

export function say(words, kind = "") {
  const toast = document.createElement("p");
  toast.className = `toast ${kind}`.trim();
  toast.textContent = words;
  corner().append(toast);
  setTimeout(() => toast.remove(), SECONDS * 1000);
}

// What lies beneath an open dialog is out of reach for eyes and ears: there the words stand in the dialog.
function corner() {
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  if (!dialog) return document.getElementById("toasts");
  const there = dialog.querySelector(":scope > .toasts");
  if (there) return there;
  const made = document.createElement("div");
  made.className = "toasts";
  made.setAttribute("role", "status");
  made.dataset.mine = "";
  dialog.append(made);
  return made;
}

document.addEventListener("refused", ({ detail }) => say(detail.words, "refused"));
