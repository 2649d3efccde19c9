// The form of a squad's report.
import { call, make } from "./api.js";
import { dropWords, keepWords, loadWords, newWords, PERSON_UNITS, readDraft } from "./draft.js";
import { Outbox, submit } from "./outbox.js";
import { mark, parseMinutes, parseQuantity } from "./quantity.js";
import { drawRows } from "./rows.js";
import { openSession } from "./shell.js";
import { showOutbox, showReceipt } from "./told.js";
import { FIELDS, MEASURE_NAMES, PROGRAMMES, UNITS } from "./words.js";

const TEXTS = ["title", "date", "date_end", "date_text", "place", "attendances", "duration", "minutes", "narrative"];
const form = document.querySelector("#form");
const problemLine = document.querySelector("#form-problem");
const session = await openSession();
let words = loadWords(session.account);

// ---- meaning: what is understood of what was written ----

function number(value) {
  return value.toLocaleString("zh-CN", { maximumFractionDigits: 3 });
}

function span({ minutes, approx }) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return mark(approx) + (hours ? hours + " 小时" : "") + (hours && rest ? " " : "") + (rest ? rest + " 分钟" : "");
}

function say(name, meaning) {
  const line = document.querySelector(`#${name}-meaning`);
  line.textContent = meaning ? "按 " + meaning + " 统计" : "";
}

function explain() {
  const people = words.attendances?.trim() ? parseQuantity(words.attendances) : null;
  const whole = people && people.thousandths % 1000 === 0 && people.unit.length <= 2;
  const persons = whole && PERSON_UNITS.includes(people.unit);
  say("attendances", whole ? `${mark(people.approx)}${number(people.thousandths / 1000)} ${persons ? "人次" : people.unit + "（不计入人次）"}` : "");
  const duration = words.duration?.trim() ? parseMinutes(words.duration) : null;
  const minutes = words.minutes?.trim() ? parseMinutes(words.minutes) : null;
  say("duration", duration ? span(duration) : "");
  say("minutes", minutes ? span(words.computed ? { ...minutes, approx: "about" } : minutes) : "");
  const total = persons && duration ? (people.thousandths / 1000) * duration.minutes : 0;
  const compute = document.querySelector("#compute");
  compute.hidden = !total || Boolean(words.minutes?.trim());
  compute.textContent = total ? `按人次 × 时长推算：${span({ minutes: total, approx: "about" })}` : "";
  compute.dataset.minutes = total;
}

// ---- the form and its words ----

function changed() {
  explain();
  keepWords(session.account, words);
  document.querySelector("#draft").textContent = "草稿已存在本机";
}

// A fault that is being seen to goes away.
function clearFault(field) {
  for (const line of field?.querySelectorAll(".fault") ?? []) line.textContent = "";
  for (const input of field?.querySelectorAll("[aria-invalid]") ?? []) input.removeAttribute("aria-invalid");
  if (!form.querySelector("[aria-invalid]")) problemLine.hidden = true;
}

function clearFaults() {
  for (const line of form.querySelectorAll(".fault")) line.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  problemLine.hidden = true;
}

function draw() {
  for (const name of TEXTS) form.elements[name].value = words[name] ?? "";
  for (const box of form.querySelectorAll("[name=programmes]")) box.checked = words.programmes.includes(box.value);
  if (session.role !== "squad" && words.unit) form.elements.unit.value = words.unit;
  drawRows(words, changed);
  clearFaults();
  explain();
}

function startAgain() {
  words = newWords();
  dropWords(session.account);
  document.querySelector("#draft").textContent = "";
  draw();
}

form.addEventListener("input", ({ target }) => {
  if (TEXTS.includes(target.name)) words[target.name] = target.value;
  if (target.name === "minutes") words.computed = false;
  if (target.name === "unit") words.unit = target.value;
  if (target.name === "programmes") {
    words.programmes = [...form.querySelectorAll("[name=programmes]:checked")].map((box) => box.value);
  }
  clearFault(target.closest(".field, .row"));
  if (target.name) changed();
});

document.querySelector("#compute").addEventListener("click", ({ target }) => {
  const minutes = Number(target.dataset.minutes);
  words.minutes = form.elements.minutes.value = minutes % 60 ? `${minutes}分钟` : `${minutes / 60}小时`;
  words.computed = true;
  changed();
});

// ---- faults beside their fields ----

// The field of the form for a path such as body.measures[1].unit, and what to call it.
function place(path) {
  const parts = path.replace(/^(body|side)\./, "");
  const row = parts.match(/^(measures|found)\[\d+\]/);
  const name = row ? row[0] : parts.replace(/\[.*$|_approx$|_unit$|_text$|_basis$/, "");
  return { name: name === "date" && parts === "date_text" ? "date_text" : name, parts };
}

function inChinese(fault) {
  const last = fault.field.split(".").pop().replace(/\[\d+\]$/, "");
  return fault.text.replaceAll(`“${fault.field}”`, `“${FIELDS[last] ?? last}”`);
}

function showFault(name, words_) {
  const line = form.querySelector(`.fault[data-for="${CSS.escape(name)}"]`);
  if (!line) return false;
  line.textContent = line.textContent ? line.textContent + "；" + words_ : words_;
  const input = form.querySelector(`#${CSS.escape(name)}`) ?? line.parentElement.querySelector("input, select");
  input?.setAttribute("aria-invalid", "true");
  return true;
}

function showProblem(words_) {
  problemLine.textContent = words_;
  problemLine.hidden = false;
}

function toFirstFault() {
  const first = form.querySelector("[aria-invalid]");
  (first ?? problemLine).scrollIntoView({ block: "center", behavior: "smooth" });
  (first ?? problemLine).focus({ preventScroll: true });
}

function showFaults(faults) {
  const elsewhere = faults.filter((fault) => !showFault(place(fault.field).name, inChinese(fault))).map(inChinese);
  showProblem(elsewhere.length ? elsewhere.join("；") : "有几处需要修改，见下方红字");
  toFirstFault();
}

// ---- sending ----

const outbox = new Outbox(session.account, (entries) => showOutbox(entries, edit), (entry, receipt) => {
  if (receipt.status === "rejected" || receipt.status === "conflict") {
    outbox.add(entry.event, entry.words, receipt.faults?.map(inChinese).join("；") ?? "编号已被另一条内容占用", true);
    showProblem("有一份等待发送的报告没有被接收，见上方说明");
  } else {
    showReceipt(receipt, entry.event, null);
  }
});
document.querySelector("#outbox-send").addEventListener("click", () => outbox.send());

// Takes a waiting report back into the form.
function edit(entry) {
  outbox.remove(entry.event.id);
  words = { ...newWords(), ...entry.words, id: entry.event.id };
  keepWords(session.account, words);
  draw();
  form.elements.title.focus();
}

async function send(event) {
  try {
    const receipt = await submit(event);
    if (receipt.status === "rejected") showFaults(receipt.faults ?? []);
    else if (receipt.status === "conflict") {
      words.id = newWords().id;
      keepWords(session.account, words);
      showProblem("这份报告的编号已被另一条内容占用，已换新编号，请再提交一次");
      toFirstFault();
    } else if (receipt.status === "busy") keepForLater(event, "系统繁忙");
    else {
      startAgain();
      showReceipt(receipt, event, () => form.elements.title.focus());
    }
  } catch (problem) {
    if (problem.passing) keepForLater(event, problem.message);
    else {
      showProblem(problem.message);
      toFirstFault();
    }
  }
}

function keepForLater(event, reason) {
  outbox.add(event, structuredClone(words), reason);
  startAgain();
  document.querySelector("#receipt").hidden = true;
  document.querySelector("#outbox").scrollIntoView({ block: "start", behavior: "smooth" });
}

form.addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  // Empty rows go, so that the rows of the form are those of the event.
  words.measures = words.measures.filter((row) => row.name.trim() || row.quantity.trim());
  if (!words.measures.length) words.measures = newWords().measures;
  words.found = words.found.filter((row) => row.kind);
  draw();
  const unit = session.role === "squad" ? session.unit : form.elements.unit.value;
  const { event, faults } = readDraft(words, unit);
  for (const [name, words_] of Object.entries(faults)) showFault(name, words_);
  if (Object.keys(faults).length) {
    showProblem("有几处需要修改，见下方红字");
    toFirstFault();
    return;
  }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  button.textContent = "正在提交…";
  await send(event);
  button.disabled = false;
  button.textContent = "提交";
});

// ---- what the form offers ----

async function offerUnits() {
  const lead = document.querySelector("#for-unit");
  const units = await call("GET", "/api/v1/units").then(({ data }) => data.units, () => []);
  const own = units.find(({ unit }) => unit === session.unit);
  if (session.role === "squad") {
    lead.textContent = own?.name ?? session.unit;
    return;
  }
  lead.textContent = "代中队填报";
  document.querySelector("#unit-field").hidden = false;
  form.elements.unit.replaceChildren(...units.map(({ unit, name }) => make("option", { value: unit }, name || unit)));
  if (words.unit) form.elements.unit.value = words.unit;
  words.unit = form.elements.unit.value;
}

document.querySelector("#programmes").append(
  ...PROGRAMMES.map(([code, name]) =>
    make("label", { class: "chip" }, make("input", { type: "checkbox", name: "programmes", value: code }), make("span", {}, name))),
);
document.querySelector("#measure-names").append(...MEASURE_NAMES.map((name) => make("option", { value: name })));
document.querySelector("#measure-units").append(...UNITS.map((name) => make("option", { value: name })));
await offerUnits();
draw();
showOutbox(outbox.entries, edit);
outbox.send();
