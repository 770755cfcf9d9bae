// What one can do with a message: the bar that comes with the pointer, the menu behind its dots.
import { act } from "./acts.js";
import { edit } from "./composer.js";
import { asked } from "./confirm.js";
import { pick } from "./emoji.js";
import { go } from "./go.js";
import { place } from "./place.js";
import { say } from "./toast.js";

const DELETING = { title: "Delete this message?", text: "It cannot be brought back.", confirm: "Delete", style: "danger" };
let bar = null;
let of = null; // The message whose menu is open.

function named(message) {
  return { user: document.body.dataset.name, channel: message.dataset.channel, ts: message.dataset.ts };
}

function path(message, what) {
  return `/as/${document.body.dataset.name}/c/${message.dataset.channel}?${what}=${message.dataset.ts}`;
}

// Takes the emoji back where one has given it already.
export function react(message, name) {
  const mine = [...message.querySelectorAll('.reaction[aria-pressed="true"]')];
  const given = mine.some((each) => JSON.parse(each.dataset.args).name === name);
  return act(given ? "slack/unreact" : "slack/react", { ...named(message), name });
}

export const DOES = {
  async react(message) {
    const name = await pick(message.querySelector("[data-menu]"));
    if (name) react(message, name);
  },
  async reply(message) {
    if (message.closest("#thread")) return;
    await go(path(message, "thread"));
    document.getElementById("composer-thread")?.focus();
  },
  edit: (message) => "own" in message.dataset && edit(message),
  pin: (message) => act("pinned" in message.dataset ? "slack/unpin" : "slack/pin", named(message)),
  async link(message) {
    const copied = navigator.clipboard?.writeText(location.origin + path(message, "at"));
    await copied?.then(() => say("The link is copied."), () => say("The browser does not let the page copy.", "refused"));
  },
  async remove(message) {
    if ("own" in message.dataset && (await asked(DELETING))) act("slack/delete_message", named(message));
  },
  async sent(message) {
    const dialog = document.getElementById("sent");
    dialog.querySelector("pre").textContent = JSON.stringify(await kept(message), null, 2);
    dialog.showModal();
  },
  menu: (message) => open(message, message.querySelector("[data-menu]")),
};

// What the author sent: of a whisper, the one who sees it has it.
async function kept(message) {
  const { user, channel, ts } = named(message);
  if (!("whisper" in message.dataset)) return (await act("slack/versions", { channel, ts }))?.at(-1);
  return (await act("slack/ephemerals", { user, channel }))?.find((each) => each.ts === ts);
}

function open(message, beside) {
  const menu = document.getElementById("message-menu");
  of = message;
  const { dataset } = message;
  const fits = { own: "own" in dataset, said: !("whisper" in dataset), rooted: !message.closest("#thread") };
  for (const row of menu.querySelectorAll("[data-for]")) row.hidden = !row.dataset.for.split(" ").every((need) => fits[need]);
  menu.querySelector('[data-do="pin"]').lastChild.textContent = "pinned" in dataset ? "Unpin" : "Pin to the channel";
  menu.querySelector(".apps").replaceChildren(...(fits.said ? shortcuts() : []));
  place(menu, beside, 240, 400);
  menu.showPopover();
  rowsOf(menu)[0].focus();
}

function rowsOf(menu) {
  return [...menu.querySelectorAll("button")].filter((row) => row.checkVisibility());
}

function shortcuts() {
  return [...document.querySelectorAll('#shortcuts [data-type="message"]')].map(({ dataset }) => {
    const row = document.createElement("button");
    row.type = "button";
    row.role = "menuitem";
    row.textContent = dataset.name;
    row.dataset.shortcut = dataset.callback;
    return row;
  });
}

function pressed(event) {
  const dots = event.target.closest("[data-menu]");
  if (dots) return open(dots.closest(".message"), dots);
  const button = event.target.closest("#message-menu button, #bar button");
  if (!button) return;
  const message = button.closest("#bar") ? button.closest(".message") : of;
  document.getElementById("message-menu").hidePopover();
  if (button.dataset.react) react(message, button.dataset.react);
  else if (button.dataset.do) DOES[button.dataset.do](message);
  else act("slack/message_shortcut", { ...named(message), callback_id: button.dataset.shortcut, wait: 0 });
}

// The bar stands in the message that one points at, or is in.
function near(event) {
  const message = event.target.closest?.(".message[data-surface]:not([data-whisper])");
  if (!message || !bar || bar.parentElement === message || !message.querySelector("[data-menu]")) return;
  bar.querySelector('[data-do="reply"]').hidden = Boolean(message.closest("#thread"));
  bar.hidden = false;
  message.append(bar);
}

function moved(event) {
  const menu = event.target.closest?.("#message-menu");
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!menu || !step) return;
  event.preventDefault();
  const rows = rowsOf(menu);
  rows.at((rows.indexOf(event.target) + step) % rows.length).focus();
}

function arrived() {
  bar = document.getElementById("bar");
}

document.addEventListener("arrived", arrived);
document.addEventListener("click", pressed);
document.addEventListener("pointerover", near);
document.addEventListener("focusin", near);
document.addEventListener("keydown", moved);
