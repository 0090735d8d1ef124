// What publishing the page will do, as it stands in the form. One line beside the button asks; all lines show it.
"use strict";

window.wagtail.app.register("cw-outlook", class extends window.StimulusModule.Controller {
  static values = { asks: Boolean };

  connect() {
    this.hear = (event) => this.show(event.detail.said);
    document.addEventListener("cw-outlook:said", this.hear);
    if (!this.asksValue) return;
    this.form = this.element.closest("form");
    this.soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 1500);
    };
    this.form.addEventListener("input", this.soon);
    this.form.addEventListener("change", this.soon);
    // Rows and blocks that were added or taken away are no input; autosave has noticed them.
    document.addEventListener("w-autosave:success", this.soon);
    this.ask();
  }

  disconnect() {
    document.removeEventListener("cw-outlook:said", this.hear);
    if (!this.asksValue) return;
    clearTimeout(this.timer);
    this.form.removeEventListener("input", this.soon);
    this.form.removeEventListener("change", this.soon);
    document.removeEventListener("w-autosave:success", this.soon);
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${new URL(this.form.action).pathname}outlook/`, {
        method: "POST",
        body: new FormData(this.form),
        headers: { Accept: "application/json" },
        signal: this.asking.signal,
      });
      const { said } = answer.ok ? await answer.json() : { said: [] };
      document.dispatchEvent(new CustomEvent("cw-outlook:said", { detail: { said: said.join(" ") } }));
    } catch (error) {
      // What was said before may be wrong by now.
      if (error.name !== "AbortError") this.show("");
    }
  }

  show(said) {
    if (this.element.textContent !== said) this.element.textContent = said;
    this.element.hidden = !said;
  }
});
