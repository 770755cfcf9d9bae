// Menus beyond the plain select: many boxes in one that folds away, menus that the app fills while one types, dots.
import { act, run } from "./acts.js";
import { place } from "./place.js";

const PAUSE = 200; // Milliseconds without a key before the app is asked.
const changed = new WeakSet();
let waiting = null;

function filtered(box) {
  const words = box.value.trim().toLowerCase();
  for (const row of box.closest(".several").querySelectorAll(".box")) {
    row.hidden = !row.textContent.toLowerCase().includes(words);
  }
}

function ticked(box) {
  const several = box.closest(".several");
  const names = [...several.querySelectorAll("input:checked")].map((each) => each.closest(".box").textContent);
  const summary = several.querySelector("summary");
  summary.textContent = names.join(", ") || summary.dataset.placeholder;
  changed.add(several);
}

// The app hears of a choice among many when the menu is closed.
function folded(event) {
  const several = event.target.closest?.(".several");
  const box = several?.querySelector("input[data-act]");
  if (!box || several.open || !changed.delete(several)) return;
  run(box, { selected: [...several.querySelectorAll("input:checked")].map(({ value }) => value) });
}

function typed(field) {
  clearTimeout(waiting);
  if (field.value.length < Number(field.dataset.least)) return shut(field);
  waiting = setTimeout(() => suggest(field), PAUSE);
}

async function suggest(field) {
  const [block_id, action_id] = named(field);
  const place = field.closest("[data-surface]").dataset;
  const there = place.surface === "message" ? { channel: place.channel, ts: place.ts } : { home: place.surface === "home" };
  const args = { user: document.body.dataset.name, action_id, block_id, typed: field.value, ...there };
  const offered = await act("slack/suggest", args);
  if (offered && document.activeElement === field) show(field, offered);
}

// A field's name is `{block_id}/{action_id}`, and either may hold a slash.
function named(field) {
  const action = field.closest(".external").dataset.suggest;
  return [field.name.slice(0, -action.length - 1), action];
}

function show(field, offered) {
  const list = shut(field);
  for (const option of offered) {
    const row = document.createElement("button");
    row.type = "button";
    row.className = "plain";
    row.textContent = option.text.text;
    row.addEventListener("click", () => choose(field, option));
    list.append(row);
  }
  if (!offered.length) list.append("Nothing fits.");
  field.setAttribute("aria-expanded", "true");
  field.parentElement.append(list);
}

function shut(field) {
  field.setAttribute("aria-expanded", "false");
  field.parentElement.querySelector(":scope > .offers")?.remove();
  const list = document.createElement("div");
  list.className = "offers";
  list.dataset.mine = "";
  return list;
}

async function choose(field, option) {
  field.focus(); // Before the list goes: with it would go the focus.
  shut(field);
  const box = field.closest(".external");
  await enter(field, "many" in box.dataset ? [...chosen(box), option] : option);
  field.value = field.closest("#modal") ? "" : option.text.text;
}

function chosen(box) {
  return [...box.querySelectorAll("[data-chosen]")].map((chip) => ({
    text: { type: "plain_text", text: chip.textContent },
    value: chip.dataset.chosen,
  }));
}

// The sandbox keeps what is chosen and draws it; where the app wants to hear of it, it does.
function enter(field, selected) {
  if (field.dataset.act) return run(field, { selected });
  return act("slack/fill", { user: document.body.dataset.name, values: { [field.name]: selected } });
}

// Arrows lead through what is offered; Esc closes that alone.
function moved(event) {
  const list = event.target.closest?.(".external")?.querySelector(".offers");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!list || (!step && event.key !== "Escape")) return;
  event.preventDefault();
  const field = list.parentElement.querySelector("input");
  const stops = [field, ...list.children];
  stops.at((stops.indexOf(event.target) + (step || 0)) % stops.length).focus();
  if (step) return;
  field.focus();
  shut(field);
}

function left({ target, relatedTarget }) {
  const box = target.closest(".external");
  if (box && !box.contains(relatedTarget)) shut(box.querySelector("input"));
}

function pressed(event) {
  const chip = event.target.closest(".external [data-chosen]");
  if (!chip) return;
  const box = chip.closest(".external");
  const left = chosen(box).filter(({ value }) => value !== chip.dataset.chosen);
  enter(box.querySelector("input"), "many" in box.dataset ? left : null);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-filter]")) filtered(target);
  else if (target.matches(".external input")) typed(target);
});
document.addEventListener("change", ({ target }) => target.matches(".several .box input") && ticked(target));
document.addEventListener("toggle", folded, true);
document.addEventListener("beforetoggle", ({ target, newState }) => {
  if (newState === "open" && target.matches(".overflow > .menu")) place(target, target.previousElementSibling, 240, 220);
}, true);
document.addEventListener("click", pressed);
document.addEventListener("keydown", moved);
document.addEventListener("focusout", left);
document.addEventListener("patched", () => document.querySelectorAll("[open] > [data-filter]").forEach(filtered));
