// Ways into a conversation: a new one is gone to, one comes back to the last, a phone has them in a drawer.
import { go } from "./go.js";

function acted({ detail: { act, args, result } }) {
  const { name, person, place } = document.body.dataset;
  if (act === "slack/open_direct" || act === "slack/create_channel") go(`/as/${name}/c/${result.id}`);
  else if (act === "slack/join" && args.channel !== place) go(`/as/${name}/c/${args.channel}`);
  else if (act === "slack/leave" && [name, person].includes(args.user)) go(`/as/${name}`);
}

// "Chat" leads back to where one talked last.
function arrived() {
  const { person, place } = document.body.dataset;
  const key = `last:${person}`;
  const chat = document.querySelector("#rail > ul a");
  if (/^[CD]/.test(place)) sessionStorage.setItem(key, location.pathname);
  else if (place !== "file" && sessionStorage.getItem(key)) chat.href = sessionStorage.getItem(key);
}

function typed({ target }) {
  if ("slug" in target.dataset) target.value = target.value.toLowerCase().replace(/[\s.,#-]+/g, "-");
}

function draw(isOpen) {
  document.body.classList.toggle("drawer", isOpen);
  for (const button of document.querySelectorAll("[data-drawer]")) button.setAttribute("aria-expanded", String(isOpen));
}

function pressed({ target }) {
  const isOpen = document.body.classList.contains("drawer");
  if (target.closest("[data-drawer]")) {
    draw(!isOpen);
    if (!isOpen) document.querySelector("#channels a, #channels button")?.focus();
  } else if (isOpen && !target.closest("#channels")) draw(false);
}

function keyed(event) {
  if (event.key !== "Escape" || !document.body.classList.contains("drawer") || document.querySelector(":popover-open")) return;
  event.preventDefault();
  draw(false);
  document.querySelector("[data-drawer]")?.focus();
}

document.addEventListener("acted", acted);
document.addEventListener("arrived", arrived);
document.addEventListener("input", typed);
document.addEventListener("click", pressed);
document.addEventListener("keydown", keyed);
