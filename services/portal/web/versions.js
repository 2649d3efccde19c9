// One report: what it says now, and every version with what changed from the one before.
import { call, make } from "./api.js";
import { moment } from "./format.js";
import { differences, facts, programmeNames } from "./report-words.js";

const sheet = document.querySelector("#report");
const title = document.querySelector("#report-title");
const body = document.querySelector("#report-body");

const WHAT = { "report.submitted": "首次填报", "report.amended": "更正", "report.withdrawn": "撤回" };
const CLASSES = { "report.amended": "amended", "report.withdrawn": "withdrawn" };

function factList(report) {
  return make("dl", { class: "facts" },
    ...facts(report).map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));
}

function changesTable(before, after) {
  const changed = differences(before, after);
  if (!changed.length) return make("p", { class: "hint" }, "内容没有变化。");
  return make("table", { class: "changes" },
    make("thead", {}, make("tr", {}, ...["内容", "更正前", "更正后"].map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...changed.map(([name, old, now]) =>
      make("tr", {}, make("th", { scope: "row" }, name),
        make("td", { "data-label": "更正前" }, old ? make("del", {}, old) : "（空）"),
        make("td", { "data-label": "更正后" }, now ? make("ins", {}, now) : "（空）")))));
}

// Who sent it: the person's number, else the account or client.
function sender({ by, source }) {
  return by || (source ?? "").replace(/^\w+:/, "");
}

function versionItem(version, number, before) {
  const who = sender(version);
  return make("li", { class: ["version", CLASSES[version.type]].filter(Boolean).join(" ") },
    make("h3", {}, `第 ${number} 版 · ${WHAT[version.type] ?? version.type}`),
    make("p", { class: "when" }, `${moment(version.received_at)} 收到${who ? ` · ${who}` : ""}`),
    version.reason ? make("p", { class: "why" }, `原因：${version.reason}`) : null,
    version.removed ? make("p", { class: "hint" }, "这一版的个人信息和文字已按规定删除。") : null,
    version.report && before ? changesTable(before, version.report) : null);
}

// Newest first; each is compared with the report as it stood before.
function versionList(versions) {
  let before = null;
  const items = versions.map((version, index) => {
    const item = versionItem(version, index + 1, before);
    before = version.report ?? before;
    return item;
  });
  return make("ol", { class: "versions", reversed: true }, ...items.reverse());
}

function draw(answer) {
  const { versions } = answer;
  const standing = versions.filter(({ report }) => report).at(-1).report;
  const amended = versions.filter(({ type }) => type === "report.amended").length;
  const withdrawal = versions.filter(({ type }) => type === "report.withdrawn").at(-1);
  title.textContent = standing.title || programmeNames(standing.programmes).join("、");
  body.replaceChildren(...[
    make("p", { class: "state-line" }, make("b", {}, answer.name || answer.unit),
      make("span", {}, `${moment(versions[0].received_at)} 填报`),
      amended ? make("span", { class: "tag amended" }, `更正 ${amended} 次`) : null,
      standing.demo ? make("span", { class: "tag" }, "演示数据") : null),
    answer.withdrawn
      ? make("p", { class: "banner" }, `已撤回，不再计入汇总${withdrawal?.reason ? `：${withdrawal.reason}` : "。"}`)
      : null,
    make("section", { class: "card" }, factList(standing)),
    make("h3", { class: "subtitle" }, versions.length > 1 ? `全部 ${versions.length} 个版本` : "版本"),
    versionList(versions),
    make("p", { class: "as-of" }, "位置 ", make("code", {}, answer.as_of)),
  ].filter(Boolean));
}

function fail(problem) {
  const words = problem.status === 404 ? "没有找到这份报告：可能不在您的单位范围内。请回到列表重新查找。" : problem.message;
  title.textContent = "打不开这份报告";
  body.replaceChildren(make("p", { class: "problem", role: "alert" }, words));
}

let wanted = "";

// Opens the report beside the list; `closed` is called when it is closed again.
export async function openReport(id, closed) {
  wanted = id;
  title.textContent = "正在打开…";
  body.replaceChildren();
  if (!sheet.open) {
    sheet.showModal();
    sheet.addEventListener("close", closed, { once: true });
  }
  title.focus();
  try {
    const { data } = await call("GET", "/api/v1/reports/" + encodeURIComponent(id));
    if (wanted === id) draw(data);
  } catch (problem) {
    if (wanted === id) fail(problem);
  }
  body.scrollTop = 0;
}

export function closeReport() {
  if (sheet.open) sheet.close();
}

document.querySelector("#report-close").addEventListener("click", closeReport);
sheet.addEventListener("click", (event) => {
  if (event.target === sheet) closeReport();
});
