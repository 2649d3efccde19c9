// The live totals: asked for by the range that is shown, again whenever the stream says that something changed.
import { call, make } from "./api.js";
import { bar, measures, number, sum } from "./format.js";
import { openSession } from "./shell.js";
import { PROGRAMMES } from "./words.js";

const RANGES = [["all", "全部"], ["today", "今天"], ["month", "本月"], ["year", "今年"], ["undated", "无日期"], ["own", "自选"]];
const PAUSE_MS = 400; // between two questions
const MEASURES_SHOWN = 3;
const DAY_MS = 86400000;

const filters = document.querySelector("#filters");
const problemLine = document.querySelector("#problem");
await openSession();

// ---- the range ----

// Days are those of China Standard Time, wherever the browser is.
function today() {
  return new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
}

function ownRange(from, to) {
  const words = (from ? `自 ${from} 起` : "") + (from && to ? "，" : "") + (to ? `至 ${to} 止` : "");
  return { from, to, words: words || "全部有日期和无日期的活动" };
}

function chosenRange() {
  const day = today();
  const month = day.slice(0, 7);
  const lastOfMonth = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 1) - DAY_MS).toISOString().slice(0, 10);
  switch (filters.elements.range.value) {
    case "today":
      return { from: day, to: day, words: `今天（${day}）` };
    case "month":
      return { from: month + "-01", to: lastOfMonth, words: `本月（${month}）` };
    case "year":
      return { from: day.slice(0, 4) + "-01-01", to: day.slice(0, 4) + "-12-31", words: `今年（${day.slice(0, 4)}）` };
    case "undated":
      return { undated: true, words: "没有写明日期的报告" };
    case "own":
      return ownRange(filters.elements.from.value, filters.elements.to.value);
    default:
      return { words: "全部活动，含没有写明日期的" };
  }
}

function query(range, by) {
  const parameters = new URLSearchParams();
  if (range.from) parameters.set("from", range.from);
  if (range.to) parameters.set("to", range.to);
  if (filters.elements.programme.value) parameters.set("programme", filters.elements.programme.value);
  // Reports without a date stand in the period "".
  const grouping = [...by, ...(range.undated ? ["year"] : [])].join(",");
  if (grouping) parameters.set("by", grouping);
  return parameters;
}

// ---- asking ----

let atLeast = "";
let asking = false;
let again = false;
let shown = new Map();

async function ask(range, by) {
  const parameters = query(range, by);
  if (atLeast) parameters.set("at_least", atLeast);
  const { data } = await call("GET", "/api/v1/totals?" + parameters);
  if (range.undated) data.rows = data.rows.filter((row) => !row.period);
  return data;
}

// Shows what is chosen; while a question is under way the next one waits for its end.
async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  again = false;
  const range = chosenRange();
  try {
    const [squads, whole] = await Promise.all([ask(range, ["squad"]), ask(range, [])]);
    draw(range, squads, whole);
    problemLine.hidden = true;
  } catch (problem) {
    if (problem.status === 401) location.replace("/?next=/totals");
    // The journal was restored meanwhile: positions of before say nothing.
    if (["beyond", "other-journal"].includes(problem.code)) {
      atLeast = "";
      again = true;
    }
    problemLine.textContent = problem.message;
    problemLine.hidden = false;
  }
  setTimeout(() => {
    asking = false;
    if (again) refresh();
  }, PAUSE_MS);
}

// ---- drawing ----

const NOTHING = {
  activities: 0, reports: 0, undated: 0, demo: 0, measures: [],
  attendances: { value: 0, mark: "" }, minutes: { value: 0, mark: "" },
};

function drawSums(row) {
  const one = (name, value, unit, more) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, ...value, make("span", { class: "unit" }, unit)),
      more ? make("dd", { class: "more" }, more) : null);
  document.querySelector("#sums").replaceChildren(
    one("活动", [number(row.activities)], "场", null),
    one("报告", [number(row.reports)], "份", row.undated ? `其中 ${number(row.undated)} 份没有日期` : ""),
    one("参与人次", sum(row.attendances), "人次", null),
    one("服务时长", sum(row.minutes, 60, 1), "小时", null),
  );
}

function drawRow(row, most, flash) {
  return make("tr", { class: [row.reports ? "" : "none", flash ? "flash" : ""].join(" ").trim() || null },
    make("td", { class: "squad" }, row.name || row.unit, row.demo ? make("span", { class: "tag" }, "演示") : null),
    make("td", { class: "number", "data-label": "活动" }, number(row.activities)),
    make("td", { class: "number", "data-label": "报告" }, number(row.reports)),
    make("td", { class: "number", "data-label": "参与人次" }, ...sum(row.attendances)),
    make("td", { class: "bar-cell" }, bar(row.attendances.value, most)),
    make("td", { class: "number", "data-label": "时长（小时）" }, ...sum(row.minutes, 60, 1)),
    make("td", { class: "measures" }, ...measures(row.measures ?? [], MEASURES_SHOWN)));
}

function draw(range, squads, whole) {
  const most = Math.max(1, ...squads.rows.map((row) => row.attendances.value));
  const before = shown;
  const choice = query(range, []).toString() + String(range.undated);
  shown = new Map(squads.rows.map((row) => [row.unit, JSON.stringify(row)]));
  const same = shown.choice === undefined && before.choice === choice;
  shown.choice = choice;
  document.querySelector("#rows").replaceChildren(
    ...squads.rows.map((row) => drawRow(row, most, same && before.get(row.unit) !== shown.get(row.unit))),
  );
  const total = whole.rows[0] ?? NOTHING;
  drawSums(total);
  const demo = document.querySelector("#demo");
  demo.hidden = !total.demo;
  demo.textContent = `演示数据：其中 ${number(total.demo)} 份报告是演示用的公开活动记录，不是各中队自己的活动。`;
  document.querySelector("#range-words").textContent = range.words;
  document.querySelector("#csv").href = "/api/v1/totals.csv?" + query(range, ["squad"]);
  document.querySelector("#as-of").textContent = squads.as_of;
  document.querySelector("#as-of-time").textContent = new Date().toLocaleTimeString("zh-CN", { hour12: false });
}

// ---- the stream ----

function showState(name, words) {
  document.querySelector("#state").className = "state " + name;
  document.querySelector("#state-words").textContent = words;
}

function listen() {
  const stream = new EventSource("/api/v1/live");
  stream.addEventListener("open", () => showState("live", "实时更新中"));
  stream.addEventListener("totals", (event) => {
    atLeast = event.lastEventId;
    showState("live", "实时更新中");
    refresh();
  });
  stream.addEventListener("problem", (event) => showState("lost", JSON.parse(event.data).detail));
  stream.addEventListener("error", () => {
    showState("lost", "连接中断，正在重连");
    // The browser gives up after an answer that is no stream, such as 401 or 503.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => call("GET", "/api/v1/session").then(listen, noSession), 5000);
  });
}

function noSession(problem) {
  if (problem.status === 401 || problem.status === 403) location.replace("/?next=/totals");
  else setTimeout(() => call("GET", "/api/v1/session").then(listen, noSession), 5000);
}

// ---- what the page offers ----

document.querySelector("#ranges").append(
  ...RANGES.map(([value, words]) =>
    make("label", {}, make("input", { type: "radio", name: "range", value, ".checked": value === "all" }), make("span", {}, words))),
);
filters.elements.programme.append(...PROGRAMMES.map(([code, name]) => make("option", { value: code }, name)));
filters.elements.from.value = today().slice(0, 7) + "-01";
filters.elements.to.value = today();
filters.addEventListener("change", () => {
  document.querySelector("#own-range").hidden = filters.elements.range.value !== "own";
  refresh();
});
filters.addEventListener("submit", (event) => event.preventDefault());
refresh();
listen();
