// The app's modals in the hand: opened on top of the page, filled in, sent, closed. The sandbox draws them.
import { act } from "./acts.js";
import { entered } from "./fields.js";

const FIRST = ".body input:not([type=hidden]), .body select, .body textarea, .body summary, .body button, footer button";
let origin = null; // Where one was before the first modal opened.
let view = null;
let closing = null;
let wasWrong = false; // The first field with an error is gone to once, not with every change of the page.

function look() {
  const modal = document.getElementById("modal");
  if (!modal) return leave();
  if (!modal.open) {
    origin ??= document.activeElement;
    modal.showModal();
  }
  const wrong = modal.querySelector("[aria-invalid]");
  if (modal.dataset.view !== view) (modal.querySelector("[autofocus]") || modal.querySelector(FIRST))?.focus();
  else if (wrong && !wasWrong) wrong.focus();
  view = modal.dataset.view;
  wasWrong = Boolean(wrong);
}

function leave() {
  if (view && origin?.isConnected) origin.focus({ preventScroll: true });
  origin = view = closing = null;
}

function user() {
  return document.body.dataset.name;
}

async function submit(form) {
  const button = form.querySelector("button[type=submit]");
  if (!button) return;
  for (const field of form.querySelectorAll("[aria-required][name]")) field.required = !field.closest(".external");
  if (!form.reportValidity()) return;
  wasWrong = false;
  button.setAttribute("aria-busy", "true");
  await act("slack/submit", { user: user(), values: entered(form), wait: 0 });
  button.removeAttribute("aria-busy");
}

// Once for each modal: a second Esc is not meant for the one below.
async function close(all) {
  if (closing === view) return;
  closing = view;
  if ((await act("slack/close", { user: user(), clear: all })) === null) closing = null;
}

function sent(event) {
  if (!event.target.closest("#modal")) return;
  event.preventDefault();
  submit(event.target);
}

function pressed(event) {
  const button = event.target.closest("#modal [data-close]");
  if (button) close(button.dataset.close === "all");
}

// Esc: the sandbox takes the modal away, not the browser.
function cancelled(event) {
  if (event.target.id !== "modal") return;
  event.preventDefault();
  close(false);
}

// A browser closes a dialog by itself at the second Esc.
function vanished(event) {
  if (event.target.id === "modal" && event.target.isConnected) close(false);
}

function typed(event) {
  const form = event.target.closest?.("#modal form");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  submit(form);
}

document.addEventListener("patched", look);
document.addEventListener("arrived", look);
document.addEventListener("submit", sent);
document.addEventListener("click", pressed);
document.addEventListener("cancel", cancelled, true);
document.addEventListener("close", vanished, true);
document.addEventListener("keydown", typed);
