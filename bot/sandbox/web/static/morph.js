// Makes an element like a fresh drawing of it, and leaves alone what is equal: what one types, where one is, stays.
const KEPT = { dialog: ["open"], details: ["open"] };

export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh);
  attributes(old, fresh);
  children(old, fresh);
}

function attributes(old, fresh) {
  const kept = KEPT[old.localName] || [];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

function children(old, fresh) {
  let here = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const match = matching(old, here, wanted);
    if (!match) {
      old.insertBefore(wanted, here);
      continue;
    }
    if (match !== here) old.insertBefore(match, here);
    here = match.nextSibling;
    if (match.nodeType === Node.ELEMENT_NODE) morph(match, wanted);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (here) {
    const next = here.nextSibling;
    if (!here.dataset || !("mine" in here.dataset)) here.remove(); // What a script of the page put there stays.
    here = next;
  }
}

function matching(old, here, wanted) {
  if (wanted.id) return old.querySelector(`:scope > #${CSS.escape(wanted.id)}`);
  return same(here, wanted) ? here : null;
}

// A field under another name is another field: what was typed into the old one is not carried into it.
function same(one, other) {
  if (!one || one.nodeName !== other.nodeName || one.id) return false;
  return one.getAttribute?.("name") === other.getAttribute?.("name");
}
