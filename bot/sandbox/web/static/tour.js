// The tour's panel, open or closed, and going along with a story that plays.
import { go } from "./go.js";

const WIDE = matchMedia("(min-width: 1280px)");
let followed = "";

// Where the panel has a place of its own it is open until it is closed for good; where it lies over the page, it is asked for.
function isOpen() {
  return WIDE.matches ? localStorage.getItem("tour") !== "closed" : sessionStorage.getItem("tour") === "open";
}

function open(wanted) {
  (WIDE.matches ? localStorage : sessionStorage).setItem("tour", wanted ? "open" : "closed");
  show();
}

function show() {
  if (!document.getElementById("tour")) return;
  document.body.dataset.tour = isOpen() ? "open" : "closed";
  document.querySelector("#rail [data-tour-toggle]")?.setAttribute("aria-expanded", String(isOpen()));
  follow();
}

function follow() {
  const box = document.getElementById("follow");
  if (box) box.checked = sessionStorage.getItem("follow") === "yes";
  const path = document.getElementById("playing")?.dataset.follow || "";
  if (path === followed) return;
  followed = path;
  if (box?.checked && path !== location.pathname) go(path);
}

function pressed({ target }) {
  if (target.closest("[data-tour-go]") && !WIDE.matches) open(false);
  const toggle = target.closest("[data-tour-toggle]");
  if (!toggle) return;
  open(!isOpen());
  if (isOpen()) document.querySelector("#tour [data-tour-toggle]").focus();
  else document.querySelector("#rail [data-tour-toggle]")?.focus();
}

function chosen({ target }) {
  if (target.id !== "follow") return;
  sessionStorage.setItem("follow", target.checked ? "yes" : "no");
  followed = "";
  follow();
}

// Who starts a story wants to see it.
function acted({ detail }) {
  if (detail.act !== "backstage/play") return;
  sessionStorage.setItem("follow", "yes");
  followed = "";
  follow();
}

document.addEventListener("arrived", show);
document.addEventListener("patched", follow);
document.addEventListener("acted", acted);
document.addEventListener("click", pressed);
document.addEventListener("change", chosen);
WIDE.addEventListener("change", show);
