// Keeps one's place in a conversation: at its end one stays there, elsewhere what one reads does not move.
const NEAR = 60;
const LISTS = ["scroll", "thread-messages"];
const places = new Map(); // What was before one's eyes in each list when the news came.
let had = new Set(); // Which of the news stood there already.
let known = {}; // Where one is in the page's own list: it outlives a thread that opens beside it.
let waiting = false;
let missed = 0;

const list = (id) => document.getElementById(id);
const atEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
const isHere = () => known.place === document.body.dataset.place;

function toEnd(box) {
  box.scrollTop = box.scrollHeight;
}

// The end, or the first message in view and how far it stands below the upper edge.
function seen(box) {
  if (atEnd(box)) return { end: true };
  const top = box.getBoundingClientRect().top;
  const first = [...box.querySelectorAll(".message")].find((each) => each.getBoundingClientRect().bottom > top);
  return { end: false, id: first?.id, from: first ? first.getBoundingClientRect().top - top : 0 };
}

function put(box, place) {
  const first = place.id && document.getElementById(place.id);
  if (place.end || !first) toEnd(box);
  else box.scrollTop += first.getBoundingClientRect().top - box.getBoundingClientRect().top - place.from;
}

function before({ detail: keys }) {
  if (!document.querySelector("#messages[role=log]")) return; // Other pages stay where they are.
  for (const id of LISTS) if (list(id)) places.set(id, seen(list(id)));
  had = new Set(keys.filter((key) => document.getElementById(key)));
}

function after({ detail: keys }) {
  const place = places.get("scroll");
  if (!place || !list("scroll")) return;
  for (const id of LISTS) if (list(id)) put(list(id), places.get(id));
  if (place.end) return tell(0);
  const fresh = keys.filter((key) => !had.has(key)).map(list).filter((each) => isBelow(each, place.id));
  if (fresh.some((each) => "own" in each.dataset)) toEnd(list("scroll"));
  else tell(missed + fresh.length);
}

function isBelow(message, id) {
  const first = document.getElementById(id);
  if (!first || !message?.matches("#messages > .message[data-surface]")) return false;
  return Boolean(first.compareDocumentPosition(message) & Node.DOCUMENT_POSITION_FOLLOWING);
}

function tell(count) {
  missed = count;
  const button = document.querySelector("[data-newest]");
  if (!button) return;
  button.hidden = count === 0;
  button.textContent = `↓ ${count} new`;
}

async function earlier() {
  if (!list("earlier-only") || waiting) return;
  waiting = true;
  await fetch(`/windows/${document.body.dataset.window}/earlier`, { method: "POST" }).catch(() => null);
  setTimeout(() => (waiting = false), 300);
}

function arrived() {
  places.clear();
  growth.disconnect();
  const box = list("scroll");
  if (!box || !document.querySelector("#messages[role=log]")) return;
  tell(0);
  if (list("thread-messages")) toEnd(list("thread-messages"));
  if (!box.dataset.at && isHere()) put(box, known);
  else begin(box);
  known = { place: document.body.dataset.place, ...seen(box) };
  for (const each of [box, list("messages")]) growth.observe(each);
}

// A message that was asked for, else the first that is new, else the end.
function begin(box) {
  const { place } = document.body.dataset;
  const sought = [...(box.dataset.at ? ["t", "m"] : [])].map((kind) => list(`${kind}-${place}-${box.dataset.at}`)).find(Boolean);
  toEnd(box);
  if (sought) {
    sought.classList.add("sought");
    return sought.scrollIntoView({ block: "center" });
  }
  const fresh = list("new");
  if (fresh && fresh.getBoundingClientRect().top < box.getBoundingClientRect().top) fresh.scrollIntoView({ block: "start" });
}

function scrolled({ target }) {
  if (target.id !== "scroll") return;
  known = { place: document.body.dataset.place, ...seen(target) };
  if (known.end) tell(0);
  if (target.scrollTop < NEAR && !known.end) earlier();
}

function pressed({ target }) {
  if (target.closest("[data-earlier]")) earlier();
  if (target.closest("[data-newest]")) toEnd(list("scroll"));
}

// A picture that has come, a composer that grows: whoever was at the end stays there.
const growth = new ResizeObserver(() => known.end && isHere() && list("scroll") && toEnd(list("scroll")));

document.addEventListener("patching", before);
document.addEventListener("patched", after);
document.addEventListener("arrived", arrived);
document.addEventListener("click", pressed);
document.addEventListener("scroll", scrolled, true);
