// Two conveniences; every page works without them. Nothing is stored and nobody else is asked before a click.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const label = button.querySelector("span");
  const usual = label.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = usual; }, 2000);
  });
}

for (const figure of document.querySelectorAll("[data-embed]")) {
  const offer = figure.querySelector(".offer");
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    const frame = document.createElement("iframe");
    frame.src = figure.dataset.embed;
    frame.title = figure.dataset.title;
    frame.allow = "fullscreen; picture-in-picture";
    frame.referrerPolicy = "strict-origin";
    figure.querySelector(".stage").replaceChildren(frame);
    offer.remove();
    frame.focus();
  });
}
