// Emoji by name: the table of them, and the picker.
import { place } from "./place.js";

const RECENT = "emoji";
const FIRST = ["pushpin", "white_check_mark", "eyes", "+1", "tada", "pray", "fire", "bug"];
let table = null;
let answer = null; // Whom the picker serves.

// `[[name, character, group], …]`, asked for once.
export function emoji() {
  table ??= fetch("/emoji.json").then((found) => found.json());
  return table;
}

// Opens the picker beside an element; gives back the name that was picked, null if none was.
export function pick(beside) {
  const picker = document.getElementById("emoji");
  const search = picker.querySelector("input");
  answer?.(null);
  search.value = "";
  place(picker, beside);
  picker.showPopover();
  search.focus();
  draw(picker);
  return new Promise((told) => (answer = told));
}

async function draw(picker) {
  const all = await emoji();
  const words = picker.querySelector("input").value.trim().replaceAll(":", "").toLowerCase();
  const recent = [...new Set([...JSON.parse(localStorage.getItem(RECENT) || "[]"), ...FIRST])].slice(0, 16);
  const known = new Map(all.map((each) => [each[0], each]));
  const starting = (each) => (each[0].startsWith(words) ? 0 : 1);
  const fitting = all.filter(([name]) => name.includes(words)).sort((one, other) => starting(one) - starting(other));
  const groups = words ? [["Found", fitting]] : [["Often used", recent.map((name) => known.get(name)).filter(Boolean)], ...grouped(all)];
  picker.querySelector(".grid").replaceChildren(...groups.flatMap(section));
}

function grouped(all) {
  const groups = Map.groupBy(all, ([, , group]) => group);
  groups.delete("Component");
  return [...groups];
}

function section([title, rows]) {
  const heading = document.createElement("h3");
  heading.textContent = rows.length ? title : "Nothing is called that.";
  return [heading, ...rows.map(([name, char]) => button(name, char))];
}

function button(name, char) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.textContent = char;
  made.title = `:${name}:`;
  made.dataset.emoji = name;
  made.setAttribute("aria-label", name);
  return made;
}

function picked(name) {
  const recent = JSON.parse(localStorage.getItem(RECENT) || "[]").filter((each) => each !== name);
  localStorage.setItem(RECENT, JSON.stringify([name, ...recent].slice(0, 8)));
  const told = answer;
  answer = null;
  document.getElementById("emoji").hidePopover();
  told?.(name);
}

async function put(button) {
  const field = button.closest("form").elements.text;
  const name = await pick(button);
  if (name) field.setRangeText(`:${name}: `, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function typed(event) {
  const picker = event.target.closest?.("#emoji");
  const buttons = picker && [...picker.querySelectorAll("[data-emoji]")];
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
  const at = buttons?.indexOf(event.target) ?? -1;
  if (event.key === "Enter" && picker?.contains(event.target) && at < 0) {
    event.preventDefault();
    if (buttons[0]) picked(buttons[0].dataset.emoji);
  } else if (step && picker && (at >= 0 || event.key === "ArrowDown")) {
    event.preventDefault();
    if (at + step < 0) picker.querySelector("input").focus();
    else buttons[at < 0 ? 0 : Math.min(at + step, buttons.length - 1)]?.focus();
  }
}

document.addEventListener("input", ({ target }) => target.closest("#emoji") && draw(target.closest("#emoji")));
document.addEventListener("click", ({ target }) => {
  const chosen = target.closest("#emoji [data-emoji]");
  if (chosen) picked(chosen.dataset.emoji);
  const into = target.closest("[data-emoji-into]");
  if (into) put(into);
});
document.addEventListener("keydown", typed);
document.addEventListener("toggle", (event) => {
  if (event.target.id !== "emoji" || event.newState !== "closed") return;
  answer?.(null);
  answer = null;
}, true);
