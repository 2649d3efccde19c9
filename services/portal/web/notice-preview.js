// Whom the notice would reach and how its SMS reads: asked from the notifier while one writes.
import { call, make } from "./api.js";
import { number } from "./format.js";

const PAUSE_MS = 300;
const UNITS_ALONE = 70; // characters of an SMS that goes alone, and of a part of a longer one
const UNITS_PART = 67;

const reach = document.querySelector("#reach");
const warnings = document.querySelector("#warnings");
const bubble = document.querySelector("#bubble");
const lengthLine = document.querySelector("#length");

function figure(name, value, unit) {
  return make("div", {}, make("span", { class: "of" }, name), make("b", {}, value), make("span", { class: "unit" }, unit));
}

function lengthWords({ sms_characters: used, sms_parts: parts, sms_parts_max: most }) {
  if (parts > most) return `太长：连签名共 ${used} 字，最多 ${most * UNITS_PART} 字（${most} 条短信），请删去 ${used - most * UNITS_PART} 字`;
  const room = (parts <= 1 ? UNITS_ALONE : parts * UNITS_PART) - used;
  return `连签名 ${used} 字，每人 ${parts} 条短信；这一条里还可写 ${room} 字，总共还可写 ${most * UNITS_PART - used} 字`;
}

function warningList(answer) {
  const nobody = answer.units.filter(({ people }) => !people).map(({ name, unit }) => name || unit);
  return [
    nobody.length ? ["stop", `没有联系人：${nobody.join("、")}。请先登记联系人，或不选${nobody.length > 1 ? "这些" : "这个"}中队。`] : null,
    !answer.sms_sends && answer.sms ? ["", "短信网关还没有配置：短信会留着等人处理，不会发出。"] : null,
    !answer.email_sends && answer.email ? ["", "邮件服务器还没有配置：邮件会留着等人处理，不会发出。"] : null,
  ].filter(Boolean);
}

export class Preview {
  // `changed(answer or null, problem or null)` is called with each answer.
  constructor(changed) {
    this.changed = changed;
    this.number = 0;
    this.drawNothing();
  }

  // Asks soon; the answer to an older question is not shown.
  ask(draft, at = PAUSE_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askNow(draft), at);
  }

  async askNow({ units, title, text }) {
    const number = ++this.number;
    if (!units.length) {
      this.drawNothing();
      this.changed(null, null);
      return;
    }
    try {
      const { data } = await call("POST", "/api/v1/notices/preview", { units, title: title.trim(), text: text.trim() });
      if (number !== this.number) return;
      this.draw(data, Boolean(title.trim() || text.trim()));
      this.changed(data, null);
    } catch (problem) {
      if (number === this.number) this.changed(null, problem);
    }
  }

  drawNothing() {
    reach.replaceChildren(figure("收件人", "0", "人"), figure("短信", "0", "人"), figure("邮件", "0", "人"));
    warnings.replaceChildren();
    lengthLine.textContent = "选好中队后，这里会算出每人几条短信";
    lengthLine.className = "hint length";
    bubble.textContent = "写好后在这里看";
    bubble.className = "bubble empty";
  }

  draw(answer, written) {
    reach.replaceChildren(
      figure("收件人", number(answer.people), "人"), figure("短信", number(answer.sms), "人"), figure("邮件", number(answer.email), "人"));
    warnings.replaceChildren(...warningList(answer).map(([kind, words]) => make("p", { class: "warning " + kind }, words)));
    const over = answer.sms_parts > answer.sms_parts_max;
    lengthLine.textContent = lengthWords(answer);
    lengthLine.className = "hint length" + (over ? " over" : "");
    bubble.textContent = written ? answer.sms_text : "写好后在这里看";
    bubble.className = "bubble" + (written ? "" : " empty");
  }
}
