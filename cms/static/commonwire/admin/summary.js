// The summary in the page editor: how many characters are left, and a suggestion made from the text.
"use strict";

window.wagtail.app.register("cw-summary", class extends window.StimulusModule.Controller {
  static targets = ["input", "meter", "spoken", "suggest", "message", "offer", "words"];
  static values = { most: Number, url: String, left: String, over: String, failed: String };

  connect() {
    this.suggestTarget.hidden = false;
    this.show();
  }

  disconnect() {
    clearTimeout(this.soon);
  }

  // While typing, a screen reader hears the number only once the writer rests.
  count() {
    const words = this.show();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => { this.spokenTarget.textContent = words; }, 1500);
  }

  show() {
    // As the server counts: without space around it, and a sign of two code units once.
    const left = this.mostValue - [...this.inputTarget.value.trim()].length;
    const words = (left < 0 ? this.overValue : this.leftValue).replace("%s", Math.abs(left).toLocaleString(document.documentElement.lang || undefined));
    this.meterTarget.textContent = words;
    this.meterTarget.classList.toggle("cw-summary__meter--over", left < 0);
    return words;
  }

  async suggest() {
    this.say("");
    this.suggestTarget.disabled = true;
    // The editor of texts writes into the form a quarter of a second after the last key.
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    try {
      const answer = await fetch(this.urlValue, {
        method: "POST",
        body: this.texts(),
        headers: { "X-CSRFToken": this.form.querySelector("[name=csrfmiddlewaretoken]").value },
      });
      if (!answer.ok) throw new Error(answer.status);
      const { suggestion, message } = await answer.json();
      if (suggestion) this.propose(suggestion); else this.say(message);
    } catch {
      this.say(this.failedValue);
    } finally {
      this.suggestTarget.disabled = false;
    }
  }

  // Only what the suggestion is made of.
  texts() {
    const all = new FormData(this.form);
    const body = new FormData();
    for (const [name, value] of all) if (name.startsWith("body-") && typeof value === "string") body.append(name, value);
    return body;
  }

  propose(suggestion) {
    this.suggestion = suggestion;
    const written = this.inputTarget.value.trim();
    if (!written || written === suggestion) {
      this.take();
      return;
    }
    this.wordsTarget.textContent = suggestion;
    this.offerTarget.hidden = false;
    this.offerTarget.focus();
  }

  take() {
    this.inputTarget.value = this.suggestion;
    for (const name of ["input", "change"]) this.inputTarget.dispatchEvent(new Event(name, { bubbles: true }));
    this.keep();
  }

  keep() {
    this.offerTarget.hidden = true;
    this.inputTarget.focus();
  }

  say(words) {
    this.messageTarget.textContent = words;
  }

  get form() {
    return this.element.closest("form");
  }
});
