// Adding documents: files can be dropped, what was chosen is shown, and what is too large is said before it is sent.

const form = document.querySelector("form[data-drop]");
const input = form.querySelector('input[type="file"]');
const zone = form.querySelector(".drop");
const list = form.querySelector("[data-chosen]");
const most = Number(form.dataset.most);
const together = 4.5 * most;

form.querySelector("[data-hint]").hidden = false;

const size = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1, style: "unit", unit: "megabyte" });

function show() {
  const files = [...input.files];
  list.replaceChildren(...files.map((file) => {
    const line = document.createElement("li");
    const [name, detail] = [document.createElement("span"), document.createElement("span")];
    const megabytes = size.format(Math.max(file.size / 1048576, 0.1));
    name.textContent = file.name;
    detail.textContent = file.size > most ? `${megabytes} · ${form.dataset.tooLarge}` : megabytes;
    line.classList.toggle("wrong", file.size > most);
    line.append(name, detail);
    return line;
  }));
  const sum = files.reduce((whole, file) => whole + file.size, 0);
  input.setCustomValidity(sum > together ? form.dataset.together : "");
  list.hidden = files.length === 0;
}
input.addEventListener("change", show);

// --- Dropping: anywhere on the page, or the browser would open the file in place of it ---

const brings = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  zone.classList.add("over");
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone.classList.remove("over");
});
addEventListener("drop", (event) => {
  if (!brings(event)) return;
  event.preventDefault();
  zone.classList.remove("over");
  input.files = event.dataTransfer.files;
  show();
});

// --- Sending takes a while ---

form.addEventListener("submit", () => {
  const button = form.querySelector("[data-sending]");
  button.querySelector("span").textContent = button.dataset.sending;
  button.setAttribute("aria-busy", "true");
});
