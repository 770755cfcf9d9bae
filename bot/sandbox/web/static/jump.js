// Goes to a channel, a person or a page by the first letters of its name.
import { act } from "./acts.js";
import { go } from "./go.js";

const MOST = 10;
let rows = [];
let chosen = 0;

export function jump() {
  const dialog = document.getElementById("jump");
  dialog.querySelector("input").value = "";
  draw(dialog, 0);
  dialog.showModal();
}

// Every way that the page itself offers, the conversations first; then the people whom one has not written to.
function ways() {
  const links = ["#channels li > a", "#rail > ul a"].flatMap((each) => [...document.querySelectorAll(each)]);
  const places = links.map((link) => ({ name: (link.querySelector(".name") || link).textContent.trim(), href: link.href, link }));
  const others = [...document.querySelectorAll("#people [data-id]")].filter(({ dataset }) => dataset.id !== document.body.dataset.person);
  const people = others.map((link) => ({ name: link.dataset.words, whom: link.dataset.id, link }));
  return [...places, ...people.filter(({ name }) => places.every((each) => each.name !== name))];
}

function draw(dialog, index) {
  const field = dialog.querySelector("input");
  const words = field.value.trim().toLowerCase().replace(/^[#@]/, "");
  const fits = ({ name }) => name.toLowerCase().includes(words);
  const starts = ({ name }) => (name.toLowerCase().startsWith(words) ? 0 : 1);
  rows = ways().filter(fits).sort((one, other) => starts(one) - starts(other)).slice(0, MOST);
  chosen = rows.length ? (index + rows.length) % rows.length : 0;
  dialog.querySelector("ul").replaceChildren(...rows.map(row));
  dialog.querySelector("p").hidden = rows.length > 0;
  if (rows.length) field.setAttribute("aria-activedescendant", `jump-${chosen}`);
  else field.removeAttribute("aria-activedescendant");
}

function row({ name, link }, place) {
  const item = document.createElement("li");
  item.id = `jump-${place}`;
  item.role = "option";
  item.dataset.place = place;
  item.setAttribute("aria-selected", String(place === chosen));
  const sign = link.querySelector(".avatar, .icon")?.cloneNode(true);
  item.append(...(sign ? [sign] : []), name);
  return item;
}

function take(place) {
  document.getElementById("jump").close();
  const { href, whom } = rows[place] || {};
  if (whom) act("slack/open_direct", { user: document.body.dataset.name, whom }); // The page goes there when it is.
  else if (href) go(href).then(() => document.getElementById("composer")?.focus());
}

function typed(event) {
  const dialog = event.target.closest?.("#jump");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!dialog || (!step && event.key !== "Enter")) return;
  event.preventDefault();
  if (step) draw(dialog, chosen + step);
  else take(chosen);
}

document.addEventListener("keydown", typed);
document.addEventListener("input", ({ target }) => target.closest("#jump") && draw(target.closest("#jump"), 0));
document.addEventListener("click", ({ target }) => {
  if (target.id === "jump") target.close(); // Beside it.
  const item = target.closest("#jump li");
  if (item) take(Number(item.dataset.place));
});
