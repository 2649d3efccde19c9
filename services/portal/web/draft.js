// A report in the making: from the form's words to an event, and kept in this browser so that nothing typed is lost.
import { newId } from "./api.js";
import { parseMinutes, parseQuantity } from "./quantity.js";

// Units of people, and those that are counted apart from people.
export const PERSON_UNITS = ["", "名", "人", "位", "人次"];
const GROUP_UNITS = ["户", "家", "组", "个", "支", "队", "对", "批"];

const text = (words, name) => (words[name] ?? "").trim();

// What the form's words mean: {event, faults}, faults by the name of the field.
export function readDraft(words, unit) {
  const faults = {};
  const body = {};
  const side = {};
  for (const name of ["title", "place", "date_text", "narrative"]) {
    if (text(words, name)) side[name] = text(words, name);
  }
  for (const name of ["date", "date_end"]) {
    if (words[name]) body[name] = words[name];
  }
  body.programmes = words.programmes ?? [];
  if (!body.programmes.length) faults.programmes = "请至少选择一个项目";
  if (body.date && body.date_end && body.date_end < body.date) faults.date_end = "结束日期不能早于活动日期";
  readAttendances(words, body, side, faults);
  readSpans(words, body, faults);
  readMeasures(words, body, faults);
  readFound(words, body, faults);
  const event = { v: 1, id: words.id, type: "report.submitted", unit, at: Date.now(), body };
  if (Object.keys(side).length) event.side = side;
  return { event, faults };
}

function readAttendances(words, body, side, faults) {
  const written = text(words, "attendances");
  if (!written) return;
  const quantity = parseQuantity(written);
  const known = quantity && [...PERSON_UNITS, ...GROUP_UNITS].includes(quantity.unit);
  if (!known || quantity.thousandths % 1000) {
    faults.attendances = `“${written}”看不出人次，请写成“20余名”“35人”这样`;
    return;
  }
  body.attendances = quantity.thousandths / 1000;
  if (quantity.approx !== "exact") body.attendances_approx = quantity.approx;
  if (quantity.unit) body.attendances_unit = quantity.unit;
  side.attendances_text = written;
}

function readSpans(words, body, faults) {
  const duration = text(words, "duration") && parseMinutes(text(words, "duration"));
  const minutes = text(words, "minutes") && parseMinutes(text(words, "minutes"));
  if (duration) body.duration = duration.minutes;
  else if (text(words, "duration")) faults.duration = "看不出时长，请写成“2小时”“90分钟”这样";
  if (minutes) {
    body.minutes = minutes.minutes;
    const approx = words.computed ? "about" : minutes.approx;
    if (approx !== "exact") body.minutes_approx = approx;
    if (words.computed) body.minutes_basis = "computed";
  } else if (text(words, "minutes")) {
    faults.minutes = "看不出时长，请写成“40小时”这样";
  }
}

function readMeasures(words, body, faults) {
  const measures = [];
  words.measures.forEach((row, index) => {
    if (!row.name.trim() && !row.quantity.trim()) return;
    const quantity = parseQuantity(row.quantity);
    const unit = (quantity?.unit || row.unit).trim();
    const at = `measures[${index}]`;
    if (!row.name.trim()) faults[at] = "请写明做成了什么，如“清理垃圾”";
    else if (!quantity) faults[at] = `“${row.quantity}”看不出数量，请写成“200多”“近1.2”这样`;
    else if (!unit) faults[at] = "请填写单位，如“处”“吨”“份”";
    else {
      measures.push({ name: row.name.trim(), quantity: quantity.thousandths, unit });
      if (quantity.approx !== "exact") measures.at(-1).approx = quantity.approx;
    }
  });
  if (measures.length) body.measures = measures;
}

function readFound(words, body, faults) {
  const found = [];
  words.found.forEach((row, index) => {
    const problem = { kind: row.kind };
    const at = `found[${index}]`;
    if (row.count) problem.count = Number(row.count);
    if (row.solved) problem.solved = Number(row.solved);
    if (problem.solved && !problem.count) faults[at] = "填了当场解决的数量，也请填发现的数量";
    else if (problem.solved > (problem.count ?? 0)) faults[at] = "当场解决的数量不能多于发现的数量";
    found.push(problem);
  });
  if (found.length) body.found = found;
}

// ---- keeping ----

const key = (account) => "chaoxun.draft." + account;

export function newWords() {
  return { id: newId(), programmes: [], measures: [{ name: "", quantity: "", unit: "" }], found: [] };
}

export function loadWords(account) {
  try {
    return JSON.parse(localStorage.getItem(key(account))) ?? newWords();
  } catch {
    return newWords();
  }
}

export function keepWords(account, words) {
  localStorage.setItem(key(account), JSON.stringify(words));
}

export function dropWords(account) {
  localStorage.removeItem(key(account));
}
