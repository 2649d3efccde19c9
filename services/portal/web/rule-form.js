// The form of a rule: the usual fields, or all of it as JSON; what the server refuses is said at its field.
import { call, make, newId } from "./api.js";
import { channelList, checks, field, listInput, numberInput, personControls, rowsOf, select, spanInput, textInput, timeInput } from "./rule-fields.js";
import { aboutOf, BRACES, CHANNELS, DEADLINES, EVENTS, FIGURES, GROUPINGS, KINDS, span } from "./rule-words.js";

// Lengths of time, which the server counts in minutes and the form in days and hours.
const SPAN_FIELD = /(^|\.)(repeat_after|after|deed_within)$/;

// Fields that not all rules have, by what a rule is about (proto/validate_rule.c).
const SPECIAL = {
  event: ["event", "conditions"], silence: ["days", "time"], figure: ["figure", "day", "percent", "below", "time"],
  "report-due": ["deadline", "days", "time"], "month-incomplete": ["deadline", "days", "time"],
  "problem-open": ["deadline", "hours"], "notice-unread": ["deadline", "hours"],
};
const ALL_SPECIAL = [...new Set(Object.values(SPECIAL).flat())];

// What a field that a rule about something new needs is at first.
const FIRST = { event: "report.returned", deadline: "report-due", figure: "minutes", percent: 50, day: 20, days: 1, hours: 48 };

// The receipt. What is refused throws, with `faults`.
export async function setRule(rule, unit) {
  const { templates, ...body } = rule;
  const { data } = await call("POST", "/api/v1/events", { v: 1, id: newId(), type: "rule.set", unit, at: Date.now(), body, side: { templates } });
  const [receipt] = data.receipts;
  if (receipt.position) return receipt;
  const problem = new Error(receipt.status === "busy" ? "系统繁忙，请稍后再试" : "有不对的地方，请看红字");
  problem.faults = receipt.faults ?? [];
  throw problem;
}

// What is sent: without what is empty or belongs to another kind of rule.
function tidy(draft) {
  const rule = structuredClone(draft);
  const kept = SPECIAL[aboutOf(rule)] ?? ALL_SPECIAL;
  for (const name of ALL_SPECIAL) if (!kept.includes(name)) delete rule[name];
  for (const name of ["units", "conditions", "held_by", "steps"]) if (!rule[name]?.length) delete rule[name];
  if (!rule.digest?.length) delete rule.digest;
  if (!rule.group_by?.length) for (const name of ["group_by", "group_wait", "group_interval"]) delete rule[name];
  for (const name of ["urgent", "off"]) if (!rule[name]) delete rule[name];
  if (!rule.repeats && !rule.repeat_after) delete rule.repeat_after;
  return rule;
}

export class RuleForm {
  // `does.save(rule)` throws what the server refuses, `does.stop()` gives the form up.
  constructor(draft, book, does) {
    this.draft = draft;
    this.book = book;
    this.does = does;
    this.json = null; // the text area, while all of it is shown
    this.body = make("div", {});
    this.problem = make("div", { class: "problem", role: "alert", tabindex: "-1", hidden: true });
    this.modeButton = make("button", { type: "button", class: "quiet", onclick: () => this.changeMode() });
    this.saveButton = make("button", { type: "submit", class: "primary" }, "保存为新版本");
    this.box = make("form", { class: "card rule-form", novalidate: true, oninput: ({ target }) => this.clearFault(target), onsubmit: (event) => this.submit(event) },
      make("div", { class: "mode-line" }, this.modeButton), this.problem, this.body,
      make("div", { class: "buttons" }, this.saveButton,
        make("button", { type: "button", class: "secondary", onclick: () => this.tryIt() }, "先试一试"),
        make("button", { type: "button", class: "quiet", onclick: does.stop }, "不改了")));
    this.drawMode();
  }

  // The rule as it would be, or a promise that fails in words.
  async read() {
    if (!this.json) return tidy(this.draft);
    try {
      const { version: _, ...rule } = JSON.parse(this.json.value);
      return rule;
    } catch (problem) {
      throw new Error(`这不是正确的 JSON：${problem.message}`);
    }
  }

  async changeMode() {
    try {
      const rule = await this.read();
      this.draft = rule;
      this.json = this.json ? null : make("textarea", { rows: 26, spellcheck: "false", class: "json", ".value": JSON.stringify(rule, null, 2) });
      this.drawMode();
    } catch (problem) {
      this.showProblem([problem.message]);
    }
  }

  drawMode() {
    this.showProblem([]);
    this.modeButton.textContent = this.json ? "改用表单" : "改用 JSON（全部内容）";
    this.draft.recipients ??= [];
    this.draft.channels ??= [];
    this.draft.templates ??= [];
    this.body.replaceChildren(...(this.json
      ? [field("", "规则的全部内容", this.json, "和 chaoxun rule show 显示的一样；版本号由系统编。")]
      : this.sections()));
  }

  // ---- the sections ----

  section(title, ...parts) {
    return make("fieldset", {}, make("legend", {}, title), ...parts.filter(Boolean));
  }

  sections() {
    const { draft } = this;
    this.when = make("div", { class: "grid" });
    this.braces = make("p", { class: "hint braces" });
    this.drawWhen();
    return [
      this.section("规则",
        make("div", { class: "grid" },
          field("name", "名称", textInput(draft, "name", { maxlength: 60, required: true })),
          this.does.isNew ? field("rule", "代码", textInput(draft, "rule", { maxlength: 64, required: true, placeholder: "如 report-late" }), "小写字母、数字和横线，以后不能改") : null)),
      this.section("什么时候提醒", this.when, this.choice("units", "只管一部分中队（都不勾，就是全部）", this.book.units.map(({ unit, name }) => [unit, name || unit]))),
      this.section("告诉谁", rowsOf(draft, "recipients", (item, index) => personControls(item, this.book, index + 1), () => ({ of: "own", post: "leader" }), { add: "再加一种人", most: 10, least: 1 })),
      this.section("用什么方式", make("p", { class: "hint" }, "前一种送不到，自动改用后一种。"),
        make("div", { "data-for": "channels" }, channelList(draft), make("p", { class: "fault" })),
        this.check("urgent", "紧急：排在前面，免打扰时段也发")),
      this.section("没有了结就再提醒", this.repeatFields()),
      this.section("没有答复就往上找", rowsOf(draft, "steps", (item, index) => [
        spanInput(item, "after", `第 ${index + 1} 步：第一次提醒以后`), make("span", { class: "then" }, "后告诉"), ...personControls(item, this.book, index + 1),
      ], () => ({ after: 1440, of: "own", post: "deputy" }), { add: "再加一步", most: 10 })),
      this.section("有人答复，事情还没办", this.deedField()),
      this.section("合并成一条", this.groupFields()),
      this.section("文字", this.braces, rowsOf(draft, "templates", (item, index) => this.textFields(item, index), () => ({ channel: "sms", title: "", text: "" }), { add: "为某一种方式另写", most: 5, least: 1 })),
      this.heldBy(),
    ];
  }

  check(name, words) {
    const { draft } = this;
    return make("label", { class: "check" }, make("input", { type: "checkbox", ".checked": Boolean(draft[name]), onchange: ({ target }) => (draft[name] = target.checked) }), words);
  }

  drawWhen() {
    const { draft } = this;
    const redraw = (name) => (value) => {
      draft[name] = value;
      for (const other of SPECIAL[aboutOf(draft)] ?? []) if (other in FIRST && !("below" in draft && other === "percent")) draft[other] ??= FIRST[other];
      this.drawWhen();
      this.when.querySelector(`[data-for="${name}"] select`).focus();
    };
    const own = SPECIAL[aboutOf(draft)] ?? [];
    const days = draft.kind === "silence" ? ["连续几天没有活动", "", 1] : ["到期以后几天", "到期前写负数：-1 是前一天", -60];
    this.when.replaceChildren(...[
      field("kind", "哪一类", select(KINDS, draft.kind, redraw("kind"))),
      draft.kind === "event" ? field("event", "哪件事", select(EVENTS, draft.event, (value) => (draft.event = value)), draft.conditions?.length ? "另有条件，在 JSON 里改" : "") : null,
      draft.kind === "deadline" ? field("deadline", "哪个期限", select(DEADLINES, draft.deadline, redraw("deadline"))) : null,
      draft.kind === "figure" ? field("figure", "哪个数字", select(FIGURES, draft.figure, (value) => (draft.figure = value))) : null,
      own.includes("days") ? field("days", days[0], numberInput(draft, "days", days[2], 365), days[1]) : null,
      own.includes("hours") ? field("hours", "过几小时", numberInput(draft, "hours", 1, 8760)) : null,
      own.includes("day") ? field("day", "每月几日看", numberInput(draft, "day", 1, 31), "没有这一天的月份，最后一天看") : null,
      ...(own.includes("percent") ? this.bounds() : []),
      own.includes("time") ? field("time", "几点", timeInput(draft)) : null,
    ].filter(Boolean));
    this.braces.textContent = `花括号里的由系统填：${(BRACES[aboutOf(draft)] ?? []).map((name) => `{${name}}`).join(" ")}`;
  }

  // Either of the two.
  bounds() {
    return [field("percent", "低于计划的百分之几", numberInput(this.draft, "percent", 1, 1000)),
      field("below", "或者低于多少", numberInput(this.draft, "below", 1, 1000000000), "两个填一个；时长按分钟")];
  }

  repeatFields() {
    return make("div", { class: "grid" },
      field("repeat_after", "每隔多久", spanInput(this.draft, "repeat_after", "每隔多久"), "不填就不重复"),
      field("repeats", "最多几次", numberInput(this.draft, "repeats", 1, 20)));
  }

  deedField() {
    const words = "答复以后等多久";
    return make("div", {},
      make("p", { class: "hint" }, "不填，有人答复就不再提醒。填了，到时还没办（没有报来、没有处置），就从头再提醒，最多 3 次。"),
      make("div", { class: "grid" }, field("deed_within", words, spanInput(this.draft, "deed_within", words))));
  }

  // Few rules need it.
  groupFields() {
    const { draft } = this;
    return make("details", { open: Boolean(draft.group_by?.length || draft.digest?.length) },
      make("summary", {}, "同一个人一下子收到好几条时，合成一条发"),
      make("div", { class: "field", "data-for": "group_by" }, checks(draft, "group_by", GROUPINGS), make("p", { class: "fault" })),
      make("div", { class: "grid" },
        field("group_wait", "先等几分钟", numberInput(draft, "group_wait", 1, 240), "勾了上面的才有用；不填是 5"),
        field("group_interval", "以后隔几分钟一条", numberInput(draft, "group_interval", 1, 1440), "不填是 30"),
        field("digest", "或者每天几点汇总", listInput(draft, "digest", { placeholder: "如 08:30 17:00" }), "几个时间用空格隔开；升级的不等")));
  }

  // One of the details with choices that most rules leave alone.
  choice(name, words, list) {
    return make("details", { class: "field", "data-for": name, open: this.draft[name]?.length > 0 },
      make("summary", {}, words), checks(this.draft, name, list), make("p", { class: "fault" }));
  }

  textFields(item, index) {
    const path = `templates[${index}]`;
    const changeChannel = (value) => {
      if (value) item.channel = value;
      else delete item.channel;
    };
    return [make("div", { class: "text-fields" },
      field(`${path}.channel`, "用在", select([["", "其余各种方式"], ...CHANNELS], item.channel ?? "", changeChannel)),
      field(`${path}.title`, "标题", textInput(item, "title", { maxlength: 100, required: true })),
      field(`${path}.text`, "正文", make("textarea", { rows: 3, maxlength: 1000, ".value": item.text ?? "", oninput: ({ target }) => (item.text = target.value) }), "填好以后连标题最多 10 条短信"))];
  }

  heldBy() {
    const others = this.book.rules.filter(({ rule }) => rule !== this.draft.rule).map(({ rule, name }) => [rule, name]);
    return others.length ? this.section("让位", this.choice("held_by", "同一单位正在提醒更要紧的事时，这条先不发", others)) : "";
  }

  // ---- saving ----

  showProblem(words) {
    this.problem.hidden = !words.length;
    this.problem.replaceChildren(...words.map((line) => make("p", {}, line)));
    if (words.length) this.problem.focus();
  }

  // What is being put right.
  clearFault(control) {
    control.removeAttribute("aria-invalid");
    const line = control.closest("[data-for]")?.querySelector(":scope > .fault");
    if (line) line.textContent = "";
    if (!this.body.querySelector("[aria-invalid]")) this.showProblem([]);
  }

  clearFaults() {
    for (const line of this.body.querySelectorAll(".fault")) line.textContent = "";
    for (const control of this.body.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  }

  // What is wrong without the name of the field, beside which it stands.
  faultWords({ field: name, code, value, limit, text }) {
    if (code === "too-short" && value === "0") return "请填写";
    const words = text.replace(/^“[^”]*”(的内容)?/, "");
    const minutes = SPAN_FIELD.test(name ?? "") && [value, limit].every((one) => /^\d+$/.test(one ?? ""));
    return minutes ? words.replace(value, span(value)).replace(new RegExp(`${limit}$`), span(limit)) : words;
  }

  // At its field, or at the nearest one around it; what has no place here is said above.
  placeFault(fault) {
    let path = (fault.field ?? "").replace(/^(body|side|definition)\./, "");
    for (; path; path = path.replace(/(\.[^.[]*|\[\d+\]|^[^.[]+)$/, "")) {
      const place = [...this.body.querySelectorAll("[data-for]")].find((element) => element.dataset.for === path);
      const line = place && [...place.querySelectorAll(":scope > .fault")].at(-1);
      if (line) {
        line.textContent += (line.textContent ? "；" : "") + this.faultWords(fault);
        if (place.tagName === "DETAILS") place.open = true;
        place.querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
        return null;
      }
    }
    return fault.text;
  }

  fail(problem) {
    const left = (problem.faults ?? problem.document?.faults ?? []).map((fault) => this.placeFault(fault)).filter(Boolean);
    this.showProblem([problem.message, ...left]);
    this.body.querySelector("[aria-invalid]")?.focus();
  }

  async submit(event) {
    event.preventDefault();
    this.clearFaults();
    this.showProblem([]);
    this.saveButton.disabled = true;
    try {
      await this.does.save(await this.read());
    } catch (problem) {
      this.fail(problem);
    }
    this.saveButton.disabled = false;
  }

  async tryIt() {
    this.clearFaults();
    this.showProblem([]);
    const problem = await this.trial.run();
    if (problem) this.fail(problem);
  }
}
