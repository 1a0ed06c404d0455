"use strict";
document.documentElement.classList.add("js");
const said = document.getElementById("said");

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.body.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const done = await copy(button.previousElementSibling.textContent);
  button.focus();
  button.textContent = done ? "Copied" : "Failed";
  said.textContent = done ? "Replay line copied" : "The browser refused to copy";
  setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 1600);
});

// A link from the matrix opens what it leads to; on paper everything is open.
const open = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
};
addEventListener("hashchange", open);
open();
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
