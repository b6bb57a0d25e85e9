// Writing a note or a report: what is typed is kept by the server every few seconds, and the page says plainly whether it is. Nothing
// of it stays in the browser.

const PAUSE_MILLISECONDS = 2_000;
const AGAIN_MILLISECONDS = 5_000;
const LOOK_MILLISECONDS = 20_000;

const form = document.getElementById("note");
const state = document.getElementById("save-state");
const writers = document.getElementById("writers");
const preview = document.getElementById("preview"); // of a report: the letter as it will be read
const hidden = () => form.querySelector("[data-hidden]");

let typed = 0; // counts what was typed
let kept = 0; // the count that the server has
let sending = false;
let leaving = false;
let timer = null;

function say(text, kind = "") {
  if (state.textContent !== text) state.textContent = text;
  state.className = `small save-state ${kind}`;
}

function soon(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(keep, milliseconds);
}

function fields() {
  return new URLSearchParams([...new FormData(form)]);
}

async function keep() {
  clearTimeout(timer);
  if (sending || leaving || kept === typed) return;
  const upto = typed;
  sending = true;
  say(state.dataset.saving, "waiting");
  try {
    const response = await fetch(form.dataset.draft, {
      method: "POST",
      body: fields(),
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
      redirect: "manual",
      // Leaving the page does not stop it; the browser takes no more than so much then.
      keepalive: fields().toString().length < 60_000,
    });
    if (response.ok) taken(await response.text(), upto);
    else await refused(response.status);
  } catch {
    say(state.dataset.lost, "lost");
    soon(AGAIN_MILLISECONDS);
  } finally {
    sending = false;
  }
  if (kept !== typed && state.classList.contains("kept")) soon(PAUSE_MILLISECONDS);
}

function taken(html, upto) {
  const answer = document.createElement("template");
  answer.innerHTML = html;
  hidden().replaceWith(answer.content.querySelector("[data-hidden]"));
  writers.innerHTML = answer.content.querySelector("[data-writers]").innerHTML;
  if (preview) preview.innerHTML = answer.content.querySelector("[data-preview]").innerHTML;
  kept = upto;
  if (kept === typed) say(answer.content.querySelector("[data-state]").textContent, "kept");
  else say(state.dataset.waiting, "waiting kept");
}

async function refused(status) {
  // Signed out, or the server is away for a moment: what is typed stays here and is tried again.
  const isOut = status === 401 || status === 0 || status === 403;
  const isForGood = status >= 400 && status < 500 && !isOut && status !== 429;
  say(isOut ? state.dataset.out : isForGood ? state.dataset.refused : state.dataset.lost, "lost");
  if (isOut) await recognise();
  if (!isForGood) soon(AGAIN_MILLISECONDS);
}

// Who signed in again in another window has another token; without it the server takes nothing from this page.
async function recognise() {
  try {
    const response = await fetch(location.pathname, { credentials: "same-origin", redirect: "manual" });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const token = page.querySelector("#note [name=csrfmiddlewaretoken]");
    if (token) form.elements.csrfmiddlewaretoken.value = token.value;
  } catch {
    // Tried again with the next attempt.
  }
}

async function look() {
  if (document.hidden || sending) return;
  try {
    const pad = form.querySelector("[name=pad]").value;
    const address = `${form.dataset.writers}?pad=${encodeURIComponent(pad)}`;
    const response = await fetch(address, { headers: { "HX-Request": "true" }, redirect: "manual" });
    if (response.ok && kept === typed) writers.innerHTML = await response.text();
  } catch {
    // The next look tells; that nothing is kept is said where something is typed.
  }
}

// What a choice says is sent along, and is nothing that was written.
const isWritten = (control) => control.matches("textarea, input[type=text]");

form.addEventListener("input", (event) => {
  if (!isWritten(event.target)) return;
  typed += 1;
  if (!sending && !state.classList.contains("lost")) say(state.dataset.waiting, "waiting");
  soon(PAUSE_MILLISECONDS);
});
form.addEventListener("focusout", (event) => isWritten(event.target) && keep());
form.addEventListener("submit", () => {
  leaving = true;
  clearTimeout(timer);
});
form.elements.template?.addEventListener("change", () => form.requestSubmit(form.querySelector("[name=switch]")));
for (const button of form.querySelectorAll("[name=switch]")) button.hidden = true;

document.addEventListener("visibilitychange", () => document.hidden && keep());
addEventListener("online", keep);
addEventListener("beforeunload", (event) => {
  if (kept !== typed && !leaving) event.preventDefault();
});
addEventListener("pageshow", () => (leaving = false));
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-save], button.primary"));
  }
});
if (form.dataset.writers) setInterval(look, LOOK_MILLISECONDS);
