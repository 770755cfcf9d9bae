// Tells in the window's title and mark what waits: how often one is called, and that others talk.
const HIDDEN = 5000; // Milliseconds between two questions of a window that nobody sees, and that has no stream.
let name = null;

function count(selector) {
  return [...document.querySelectorAll(selector)].reduce((sum, each) => sum + (parseInt(each.textContent.replace("@", ""), 10) || 0), 0);
}

function show(calls, unread) {
  name ??= document.title;
  document.title = calls ? `(${calls}) ${name}` : unread ? `• ${name}` : name;
  const mark = document.querySelector('link[rel="icon"]');
  const wanted = mark.href.replace(/mark(-\w+)?\.svg$/, calls ? "mark-calls.svg" : unread ? "mark-unread.svg" : "mark.svg");
  if (mark.href !== wanted) mark.href = wanted;
}

function shown() {
  if (!document.hidden) show(count("#channels .unread.calls"), count("#channels .unread"));
}

async function ask() {
  if (!document.hidden) return;
  const answer = await fetch(`/as/${document.body.dataset.name}/waiting`).catch(() => null);
  const waits = answer?.ok && (await answer.json());
  if (waits && document.hidden) show(waits.mentions, waits.unread);
}

function arrived() {
  name = null;
  shown();
}

document.addEventListener("arrived", arrived);
document.addEventListener("patched", shown);
document.addEventListener("visibilitychange", shown);
setInterval(ask, HIDDEN);
