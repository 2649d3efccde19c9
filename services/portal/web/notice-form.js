// The form of a notice: whom it is for, what it says, and sending it once.
import { call, make } from "./api.js";
import { moment, number } from "./format.js";
import { confirmTime, dropDraft, eventOf, keepDraft, loadDraft, newDraft } from "./notice-draft.js";
import { Preview, tooLong } from "./notice-preview.js";
import { submit } from "./outbox.js";

const AGAIN_MS = 5000;
const DAY_MS = 86400000;
const FIELDS = ["units", "title", "text", "confirm-by"];

const form = document.querySelector("#form");
const problemLine = document.querySelector("#form-problem");
const note = document.querySelector("#draft");
const send = document.querySelector("#send");
const all = document.querySelector("#all");
const confirmBox = document.querySelector("#confirm");

function showFault(name, words) {
  document.querySelector(`#${name}-fault`).textContent = words;
  const field = document.querySelector(name === "units" ? "#units-field" : `#${name}`);
  if (words) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function showProblem(words) {
  problemLine.textContent = words;
  problemLine.hidden = !words;
  if (words) problemLine.focus();
}

// Asks before it goes out; true when it may.
function confirmSending(words) {
  document.querySelector("#confirm-words").textContent = words;
  confirmBox.returnValue = "";
  confirmBox.showModal();
  document.querySelector("#confirm-yes").focus();
  return new Promise((resolve) => {
    confirmBox.addEventListener("close", () => resolve(confirmBox.returnValue === "yes"), { once: true });
  });
}

document.querySelector("#confirm-yes").addEventListener("click", () => confirmBox.close("yes"));
document.querySelector("#confirm-no").addEventListener("click", () => confirmBox.close("no"));

export class NoticeForm {
  // `sent(receipt)` is called when intake has the notice.
  constructor(session, units, sent) {
    this.session = session;
    this.units = units;
    this.sent = sent;
    this.people = new Map(); // of each unit, once known
    this.answer = null; // of the last preview
    this.draft = loadDraft(session.account);
    this.preview = new Preview((answer, problem) => this.previewed(answer, problem));
    form.hidden = false;
    this.drawUnits();
    this.fill();
    this.listen();
    this.countPeople();
    if (this.draft.sent) this.deliver();
    else this.preview.ask(this.draft, 0);
  }

  listen() {
    form.addEventListener("input", (event) => this.edited(event.target));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.trySend();
    });
  }

  // ---- whom it is for ----

  drawUnits() {
    document.querySelector("#units").replaceChildren(...this.units.map(({ unit, name }) =>
      make("label", { class: "pick", "data-unit": unit }, make("input", { type: "checkbox", name: "unit", value: unit }), name || unit,
        make("span", { class: "people" }))));
  }

  // How many people each squad has, so that one without contacts is seen before it is chosen.
  async countPeople() {
    const units = this.units.map(({ unit }) => unit);
    if (!units.length) return;
    const { data } = await call("POST", "/api/v1/notices/preview", { units }).catch(() => ({ data: { units: [] } }));
    for (const { unit, people } of data.units) this.people.set(unit, people);
    this.markUnits();
  }

  markUnits() {
    for (const label of document.querySelectorAll("#units .pick")) {
      const people = this.people.get(label.dataset.unit);
      label.classList.toggle("chosen", label.querySelector("input").checked);
      label.classList.toggle("nobody", people === 0);
      label.querySelector(".people").textContent = people === undefined ? "" : people ? `${number(people)} 人` : "无联系人";
    }
    const chosen = this.draft.units.length;
    all.checked = chosen > 0 && chosen === this.units.length;
    all.indeterminate = chosen > 0 && chosen < this.units.length;
  }

  // ---- editing ----

  fill() {
    for (const name of ["title", "text"]) form.elements[name].value = this.draft[name];
    form.elements.urgent.checked = this.draft.urgent;
    form.elements.confirm.checked = this.draft.confirm;
    form.elements.confirmBy.value = this.draft.confirmBy;
    document.querySelector("#confirm-field").hidden = !this.draft.confirm;
    for (const box of document.querySelectorAll("#units input")) box.checked = this.draft.units.includes(box.value);
    this.markUnits();
  }

  edited(field) {
    if (field === all) {
      for (const box of document.querySelectorAll("#units input")) box.checked = all.checked;
    }
    this.draft.units = [...document.querySelectorAll("#units input:checked")].map(({ value }) => value);
    this.draft.title = form.elements.title.value;
    this.draft.text = form.elements.text.value;
    this.draft.urgent = form.elements.urgent.checked;
    this.editConfirm(field);
    this.markUnits();
    showFault(FIELDS.includes(field.id) ? field.id : "units", "");
    showProblem("");
    keepDraft(this.session.account, this.draft);
    note.textContent = "草稿已存在本机";
    this.answer = null;
    this.preview.ask(this.draft);
  }

  // A time stands there at once: this hour tomorrow.
  editConfirm(field) {
    const { confirm, confirmBy } = form.elements;
    if (field === confirm && confirm.checked && !confirmBy.value) confirmBy.value = moment(Date.now() + DAY_MS).replace(" ", "T").slice(0, 14) + "00";
    document.querySelector("#confirm-field").hidden = !confirm.checked;
    this.draft.confirm = confirm.checked;
    this.draft.confirmBy = confirmBy.value;
  }

  previewed(answer, problem) {
    this.answer = answer;
    for (const { unit, people } of answer?.units ?? []) this.people.set(unit, people);
    this.markUnits();
    send.textContent = answer?.people ? `发送给 ${number(answer.people)} 人` : "发送";
    if (problem?.status === 401) location.replace("/?next=/notices");
    if (problem) showProblem(`算不出会发给谁：${problem.message}`);
  }

  // ---- sending ----

  // What keeps the notice from being sent, by field; empty when nothing does.
  faults() {
    const faults = {};
    const nobody = this.units.filter(({ unit }) => this.draft.units.includes(unit) && this.people.get(unit) === 0);
    if (!this.draft.units.length) faults.units = "请选择发给哪些中队";
    else if (nobody.length) faults.units = `${nobody.map(({ name, unit }) => name || unit).join("、")}没有联系人：请先登记联系人，或不选`;
    if (!this.draft.title.trim()) faults.title = "请填写标题";
    if (!this.draft.text.trim()) faults.text = "请填写正文";
    else if (tooLong(this.draft)) faults.text = "太长，请删短：短信不会自动截断";
    if (this.draft.confirm && !(confirmTime(this.draft) > Date.now())) faults["confirm-by"] = "请填一个以后的时间";
    return faults;
  }

  async trySend() {
    if (this.draft.sent) {
      this.deliver();
      return;
    }
    await this.preview.askNow(this.draft);
    const faults = this.faults();
    for (const name of FIELDS) showFault(name, faults[name] ?? "");
    const [first] = Object.keys(faults);
    if (first) {
      showProblem("还不能发送，请看红字");
      (first === "units" ? all : document.querySelector(`#${first}`)).focus();
      return;
    }
    if (!this.answer) return; // the preview said why
    const { people, sms, email, robot, govding, sms_parts: parts } = this.answer;
    const others = (robot ? `，群机器人 ${number(robot)} 个` : "") + (govding ? `，浙政钉 ${number(govding)} 人` : "");
    const words = `“${this.draft.title.trim()}”发给 ${this.draft.units.length} 个中队的 ${number(people)} 人：短信 ${number(sms)} 人（每人 ${parts} 条），邮件 ${number(email)} 人${others}。${this.draft.confirm ? `请他们在 ${moment(confirmTime(this.draft))} 前确认。` : ""}`;
    if (!(await confirmSending(words))) return;
    this.draft.sent = eventOf(this.draft, this.session.unit);
    keepDraft(this.session.account, this.draft);
    this.deliver();
  }

  lock(locked) {
    for (const field of form.querySelectorAll("input, textarea")) field.disabled = locked;
    send.disabled = locked;
  }

  // Hands the kept event in until its receipt is there: the same id each time, so that it goes out once.
  async deliver() {
    if (this.delivering) return;
    this.delivering = true;
    clearTimeout(this.timer);
    this.lock(true);
    note.textContent = "正在发送…";
    let receipt = null;
    try {
      receipt = await submit(this.draft.sent);
    } catch (problem) {
      this.delivering = false;
      this.waitOrStop(problem);
      return;
    }
    this.delivering = false;
    if (receipt.status === "busy") this.waitOrStop({ passing: true, message: "系统繁忙" });
    else this.settle(receipt);
  }

  waitOrStop(problem) {
    if (problem.passing) {
      note.textContent = `还没有收到回执（${problem.message}）。通知存在本机，${AGAIN_MS / 1000} 秒后再试；同一条通知不会发两次。`;
      this.timer = setTimeout(() => this.deliver(), AGAIN_MS);
      return;
    }
    this.draft.sent = null;
    keepDraft(this.session.account, this.draft);
    this.lock(false);
    note.textContent = "没有发送";
    showProblem(problem.message);
  }

  settle(receipt) {
    this.lock(false);
    if (["stored", "duplicate"].includes(receipt.status)) {
      this.draft = newDraft();
      dropDraft(this.session.account);
      this.fill();
      this.preview.ask(this.draft, 0);
      note.textContent = "已收到，正在发出";
      this.sent(receipt);
      return;
    }
    this.draft.sent = null;
    keepDraft(this.session.account, this.draft);
    note.textContent = "没有发送";
    showProblem((receipt.faults ?? []).map(({ text }) => text).join("；") || "没有被接收，请检查内容后再发");
  }
}
