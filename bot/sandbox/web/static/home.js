// Who opens the app's home tab is announced to the app, which then draws it.
import { act } from "./acts.js";

document.addEventListener("arrived", () => {
  const { place, name } = document.body.dataset;
  if (place === "home") act("slack/home", { user: name, wait: 0 });
});
