// The day list: its button prints. Without script the browser's own command does.
document.querySelector("[data-print]").addEventListener("click", () => print());
