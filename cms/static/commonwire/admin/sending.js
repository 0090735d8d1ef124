// Counts the seconds until something is sent, and says what became of it. Without it the line stands as it came, and
// its buttons work.
(() => {
  const EVERY = 1000;
  const ASK_AGAIN = 2000;
  const ASK_SELDOM = 30_000;
  const PATIENCE = 20_000;

  class Sending {
    constructor(line) {
      this.line = line;
      this.count = line.querySelector("[data-cw-sending-count]");
      this.said = line.querySelector("[data-cw-sending-said]");
      this.due = Date.now() + Number(line.dataset.seconds) * 1000;
      // Whoever listens is told at the beginning, near the end and at the end, not every second.
      this.count.setAttribute("aria-hidden", "true");
      this.announce(this.sentence(Number(line.dataset.seconds)));
      this.tick();
    }

    sentence(seconds) {
      return this.line.dataset.text.replace("%s", seconds);
    }

    announce(text) {
      this.said.textContent = text;
    }

    tick() {
      const left = Math.max(0, Math.round((this.due - Date.now()) / 1000));
      this.count.textContent = this.sentence(left);
      if (left === 10) {
        this.announce(this.sentence(left));
      }
      if (left > 0) {
        setTimeout(() => this.tick(), EVERY);
      } else {
        this.ask();
      }
    }

    async ask() {
      let state = null;
      try {
        const answer = await fetch(this.line.dataset.cwSending, { headers: { Accept: "application/json" } });
        state = answer.ok ? await answer.json() : null;
      } catch {
        // The network may come back before the patience ends.
      }
      if (state && state.waiting === 0) {
        this.end(state.sent > 0 ? this.line.dataset.sent : this.line.dataset.undone);
        return;
      }
      if (state && state.seconds > 0) {
        this.due = Date.now() + state.seconds * 1000;
        this.tick();
        return;
      }
      if (Date.now() > this.due + PATIENCE) {
        this.show(this.line.dataset.late);
      }
      this.pause = Math.min((this.pause ?? ASK_AGAIN / 1.5) * 1.5, ASK_SELDOM);
      setTimeout(() => this.ask(), this.pause);
    }

    show(text) {
      if (this.count.textContent !== text) {
        this.count.textContent = text;
        this.announce(text);
      }
    }

    end(text) {
      this.show(text);
      const form = this.line.querySelector("form");
      const hadFocus = form.contains(document.activeElement);
      form.remove();
      if (hadFocus) {
        this.line.tabIndex = -1;
        this.line.focus();
      }
    }
  }

  const start = () => document.querySelectorAll("[data-cw-sending]").forEach((line) => new Sending(line));
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
