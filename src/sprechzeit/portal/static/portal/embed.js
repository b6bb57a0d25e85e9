// For the website of a practice: shows its booking page in place of a link to it.
//
//   <a data-sprechzeit href="https://…/book/praxis/">Termin buchen</a>
//   <script src="https://…/book/embed.js" async></script>
//
// Without this script, or where it fails, the link leads to the booking page. No cookie is set or needed.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const START_HEIGHT = 640;
  const MOST = 20_000;

  function embed(link) {
    const address = new URL(link.href);
    if (address.origin !== home) return;
    const frame = document.createElement("iframe");
    frame.src = address.href;
    frame.title = link.dataset.sprechzeit || link.textContent.trim();
    frame.style.cssText = "border:0;display:block;width:100%";
    frame.height = START_HEIGHT;
    let steps = 0;
    frame.addEventListener("load", () => {
      // The page answers to whom it was greeted by, and to nobody else.
      frame.contentWindow.postMessage({ sprechzeit: "greeting" }, home);
      if (steps++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
    });
    addEventListener("message", (event) => {
      if (event.origin !== home || event.source !== frame.contentWindow) return;
      const height = Number(event.data?.sprechzeit?.height);
      if (height > 0 && height <= MOST) frame.height = Math.ceil(height);
    });
    link.replaceWith(frame);
  }

  const begin = () => document.querySelectorAll("a[data-sprechzeit]").forEach(embed);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
})();
