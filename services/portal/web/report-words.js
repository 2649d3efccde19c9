// What a report says, in words: each fact with its name, as a person would read it.
import { number } from "./format.js";
import { mark } from "./quantity.js";
import { PROBLEM_KINDS, PROGRAMMES } from "./words.js";

export function programmeNames(codes) {
  return codes.map((code) => PROGRAMMES.find(([own]) => own === code)?.[1] ?? code);
}

export function shortProgrammes(codes) {
  return codes.map((code) => PROGRAMMES.find(([own]) => own === code)?.[2] ?? code).join("、");
}

export function days({ date, date_end: end, date_text: words }) {
  const whole = date && end && end !== date ? `${date} 至 ${end}` : date;
  return [whole, words].filter(Boolean).join("，");
}

// The reporter's own words, else the number with its kind of approximation.
export function attendances({ attendances: count, attendances_approx: approx, attendances_unit: unit, attendances_text: words }) {
  if (words) return words;
  return count === undefined ? "" : `${mark(approx)}${number(count)}${unit ?? ""}`;
}

function span(minutes, approx) {
  if (minutes === undefined) return "";
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return mark(approx) + (hours ? `${number(hours)} 小时` : "") + (hours && rest ? " " : "") + (rest || !hours ? `${rest} 分钟` : "");
}

export function measureWords({ name, quantity, unit, approx }) {
  return `${name} ${mark(approx)}${number(quantity / 1000, 3)}${unit}`;
}

function problemWords({ kind, count, solved }) {
  const name = PROBLEM_KINDS.find(([own]) => own === kind)?.[1] ?? kind;
  return name + (count ? ` ${number(count)} 处` : "") + (solved ? `（当场解决 ${number(solved)} 处）` : "");
}

const BASIS = { computed: "（按 人次×时长 推算）", listed: "（按人登记）" };

// Names of facts and how they are told; what is empty is left out.
const FACTS = [
  ["活动名称", (report) => report.title],
  ["项目", (report) => programmeNames(report.programmes ?? []).join("、")],
  ["活动日期", days],
  ["地点", (report) => report.place],
  ["地点类型", (report) => report.place_kind],
  ["活动形式", (report) => report.form],
  ["主题", (report) => report.campaign],
  ["参与人次", attendances],
  ["参与人数", (report) => (report.people === undefined ? "" : `${number(report.people)}（去重）`)],
  ["未成年人", (report) => (report.minors === undefined ? "" : number(report.minors))],
  ["活动时长", (report) => span(report.duration)],
  ["服务总时长", (report) => span(report.minutes, report.minutes_approx) + (BASIS[report.minutes_basis] ?? "")],
  ["成效", (report) => (report.measures ?? []).map(measureWords).join("\n") || report.measures_text],
  ["发现问题", (report) => (report.found ?? []).map(problemWords).join("\n") || report.found_text],
  ["合作单位", (report) => (report.partners ?? []).join("、")],
  ["负责人编号", (report) => report.contact],
  ["负责人", (report) => report.contact_name],
  ["联系电话", (report) => report.contact_phone],
  ["活动说明", (report) => report.narrative],
  ["备注", (report) => report.note],
  ["来源", (report) => report.source_url],
  ["编号", (report) => report.number],
];

// [name, text] of every fact that the report has.
export function facts(report) {
  return FACTS.map(([name, tell]) => [name, tell(report) ?? ""]).filter(([, text]) => text);
}

// [name, before, after] of every fact that differs.
export function differences(before, after) {
  return FACTS.map(([name, tell]) => [name, tell(before) ?? "", tell(after) ?? ""]).filter(([, old, now]) => old !== now);
}
