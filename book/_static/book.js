// Small things the theme does not do: enlarge a figure, search from disk, stack wide rows on a phone.
"use strict";

// The search page fetches each hit's text for an excerpt. A browser forbids that
// for pages opened from disk; the hits themselves come from an index that loads as a script.
if (window.location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}

// A click, or Enter, on a figure opens it in a <dialog>. The browser itself closes
// that with Esc, keeps the keyboard inside, and gives the focus back afterwards.
function enlarge(button, label) {
  const dialog = document.createElement("dialog");
  dialog.className = "enlarged";
  dialog.setAttribute("aria-label", label);

  const close = document.createElement("button");
  close.type = "button";
  close.className = "enlarged-close";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());

  const frame = document.createElement("div");
  frame.className = "enlarged-frame";
  frame.tabIndex = 0;
  frame.append(...[...button.querySelectorAll("img")].map((img) => img.cloneNode()));

  dialog.append(close, frame);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function makeButton(images, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "enlarge";
  button.setAttribute("aria-label", "Enlarge " + label);
  images[0].before(button);
  button.append(...images); // light and dark: the theme shows one
  button.addEventListener("click", () => enlarge(button, label));
}

// On a phone the rows of a table with running text are stacked; each cell then shows its heading.
// Two columns fit as they are.
function nameCells(table) {
  const headings = [...table.querySelectorAll("thead tr:last-child th")].map((th) => th.textContent.trim());
  if (headings.length < 3) return;
  table.classList.add("stacked");
  for (const row of table.querySelectorAll("tbody tr")) {
    const missing = headings.length - row.cells.length; // cells that one further up covers
    [...row.cells].forEach((cell, i) => { cell.dataset.heading = headings[i + missing]; });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("table.report-table-text").forEach(nameCells);
  for (const figure of document.querySelectorAll("figure.report-figure")) {
    const number = figure.querySelector(".caption-number");
    makeButton([...figure.querySelectorAll("img")], number.textContent.trim());
  }
  for (const image of document.querySelectorAll(".cell_output img")) {
    makeButton([image], "figure of this notebook");
  }
});
