// A link that the practice made carries the TAN behind the '#', which no browser sends: typed in and taken from the address.

const form = document.querySelector("[data-tan]");
const carried = /^#tan=(\d{6})$/.exec(location.hash);
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
if (form && carried) {
  form.elements.tan.value = carried[1];
  form.requestSubmit();
}
