// Proposes a handle while a name is typed, and says at once what is wrong with one. Without this script the server does
// both when the form is sent.
"use strict";

(function () {
  const form = document.querySelector("[data-partner-form]");
  if (!form) return;
  const name = form.querySelector("[name=title]");
  const handle = form.querySelector("[name=handle]");
  const problem = form.querySelector("[data-handle-problem]");
  let own = handle.value !== ""; // somebody chose it; nothing proposed takes its place
  let asked = 0;

  async function ask() {
    const mine = ++asked;
    const query = new URLSearchParams({ name: name.value, handle: own ? handle.value : "" });
    if (!name.value && !own) return;
    try {
      const response = await fetch(`${form.dataset.checkUrl}?${query}`);
      if (!response.ok) return;
      const answer = await response.json();
      if (mine !== asked) return; // a later question is under way
      if (!own) handle.value = answer.handle;
      problem.textContent = answer.problem;
      problem.hidden = !answer.problem;
    } catch {
      // Not reachable: the form says it when it is sent.
    }
  }

  let waiting;
  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 300);
  }

  name.addEventListener("input", soon);
  handle.addEventListener("input", () => {
    own = handle.value !== "";
    soon();
  });
})();
