// What every page needs: theme, toasts, passwords shown on demand, focus on what went wrong.

const YEAR_SECONDS = 31_536_000;
const TOAST_MILLISECONDS = 6_000;
const UNDO_MILLISECONDS = 12_000;

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

async function copy(button) {
  const text = document.getElementById(button.dataset.copy);
  const [before, after] = button.querySelectorAll("span");
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    return;
  }
  before.hidden = true;
  after.hidden = false;
  window.sprechzeit.announce(after.textContent);
}

// A write says with it which calendars it changed.
const CHANGED = "X-Changed-Columns";

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

  /**
   * Post `fields` (FormData, or an object) to `url`. Returns the answer's status, its HTML and the calendars it
   * changed; status 0 when the server could not be reached.
   */
  async send(url, fields) {
    const body = new URLSearchParams(fields instanceof FormData ? [...fields] : Object.entries(fields));
    const headers = { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}") };
    try {
      const response = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
      if (response.redirected || response.status === 401) location.reload();
      const changed = response.headers.get(CHANGED)?.split(",").map((id) => id.trim()).filter(Boolean) ?? [];
      return { status: response.status, html: await response.text(), changed };
    } catch {
      return { status: 0, html: "", changed: [] };
    }
  },

  /** Say that something failed, in the words of a template; the page stays as it is. */
  failed(template = "request-failed") {
    document.getElementById("toasts").replaceChildren(document.getElementById(template).content.cloneNode(true));
  },

  /** What was done before is not said beside a refusal. */
  quiet() {
    document.getElementById("toasts").replaceChildren();
  },

  /** Show the toast that an answer brought. */
  toast(html) {
    const place = document.getElementById("toasts");
    place.innerHTML = html;
    window.htmx?.process(place);
  },

  /** Show the buttons that copy what stands beside them, in a part of the page that has just come. */
  offerCopies(part) {
    for (const button of part.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
  },

  /** Say a line to who listens instead of looking. */
  announce(text) {
    const place = document.getElementById("announcements");
    place.textContent = "";
    requestAnimationFrame(() => (place.textContent = text));
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("themeChoice" in button.dataset) chooseTheme(button.dataset.themeChoice);
  if ("reveal" in button.dataset) reveal(button);
  if ("copy" in button.dataset) copy(button);
  if ("dismiss" in button.dataset) button.closest(".toast").remove();
});

for (const button of document.querySelectorAll("[data-reveal]")) button.hidden = false;

// A toast goes by itself, but not while somebody is about to use it or a dialog covers it, and never with what went wrong.
function fade(toast) {
  const stay = () => setTimeout(() => (toast.matches(":hover, :focus-within") || document.querySelector("dialog:modal") ? stay() : toast.remove()), time);
  const time = toast.querySelector("form") ? UNDO_MILLISECONDS : TOAST_MILLISECONDS;
  stay();
}
window.sprechzeit.offerCopies(document);
const toasts = document.getElementById("toasts");
const fading = () => toasts.querySelectorAll(".toast:not(.error, .warning, [data-fades])").forEach((toast) => {
  toast.dataset.fades = "";
  fade(toast);
});
if (toasts) {
  fading();
  new MutationObserver(fading).observe(toasts, { childList: true });
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
