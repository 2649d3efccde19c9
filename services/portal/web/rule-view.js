// One rule: what it says, switching it, trying it, its versions; and the form that changes it.
import { call, make } from "./api.js";
import { moment, number } from "./format.js";
import { RuleForm, setRule } from "./rule-form.js";
import { Trial } from "./rule-try.js";
import { describe } from "./rule-words.js";

const BLANK = {
  rule: "", name: "", kind: "event", event: "report.returned", recipients: [{ of: "own", post: "leader" }], channels: ["sms", "email"],
  templates: [{ title: "", text: "{单位}：" }],
};

function factList(facts) {
  return make("dl", { class: "facts" }, ...facts.map(([name, words]) => make("div", {}, make("dt", {}, name), make("dd", {}, words))));
}

// A service's key is the one that commands on the server use.
function setter({ by, source = "" }) {
  return by ?? (source.startsWith("service:") ? "服务器上的命令" : source);
}

export class RuleView {
  // `does.back()` shows the list, `does.changed(position)` reads it again, `does.opened(code)` names a rule that was new.
  constructor(box, book, does) {
    this.box = box;
    this.book = book;
    this.does = does;
  }

  close() {
    this.code = "";
    this.box.replaceChildren();
  }

  // A rule that is not there yet.
  begin() {
    this.code = "";
    this.entry = null;
    this.showForm({ ...structuredClone(BLANK) }, this.book.session.unit, 0);
  }

  // `position` as of the list.
  async open(code, position = "") {
    this.code = code;
    if (this.entry?.rule !== code) this.box.replaceChildren(this.backLine(), make("p", { class: "hint" }, "正在打开…"));
    try {
      const { data } = await call("GET", `/api/v1/rules?rule=${encodeURIComponent(code)}${position && "&at_least=" + position}`);
      if (this.code !== code) return;
      [this.entry] = data.rows;
      this.versions = data.versions ?? [];
      this.draw();
    } catch (problem) {
      const words = problem.status === 404 ? "没有这条规则。" : `打不开：${problem.message}`;
      this.box.replaceChildren(this.backLine(), make("p", { class: "problem", role: "alert" }, words));
    }
  }

  backLine() {
    return make("p", { class: "back" }, make("button", { type: "button", class: "quiet", onclick: this.does.back }, "‹ 全部规则"));
  }

  heading(title, ...tags) {
    return make("h1", { tabindex: "-1", class: "rule-title" }, title, ...tags);
  }

  // ---- what it says ----

  draw() {
    const { entry } = this;
    const trial = new Trial((month) => call("GET", `/api/v1/rules/${encodeURIComponent(entry.rule)}/try?month=${month}`), this.book);
    this.box.replaceChildren(
      this.backLine(),
      make("div", { class: "title-line" },
        this.heading(entry.name, entry.off ? make("span", { class: "tag stopped" }, "停用") : null),
        make("div", { class: "buttons tight" },
          make("button", { type: "button", class: "primary", onclick: () => this.edit() }, "修改"),
          make("button", { type: "button", class: "secondary", id: "switch", onclick: (event) => this.askSwitch(event.currentTarget) }, entry.off ? "启用" : "停用"))),
      make("p", { class: "lead" }, this.figures()),
      make("div", { id: "rule-problem", role: "alert" }),
      make("section", { class: "card", "aria-label": "规则内容" }, factList(describe(entry.definition, this.book.nameOf, this.book.ruleName).filter(([name]) => !["名称", "状态"].includes(name)))),
      trial.box,
      this.versionCard());
    this.box.querySelector("h1").focus();
  }

  figures() {
    const { rule, version, since, raised, last_at: last, open } = this.entry;
    return `${rule} · 第 ${version} 版，${moment(since)} 起 · 共提醒 ${number(raised)} 次${last ? `，最近 ${moment(last)}` : ""}${open ? ` · ${number(open)} 件还没了结` : ""}`;
  }

  versionCard() {
    const { versions } = this;
    return make("section", { class: "card", "aria-labelledby": "versions-title" },
      make("h2", { id: "versions-title" }, `版本（${versions.length}）`),
      make("p", { class: "hint" }, "每改一次是一个新版本，只管从那以后到期的事；最近 20 版留着。"),
      make("ol", { class: "versions" }, ...versions.map((version, index) => this.versionItem(version, versions[index + 1]))));
  }

  versionItem(version, before) {
    const now = describe(version.definition, this.book.nameOf, this.book.ruleName);
    const old = before ? new Map(describe(before.definition, this.book.nameOf, this.book.ruleName)) : null;
    const changes = old ? now.filter(([name, words]) => old.get(name) !== words) : [];
    return make("li", { class: "version" },
      make("h3", {}, `第 ${version.version} 版`, make("span", { class: "when" }, ` ${moment(version.since)} · ${setter(version)}`)),
      old ? null : make("p", { class: "hint" }, version.version === 1 ? "新建" : "再早的版本没有留存"),
      ...changes.map(([name, words]) => make("p", { class: "change" },
        make("b", {}, name), " ", make("del", {}, old.get(name) ?? "（无）"), " → ", make("ins", {}, words))),
      old && !changes.length ? make("p", { class: "hint" }, "内容没有变化") : null);
  }

  // ---- on and off ----

  // Asked twice.
  askSwitch(button) {
    const { off } = this.entry;
    const line = make("div", { class: "ask-line", role: "group", "aria-label": off ? "启用" : "停用" },
      make("span", {}, off ? "启用以后，从现在起到期的事会提醒。" : "停用以后不再提醒；正在提醒的事也停下。"),
      make("button", { type: "button", class: "primary", onclick: () => this.switch() }, off ? "确定启用" : "确定停用"),
      make("button", { type: "button", class: "secondary", onclick: () => { line.replaceWith(...[]); button.hidden = false; button.focus(); } }, "不改"));
    button.hidden = true;
    button.parentElement.append(line);
    line.querySelector("button").focus();
  }

  async switch() {
    const definition = structuredClone(this.entry.definition);
    if (this.entry.off) delete definition.off;
    else definition.off = true;
    try {
      const receipt = await setRule({ ...definition, version: this.entry.version + 1 }, this.entry.unit);
      await this.does.changed(receipt.position);
      await this.open(this.entry.rule, receipt.position);
      this.box.querySelector("#switch").focus();
    } catch (problem) {
      this.box.querySelector("#rule-problem").replaceChildren(make("p", { class: "problem" }, `没有改成：${problem.message}`));
    }
  }

  // ---- changing ----

  edit() {
    const { version: _, ...draft } = structuredClone(this.entry.definition);
    this.showForm(draft, this.entry.unit, this.entry.version);
  }

  showForm(draft, unit, version) {
    const form = new RuleForm(draft, this.book, {
      isNew: version === 0,
      stop: () => (this.entry ? this.draw() : this.does.back()),
      save: async (definition) => {
        const receipt = await setRule({ ...definition, version: version + 1 }, unit);
        await this.does.changed(receipt.position);
        if (version === 0) this.does.opened(definition.rule);
        await this.open(definition.rule, receipt.position);
      },
    });
    const trial = new Trial((month) => form.read().then((definition) =>
      call("POST", "/api/v1/rules/try", { month, definition: { ...definition, version: version + 1 } })), this.book, "改成这样以后");
    form.trial = trial;
    this.box.replaceChildren(this.backLine(), this.heading(version ? `修改：${this.entry.name}` : "新建规则"), form.box, trial.box);
    this.box.querySelector("h1").focus();
  }
}
