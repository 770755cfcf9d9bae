// Turns what a message keeps back into what its author typed: tokens into names, entities into signs.
export function asTyped(kept) {
  return kept.replace(/<([^>]*)>/g, (_, token) => written(token)).replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function written(token) {
  const [target, label] = token.split("|");
  if (target.startsWith("@")) return `@${nameOf("people", target.slice(1)) || nameOf("apps", target.slice(1)) || label || target.slice(1)}`;
  if (target.startsWith("#")) return `#${label || target.slice(1)}`;
  if (target.startsWith("!subteam^")) return `@${nameOf("groups", target.slice(9)) || (label || "").replace("@", "")}`;
  if (target.startsWith("!")) return `@${target.slice(1)}`;
  return target;
}

function nameOf(list, id) {
  return document.querySelector(`#${list} [data-id="${CSS.escape(id)}"]`)?.dataset.name;
}
