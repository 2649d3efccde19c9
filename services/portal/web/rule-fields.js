// Fields of the form of a rule: each writes into the draft, and has a place for what is wrong with it.
import { make } from "./api.js";
import { CHANNELS, POSTS, RELATIONS, timeOfDay } from "./rule-words.js";

let count = 0;

// A control with its label; `path` is how the server names the field.
export function field(path, label, control, hint = "") {
  const id = `field-${++count}`;
  const input = control.matches("input, select, textarea") ? control : control.querySelector("input, select, textarea");
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-fault`);
  return make("div", { class: "field", "data-for": path },
    make("label", { for: id }, label), control,
    hint ? make("p", { class: "hint" }, hint) : null,
    make("p", { class: "fault", id: `${id}-fault` }));
}

export function textInput(draft, name, attributes = {}) {
  return make("input", { type: "text", autocomplete: "off", ...attributes, ".value": draft[name] ?? "", oninput: ({ target }) => (draft[name] = target.value) });
}

// An empty one is no number: it leaves the draft.
export function numberInput(draft, name, min, max) {
  const note = ({ target }) => {
    if (target.value === "") delete draft[name];
    else draft[name] = Number(target.value);
  };
  return make("input", { type: "number", inputmode: "numeric", step: 1, min, max, ".value": draft[name] ?? "", oninput: note });
}

export function select(list, value, change, attributes = {}) {
  const known = list.some(([code]) => code === value) || value === undefined ? list : [...list, [value, value]];
  const control = make("select", { ...attributes, onchange: ({ target }) => change(target.value) },
    ...known.map(([code, words]) => make("option", { value: code }, words)));
  control.value = value ?? known[0][0];
  return control;
}

// A list of words with spaces between.
export function listInput(draft, name, attributes = {}) {
  const note = ({ target }) => (draft[name] = target.value.split(/[\s,，、]+/).filter(Boolean));
  return make("input", { type: "text", autocomplete: "off", ...attributes, ".value": (draft[name] ?? []).join(" "), oninput: note });
}

// Any of a list, [[code, words]].
export function checks(draft, name, list) {
  const note = () => (draft[name] = [...box.querySelectorAll("input:checked")].map(({ value }) => value));
  const box = make("div", { class: "picks" }, ...list.map(([code, words]) =>
    make("label", { class: "check" }, make("input", { type: "checkbox", value: code, ".checked": Boolean(draft[name]?.includes(code)), onchange: note }), words)));
  return box;
}

// A time of the day, in minutes after midnight.
export function timeInput(draft) {
  const note = ({ target }) => {
    const [hour, minute] = target.value.split(":").map(Number);
    if (target.value) draft.time = hour * 60 + minute;
    else delete draft.time;
  };
  return make("input", { type: "time", required: true, ".value": timeOfDay(draft.time), oninput: note });
}

const SPANS = [["60", "小时"], ["1440", "天"], ["1", "分钟"]];

// A length of time in minutes, written as hours or days.
export function spanInput(draft, name, what) {
  const minutes = draft[name];
  let unit = minutes === undefined || minutes % 1440 === 0 ? 1440 : minutes % 60 === 0 ? 60 : 1;
  const amount = make("input", { type: "number", inputmode: "numeric", min: 1, step: 1, ".value": minutes === undefined ? "" : minutes / unit, "aria-label": what });
  const note = () => {
    if (amount.value === "") delete draft[name];
    else draft[name] = Number(amount.value) * unit;
  };
  amount.addEventListener("input", note);
  const change = (value) => {
    unit = Number(value);
    note();
  };
  return make("span", { class: "span" }, amount, select(SPANS, String(unit), change, { "aria-label": `${what}的单位` }));
}

// ---- lists ----

function listButton(words, label, act, disabled = false) {
  return make("button", { type: "button", class: "quiet", onclick: act, "aria-label": label, title: label, disabled }, words);
}

// Rows that one may add and take away. `row(item, index)` gives the controls of one.
export function rowsOf(draft, name, row, blank, { add, most, least = 0 }) {
  const box = make("div", { class: "rows-of", "data-for": name });
  const items = () => (draft[name] ??= []);
  const redraw = () => {
    box.replaceChildren(
      ...items().map((item, index) => make("div", { class: "row-of", "data-for": `${name}[${index}]` }, ...row(item, index),
        items().length > least ? listButton("删去", `删去第 ${index + 1} 行`, () => { items().splice(index, 1); redraw(); box.querySelector(".add")?.focus(); }) : null,
        make("p", { class: "fault" }))),
      items().length < most ? make("button", { type: "button", class: "add", onclick: () => { items().push(blank()); redraw(); box.querySelector(".row-of:last-of-type :is(input, select)").focus(); } }, add) : "",
      make("p", { class: "fault" }));
  };
  redraw();
  return box;
}

// Who it is: of which unit, with which post.
export function personControls(item, book, number) {
  const unitBox = make("span", {});
  const drawUnit = () => unitBox.replaceChildren(...(item.of === "unit"
    ? [select([...book.units.map(({ unit, name }) => [unit, name || unit]), [book.session.unit, book.nameOf(book.session.unit)]], item.unit, (value) => (item.unit = value), { "aria-label": `第 ${number} 行：哪个单位` })]
    : []));
  const changeOf = (value) => {
    item.of = value;
    if (value === "unit") item.unit ??= book.units[0]?.unit ?? book.session.unit;
    else delete item.unit;
    drawUnit();
  };
  const changePost = (value) => {
    if (value) item.post = value;
    else delete item.post;
  };
  drawUnit();
  return [
    select(RELATIONS, item.of, changeOf, { "aria-label": `第 ${number} 行：谁的` }), unitBox,
    select([...POSTS, ["", "全部联系人"]], item.post ?? "", changePost, { "aria-label": `第 ${number} 行：职务` }),
  ];
}

// The ways in their order: those that are chosen first.
export function channelList(draft) {
  const box = make("ol", { class: "channel-list" });
  const redraw = (focus) => {
    const chosen = draft.channels;
    const others = CHANNELS.map(([code]) => code).filter((code) => !chosen.includes(code));
    box.replaceChildren(...[...chosen, ...others].map((code) => item(code)));
    if (focus) box.querySelector(`[data-channel="${focus}"] input`).focus();
  };
  const move = (code, by) => {
    const at = draft.channels.indexOf(code);
    draft.channels.splice(at, 1);
    draft.channels.splice(at + by, 0, code);
    redraw(code);
  };
  const item = (code) => {
    const words = CHANNELS.find(([own]) => own === code)?.[1] ?? code;
    const at = draft.channels.indexOf(code);
    const toggle = ({ target }) => {
      draft.channels = target.checked ? [...draft.channels, code] : draft.channels.filter((own) => own !== code);
      redraw(code);
    };
    return make("li", { "data-channel": code },
      make("label", { class: "check" }, make("input", { type: "checkbox", ".checked": at >= 0, onchange: toggle }), at < 0 ? words : `${at + 1}. ${words}`),
      at > 0 ? listButton("↑ 提前", `${words}提前`, () => move(code, -1)) : null,
      at >= 0 && at < draft.channels.length - 1 ? listButton("↓ 推后", `${words}推后`, () => move(code, 1)) : null);
  };
  redraw();
  return box;
}
