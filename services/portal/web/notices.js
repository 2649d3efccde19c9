// Notices: the office writes them and sees whom they reached, squads read those for them.
import { call, make } from "./api.js";
import { countList, byState } from "./delivery-words.js";
import { moment } from "./format.js";
import { confirmWords, reply, say, squadLine, squadTags } from "./notice-answer.js";
import { NoticeForm } from "./notice-form.js";
import { NoticeStatus } from "./notice-status.js";
import { openSession } from "./shell.js";

const UNITS_SHOWN = 3;

const problemLine = document.querySelector("#problem");
const list = document.querySelector("#list");
const more = document.querySelector("#more");
const session = await openSession();
const office = ["office", "admin"].includes(session.role);
const squad = session.role === "squad";
const names = new Map();

function showProblem(problem) {
  if (problem?.status === 401) location.replace("/?next=/notices");
  problemLine.hidden = !problem;
  problemLine.textContent = problem ? `看不到通知：${problem.message}` : "";
}

// ---- the list ----

function nameOf(unit) {
  return names.get(unit) ?? unit;
}

function forWhom(units) {
  const first = units.slice(0, UNITS_SHOWN).map(nameOf).join("、");
  return "发给 " + first + (units.length > UNITS_SHOWN ? ` 等 ${units.length} 个中队` : "");
}

// A squad's notice is read when it is opened: until then only its title stands there.
function isClosed(notice) {
  return !office && squad && !notice.read_at && !notice.recalled_at;
}

function heading(notice) {
  const title = notice.title || "（内容已删除）";
  const open = office ? () => status.open(notice.id) : isClosed(notice) ? () => tell("read", "read_at", notice) : null;
  return make("h3", {},
    open ? make("button", { type: "button", class: "open", onclick: open }, title) : title,
    notice.urgent ? make("span", { class: "tag urgent" }, "紧急") : null,
    office && notice.rule ? make("span", { class: "tag" }, "自动提醒") : null,
    ...(squad ? squadTags(notice) : []),
    office && notice.recalled_at ? make("span", { class: "tag" }, "已撤回") : null,
    office && !notice.complete ? make("span", { class: "tag" }, "发送中") : null);
}

// Read or confirmed: shown once the receipt is there.
function redraw(notice) {
  list.querySelector(`[data-id="${CSS.escape(notice.id)}"]`)?.replaceWith(drawNotice(notice));
}

async function answer(notice, text) {
  await reply(notice, session.unit, text);
  redraw({ ...notice, answered_at: notice.answered_at ?? Date.now(), answer: text }); // as the record will have it
}

async function tell(what, field, notice) {
  try {
    await say(what, notice, session.unit);
    redraw({ ...notice, [field]: Date.now() });
    showProblem(null);
  } catch (problem) {
    problemLine.hidden = false;
    problemLine.textContent = `没有记下：${problem.message}`;
    problemLine.scrollIntoView({ block: "center" });
  }
}

function drawNotice(notice) {
  return make("li", { class: "notice", "data-id": notice.id },
    make("div", { class: "notice-line" }, heading(notice), make("span", { class: "when" }, moment(notice.received_at))),
    notice.confirm_by ? make("p", { class: "for" }, confirmWords(notice)) : null,
    isClosed(notice) ? null : make("p", { class: "notice-text" + (office ? " short" : "") }, notice.text ?? ""),
    squad && !isClosed(notice) ? squadLine(notice, () => tell("confirmed", "confirmed_at", notice), (text) => answer(notice, text)) : null,
    office ? make("p", { class: "for" }, forWhom(notice.units)) : null,
    office && byState(notice.counts).length ? countList(notice.counts) : null);
}

let cursor = "";

async function ask(next) {
  try {
    const { data } = await call("GET", "/api/v1/notices" + (next ? "?cursor=" + encodeURIComponent(next) : ""));
    const drawn = data.rows.map(drawNotice);
    if (next) list.append(...drawn);
    else list.replaceChildren(...drawn);
    cursor = data.cursor ?? "";
    more.parentElement.hidden = !cursor;
    document.querySelector("#none").hidden = list.children.length > 0;
    document.querySelector("#as-of").textContent = data.as_of;
    document.querySelector("#as-of-time").textContent = moment(Date.now()).slice(11);
    showProblem(null);
  } catch (problem) {
    showProblem(problem);
  }
}

// The notice that is open: its line in the list follows.
function changed(notice) {
  const line = list.querySelector(`[data-id="${CSS.escape(notice.id)}"]`);
  if (line) line.replaceWith(drawNotice(notice));
  else ask("");
}

const status = new NoticeStatus(session, changed, nameOf);

// ---- what the page offers ----

const units = await call("GET", "/api/v1/units").then(({ data }) => data.units, () => []);
for (const { unit, name } of units) names.set(unit, name || unit);
document.querySelector("#lead").textContent = office ? "写给各中队，看发到了哪一步" : `发给${nameOf(session.unit)}的通知`;
if (!office) document.querySelector("#list-title").textContent = "收到的通知";
if (office) new NoticeForm(session, units, (receipt) => status.open(receipt.id, receipt.position));
more.addEventListener("click", () => ask(cursor));
await ask("");
const opened = new URLSearchParams(location.search).get("id");
if (opened && office) status.open(opened);
