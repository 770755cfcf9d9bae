// Tells in the window's title and mark what waits elsewhere: how much is unread, and whether somebody calls.
let name = null;

function count(selector) {
  return [...document.querySelectorAll(selector)].reduce((sum, each) => sum + (parseInt(each.textContent.replace("@", ""), 10) || 0), 0);
}

function show() {
  name ??= document.title;
  const calls = count("#channels .unread.calls");
  const unread = count("#channels .unread");
  document.title = calls ? `(${calls}) ${name}` : unread ? `• ${name}` : name;
  const mark = document.querySelector('link[rel="icon"]');
  const wanted = mark.href.replace(/mark(-\w+)?\.svg$/, calls ? "mark-calls.svg" : unread ? "mark-unread.svg" : "mark.svg");
  if (mark.href !== wanted) mark.href = wanted;
}

function arrived() {
  name = null;
  show();
}

document.addEventListener("arrived", arrived);
document.addEventListener("patched", show);
