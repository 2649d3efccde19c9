// Whom the notice would reach and how its SMS reads: asked from the notifier while one writes.
import { call, make } from "./api.js";
import { number } from "./format.js";
import { confirmTime } from "./notice-draft.js";

const PAUSE_MS = 300;
const UNITS_ALONE = 70; // characters of an SMS that goes alone, and of a part of a longer one
const UNITS_PART = 67;
const WRITTEN_MAX = 647; // title and text together, whatever the signature: SMS_NOTICE_UNITS_MAX of proto/sms.h, held by intake

// Title and text as SMS count them; a character beyond the first plane counts two.
function written({ title, text }) {
  return title.trim().length + text.trim().length;
}

export function tooLong(draft) {
  return written(draft) > WRITTEN_MAX;
}

const reach = document.querySelector("#reach");
const warnings = document.querySelector("#warnings");
const bubble = document.querySelector("#bubble");
const lengthLine = document.querySelector("#length");

const subject = document.querySelector("#subject");
const waysBox = document.querySelector("#ways");
const wayNote = document.querySelector("#way-note");

// How it reads by each way: [word, what of the answer is shown, what is said of it].
const WAYS = {
  sms: ["短信", ({ sms_text: text }) => ["", text], () => "【】里是签名，也算字数；太长的发不出去，不会截断"],
  email: ["邮件", ({ email_subject: title, email_text: text }) => [title, text], () => "邮件另有带格式的一份，内容相同"],
  robot: ["群机器人", ({ robot_text: text }) => ["", text], () => "发在群里，群里的人都看得到"],
};

function figure(name, value, unit) {
  return make("div", {}, make("span", { class: "of" }, name), make("b", {}, value), make("span", { class: "unit" }, unit));
}

function lengthWords({ sms_characters: used, sms_parts: parts, sms_parts_max: most }, draft) {
  const left = WRITTEN_MAX - written(draft);
  if (left < 0) return `太长：标题和正文共 ${written(draft)} 字，最多 ${WRITTEN_MAX} 字（${most} 条短信），请删去 ${-left} 字`;
  const room = (parts <= 1 ? UNITS_ALONE : parts * UNITS_PART) - used;
  return `连签名 ${used} 字，每人 ${parts} 条短信；这一条里还可写 ${room} 字，总共还可写 ${left} 字`;
}

// The text with what stands in the place of each recipient's own words and link marked.
function marked(text, { code_sample: code, link_sample: link }) {
  const samples = [code, link].filter((sample) => sample && text.includes(sample));
  return samples.reduce((pieces, sample) => pieces.flatMap((piece) => {
    const at = typeof piece === "string" ? piece.lastIndexOf(sample) : -1;
    return at < 0 ? [piece] : [piece.slice(0, at), make("span", { class: "sample" }, sample), piece.slice(at + sample.length)];
  }), [text]);
}

function sampleNote(text, { code_sample: code, link_sample: link, sms_parts: parts, sms_parts_max: most }, way) {
  const shown = [code && text.includes(code) ? "编号" : "", link && text.includes(link) ? "链接" : ""].filter(Boolean).join("和");
  const missed = way === "sms" && link && !text.includes(link) && parts <= most ? "；放不下确认链接，要带链接请写短些" : "";
  return (shown ? `；虚线处的${shown}是占位，每人收到的不同，长度一样` : "") + missed;
}

function warningList(answer) {
  const nobody = answer.units.filter(({ people }) => !people).map(({ name, unit }) => name || unit);
  return [
    nobody.length ? ["stop", `没有联系人：${nobody.join("、")}。请先登记联系人，或不选${nobody.length > 1 ? "这些" : "这个"}中队。`] : null,
    !answer.sms_sends && answer.sms ? ["", "短信网关还没有配置：短信会留着等人处理，不会发出。"] : null,
    !answer.email_sends && answer.email ? ["", "邮件服务器还没有配置：邮件会留着等人处理，不会发出。"] : null,
    !answer.robot_sends && answer.robot ? ["", "群机器人还没有配置：给机器人的会留着等人处理，不会发出。"] : null,
    !answer.govding_sends && answer.govding ? ["", "浙政钉还没有配置：给浙政钉的会留着等人处理，不会发出。"] : null,
  ].filter(Boolean);
}

export class Preview {
  // `changed(answer or null, problem or null)` is called with each answer.
  constructor(changed) {
    this.changed = changed;
    this.number = 0;
    this.way = "sms";
    this.last = null;
    waysBox.replaceChildren(...Object.entries(WAYS).map(([way, [word]]) =>
      make("button", { type: "button", class: "way", "data-way": way, "aria-pressed": String(way === this.way), onclick: () => this.choose(way) }, word)));
    this.drawNothing();
  }

  // Asks soon; the answer to an older question is not shown.
  ask(draft, at = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askNow(draft), at);
  }

  async askNow(draft) {
    const { units, title, text, confirm } = draft;
    const number = ++this.number;
    if (!units.length) {
      this.drawNothing();
      this.changed(null, null);
      return;
    }
    try {
      const question = { units, title: title.trim(), text: text.trim() };
      if (confirm && confirmTime(draft) > 0) question.confirm_by = confirmTime(draft);
      const { data } = await call("POST", "/api/v1/notices/preview", question);
      if (number !== this.number) return;
      this.draw(data, draft);
      this.changed(data, null);
    } catch (problem) {
      if (number === this.number) this.changed(null, problem);
    }
  }

  choose(way) {
    this.way = way;
    for (const button of waysBox.children) button.setAttribute("aria-pressed", String(button.dataset.way === way));
    this.drawWay();
  }

  drawWay() {
    const [, show, note] = WAYS[this.way];
    const [title, text] = this.last ? show(this.last) : ["", ""];
    subject.hidden = !title;
    subject.textContent = title ? `主题：${title}` : "";
    bubble.replaceChildren(...(text ? marked(text, this.last) : ["写好后在这里看"]));
    bubble.className = "bubble" + (text ? "" : " empty");
    wayNote.textContent = text ? note(this.last) + sampleNote(text, this.last, this.way) : "";
  }

  drawNothing() {
    reach.replaceChildren(figure("收件人", "0", "人"), figure("短信", "0", "人"), figure("邮件", "0", "人"));
    warnings.replaceChildren();
    lengthLine.textContent = "选好中队后，这里会算出每人几条短信";
    lengthLine.className = "hint length";
    this.last = null;
    this.drawWay();
  }

  draw(answer, draft) {
    reach.replaceChildren(
      figure("收件人", number(answer.people), "人"), figure("短信", number(answer.sms), "人"), figure("邮件", number(answer.email), "人"),
      ...(answer.robot ? [figure("群机器人", number(answer.robot), "个")] : []),
      ...(answer.govding ? [figure("浙政钉", number(answer.govding), "人")] : []));
    warnings.replaceChildren(...warningList(answer).map(([kind, words]) => make("p", { class: "warning " + kind }, words)));
    lengthLine.textContent = lengthWords(answer, draft);
    lengthLine.className = "hint length" + (tooLong(draft) ? " over" : "");
    this.last = written(draft) ? answer : null;
    this.drawWay();
  }
}
