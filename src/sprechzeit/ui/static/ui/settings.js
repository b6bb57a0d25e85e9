// The settings: a preview that follows what is typed, a text to copy or print, and a word before something typed gets lost.

const page = document.querySelector("form[data-keeps]");

// --- What is not saved yet ---

let unsaved = false;
function note(isUnsaved) {
  unsaved = isUnsaved;
  const line = page?.querySelector("[data-unsaved]");
  if (line) line.hidden = !unsaved;
}
page?.addEventListener("input", () => note(true));
page?.addEventListener("submit", () => note(false));
document.querySelector("[data-discard]")?.addEventListener("click", () => note(false));
if (page?.querySelector(".note.error")) note(true);
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// --- The order ---

// The pressed arrow is drawn anew with the list: the keyboard stays on it, or on the other one at an end of the list.
const order = () => [...document.querySelectorAll("#order button")];
document.getElementById("place")?.addEventListener("submit", ({ target, submitter }) => {
  const pressed = order().indexOf(submitter);
  target.addEventListener("htmx:after:swap", () => {
    const arrows = order();
    (arrows[pressed]?.disabled ? arrows.find((arrow) => !arrow.disabled) : arrows[pressed])?.focus();
  }, { once: true });
});

// --- The preview ---

const shown = (name) => document.querySelector(`[data-preview="${name}"]`);
page?.addEventListener("input", ({ target }) => {
  const place = shown(target.name);
  if (!place) return;
  if (target.name === "colour") place.className = `logo colour${target.value}`;
  else place.textContent = target.value.trim() || place.dataset.otherwise || "";
});

// --- Printing ---

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
