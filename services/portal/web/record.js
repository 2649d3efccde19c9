// Looking up reports: the conditions stand in the address, so that a search can be kept, sent on and gone back to.
import { call, make } from "./api.js";
import { moment, number } from "./format.js";
import { attendances, days, measureWords, shortProgrammes } from "./report-words.js";
import { openSession } from "./shell.js";
import { closeReport, openReport } from "./versions.js";
import { PROGRAMMES } from "./words.js";

const FIELDS = ["q", "unit", "programme", "from", "to", "withdrawn"];
const PAUSE_MS = 350; // after the last key
const PAGE_ROWS = 50;
const MEASURES_SHOWN = 3;

const form = document.querySelector("#filters");
const problemLine = document.querySelector("#problem");
const rows = document.querySelector("#rows");
const more = document.querySelector("#more");
const session = await openSession();
const guide = session.role === "guide";

// ---- the conditions ----

function conditions() {
  const parameters = new URLSearchParams();
  for (const name of FIELDS) {
    const field = form.elements[name];
    const value = field.type === "checkbox" ? (field.checked ? field.value : "") : field.value.trim();
    if (value) parameters.set(name, value);
  }
  return parameters;
}

// What the address says; what it does not say may have been typed already.
function fillConditions() {
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (!FIELDS.includes(name)) continue;
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = value === "1";
    else field.value = value;
  }
}

function query(parameters) {
  const text = parameters.toString();
  return text && "?" + text;
}

// The address with these conditions and the report that is open.
function showAddress(parameters, id, kept) {
  const own = new URLSearchParams(parameters);
  if (id) own.set("id", id);
  const address = "/record" + query(own);
  if (address !== location.pathname + location.search) history[kept ? "pushState" : "replaceState"](null, "", address);
}

// ---- rows ----

// The text with the words that were looked for marked in it.
function marked(text, words) {
  const found = words.filter((word) => text.includes(word));
  if (!found.length) return [text];
  const pattern = new RegExp(`(${found.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`);
  return text.split(pattern).filter(Boolean).map((part) => (found.includes(part) ? make("mark", {}, part) : part));
}

function tags({ versions, withdrawn, report }) {
  const amended = versions - 1 - (withdrawn ? 1 : 0);
  return [
    withdrawn ? make("span", { class: "tag withdrawn" }, "已撤回") : null,
    amended > 0 ? make("span", { class: "tag amended" }, `更正 ${amended} 次`) : null,
    report.demo ? make("span", { class: "tag" }, "演示") : null,
  ];
}

function measureCell(list = []) {
  const shown = list.slice(0, MEASURES_SHOWN).map(measureWords).join("，");
  return shown + (list.length > MEASURES_SHOWN ? ` 等 ${list.length} 项` : "");
}

function drawRow(entry, words) {
  const { id, unit, name, report } = entry;
  const programmes = shortProgrammes(report.programmes);
  const open = () => show(id, true);
  return make("tr", { "data-id": id, onclick: open },
    make("td", { class: "day" }, days(report) || "日期未写明"),
    make("td", { class: "what" },
      make("button", { type: "button", class: "open" }, ...marked(report.title || programmes, words)), ...tags(entry),
      report.place ? make("span", { class: "place" }, ...marked(report.place, words)) : null),
    make("td", { class: "squad" }, name || unit),
    make("td", { class: "programmes" }, programmes),
    make("td", { class: "number people", "data-label": attendances(report) ? "参与" : null }, attendances(report)),
    make("td", { class: "measures" }, ...marked(measureCell(report.measures), words)));
}

// ---- asking ----

let asked = 0; // answers to earlier questions are not shown
let cursor = "";
let shownRows = 0;

function showTotal(data) {
  const words = data.total ? [make("b", {}, number(data.total)), " 份报告"] : ["没有符合条件的报告。可以减少条件，或换一个字词。"];
  document.querySelector("#total").replaceChildren(...words);
  document.querySelector("#results").hidden = !data.total;
  document.querySelector("#as-of").textContent = data.as_of;
  document.querySelector("#as-of-time").textContent = moment(Date.now()).slice(11);
  cursor = data.cursor ?? "";
  more.parentElement.hidden = !cursor;
  more.textContent = `再看 ${Math.min(PAGE_ROWS, data.total - shownRows)} 份（共 ${number(data.total)} 份）`;
}

function showExports(parameters) {
  const own = new URLSearchParams(parameters);
  document.querySelector("#csv").href = "/api/v1/export.csv" + query(own);
  own.set("encoding", "gb18030");
  document.querySelector("#csv-old").href = "/api/v1/export.csv?" + own;
}

function showProblem(problem) {
  if (problem?.status === 401) location.replace("/?next=/record");
  problemLine.hidden = !problem;
  problemLine.textContent = problem ? `查不出来：${problem.message}` : "";
}

async function ask(parameters, next) {
  const number = ++asked;
  const question = new URLSearchParams(parameters);
  question.set("limit", PAGE_ROWS);
  if (next) question.set("cursor", next);
  document.querySelector("#results").setAttribute("aria-busy", "true");
  try {
    const { data } = await call("GET", "/api/v1/reports?" + question);
    if (number !== asked) return;
    const words = (parameters.get("q") ?? "").split(/\s+/).filter(Boolean);
    const drawn = data.rows.map((entry) => drawRow(entry, words));
    if (next) rows.append(...drawn);
    else rows.replaceChildren(...drawn);
    shownRows = rows.children.length;
    showTotal(data);
    showProblem(null);
    if (next) drawn[0]?.querySelector(".open").focus();
  } catch (problem) {
    if (number === asked) showProblem(problem);
  } finally {
    if (number === asked) document.querySelector("#results").removeAttribute("aria-busy");
  }
}

function search() {
  const parameters = conditions();
  const wrong = parameters.has("from") && parameters.has("to") && parameters.get("from") > parameters.get("to");
  if (wrong) {
    showProblem(new Error("开始日期晚于结束日期，请改正日期"));
    return;
  }
  showAddress(parameters, "", false);
  showExports(parameters);
  ask(parameters, "");
}

// ---- one report ----

// `kept`: the browser's way back leads to the list.
function show(id, kept) {
  showAddress(conditions(), id, kept);
  openReport(id, () => {
    showAddress(conditions(), "", false);
    // The list may have been drawn anew meanwhile: back to the same report in it.
    if (document.activeElement === document.body) rows.querySelector(`[data-id="${CSS.escape(id)}"] .open`)?.focus();
  });
}

addEventListener("popstate", () => {
  const id = new URLSearchParams(location.search).get("id");
  if (id) show(id, false);
  else closeReport();
});

// ---- what the page offers ----

async function offerUnits() {
  const units = await call("GET", "/api/v1/units").then(({ data }) => data.units, () => []);
  const own = units.filter(({ unit }) => unit === session.unit || unit.startsWith(session.unit + "/"));
  document.querySelector("#unit-field").hidden = own.length < 2;
  form.elements.unit.append(...own.map(({ unit, name }) => make("option", { value: unit }, name || unit)));
  if (session.role === "squad") {
    document.querySelector("#lead").textContent = `${own[0]?.name || session.unit}的活动报告，连同每一次更正和撤回。`;
  }
}

form.elements.programme.append(...PROGRAMMES.map(([code, name]) => make("option", { value: code }, name)));
// Guiding bodies read figures, not texts.
document.querySelector("#words-field").hidden = guide;
await offerUnits();
fillConditions();

let pause;
function searchSoon(event) {
  if (event.isComposing) return; // the letters of an input method, not yet the word
  clearTimeout(pause);
  pause = setTimeout(search, PAUSE_MS);
}
form.elements.q.addEventListener("input", searchSoon);
form.elements.q.addEventListener("compositionend", searchSoon);
form.addEventListener("change", (event) => {
  if (event.target.name !== "q") search();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  search();
});
document.querySelector("#clear").addEventListener("click", () => {
  for (const name of FIELDS) {
    if (form.elements[name].type === "checkbox") form.elements[name].checked = false;
    else form.elements[name].value = "";
  }
  search();
  (guide ? form.elements.programme : form.elements.q).focus();
});
more.addEventListener("click", () => ask(conditions(), cursor));

const opened = new URLSearchParams(location.search).get("id");
search();
if (opened) show(opened, false);
