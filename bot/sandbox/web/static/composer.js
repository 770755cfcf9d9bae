// Where one writes: Enter sends, a slash is a command, what is not sent yet is kept, the arrow up takes one's last words back.
import { act } from "./acts.js";
import { finish, isOffering } from "./complete.js";
import { asTyped } from "./typed.js";

const LINES = 10;

export function composerOf(element) {
  const pane = element?.closest("#thread");
  return (pane || document.getElementById("main")).querySelector(".composer textarea");
}

// Puts words into the composer where the cursor is, or in place of all of them.
export function write(field, words, isWhole = false) {
  const [from, to] = isWhole ? [0, field.value.length] : [field.selectionStart, field.selectionEnd];
  field.setRangeText(words, from, to, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function edit(message) {
  const field = composerOf(message);
  const form = field.closest("form");
  form.dataset.editing = message.dataset.ts;
  form.querySelector(".editing").hidden = false;
  write(field, asTyped(message.dataset.text), true);
}

export function stopEditing(form) {
  if (!form.dataset.editing) return false;
  delete form.dataset.editing;
  form.querySelector(".editing").hidden = true;
  write(form.elements.text, localStorage.getItem(draftOf(form)) || "", true);
  return true;
}

function draftOf(form) {
  return `draft:${document.body.dataset.person}:${form.dataset.channel}:${form.dataset.thread || ""}`;
}

function keep(form) {
  form.elements.text.rows = Math.min(form.elements.text.value.split("\n").length, LINES);
  if (form.dataset.editing) return;
  if (form.elements.text.value) localStorage.setItem(draftOf(form), form.elements.text.value);
  else localStorage.removeItem(draftOf(form));
}

function arrived() {
  for (const form of document.querySelectorAll(".composer")) {
    form.elements.text.value = localStorage.getItem(draftOf(form)) || "";
    keep(form);
  }
}

async function send(form) {
  const field = form.elements.text;
  const words = field.value.trim();
  if (!words) return;
  const [name, args] = meant(form, words);
  if (!name) return refuse(args);
  stopEditing(form);
  write(field, "", true);
  if ((await act(name, args)) === null && !field.value) write(field, words, true);
}

// Which act the words are: a command, a correction, a message. Without a name: what is wrong with them.
function meant(form, words) {
  const place = { user: document.body.dataset.name, channel: form.dataset.channel };
  if (form.dataset.editing) return ["slack/edit_message", { ...place, ts: form.dataset.editing, text: words }];
  const [, command, text] = words.match(/^(\/\S+)\s*([^]*)$/) || [];
  if (!command) return ["slack/post", { ...place, text: words, thread_ts: form.dataset.thread || null }];
  const known = [...document.querySelectorAll("#commands li")].some((each) => each.dataset.name === command);
  if (!known) return [null, `There is no ${command} here. Type / to see what there is.`];
  if (form.dataset.thread) return [null, "Commands work in the channel, not in a thread."];
  return ["slack/command", { ...place, name: command, text, wait: 0 }];
}

function refuse(words) {
  document.dispatchEvent(new CustomEvent("refused", { detail: { act: "compose", args: {}, words } }));
}

function typed(event) {
  const form = event.target.closest?.(".composer");
  if (!form || event.target !== form.elements.text || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Enter" && !event.shiftKey && !isOffering(event.target)) {
    event.preventDefault();
    send(form);
  } else if (event.key === "ArrowUp" && !event.target.value) {
    const mine = [...(form.closest("#thread") || document.getElementById("messages")).querySelectorAll("[data-own][data-text]")];
    if (!mine.length) return;
    event.preventDefault();
    edit(mine.at(-1));
  } else if (event.key === "Escape" && stopEditing(form)) event.preventDefault();
}

function sent(event) {
  if (!event.target.matches(".composer")) return;
  event.preventDefault();
  finish(event.target.elements.text);
  send(event.target);
}

document.addEventListener("arrived", arrived);
document.addEventListener("input", ({ target }) => target.closest(".composer") && keep(target.closest(".composer")));
document.addEventListener("keydown", typed);
document.addEventListener("submit", sent);
