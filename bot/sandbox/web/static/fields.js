// What stands in the fields of a form, as the acts take it: by the fields' names, `{block_id}/{action_id}`.
const KEPT_ELSEWHERE = /external_select$|^file_input$/; // The sandbox knows what was chosen there; files are not sent.

export function entered(form) {
  const values = {};
  for (const field of form.querySelectorAll("[data-kind]")) {
    if (!KEPT_ELSEWHERE.test(field.dataset.kind)) values[field.name] = valueOf(field);
  }
  return values;
}

// A field's value: a list of all that are ticked where several may be; null: nothing.
export function valueOf(field) {
  if (field.type === "checkbox") return field.closest(".boxes") ? ticked(field) : field.checked;
  if (field.type === "radio") return ticked(field)[0] ?? null;
  return field.value || null;
}

function ticked(box) {
  return [...box.closest(".boxes").querySelectorAll("input:checked")].map(({ value }) => value);
}
