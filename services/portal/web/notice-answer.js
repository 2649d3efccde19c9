// What somebody says of a notice: read, confirmed, recalled; and how that is shown.
import { call, make, newId } from "./api.js";
import { moment, number } from "./format.js";

function isWithin(unit, above) {
  return unit === above || unit.startsWith(above + "/");
}

// For which unit a reader of `own` speaks: one that the notice is for.
function unitOf(notice, own) {
  if (notice.units.some((unit) => isWithin(own, unit))) return own;
  return notice.units.find((unit) => isWithin(unit, own)) ?? own;
}

// The receipt; a refusal throws in its words.
async function submit(type, unit, body, side) {
  const { data } = await call("POST", "/api/v1/events", { v: 1, id: newId(), type, unit, at: Date.now(), body, ...(side ? { side } : {}) });
  const [receipt] = data.receipts;
  if (receipt.position) return receipt;
  throw new Error(receipt.faults?.map(({ text }) => text).join("；") ?? "没有存下，请再试一次");
}

export function say(what, notice, own) {
  return submit(`notice.${what}`, unitOf(notice, own), { notice: notice.id });
}

// What a unit says in answer.
export function reply(notice, own, text) {
  return submit("notice.answered", unitOf(notice, own), { notice: notice.id }, { text });
}

// Its issuer's word; what follows from it is there from the receipt's position on.
export function recall(notice) {
  return submit("notice.recalled", notice.unit, { notice: notice.id });
}

// Messages that did not reach anybody go again: all of the notice, or only those of `who` (person, channel).
export function resend(id, unit, who = {}) {
  return submit("notice.resent", unit, { notice: id, ...who });
}

// An alert is confirmed by whoever takes it on, a notice when it asks for it.
export function isToBeConfirmed(notice) {
  return Boolean(notice.confirm_by || notice.rule) && !notice.confirmed_at && !notice.recalled_at;
}

// ---- for the squad ----

export function squadTags(notice) {
  if (notice.recalled_at) return [make("span", { class: "tag" }, "已撤回")];
  return [
    notice.read_at ? null : make("span", { class: "tag unread" }, "未读"),
    notice.confirmed_at ? make("span", { class: "tag done" }, "已确认") : null,
  ];
}

// A place to write an answer; `send(text)` throws what went wrong.
function answerForm(notice, send) {
  const open = make("button", { type: "button", class: "secondary" }, notice.answered_at ? "再回复" : "回复");
  const text = make("textarea", { rows: 3, maxlength: 2000, "aria-label": `回复“${notice.title ?? ""}”` });
  const fault = make("p", { class: "fault", role: "alert" });
  const button = make("button", { type: "submit", class: "primary" }, "发出回复");
  const form = make("form", { class: "answer-form", hidden: true }, text, fault,
    make("div", { class: "buttons" }, button, make("button", { type: "button", class: "secondary", onclick: () => { form.hidden = true; open.hidden = false; open.focus(); } }, "不回复了")));
  open.addEventListener("click", () => {
    form.hidden = false;
    open.hidden = true;
    text.focus();
  });
  text.addEventListener("input", () => (fault.textContent = ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.textContent = text.value.trim() ? "" : "请写几个字";
    if (fault.textContent) return;
    button.disabled = true;
    await send(text.value.trim()).catch((problem) => (fault.textContent = `没有发出：${problem.message}`));
    button.disabled = false;
  });
  return [open, form];
}

// What stands under a notice: since when it is read, confirmed and answered, and what may be said.
export function squadLine(notice, confirm, send) {
  if (notice.recalled_at) return make("p", { class: "for" }, `${moment(notice.recalled_at)} 撤回，不用再办`);
  const facts = [["已读", notice.read_at], ["已确认", notice.confirmed_at], ["已回复", notice.answered_at]]
    .filter(([, at]) => at).map(([word, at]) => `${word} ${moment(at)}`);
  const [open, form] = answerForm(notice, send);
  return make("div", {},
    make("div", { class: "answer-line" },
      isToBeConfirmed(notice) ? make("button", { type: "button", class: "primary", onclick: confirm }, "确认收到") : null,
      open,
      facts.length ? make("span", { class: "for" }, facts.join(" · ")) : null,
      notice.answer ? make("span", { class: "own-answer" }, `我们的回复：${notice.answer}`) : null),
    form);
}

// ---- for the office ----

export function factsOf(row) {
  const facts = [["已读", row.read_at], ["已确认", row.confirmed_at], ["已回复", row.answered_at]].filter(([, at]) => at);
  return facts.length
    ? facts.map(([word, at]) => make("span", { class: "fact" }, `${word} ${moment(at).slice(5)}`))
    : [make("span", { class: "fact not" }, "未读")];
}

const UNITS_SHOWN = 20;

function unitNames(names) {
  const all = [...new Set(names)];
  return all.slice(0, UNITS_SHOWN).join("、") + (all.length > UNITS_SHOWN ? ` 等 ${all.length} 个单位` : "");
}

// The recipients, each once, of all that is listed.
function peopleOf(rows) {
  return [...new Map(rows.map((row) => [row.person, row])).values()];
}

// "看过 3/12 人，已确认 1 人；还没看：许村、长安"; whose confirmation is asked for is named. Where the answer has sums of its
// own, they are of all, also of those that are not listed yet.
export function readersLine({ notice, rows, recipients, seen, confirmed, unseen }, nameOf) {
  const people = peopleOf(rows);
  const name = (row) => row.unit_name || nameOf(row.unit);
  const read = people.filter((row) => row.read_at || row.confirmed_at || row.answered_at);
  const unread = unseen ? unseen.map(nameOf) : people.filter((row) => !read.includes(row)).map(name);
  const open = notice.confirm_by ? people.filter((row) => !row.confirmed_at && !row.answered_at).map(name) : [];
  const answered = people.filter((row) => row.answered_at).length;
  return make("p", { class: "readers" },
    `看过 ${number(seen ?? read.length)}/${number(recipients ?? people.length)} 人，已确认 ${number(confirmed ?? people.filter((row) => row.confirmed_at).length)} 人，已回复 ${number(answered)} 人`,
    unread.length ? make("span", { class: "fact not" }, `还没看：${unitNames(unread)}`) : null,
    open.length ? make("span", { class: "fact not" }, `还没确认：${unitNames(open)}`) : null);
}

// "请在 … 前确认", and whether that time is over.
export function confirmWords(notice) {
  return `请在 ${moment(notice.confirm_by)} 前确认${notice.confirm_by < Date.now() ? "（已过期）" : ""}`;
}

export function answerList(readings = []) {
  const answers = readings.filter(({ answer }) => answer);
  return answers.length
    ? make("ul", { class: "answers" }, ...answers.map((one) =>
      make("li", {}, make("b", {}, one.unit_name || one.unit), `（${one.person ?? one.source}，${moment(one.answered_at).slice(5)}）：${one.answer}`)))
    : null;
}
