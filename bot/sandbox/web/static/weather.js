// The weather page: sliders that say in words where they stand, and act when they are let go.
import { act } from "./acts.js";

let underway = 0;
const steps = (slider) => JSON.parse(slider.dataset.steps);

function says(slider) {
  const [amount, words] = steps(slider)[slider.value];
  const said = slider.parentElement.querySelector("output");
  slider.setAttribute("aria-valuetext", words);
  said.textContent = words;
  said.className = amount ? "some" : "";
}

async function slid(slider) {
  const [amount] = steps(slider)[slider.value];
  underway += 1;
  await act(slider.dataset.slide, { ...JSON.parse(slider.dataset.args), [slider.dataset.field]: amount });
  underway -= 1;
}

// What a slider was pushed to outlives its attribute: drawn anew, it is put where it belongs; but not while it is being
// pushed, or the answer to one arrow key would undo the next.
function drawn(key) {
  if (underway) return;
  for (const slider of document.getElementById(key)?.querySelectorAll("[data-slide]") || []) {
    if (!slider.matches(":active")) slider.value = slider.getAttribute("value");
  }
}

document.addEventListener("input", ({ target }) => target.matches("[data-slide]") && says(target));
document.addEventListener("change", ({ target }) => target.matches("[data-slide]") && slid(target));
document.addEventListener("patched", ({ detail }) => detail.forEach(drawn));
