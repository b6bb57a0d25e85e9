// Passkeys: the ceremony between browser and authenticator (WebAuthn). What the server offers stands with the form, or is
// asked for at `data-options-url`; what the authenticator answers is sent with the form. Where the browser knows no
// passkeys, the buttons stay hidden.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const list = (credentials) => credentials?.map((one) => ({ ...one, id: bytes(one.id) }));

async function offered(form) {
  if (!form.dataset.optionsUrl) return JSON.parse(form.dataset.options);
  const response = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error("no options");
  return response.json();
}

/** A new passkey, one that opens the account by itself: the device asks who is there. */
async function create({ creation_options: { publicKey } }) {
  const selection = { ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: list(publicKey.excludeCredentials),
      authenticatorSelection: selection,
    },
  });
  const { attestationObject, clientDataJSON } = credential.response;
  return answer(credential, {
    attestationObject: text(attestationObject),
    clientDataJSON: text(clientDataJSON),
    transports: credential.response.getTransports?.() ?? [],
  });
}

/** Showing a passkey that is there. */
async function get({ request_options: { publicKey } }) {
  const credential = await navigator.credentials.get({
    publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: list(publicKey.allowCredentials) },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  return answer(credential, {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  });
}

function answer(credential, response) {
  return {
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

const ceremonies = { create, get };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  for (const part of document.querySelectorAll("[data-with-passkeys]")) part.hidden = false;
  form.addEventListener("submit", async (event) => {
    const field = form.elements.credential;
    if (field.value) return;
    event.preventDefault();
    // Said to whom the form belongs: it is not sent yet.
    event.stopImmediatePropagation();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      field.value = JSON.stringify(await ceremonies[form.dataset.passkey](await offered(form)));
    } catch {
      failed.hidden = false;
      return;
    }
    form.requestSubmit();
  });
}
