// The rules: the list, and one of them opened. The address says which: /rules?rule=report-overdue.
import { call, make } from "./api.js";
import { moment, number } from "./format.js";
import { RuleView } from "./rule-view.js";
import { repeatWords, span, stepWords, waysWords, whenWords, whomWords } from "./rule-words.js";
import { openSession } from "./shell.js";

const listBox = document.querySelector("#list");
const ruleBox = document.querySelector("#rule");
const problemLine = document.querySelector("#problem");
const session = await openSession();
const office = ["office", "admin"].includes(session.role);
const names = new Map();
let rows = [];

function showProblem(words) {
  problemLine.hidden = !words;
  problemLine.textContent = words;
}

const book = {
  session,
  units: [],
  nameOf: (unit) => names.get(unit) ?? unit,
  ruleName: (code) => rows.find(({ rule }) => rule === code)?.name ?? code,
  get rules() {
    return rows;
  },
};

// ---- the list ----

function laterWords(rule) {
  return [rule.repeats ? repeatWords(rule) : null, rule.steps?.length ? stepWords(rule, book.nameOf) : null, rule.deed_within ? `答复后 ${span(rule.deed_within)}内没有办，从头再提醒` : null].filter(Boolean).join("；");
}

function drawRow(row) {
  const rule = row.definition;
  return make("tr", { class: row.off ? "off" : null, "data-rule": row.rule },
    make("td", { class: "what" },
      make("button", { type: "button", class: "open", onclick: () => go(row.rule) }, row.name),
      row.off ? make("span", { class: "tag stopped" }, "停用") : null,
      rule.urgent ? make("span", { class: "tag urgent" }, "紧急") : null,
      make("span", { class: "code" }, `${row.rule} · 第\u00a0${row.version}\u00a0版`)),
    make("td", { class: "when-fires" }, whenWords(rule)),
    make("td", { "data-label": "告诉" }, whomWords(rule, book.nameOf)),
    make("td", { class: "ways", "data-label": "方式" }, waysWords(rule)),
    make("td", { class: "later", "data-label": "没有下文" }, laterWords(rule) || make("span", { class: "wide-only" }, "—"),
      rule.held_by?.length ? make("span", { class: "code" }, `让位给：${rule.held_by.map(book.ruleName).join("、")}`) : null),
    make("td", { class: "last" }, row.last_at ? moment(row.last_at) : "还没有提醒过",
      row.raised ? make("span", { class: "code" }, `共 ${number(row.raised)} 次${row.open ? `，${number(row.open)} 件还没了结` : ""}`) : null));
}

function drawList() {
  document.querySelector("#table").hidden = !rows.length;
  document.querySelector("#none").hidden = rows.length > 0;
  document.querySelector("#rows").replaceChildren(...rows.map(drawRow));
}

// `position`: of a change that was just made, so that the answer waits for it.
async function load(position = "") {
  try {
    const { data } = await call("GET", "/api/v1/rules?whole=1" + (position && "&at_least=" + position));
    rows = data.rows;
    drawList();
    document.querySelector("#as-of").textContent = data.as_of;
    document.querySelector("#as-of-time").textContent = moment(Date.now()).slice(11);
    showProblem("");
  } catch (problem) {
    if (problem.status === 401) location.replace("/?next=/rules");
    showProblem(`看不到规则：${problem.message}`);
  }
}

// ---- one of them ----

const view = new RuleView(ruleBox, book, { back: () => go(""), changed: load, opened: (code) => history.replaceState(null, "", `?rule=${encodeURIComponent(code)}`) });

async function show() {
  const code = new URLSearchParams(location.search).get("rule") ?? "";
  listBox.hidden = Boolean(code);
  ruleBox.hidden = !code;
  document.title = code ? `${code === "+" ? "新建规则" : book.ruleName(code)} · 潮讯` : "规则 · 潮讯";
  if (code === "+") view.begin();
  else if (code) await view.open(code);
  else view.close();
}

async function go(code) {
  const before = new URLSearchParams(location.search).get("rule");
  history.pushState(null, "", code ? `?rule=${encodeURIComponent(code)}` : location.pathname);
  await show();
  if (!code && before) listBox.querySelector(`[data-rule="${CSS.escape(before)}"] button`)?.focus();
}

if (office) {
  const units = await call("GET", "/api/v1/units").then(({ data }) => data.units, () => []);
  for (const { unit, name } of units) names.set(unit, name || unit);
  names.set(session.unit, names.get(session.unit) ?? "大队");
  book.units = units;
  document.querySelector("#new").hidden = false;
  document.querySelector("#new").addEventListener("click", () => go("+"));
  addEventListener("popstate", show);
  await load();
  await show();
} else {
  showProblem("规则由大队办公室管理，您的账号看不到。");
}
