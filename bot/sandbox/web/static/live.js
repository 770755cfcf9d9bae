// Keeps the window true: takes the server's patches and puts them where they belong.
import { morph } from "./morph.js";

let stream = null;

export function listen() {
  stream?.close();
  stream = null;
  if (!document.body.dataset.window || document.hidden) return;
  stream = new EventSource(`/windows/${document.body.dataset.window}`);
  stream.addEventListener("patch", (event) => apply(JSON.parse(event.data)));
  stream.addEventListener("lost", () => location.reload());
}

function apply(patches) {
  const keys = patches.map(({ key }) => key);
  document.dispatchEvent(new CustomEvent("patching", { detail: keys }));
  patches.forEach(put);
  document.dispatchEvent(new CustomEvent("patched", { detail: keys }));
}

function put({ key, slot, before, html }) {
  const old = document.getElementById(key);
  if (html === null) return old?.remove();
  const made = document.createElement("template");
  made.innerHTML = html; // The one innerHTML of the pages: the server's own markup.
  const fresh = made.content.firstElementChild;
  if (old) return morph(old, fresh);
  const next = before && document.getElementById(before);
  document.getElementById(slot)?.insertBefore(fresh, next || null);
}
