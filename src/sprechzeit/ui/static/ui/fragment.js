// Fetching a part of the page with the visitor's own rights.

/** The HTML at `url`, or null if it cannot be had now. When the session has ended, the page goes to sign-in. */
export async function fragment(url) {
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (response.redirected || response.status === 401) location.reload();
    return response.ok && !response.redirected ? await response.text() : null;
  } catch {
    return null;
  }
}
