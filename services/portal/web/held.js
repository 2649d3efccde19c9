// What is held: why, and when it goes; what waits for a person can be sent again here.
import { call, make } from "./api.js";
import { channelWord, saidWords } from "./delivery-words.js";
import { moment, number } from "./format.js";
import { resend } from "./notice-answer.js";

const OLD = "停机太久，通知已经旧了";

const body = document.querySelector("#held-rows");
const sum = document.querySelector("#held-sum");
const more = document.querySelector("#held-more");

export class Held {
  // `changed()` is called after something was sent again.
  constructor(session, changed) {
    this.session = session;
    this.changed = changed;
    this.limit = 50;
    this.shown = "";
    more.querySelector("button").addEventListener("click", () => {
      this.limit = Math.min(this.limit + 100, 500);
      this.load();
    });
  }

  async load() {
    const { data } = await call("GET", `/api/v1/held?limit=${this.limit}${this.position ? `&at_least=${this.position}` : ""}`);
    this.position = "";
    const text = JSON.stringify([data.rows, data.count]);
    if (text === this.shown) return;
    this.shown = text;
    const timed = data.count - data.waiting;
    sum.textContent = data.count
      ? `共 ${number(data.count)} 条：${timed ? `${number(timed)} 条到时自动发` : ""}${timed && data.waiting ? "，" : ""}${data.waiting ? `${number(data.waiting)} 条等人处理` : ""}。`
      : "没有压着的消息。";
    document.querySelector("#held-table").hidden = !data.rows.length;
    body.replaceChildren(...data.rows.map((row) => this.row(row)));
    more.hidden = data.rows.length >= data.count || this.limit >= 500;
  }

  row(row) {
    return make("tr", {},
      make("td", { class: "what" }, row.name || row.person, make("span", { class: "code" }, `${row.unit_name || row.unit} · ${row.person}`)),
      make("td", { class: "title" }, make("a", { href: `/notices?id=${row.notice}` }, row.title || "（内容已删除）"), row.urgent ? make("span", { class: "tag urgent" }, "紧急") : null),
      make("td", { "data-label": "方式" }, channelWord(row.channel)),
      make("td", { class: "why" }, row.words ? saidWords(row.words) : row.next_at ? "" : OLD),
      make("td", { class: "goes", "data-label": row.next_at ? "到时发" : null }, row.next_at ? moment(row.next_at).slice(5) : this.again(row)));
  }

  again(row) {
    return make("button", { type: "button", class: "secondary small", "aria-label": `给${row.name || row.person}再发一次（${channelWord(row.channel)}）`, onclick: (event) => this.send(row, event.currentTarget) }, "再发一次");
  }

  async send(row, button) {
    button.disabled = true;
    try {
      const { position } = await resend(row.notice, this.session.unit, { person: row.person, channel: row.channel });
      this.position = position;
      await this.changed();
    } catch (problem) {
      button.disabled = false;
      button.after(make("p", { class: "fault", role: "alert" }, `没有再发出：${problem.message}`));
    }
  }
}
