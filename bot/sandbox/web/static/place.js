// Where something that floats comes to stand: its sheet reads `--x`, `--y` or `--b`, and how high it may be, `--h`.

// Below the element or above it, where there is more room, and never beyond the edge of the window.
export function place(floating, beside, wide = 340, high = 380) {
  const { left, right, top, bottom } = beside.getBoundingClientRect();
  const width = Math.min(wide, innerWidth - 16);
  const [above, below] = [top - 12, innerHeight - bottom - 12];
  const isBelow = below >= high || below >= above;
  const at = {
    "--x": `${Math.max(8, Math.min(right - width, innerWidth - width - 8, left))}px`,
    "--y": isBelow ? `${bottom + 4}px` : "auto",
    "--b": isBelow ? "auto" : `${innerHeight - top + 4}px`,
    "--h": `${isBelow ? below : above}px`,
  };
  for (const [name, value] of Object.entries(at)) floating.style.setProperty(name, value);
}
