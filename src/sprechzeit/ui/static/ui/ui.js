// What every page needs: theme, toasts, passwords shown on demand, focus on what went wrong.

const YEAR_SECONDS = 31_536_000;
const TOAST_MILLISECONDS = 6_000;

function chooseTheme(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${theme ? YEAR_SECONDS : 0}; SameSite=Lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.ariaPressed = String(button.dataset.themeChoice === theme);
  }
}

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.ariaPressed = String(shown);
}

// What the other scripts of a page use. A global, not an import: file names carry a hash that no import could know.
window.sprechzeit = {
  /** The HTML at `url`, or null if it cannot be had now. When the session has ended, the page goes to sign-in. */
  async fragment(url) {
    try {
      const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (response.redirected || response.status === 401) location.reload();
      return response.ok && !response.redirected ? await response.text() : null;
    } catch {
      return null;
    }
  },

  /** Say that something failed; the page stays as it is. */
  failed() {
    const toast = document.getElementById("request-failed").content.cloneNode(true);
    document.getElementById("toasts").replaceChildren(toast);
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("themeChoice" in button.dataset) chooseTheme(button.dataset.themeChoice);
  if ("reveal" in button.dataset) reveal(button);
  if ("dismiss" in button.dataset) button.closest(".toast").remove();
});

for (const button of document.querySelectorAll("[data-reveal]")) button.hidden = false;
for (const toast of document.querySelectorAll(".toast:not(.error, .warning)")) {
  setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), TOAST_MILLISECONDS);
}
document.querySelector("[data-focus]")?.focus();

for (const failure of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failure, (event) => {
    // 409 and 422 bring the form again, with the reason beside the field.
    if (![409, 422].includes(event.detail?.ctx?.response?.status)) window.sprechzeit.failed();
  });
}

// A form is sent once: a second click while the answer is under way would only be refused.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
