// A few conveniences; every page works without them. Nobody else is asked for anything before a click, and nothing is
// stored but the reader's own server, in their own browser, if they tick the box.
"use strict";

const STORED = "commonwire-server";

for (const button of document.querySelectorAll("[data-copy]")) offerCopy(button);
for (const form of document.querySelectorAll("[data-way-form]")) remember(form);

if (typeof HTMLDialogElement === "function") {
  for (const link of document.querySelectorAll("a[data-dialog]")) {
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      showWay(link).catch(() => { location.assign(link.href); });
    });
  }
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

function offerCopy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const label = button.querySelector("span");
  const usual = label.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = usual; }, 2000);
  });
}

// The form of the page that the link leads to, in a dialog on this one.
async function showWay(link) {
  const answer = await fetch(link.href, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const way = document.importNode(page.querySelector("[data-way]"), true);
  const dialog = document.createElement("dialog");
  const close = document.createElement("button");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "way-title");
  close.type = "button";
  close.className = "quiet close";
  close.textContent = page.querySelector("[data-close]").dataset.close;
  close.addEventListener("click", () => { dialog.close(); });
  dialog.append(close, way);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  for (const button of way.querySelectorAll("[data-copy]")) offerCopy(button);
  const form = way.querySelector("[data-way-form]");
  remember(form);
  form.addEventListener("submit", (event) => { event.preventDefault(); sendOn(form); });
  document.body.append(dialog);
  dialog.showModal();
  form.elements.server.focus();
}

// As the browser would send it; but what went wrong is said in the dialog.
async function sendOn(form) {
  const problem = form.querySelector(".problem");
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" },
    });
    const said = await answer.json();
    if (said.way) {
      location.assign(said.way);
      return;
    }
    form.elements.token.value = said.token;
    problem.textContent = said.problem;
    problem.hidden = false;
    form.elements.server.setAttribute("aria-invalid", "true");
    form.elements.server.focus();
  } catch {
    form.submit();
  } finally {
    button.disabled = false;
  }
}

function remember(form) {
  const box = form.querySelector("[data-remember]");
  const field = form.elements.server;
  try {
    const stored = localStorage.getItem(STORED);
    box.closest(".remember").hidden = false;
    if (stored && !field.value) field.value = stored;
    box.checked = Boolean(stored);
    form.addEventListener("submit", () => {
      if (box.checked) localStorage.setItem(STORED, field.value.trim());
      else localStorage.removeItem(STORED);
    });
  } catch { /* a browser that stores nothing is not offered to */ }
}
