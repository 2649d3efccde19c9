// Silences: which there are, setting one, ending one.
import { call, make, newId } from "./api.js";
import { moment } from "./format.js";

const HOUR_MS = 3600000;
const CHINA_MS = 8 * HOUR_MS;

const list = document.querySelector("#silences");
const quiet = document.querySelector("#quiet");
const form = document.querySelector("#silence");
const problemLine = document.querySelector("#silence-problem");
const fields = { rule: form.querySelector("#silence-rule"), unit: form.querySelector("#silence-unit"), until: form.querySelector("#silence-until"), reason: form.querySelector("#silence-reason"), urgent: form.querySelector("#silence-urgent") };

function option([value, words]) {
  return make("option", { value }, words);
}

// What a field of the form says, in China Standard Time; and the other way.
function readMoment(value) {
  return value ? Date.parse(`${value}:00+08:00`) : NaN;
}

function writeMoment(ms) {
  return new Date(ms + CHINA_MS).toISOString().slice(0, 16);
}

export class Silences {
  // `changed()` is called after one was set or ended.
  constructor(session, changed) {
    this.session = session;
    this.changed = changed;
    this.rules = new Map();
    this.units = new Map();
    this.shown = "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.set();
    });
    for (const name of ["until", "reason"]) fields[name].addEventListener("input", () => this.showFault(name, ""));
    document.querySelector("#quiet-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const [from, to] = ["#quiet-from", "#quiet-to"].map((name) => document.querySelector(name).value);
      if (from && to) this.setQuiet(`${from}-${to}`);
    });
    document.querySelector("#quiet-off").addEventListener("click", () => this.setQuiet("off"));
  }

  // The hours are the office's from then on.
  async setQuiet(value) {
    try {
      await this.submit("setting.set", { name: "quiet-hours", value });
      document.querySelector("#quiet-box").open = false;
      document.querySelector("#quiet-box summary").focus();
      this.fail(null);
    } catch (problem) {
      this.fail(problem);
    }
  }

  // The choices of the form.
  async prepare() {
    const rules = await call("GET", "/api/v1/rules").then(({ data }) => data.rows, () => []);
    const units = await call("GET", "/api/v1/units").then(({ data }) => data.units, () => []);
    for (const { rule, name } of rules) this.rules.set(rule, name);
    for (const { unit, name } of units) this.units.set(unit, name || unit);
    fields.rule.append(...[...this.rules].map(option));
    fields.unit.append(...[...this.units].map(option));
    fields.until.value = writeMoment(Date.now() + 24 * HOUR_MS);
  }

  async load() {
    const { data } = await call("GET", `/api/v1/silences${this.position ? `?at_least=${this.position}` : ""}`);
    this.position = "";
    const text = JSON.stringify([data.rows, data.quiet_hours, data.quiet_until]);
    if (text === this.shown) return;
    this.shown = text;
    quiet.hidden = false;
    if (data.quiet_hours.includes("-")) ["#quiet-from", "#quiet-to"].forEach((name, index) => (document.querySelector(name).value = data.quiet_hours.split("-")[index]));
    quiet.textContent = data.quiet_hours === "off"
      ? "没有设免打扰时段。"
      : `每天 ${data.quiet_hours.replace("-", " 到 ")} 免打扰${data.quiet_by === "office" ? "（办公室设定）" : ""}，只发紧急的${data.quiet_until ? `；现在就是，到 ${moment(data.quiet_until).slice(11)}` : ""}。`;
    list.replaceChildren(...(data.rows.length ? data.rows.map((row) => this.item(row)) : [make("li", { class: "hint" }, "没有静默。")]));
  }

  item(row) {
    const rule = row.rule ? this.rules.get(row.rule) ?? row.rule : "全部规则";
    const units = row.units?.length ? row.units.map((unit) => this.units.get(unit) ?? unit).join("、") : "全部中队";
    const line = make("li", { class: "silence", "data-silence": row.silence },
      make("div", {},
        make("p", {}, make("b", {}, `${rule} · ${units}`), row.state === "holds" ? null : make("span", { class: "tag" }, row.state_name), row.urgent ? make("span", { class: "tag urgent" }, "紧急的也不发") : null),
        make("p", {}, row.reason || "（原因已删除）"),
        make("p", { class: "hint" }, `${moment(row.from)} 到 ${moment(row.until)} · ${(row.owner ?? "").replace(/^account:/, "")}`)),
      make("button", { type: "button", class: "secondary", "aria-label": `结束静默：${row.reason ?? row.silence}`, onclick: () => this.end(row) }, "结束"));
    return line;
  }

  fail(problem) {
    problemLine.hidden = !problem;
    problemLine.textContent = problem ? `没有设成：${problem.message}` : "";
    if (problem) problemLine.focus();
  }

  async submit(type, body, side = null, unit = this.session.unit) {
    const { data } = await call("POST", "/api/v1/events", { v: 1, id: newId(), type, unit, at: Date.now(), body, ...(side ? { side } : {}) });
    const [receipt] = data.receipts;
    if (!receipt.position) throw new Error((receipt.faults ?? []).map(({ text }) => text).join("；") || "请稍后再试");
    this.position = receipt.position;
    await this.changed();
  }

  showFault(name, words) {
    document.querySelector(`#silence-${name}-fault`).textContent = words;
    if (words) fields[name].setAttribute("aria-invalid", "true");
    else fields[name].removeAttribute("aria-invalid");
  }

  faults(until) {
    return {
      until: !(until > Date.now()) ? "请填一个以后的时间" : until - Date.now() > 400 * 24 * HOUR_MS ? "最长 400 天" : "",
      reason: fields.reason.value.trim() ? "" : "请写明原因",
    };
  }

  async set() {
    const until = readMoment(fields.until.value);
    const faults = this.faults(until);
    for (const [name, words] of Object.entries(faults)) this.showFault(name, words);
    const wrong = Object.keys(faults).find((name) => faults[name]);
    if (wrong) {
      fields[wrong].focus();
      return;
    }
    const body = { silence: `s-${newId().slice(0, 13)}`, from: Date.now(), until };
    if (fields.rule.value) body.rule = fields.rule.value;
    if (fields.unit.value) body.units = [fields.unit.value];
    if (fields.urgent.checked) body.urgent = true;
    try {
      await this.submit("silence.set", body, { reason: fields.reason.value.trim() });
      fields.reason.value = "";
      document.querySelector("#silence-box").open = false;
      this.fail(null);
      list.querySelector(`[data-silence="${CSS.escape(body.silence)}"] button`)?.focus();
    } catch (problem) {
      this.fail(problem);
    }
  }

  // The same name again with an earlier end.
  async end(row) {
    const now = Date.now();
    const body = { silence: row.silence, from: Math.min(row.from, now), until: now };
    for (const name of ["rule", "units", "urgent"]) if (row[name] !== undefined && row[name].length !== 0) body[name] = row[name];
    try {
      await this.submit("silence.set", body, { reason: row.reason || "结束" }, row.unit);
      this.fail(null);
      document.querySelector("#silence-box summary").focus();
    } catch (problem) {
      this.fail(problem);
    }
  }
}
