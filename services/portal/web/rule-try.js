// A trial: whom a rule would have told in a month, as a calendar, by recipient and one by one. Nothing is sent.
import { make } from "./api.js";
import { moment, number } from "./format.js";
import { wordOf, CHANNELS } from "./rule-words.js";

const MONTHS = 13; // this one and those before
const SHOWN = 12; // alerts at a time
const UNITS_SHOWN = 3;
const WEEKDAYS = "一二三四五六日";
const SHADES = [1, 3, 8, 15]; // so many alerts a day, and more

// Months of China Standard Time, the newest first.
function months() {
  const now = new Date(Date.now() + 8 * 3600000);
  return Array.from({ length: MONTHS }, (_, back) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7));
}

function monthWords(month) {
  return `${month.slice(0, 4)}年${Number(month.slice(5))}月`;
}

function dayOf(row) {
  return moment(row.at).slice(0, 10);
}

function dayWords(day) {
  return `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;
}

// "P-0017 (sms)"
function readRecipient(words) {
  const found = /^(.*) \((\w+)\)$/.exec(words);
  return found ? { person: found[1], channel: found[2] } : { person: words, channel: "" };
}

// By person: {person, units, ways: Map(channel, count), count}; those who are told most first.
function byPerson(rows) {
  const people = new Map();
  for (const row of rows) {
    for (const { person, channel } of row.recipients.map(readRecipient)) {
      if (!people.has(person)) people.set(person, { person, units: new Set(), ways: new Map(), count: 0 });
      const one = people.get(person);
      one.units.add(row.name || row.unit);
      one.ways.set(channel, (one.ways.get(channel) ?? 0) + 1);
      one.count += 1;
    }
  }
  return [...people.values()].sort((a, b) => b.count - a.count || a.person.localeCompare(b.person));
}

function unitWords(units) {
  const names = [...units];
  return names.slice(0, UNITS_SHOWN).join("、") + (names.length > UNITS_SHOWN ? ` 等 ${names.length} 个单位` : "");
}

export class Trial {
  // `ask(month)` gives the answer of the server.
  constructor(ask, book, title = "试运行") {
    this.ask = ask;
    this.book = book;
    this.day = "";
    this.month = make("select", { id: "trial-month" }, ...months().map((month) => make("option", { value: month }, monthWords(month))));
    this.month.selectedIndex = 1;
    this.button = make("button", { type: "submit", class: "primary" }, "试运行");
    this.result = make("div", { class: "trial-result" });
    this.status = make("p", { class: "trial-status", role: "status" });
    this.box = make("section", { class: "card trial", "aria-labelledby": "trial-title" },
      make("h2", { id: "trial-title" }, `${title}，它会提醒谁？`),
      make("p", { class: "hint" }, "按那个月实际发生的事、当时的联系人和数字算一遍；只算，不发。没有人答复，所以每一次重复和升级都列出来。"),
      make("form", { class: "trial-line", onsubmit: (event) => { event.preventDefault(); this.run(); } },
        make("label", { class: "inline", for: "trial-month" }, "月份", this.month), this.button),
      this.status, this.result);
  }

  // What went wrong, or null.
  async run() {
    const month = this.month.value;
    this.button.disabled = true;
    this.status.textContent = `正在把${monthWords(month)}走一遍…`;
    this.result.replaceChildren();
    let wrong = null;
    try {
      const { data } = await this.ask(month);
      this.day = "";
      this.shown = SHOWN;
      this.answer = data;
      this.draw(month);
    } catch (problem) {
      wrong = problem;
      this.status.textContent = "";
      this.result.replaceChildren(make("p", { class: "problem", role: "alert" }, `没有算成：${problem.message}`));
    }
    this.button.disabled = false;
    this.box.scrollIntoView({ block: "nearest" });
    return wrong;
  }

  draw(month) {
    const { rows, left_out: left } = this.answer;
    const people = byPerson(rows);
    const nobody = rows.filter(({ recipients }) => !recipients.length);
    const units = new Set(rows.map(({ unit }) => unit));
    this.status.textContent = rows.length
      ? `${monthWords(month)}会提醒 ${number(rows.length + (left ?? 0))} 次：${number(units.size)} 个单位，${number(people.length)} 个收件人。`
      : `${monthWords(month)}一次也不会提醒。`;
    if (!rows.length) return;
    this.list = make("div", { "aria-live": "polite" });
    this.result.replaceChildren(
      left ? make("p", { class: "warning" }, `只列出前 ${number(rows.length)} 次。`) : "",
      nobody.length ? make("p", { class: "warning stop" }, `有 ${number(nobody.length)} 次没有人收到，因为没有人担任那个职务：${[...new Set(nobody.map((row) => row.name || row.unit))].join("、")}`) : "",
      make("h3", {}, "哪几天"), this.calendar(month),
      make("h3", {}, "提醒了谁"), this.peopleTable(people),
      this.list);
    this.drawList();
  }

  // ---- the calendar ----

  calendar(month) {
    const counts = new Map();
    for (const row of this.answer.rows) counts.set(dayOf(row), (counts.get(dayOf(row)) ?? 0) + 1);
    const first = new Date(`${month}-01T00:00:00Z`);
    const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
    const place = (first.getUTCDay() + 6) % 7; // Monday is 0
    return make("div", {},
      make("div", { class: "weekdays", "aria-hidden": "true" }, ...[...WEEKDAYS].map((name) => make("span", {}, name))),
      make("ol", { class: "month", "aria-label": "按天" }, ...Array.from({ length: days }, (_, index) => {
        const day = `${month}-${String(index + 1).padStart(2, "0")}`;
        return make("li", { class: index ? null : `start-${place}` }, this.dayCell(day, counts.get(day) ?? 0));
      })));
  }

  dayCell(day, count) {
    const figure = make("span", { class: "day-number", "aria-hidden": "true" }, String(Number(day.slice(8))));
    if (!count) return make("span", { class: "day" }, figure, make("span", { class: "unseen" }, `${dayWords(day)}，没有`));
    const shade = SHADES.filter((least) => count >= least).length;
    const pick = ({ currentTarget }) => {
      this.day = this.day === day ? "" : day;
      this.shown = SHOWN;
      for (const other of this.result.querySelectorAll(".day[aria-pressed]")) other.setAttribute("aria-pressed", String(other === currentTarget && Boolean(this.day)));
      this.drawList();
    };
    return make("button", { type: "button", class: `day shade-${shade}`, "aria-pressed": "false", onclick: pick },
      figure, make("b", { "aria-hidden": "true" }, number(count)), make("span", { class: "unseen" }, `${dayWords(day)}，${count} 次`));
  }

  // ---- by recipient ----

  peopleTable(people) {
    const used = CHANNELS.filter(([code]) => people.some(({ ways }) => ways.has(code)));
    return make("div", { class: "rows-box", tabindex: "0", role: "region", "aria-label": "收件人" },
      make("table", { class: "people" },
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "收件人"), make("th", { scope: "col" }, "说的是"),
          ...used.map(([, words]) => make("th", { scope: "col", class: "number" }, words)), make("th", { scope: "col", class: "number" }, "共"))),
        make("tbody", {}, ...people.map(({ person, units, ways, count }) => make("tr", {},
          make("td", { class: "what" }, person),
          make("td", {}, unitWords(units)),
          ...used.map(([code, words]) => make("td", { class: "number", "data-label": words }, ways.get(code) ? number(ways.get(code)) : "—")),
          make("td", { class: "number", "data-label": "共" }, make("b", {}, number(count))))))));
  }

  // ---- one by one ----

  drawList() {
    const rows = this.answer.rows.filter((row) => !this.day || dayOf(row) === this.day);
    this.list.replaceChildren(
      make("h3", {}, this.day ? `${dayWords(this.day)}的 ${number(rows.length)} 次` : "一次一次看"),
      make("ol", { class: "line" }, ...rows.slice(0, this.shown).map((row) => this.alertItem(row))),
      rows.length > this.shown
        ? make("button", { type: "button", class: "secondary", onclick: () => { this.shown += SHOWN; this.drawList(); } }, `再看（还有 ${number(rows.length - this.shown)} 次）`)
        : "");
  }

  alertItem(row) {
    const at = moment(row.at);
    return make("li", { class: row.step ? "step" : row.repeat ? "repeat" : null },
      make("p", { class: "line-head" },
        make("time", { datetime: new Date(row.at).toISOString() }, `${dayWords(at.slice(0, 10))} ${at.slice(11)}`),
        make("b", {}, row.name || this.book.nameOf(row.unit)),
        row.goes_at ? make("span", { class: "tag joined" }, `${dayWords(moment(row.goes_at).slice(0, 10))} ${moment(row.goes_at).slice(11)} 合并发出`) : null,
        row.repeat ? make("span", { class: "tag" }, `第 ${row.repeat} 次重复`) : null,
        row.step ? make("span", { class: "tag urgent" }, `升级第 ${row.step} 步`) : null),
      make("p", { class: "line-text" }, `${row.title}：${row.text}`),
      make("p", { class: "hint" }, row.recipients.length
        ? "→ " + row.recipients.map(readRecipient).map(({ person, channel }) => `${person}（${wordOf(CHANNELS, channel)}）`).join("、")
        : "→ 没有人：没有人担任那个职务"));
  }
}
