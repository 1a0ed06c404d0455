"use strict";
document.documentElement.classList.add("js");
const table = document.getElementById("class");
const body = table.tBodies[0];
const rows = [...body.rows];
const said = document.getElementById("said");

// A click on a column's head sorts by it; once more turns the order round.
for (const button of table.tHead.querySelectorAll("button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const turned = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.querySelectorAll("th")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", turned ? "descending" : "ascending");
    const key = (row) => row.cells[head.cellIndex].dataset.key;
    rows.sort((a, b) => key(a).localeCompare(key(b)) * (turned ? -1 : 1));
    body.append(...rows);
  });
}

// Every word of the search has to occur in a row: a name, a verdict, a function with its verdict.
const search = document.getElementById("search");
const texts = new Map(rows.map((row) => [row, row.dataset.words.toLowerCase()]));
const narrow = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    row.hidden = !words.every((word) => texts.get(row).includes(word));
    shown += !row.hidden;
  }
  said.textContent = words.length ? `${shown} of ${rows.length} shown` : "";
};
search.addEventListener("input", narrow);
narrow();
