// A join link to be given to a patient: copied, with the TAN behind its '#'.

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-join-link]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.joinLink);
  const words = button.querySelector("[data-words]");
  words.textContent = button.dataset.copied;
  window.sprechzeit.announce(button.dataset.copied);
});
