// The PagerDuty page: which alert is fired, and menus that fold away when something is chosen in them.
function chosen(menu) {
  const option = menu.selectedOptions[0];
  const own = menu.form.querySelector("fieldset");
  menu.form.dataset.args = option.dataset.args;
  own.hidden = own.disabled = !("own" in option.dataset);
  menu.form.querySelector("output").textContent = option.dataset.says || "";
}

document.addEventListener("change", ({ target }) => target.id === "alert" && chosen(target));
// A form is emptied after it was sent; its fields are told so only afterwards.
document.addEventListener("reset", ({ target }) => {
  const menu = target.querySelector("#alert");
  if (menu) setTimeout(() => chosen(menu));
});
document.addEventListener("click", ({ target }) => {
  const row = target.closest(".choices [data-act]");
  row?.closest("[popover]").hidePopover();
});
