// A template of reports: a placeholder is put where the text is being written.

const text = document.getElementById("id_body");

for (const button of document.querySelectorAll("[data-insert]")) {
  button.addEventListener("click", () => {
    if (!text) return;
    text.focus();
    text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
