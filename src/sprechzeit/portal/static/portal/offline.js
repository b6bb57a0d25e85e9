// A phone without a connection would show its own page of errors, and what was typed would be gone with ours.

const notice = document.querySelector("[data-offline]");

// Before it counts as sent.
document.addEventListener(
  "submit",
  (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    notice.hidden = false;
    notice.scrollIntoView({ block: "nearest" });
  },
  true,
);
addEventListener("online", () => { notice.hidden = true; });
