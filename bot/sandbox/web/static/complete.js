// Completes what one begins in a composer: commands and their verbs, people and groups, channels, emoji.
import { act } from "./acts.js";
import { emoji } from "./emoji.js";

const MOST = 10;
const BEGUN = /(^|\s)([@#:])([\w.+'-]*)$/;
let offered = []; // What the list shows: `{sign, name, words, put}`.
let chosen = 0;
let isPicked = false; // With the arrows: even where nothing is begun.

export function isOffering(field) {
  return !listOf(field).hidden;
}

export function finish(field) {
  offered = [];
  const list = listOf(field);
  list.hidden = true;
  list.replaceChildren();
  field.removeAttribute("aria-activedescendant");
}

function listOf(field) {
  return document.getElementById(field.getAttribute("aria-controls"));
}

async function look(field) {
  const before = field.value.slice(0, field.selectionStart);
  const fitting = await offers(before);
  if (before !== field.value.slice(0, field.selectionStart)) return; // Typed on meanwhile.
  if (!fitting.length) return finish(field);
  offered = fitting.slice(0, MOST);
  isPicked = false;
  choose(field, 0);
}

async function offers(before) {
  if (/^\/\S*$/.test(before)) return commands(before.toLowerCase());
  const [, name, verb] = before.match(/^(\/\S+) (\w*)$/) || [];
  if (name) return verbs(name, verb.toLowerCase());
  const [, , sign, begun] = before.match(BEGUN) || [];
  if (sign === "@") return fitting(["apps", "people", "groups", "everybody"].flatMap(data), begun, "@");
  if (sign === "#") return fitting(data("sidebar"), begun, "#");
  return sign === ":" && begun.length > 1 ? named(begun) : [];
}

function data(list) {
  return [...document.querySelectorAll(`#${list} [data-name]`)].map(({ dataset }) => ({ name: dataset.name, words: dataset.words }));
}

function fitting(rows, begun, sign) {
  const words = begun.toLowerCase();
  const starts = ({ name, words: more = "" }) => [name, ...more.split(" ")].some((word) => word.toLowerCase().startsWith(words));
  return rows.filter(starts).map((row) => ({ sign, ...row, put: `${sign}${row.name} ` }));
}

function commands(begun) {
  const known = [...document.querySelectorAll("#commands li")].map(({ dataset }) => ({
    sign: "", name: dataset.name, words: dataset.usage || dataset.words, put: `${dataset.name} `,
  }));
  const shortcuts = [...document.querySelectorAll('#shortcuts [data-type="global"]')].map(({ dataset }) => ({
    sign: "⚡", name: dataset.name, words: dataset.words, shortcut: dataset.callback,
  }));
  return [...known, ...shortcuts].filter(({ name }) => name.toLowerCase().replace(/^\/?/, "/").startsWith(begun));
}

// A hint such as `[declare|sev|help]` says what may follow; the one that is typed whole comes first.
function verbs(name, begun) {
  const usage = [...document.querySelectorAll("#commands li")].find((each) => each.dataset.name === name)?.dataset.usage;
  const [, listed] = usage?.match(/^\[([\w|-]+)\]/) || [];
  const known = (listed || "").split("|").filter((verb) => verb && verb.startsWith(begun));
  return known.sort((one, other) => (other === begun) - (one === begun)).map((verb) => ({ sign: "", name: verb, put: `${verb} ` }));
}

async function named(begun) {
  const all = await emoji();
  const starting = all.filter(([name]) => name.startsWith(begun));
  const within = all.filter(([name]) => !name.startsWith(begun) && name.includes(begun));
  return [...starting, ...within].slice(0, MOST).map(([name, char]) => ({ sign: char, name: `:${name}:`, put: `:${name}: ` }));
}

function choose(field, index) {
  chosen = (index + offered.length) % offered.length;
  const list = listOf(field);
  list.replaceChildren(...offered.map((each, place) => row(list, each, place)));
  list.hidden = false;
  field.setAttribute("aria-activedescendant", list.children[chosen].id);
}

function row(list, { sign, name, words }, place) {
  const item = document.createElement("li");
  item.id = `${list.id}-${place}`;
  item.role = "option";
  item.dataset.place = place;
  item.setAttribute("aria-selected", String(place === chosen));
  for (const [kind, said] of [["b", `${sign}${sign.length > 1 || sign === "⚡" ? " " : ""}${name}`], ["small", words || ""]]) {
    const part = document.createElement(kind);
    part.textContent = said;
    item.append(part, " ");
  }
  return item;
}

function take(field) {
  const { put, shortcut } = offered[chosen];
  const before = field.value.slice(0, field.selectionStart);
  const from = before.length - (shortcut ? before.length : before.match(/\S*$/)[0].length);
  finish(field);
  field.setRangeText(put || "", from, before.length, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  if (shortcut) act("slack/shortcut", { user: document.body.dataset.name, callback_id: shortcut, wait: 0 });
}

function typed(event) {
  const field = event.target;
  if (!field.matches?.(".composer textarea") || !isOffering(field) || event.isComposing) return;
  const { key } = event;
  const begun = field.value.slice(0, field.selectionStart).match(/\S*$/)[0];
  const isWhole = !isPicked && (!begun || offered[chosen].put?.trim() === begun); // Nothing to complete: Enter sends it.
  if (key === "ArrowDown" || key === "ArrowUp") {
    isPicked = true;
    choose(field, chosen + (key === "ArrowDown" ? 1 : -1));
  } else if (key === "Tab" || (key === "Enter" && !event.shiftKey && !isWhole)) take(field);
  else if (key === "Escape") finish(field);
  else {
    if (key === "Enter") finish(field);
    return;
  }
  event.preventDefault();
}

document.addEventListener("keydown", typed, true);
document.addEventListener("input", ({ target }) => target.matches(".composer textarea") && look(target));
document.addEventListener("mousedown", (event) => {
  const item = event.target.closest(".composer .offers li");
  if (!item) return;
  event.preventDefault();
  chosen = Number(item.dataset.place);
  take(item.closest("form").elements.text);
});
document.addEventListener("focusout", ({ target }) => target.matches(".composer textarea") && finish(target));
