// Whom a notice reached: asked for again until nothing is under way.
import { call, make } from "./api.js";
import { badge, channelWord, countList, isDelivered, saidWords, stateBar } from "./delivery-words.js";
import { clock, moment, number } from "./format.js";
import { answerList, confirmWords, factsOf, readersLine, recall, resend } from "./notice-answer.js";

const AGAIN_MS = 2000;
const AGAIN_LATER_MS = 10000; // when it goes on for long, or the last question failed
const SOON = 60; // questions at the short pause
const PAGES_AT_ONCE = 5; // pages more, when a person asks for them

const box = document.querySelector("#status");

// It did not reach anybody, and does not go by itself any more.
function isOver(row) {
  return ["dead", "undelivered", "expired"].includes(row.state) || (row.state === "held" && !row.next_at);
}

// `again(row, button)`, or null: who looks may not send again.
function rowOf(row, again) {
  const name = row.name || row.person;
  const next = row.next_at ? clock(row.next_at) : again && isOver(row)
    ? make("button", { type: "button", class: "again-one", "aria-label": `给${name}再发一次（${channelWord(row.channel)}）`, onclick: (event) => again(row, event.currentTarget) }, "再发")
    : "";
  return make("tr", {},
    make("td", { class: "recipient" }, name, row.name ? make("span", { class: "number-of" }, row.person) : null),
    make("td", { class: "state-cell" }, badge(row.state), row.repeats ? make("span", { class: "tag", title: "这么多次可能重复收到" }, `可能重复 ${row.repeats}`) : null),
    make("td", {}, row.unit_name || row.unit),
    make("td", { class: "facts", "data-label": "签收" }, ...factsOf(row)),
    make("td", {}, channelWord(row.channel), row.address ? " " : null, row.address ? make("span", { class: "address" }, row.address) : null),
    make("td", { class: "when", "data-label": "时间" }, clock(row.since)),
    make("td", { class: "number", "data-label": "次数" }, number(row.attempts)),
    make("td", { class: "said", "data-label": row.words ? "网关答复" : null }, saidWords(row.words ?? "")),
    make("td", { class: "when next", "data-label": row.next_at ? "下次" : null }, next));
}

function table(rows, again) {
  const heads = ["收件人", "状态", "中队", "签收", "方式", "时间", "次数", "网关答复", "下次"];
  return make("div", { class: "rows-box" },
    make("table", {},
      make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col", class: name === "次数" ? "number" : null }, name)))),
      make("tbody", { id: "status-rows" }, ...rows.map((row) => rowOf(row, again)))));
}

// Shows one notice in the status card; one at a time.
export class NoticeStatus {
  // `changed(notice)` is called with each answer; `nameOf(unit)` gives a unit's name.
  constructor(session, changed, nameOf) {
    this.nameOf = nameOf;
    this.unit = session.unit;
    this.office = ["office", "admin"].includes(session.role);
    this.changed = changed;
    this.id = "";
    this.onlyOpen = false;
    document.addEventListener("visibilitychange", () => !document.hidden && this.refresh());
  }

  // `position`: of the receipt of a notice that was just sent, so that the answer waits for it.
  open(id, position = "") {
    this.id = id;
    this.position = position;
    this.asked = 0;
    this.pages = 1;
    this.shown = "";
    box.hidden = false;
    box.replaceChildren(make("p", { class: "hint" }, "正在打开…"));
    box.scrollIntoView({ block: "start", behavior: "smooth" });
    box.focus({ preventScroll: true });
    return this.refresh();
  }

  async refresh() {
    const { id } = this;
    if (!id || this.asking || document.hidden) return;
    clearTimeout(this.timer);
    this.asking = true;
    let pause = AGAIN_LATER_MS;
    try {
      const data = await this.ask(id);
      if (id === this.id) {
        this.position = "";
        this.draw(data);
        pause = data.notice.complete ? 0 : this.asked++ < SOON ? AGAIN_MS : AGAIN_LATER_MS;
      }
    } catch (problem) {
      if (problem.code === "behind") pause = AGAIN_MS;
      else this.fail(problem);
    }
    this.asking = false;
    if (id !== this.id) this.refresh();
    else if (pause) this.timer = setTimeout(() => this.refresh(), pause);
  }

  // The notice with as many pages of its messages as were asked for.
  async ask(id) {
    let whole = null;
    let cursor = "";
    for (let page = 0; page < this.pages && (cursor || !whole); page++) {
      const query = new URLSearchParams(cursor ? { cursor } : this.position ? { at_least: this.position } : {});
      const { data } = await call("GET", `/api/v1/notices/${id}?${query}`);
      cursor = data.cursor ?? "";
      // Sums stand on the first page, readings behind the last message.
      whole = whole ? { ...whole, rows: [...whole.rows, ...data.rows], readings: [...(whole.readings ?? []), ...(data.readings ?? [])] } : data;
    }
    return { ...whole, more: Boolean(cursor) };
  }

  fail(problem, doing) {
    const words = doing ? `${doing}：${problem.message}` : problem.status === 404 ? "没有找到这条通知：可能不是发给您的单位的。" : `暂时看不到最新状态：${problem.message}。会自动再试。`;
    const line = box.querySelector(".problem") ?? make("p", { class: "problem", role: "alert" });
    line.textContent = words;
    if (!line.isConnected) box.append(line);
  }

  // Only what changed is drawn, so that a selection or a reader's place is not lost.
  draw(data) {
    const text = JSON.stringify(data.notice) + JSON.stringify(data.rows) + JSON.stringify(data.readings) + data.more + this.onlyOpen;
    this.last = data;
    this.changed(data.notice);
    if (text !== this.shown || box.querySelector(".problem")) {
      this.shown = text;
      box.replaceChildren(...this.parts(data).filter(Boolean));
    }
  }

  // All that did not arrive, or one message of it.
  async sendAgain(notice, button, who) {
    button.disabled = true;
    try {
      const { position } = await resend(notice.id, this.unit, who);
      this.asked = 0;
      this.position = position;
      await this.refresh();
    } catch (problem) {
      button.disabled = false;
      this.fail(problem, "没有再发出");
    }
  }

  // Asked twice: a recall cannot be taken back.
  recallLine(notice) {
    const line = make("div", { class: "answer-line" });
    const sure = async () => {
      try {
        this.position = (await recall(notice)).position ?? "";
      } catch (problem) {
        this.fail(problem);
      }
      this.refresh();
    };
    const ask = () => line.replaceChildren(
      make("span", { class: "for" }, "撤回后没发出的不再发送，已发出的收不回；不能恢复。"),
      make("button", { type: "button", class: "primary", onclick: sure }, "确定撤回"),
      make("button", { type: "button", class: "secondary", onclick: () => line.replaceChildren(first) }, "不撤回"));
    const first = make("button", { type: "button", class: "secondary", onclick: ask }, "撤回这条通知");
    line.append(first);
    return line;
  }

  // What the office may do with the messages that are listed.
  rowParts({ notice, rows, more, again }) {
    const undelivered = rows.filter((row) => !isDelivered(row.state));
    const over = again ?? rows.filter(isOver).length;
    const all = notice.counts?.reduce((sum, { count }) => sum + count, 0) ?? rows.length;
    const toggle = () => {
      this.onlyOpen = !this.onlyOpen;
      this.draw(this.last);
      box.querySelector(".only input").focus();
    };
    const onward = () => {
      this.pages += PAGES_AT_ONCE;
      this.refresh();
    };
    return [
      this.office && undelivered.length && undelivered.length < rows.length
        ? make("label", { class: "check only" }, make("input", { type: "checkbox", ".checked": this.onlyOpen, onchange: toggle }), `只看没有送达的（${number(undelivered.length)}）`)
        : null,
      this.office && over
        ? make("button", { type: "button", class: "again", onclick: (event) => this.sendAgain(notice, event.currentTarget) }, `没有送到的再发一次（${number(over)}）`)
        : null,
      rows.length ? table(this.onlyOpen ? undelivered : rows, this.office && !notice.recalled_at ? (row, button) => this.sendAgain(notice, button, { person: row.person, channel: row.channel }) : null) : null,
      more ? make("div", { class: "more" }, make("button", { type: "button", class: "secondary", onclick: onward }, `再看（已列出 ${number(rows.length)}/${number(all)} 条）`)) : null,
    ];
  }

  parts(data) {
    const { notice, parts, rows, readings } = data;
    return [
      make("div", { class: "status-head" },
        make("h2", { id: "status-title" }, notice.title || "（内容已删除）", notice.urgent ? make("span", { class: "tag urgent" }, "紧急") : null),
        make("p", { class: "under-way", role: "status" }, notice.complete ? "全部有结果了" : "还在等结果，自动更新")),
      make("p", { class: "hint" }, `${moment(notice.received_at)} 发出${notice.by ? ` · ${notice.by}` : ""}${parts ? ` · 短信每人 ${parts} 条` : ""}`),
      make("p", { class: "status-text" }, notice.text ?? ""),
      notice.recalled_at ? make("p", { class: "warning" }, `${moment(notice.recalled_at)} 已撤回：没发出的不再发送，已发出的收不回，请另行告知。`) : null,
      notice.confirm_by ? make("p", { class: "for" }, confirmWords(notice)) : null,
      rows.length ? readersLine(data, this.nameOf) : null,
      answerList(readings),
      this.office && !notice.recalled_at && !notice.rule ? this.recallLine(notice) : null,
      make("h3", { class: "small" }, "发到了哪一步"),
      stateBar(notice.counts),
      countList(notice.counts),
      ...this.rowParts(data),
    ];
  }
}
