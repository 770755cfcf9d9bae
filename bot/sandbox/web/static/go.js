// Goes from page to page without tearing the window down: fetches the next one and takes its body.
import { listen } from "./live.js";

export async function go(address, keep = true) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok || !answer.headers.get("content-type")?.startsWith("text/html")) return location.assign(address);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = fresh.title;
  document.body.replaceWith(document.adoptNode(fresh.body));
  if (keep) history.pushState(null, "", answer.url);
  document.getElementById("main")?.focus({ preventScroll: true });
  listen();
  document.dispatchEvent(new CustomEvent("arrived"));
}

function followed(event) {
  const link = event.target.closest("a[href]");
  const plain = !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0;
  if (!link || !plain || link.target || event.defaultPrevented) return;
  if (!link.getAttribute("href").startsWith("/as/")) return;
  event.preventDefault();
  go(link.href);
}

document.addEventListener("click", followed);
window.addEventListener("popstate", () => go(location.href, false));
