// Reports that wait for a connection: kept in this browser until their receipt is there. Each holds its id from the
// first moment, so that one which did arrive, though its receipt was lost, is a duplicate and counts once.
import { call } from "./api.js";

const AGAIN_MS = 15000;

export class Outbox {
  // `changed(entries)` is called after each change, `settled(entry, receipt)` when one has its final receipt.
  constructor(account, changed, settled) {
    this.key = "chaoxun.outbox." + account;
    this.changed = changed;
    this.settled = settled;
    this.sending = false;
    addEventListener("online", () => this.send());
    setInterval(() => this.send(), AGAIN_MS);
  }

  get entries() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  keep(entries) {
    if (entries.length) localStorage.setItem(this.key, JSON.stringify(entries));
    else localStorage.removeItem(this.key);
    this.changed(entries);
  }

  // Keeps a report that could not be sent, with the words of the form, so that it can be edited. One that was refused
  // waits for a person.
  add(event, words, reason, refused = false) {
    const others = this.entries.filter((entry) => entry.event.id !== event.id);
    this.keep([...others, { event, words, reason, refused }]);
  }

  remove(id) {
    this.keep(this.entries.filter((entry) => entry.event.id !== id));
  }

  // Sends what waits, one after the other; stops at the first that finds no connection.
  async send() {
    const waiting = this.entries.filter((entry) => !entry.refused);
    if (this.sending || !waiting.length) return;
    this.sending = true;
    try {
      for (const entry of waiting) {
        if (!(await this.sendOne(entry))) break;
      }
    } finally {
      this.sending = false;
    }
  }

  async sendOne(entry) {
    try {
      const receipt = await submit(entry.event);
      if (receipt.status === "busy") return false;
      this.remove(entry.event.id);
      this.settled(entry, receipt);
      return true;
    } catch (problem) {
      this.add(entry.event, entry.words, problem.message);
      return false;
    }
  }
}

// The receipt of one event.
export async function submit(event) {
  const { data } = await call("POST", "/api/v1/events", event);
  return data.receipts[0];
}
