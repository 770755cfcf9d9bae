// Shares files: by the clip, by pasting, by dropping them on the page.
import { act } from "./acts.js";
import { write } from "./composer.js";

const MOST = 10 * 1024 * 1024;

async function share(files, field) {
  const place = { user: document.body.dataset.name, channel: field.closest("form").dataset.channel };
  for (const file of files) {
    if (file.size > MOST) {
      refuse(`${file.name} is too big: 10 MB at most.`);
      continue;
    }
    const text = field.value; // What is written goes along with the first of them.
    write(field, "", true);
    const said = await act("slack/share_file", { ...place, name: file.name, content: await encoded(file), text });
    if (!said) write(field, text, true);
  }
}

function encoded(file) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.readAsDataURL(file);
  });
}

function refuse(words) {
  document.dispatchEvent(new CustomEvent("refused", { detail: { act: "slack/share_file", args: {}, words } }));
}

function main() {
  return document.getElementById("composer");
}

function pressed({ target }) {
  target.closest("[data-upload]")?.closest("form").querySelector("input[type=file]").click();
}

function chosen({ target }) {
  if (!target.matches(".composer input[type=file]")) return;
  share(target.files, target.form.elements.text);
  target.value = "";
}

function pasted(event) {
  if (!event.target.closest(".composer") || !event.clipboardData.files.length) return;
  event.preventDefault();
  share(event.clipboardData.files, main());
}

function dragged(event) {
  const brings = event.dataTransfer?.types.includes("Files") && main()?.checkVisibility();
  if (!brings) return;
  event.preventDefault();
  main().closest("form").classList.toggle("over", event.type === "dragover");
  if (event.type === "drop") share(event.dataTransfer.files, main());
}

document.addEventListener("click", pressed);
document.addEventListener("change", chosen);
document.addEventListener("paste", pasted);
for (const kind of ["dragover", "dragleave", "drop"]) document.addEventListener(kind, dragged);
