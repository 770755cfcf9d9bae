// What a person does, told to the sandbox: every element with `data-act` is one act.
import { asked } from "./confirm.js";
import { entered, valueOf } from "./fields.js";

const WORDS = {
  dispatch_failed: "The app is not there. The weather page can start it.",
  operation_timeout: "The app did not answer within 3 seconds.",
};

export async function act(name, args) {
  const answer = await fetch(`/control/${name}`, { method: "POST", body: JSON.stringify(args) }).catch(() => null);
  const said = answer && (await answer.json().catch(() => null));
  const result = said?.result;
  if (!answer?.ok) return refused(name, args, said?.error || "The sandbox does not answer.");
  document.dispatchEvent(new CustomEvent("acted", { detail: { act: name, args, result } }));
  if (result?.error) return refused(name, args, WORDS[result.error] || `The app's answer was not taken: ${result.error}`);
  return result ?? true;
}

// Everything that the element and what surrounds it know about the act.
export function known(element) {
  const body = document.body.dataset;
  const surface = element.closest("[data-surface]")?.dataset;
  const args = /^slack\/(?!drop_sockets)/.test(element.dataset.act) ? { user: body.name } : {}; // The rest says itself who.
  if (element.dataset.act?.startsWith("slack/click")) {
    args.wait = 0;
    if (surface?.surface === "message") Object.assign(args, { channel: surface.channel, ts: surface.ts });
    if (surface?.surface === "home") args.home = true;
  }
  return { ...args, ...JSON.parse(element.dataset.args || "{}") };
}

export async function run(element, more = {}) {
  if (element.dataset.confirm && !(await asked(JSON.parse(element.dataset.confirm)))) return takenBack(element);
  element.setAttribute("aria-busy", "true");
  await typedBefore(element);
  const result = await act(element.dataset.act, { ...known(element), ...more });
  element.removeAttribute("aria-busy");
  return result;
}

function refused(name, args, words) {
  document.dispatchEvent(new CustomEvent("refused", { detail: { act: name, args, words } }));
  return null;
}

// What stands in a modal's fields goes along with a press in it.
function typedBefore(element) {
  const form = element.closest("#modal form");
  return form && act("slack/fill", { user: document.body.dataset.name, values: entered(form) });
}

function takenBack(element) {
  for (const option of element.options || []) option.selected = option.defaultSelected;
  return null;
}

function pressed(event) {
  const element = event.target.closest("button[data-act], a[data-act]");
  if (element && element.type !== "submit") run(element); // A link is followed besides.
}

function sent(event) {
  const form = event.target.closest("form[data-act]");
  if (!form) return;
  event.preventDefault();
  run(form, Object.fromEntries(new FormData(form))).then((result) => result && form.reset());
}

function chosen(event) {
  const element = event.target.closest("select[data-act], input[data-act], textarea[data-act]");
  if (element && !element.closest(".external, .several")) run(element, { selected: valueOf(element) });
}

document.addEventListener("click", pressed);
document.addEventListener("submit", sent);
document.addEventListener("change", chosen);
