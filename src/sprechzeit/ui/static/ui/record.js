// The form of a record: a row more when the last one is used, tags from the practice's own words, a guardian or payer
// from the list of patients, Ctrl+S. Without script each of them is a plain field.

// --- Contact points: there is always an empty row ---

const rows = document.querySelector("[data-rows]");

function addRow() {
  const all = rows.querySelectorAll("[data-row]");
  const last = all[all.length - 1];
  const total = rows.querySelector('[name="contact-TOTAL_FORMS"]');
  if (!last.querySelector('input[name$="-value"]').value || all.length >= Number(rows.querySelector('[name="contact-MAX_NUM_FORMS"]').value)) return;
  const fresh = last.cloneNode(true);
  const number = all.length;
  for (const part of fresh.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, value.replace(/contact-\d+-/, `contact-${number}-`));
    }
    part.removeAttribute("aria-invalid");
  }
  for (const error of fresh.querySelectorAll('[id$="_error"]')) error.remove();
  fresh.querySelector('input[name$="-value"]').value = "";
  fresh.setAttribute("aria-label", fresh.getAttribute("aria-label").replace(/\d+$/, String(number + 1)));
  last.after(fresh);
  total.value = String(number + 1);
}

rows?.addEventListener("input", addRow);

// --- Tags: the list completes the word that is being typed ---

const tags = document.querySelector("[data-tags]");
const names = document.getElementById("tag-names");

if (tags && names) {
  const input = document.getElementById(tags.dataset.tags);
  const words = [...names.options].map((option) => option.value);
  input.setAttribute("list", names.id);
  input.addEventListener("input", () => {
    const before = input.value.replace(/[^,]*$/, "");
    const has = new Set(before.split(",").map((word) => word.trim().toLowerCase()));
    const left = words.filter((word) => !has.has(word.toLowerCase()));
    names.replaceChildren(...left.map((word) => new Option("", `${before}${before && " "}${word}`)));
  });
}

// --- Guardian and payer: a field with hits below it (combobox.js) ---

for (const field of document.querySelectorAll("[data-people]")) {
  const input = field.querySelector("input");
  const hits = field.querySelector(".hits");
  input.dataset.hits = field.dataset.people;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", hits.id);
  hits.addEventListener("click", (event) => {
    const option = event.target.closest("[data-fill]");
    if (!option) return;
    input.value = option.dataset.fill;
    hits.hidden = true;
    hits.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.focus();
  });
}

// --- Saving by keyboard, and saying that something is not saved ---

const form = document.querySelector("form[data-keeps]");
const line = form?.querySelector("[data-unsaved]");
let unsaved = false;

function note(isUnsaved) {
  unsaved = isUnsaved;
  if (line) line.hidden = !unsaved;
}
form?.addEventListener("input", () => note(true));
form?.addEventListener("submit", () => note(false));
document.querySelector("[data-discard]")?.addEventListener("click", () => note(false));
if (form?.querySelector(".note")) note(true);
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || !form) return;
  event.preventDefault();
  form.requestSubmit();
});
