// Asks before an act that bears `data-confirm`: the words come from the app or from the page.
export function asked({ title = "", text = "", confirm = "", deny = "", style = "primary" }) {
  const dialog = document.getElementById("confirm");
  const [no, yes] = dialog.querySelectorAll("button");
  dialog.querySelector("h2").textContent = title || "Are you sure?";
  dialog.querySelector("p").textContent = text;
  yes.textContent = confirm || "Yes";
  no.textContent = deny || "Cancel";
  yes.className = style === "danger" ? "danger" : "primary";
  dialog.returnValue = "";
  dialog.showModal();
  yes.focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}
