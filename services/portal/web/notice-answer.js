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
async function submit(type, notice, unit) {
  const { data } = await call("POST", "/api/v1/events", { v: 1, id: newId(), type, unit, at: Date.now(), body: { notice: notice.id } });
  const receipt = data.receipts[0];
  if (receipt.position) return receipt;
  throw new Error(receipt.faults?.map(({ text }) => text).join("；") ?? "没有存下，请再试一次");
}

export function say(what, notice, own) {
  return submit(`notice.${what}`, notice, unitOf(notice, own));
}

// Its issuer's word; what follows from it is there from the receipt's position on.
export function recall(notice) {
  return submit("notice.recalled", notice, notice.unit);
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

// What stands under a notice: since when it is read and confirmed, and the button.
export function squadLine(notice, confirm) {
  if (notice.recalled_at) return make("p", { class: "for" }, `${moment(notice.recalled_at)} 撤回，不用再办`);
  const facts = [["已读", notice.read_at], ["已确认", notice.confirmed_at], ["已回复", notice.answered_at]]
    .filter(([, at]) => at).map(([word, at]) => `${word} ${moment(at)}`);
  const asked = isToBeConfirmed(notice);
  if (!facts.length && !asked) return null;
  return make("div", { class: "answer-line" },
    asked ? make("button", { type: "button", class: "primary", onclick: confirm }, "确认收到") : null,
    facts.length ? make("span", { class: "for" }, facts.join(" · ")) : null);
}

// ---- for the office ----

export function factsOf(row) {
  const facts = [["已读", row.read_at], ["已确认", row.confirmed_at], ["已回复", row.answered_at]].filter(([, at]) => at);
  return facts.length
    ? facts.map(([word, at]) => make("span", { class: "fact" }, `${word} ${moment(at).slice(5)}`))
    : [make("span", { class: "fact not" }, "未读")];
}

// "看过 3/12 人，已确认 1 人；还没看：许村、长安", the recipients each once: the sums of an answer.
export function readersLine({ recipients, seen, confirmed, unseen = [] }, nameOf) {
  return make("p", { class: "readers" },
    `看过 ${number(seen)}/${number(recipients)} 人，已确认 ${number(confirmed)} 人`,
    unseen.length ? make("span", { class: "fact not" }, `还没看：${unseen.map(nameOf).join("、")}`) : null);
}

export function answerList(readings = []) {
  const answers = readings.filter(({ answer }) => answer);
  return answers.length
    ? make("ul", { class: "answers" }, ...answers.map((one) =>
      make("li", {}, make("b", {}, one.unit_name || one.unit), `（${one.person ?? one.source}）：${one.answer}`)))
    : null;
}
