// Numbers and rows in words.
import { make } from "./api.js";

const MARK_WORDS = { "≥": "至少：含“余、多、超”的数", 近: "略少于", 约: "大约，或几种约数相加" };

export function number(value, digits = 0) {
  return value.toLocaleString("zh-CN", { maximumFractionDigits: digits });
}

// A sum with its mark, as nodes; `scale` divides the value.
export function sum({ value, mark }, scale = 1, digits = 0) {
  const nodes = [number(value / scale, digits)];
  if (mark) nodes.unshift(make("span", { class: "mark", title: MARK_WORDS[mark] }, mark));
  return nodes;
}

// The first measures of a row: name and amount.
export function measures(list, most) {
  const nodes = [];
  list.slice(0, most).forEach(({ name, unit, sum: { value, mark } }, index) => {
    if (index) nodes.push("，");
    nodes.push(name + " ", make("b", {}, `${mark}${number(value / 1000, 3)}${unit}`));
  });
  if (list.length > most) nodes.push(` 等 ${list.length} 项`);
  return nodes;
}

// Moments are told in China Standard Time, wherever the browser is.
const MOMENT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const CLOCK = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

// 2026-11-23 14:05
export function moment(ms) {
  const parts = Object.fromEntries(MOMENT.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
}

// 14:05:09 today, else with the day.
export function clock(ms) {
  return moment(ms).slice(0, 10) === moment(Date.now()).slice(0, 10) ? CLOCK.format(ms) : moment(ms).slice(5);
}

const SVG = "http://www.w3.org/2000/svg";

// A bar of `value` against `most`.
export function bar(value, most) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "bar");
  drawing.setAttribute("aria-hidden", "true");
  for (const [name, width] of [["bar-back", 100], ["bar-front", most ? (100 * value) / most : 0]]) {
    const part = document.createElementNS(SVG, "rect");
    part.setAttribute("class", name);
    part.setAttribute("rx", 3);
    part.setAttribute("height", "100%");
    part.setAttribute("width", `${width}%`);
    drawing.append(part);
  }
  return drawing;
}
