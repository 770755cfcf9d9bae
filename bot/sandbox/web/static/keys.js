// The keys: one table, which `?` shows.
import { composerOf, write } from "./composer.js";
import { go } from "./go.js";
import { jump } from "./jump.js";
import { DOES } from "./menu.js";

const FIELDS = "input, select, textarea, [contenteditable]";
const ANYWHERE = [
  ["Ctrl-K", "Go to a channel, a person, a page", jump],
  ["Alt-ArrowUp", "The channel above", () => step(-1)],
  ["Alt-ArrowDown", "The channel below", () => step(1)],
];
const OUTSIDE = [
  ["/", "Write a command", command],
  ["j", "The next message", () => move(1)],
  ["k", "The message before", () => move(-1)],
  ["Escape", "Close the thread", () => document.querySelector("#thread .bar a, #details-only header a")?.click()],
  ["?", "These keys", help],
];
const ON_MESSAGE = [
  ["ArrowDown", "The next message", () => move(1)],
  ["ArrowUp", "The message before", () => move(-1)],
  ["r", "React", DOES.react],
  ["t", "Reply in a thread", DOES.reply],
  ["e", "Change what you said", DOES.edit],
  ["p", "Pin, unpin", DOES.pin],
  ["m", "Everything else", DOES.menu],
];
const TOLD = [
  ["Enter", "Send"],
  ["Shift-Enter", "A new line"],
  ["ArrowUp", "In an empty composer: change your last message"],
  ["Ctrl-Enter", "Send a form"],
  ["Escape", "Close what is on top"],
];

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
  const message = event.target.closest?.(".message[data-surface]");
  const inField = event.target.matches?.(FIELDS);
  const isOn = message && !inField && event.target === message;
  const found = [...ANYWHERE, ...(isOn ? ON_MESSAGE : []), ...(inField ? [] : OUTSIDE)].find(([keys]) => keys === written(event));
  if (!found || (event.key === "Escape" && document.querySelector(":popover-open"))) return;
  event.preventDefault();
  found[2](message);
}

function written({ key, ctrlKey, metaKey, altKey }) {
  const name = key.length === 1 ? (ctrlKey || metaKey ? key.toUpperCase() : key) : key;
  return `${ctrlKey || metaKey ? "Ctrl-" : ""}${altKey ? "Alt-" : ""}${name}`;
}

function command() {
  const field = composerOf(document.getElementById("main"));
  if (field?.checkVisibility()) write(field, "/", true);
}

function step(by) {
  const links = [...document.querySelectorAll("#sidebar a, #directs a")];
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  if (links.length) go(links.at((here + by) % links.length).href);
}

function move(by) {
  const list = document.activeElement.closest("#thread-messages") || document.getElementById("messages");
  const messages = [...list.querySelectorAll(".message[data-surface]")];
  const here = messages.indexOf(document.activeElement.closest(".message"));
  const next = here < 0 ? messages.at(-1) : messages[here + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function help() {
  const dialog = document.getElementById("keys");
  const tables = { Anywhere: ANYWHERE, Writing: TOLD, "Outside of fields": OUTSIDE, "On a message": ON_MESSAGE };
  dialog.querySelector("div").replaceChildren(...Object.entries(tables).flatMap(section));
  dialog.showModal();
}

function section([title, rows]) {
  const list = document.createElement("dl");
  for (const [keys, words] of rows) {
    list.append(made("dt", keys.replace("Arrow", "").replace("Escape", "Esc")), made("dd", words));
  }
  return [made("h3", title), list];
}

function made(kind, words) {
  const part = document.createElement(kind);
  part.textContent = words;
  return part;
}

document.addEventListener("keydown", pressed);
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-keys]")) help();
  target.closest("dialog [data-dismiss]")?.closest("dialog").close();
});
