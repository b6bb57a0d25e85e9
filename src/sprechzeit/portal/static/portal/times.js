// The page of times loaded again is the same page: it keeps the key that a time was pressed with, so that another time
// gives that one back instead of being kept beside it. The key stands with the page's place in the history, which
// needs no cookie and ends with the tab.

const key = document.querySelector("#times > [name=key]");
if (typeof history.state?.key === "string") key.value = history.state.key;
else history.replaceState({ ...history.state, key: key.value }, "");
