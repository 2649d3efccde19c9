// What the page tells after sending: the receipt, and what still waits.
import { make } from "./api.js";

const WORDS = {
  stored: ["已收到", "报告已经存好，并计入汇总。"],
  duplicate: ["已收到", "这份报告之前已经收到过，没有重复计算。"],
};

function line(name, value, attributes = {}) {
  return make("div", {}, make("dt", {}, name), make("dd", attributes, value));
}

// `again` (may be null) is called when the next report is begun.
export function showReceipt(receipt, event, again) {
  const [title, words] = WORDS[receipt.status] ?? [receipt.status, ""];
  const box = document.querySelector("#receipt");
  const close = () => {
    box.hidden = true;
    again?.();
  };
  box.replaceChildren(
    make("h2", {}, make("span", { class: "tick", "aria-hidden": "true" }, "✓"), title),
    make("p", {}, words),
    ...(receipt.warnings ?? []).map(({ text }) => make("p", { class: "doubt" }, `提示：${text}`)),
    make("dl", {},
      line("活动", event.side?.title ?? "（未写名称）"),
      line("序号", String(receipt.seq ?? "")),
      line("位置", receipt.position ?? "", { class: "position" }),
      line("编号", receipt.id ?? event.id, { class: "position" })),
    make("div", { class: "buttons" },
      make("button", { type: "button", class: "secondary", onclick: close }, "再填一份"),
      make("a", { class: "button", href: "/totals" }, "看实时汇总")),
  );
  box.hidden = false;
  box.scrollIntoView({ block: "start", behavior: "smooth" });
  box.focus({ preventScroll: true });
}

// `edit(entry)` takes one back into the form.
export function showOutbox(entries, edit) {
  const box = document.querySelector("#outbox");
  box.hidden = !entries.length;
  if (!entries.length) return;
  document.querySelector("#outbox-note").textContent =
    `${entries.length} 份报告存在本机，连上后自动发送；发送前请不要清除浏览器数据。`;
  document.querySelector("#outbox-list").replaceChildren(
    ...entries.map((entry) =>
      make("li", {},
        make("span", { class: "outbox-title" }, entry.event.side?.title ?? "（未写名称）"),
        make("span", { class: "outbox-reason" }, entry.reason),
        entry.words ? make("button", { type: "button", class: "quiet", onclick: () => edit(entry) }, "修改") : null)),
  );
}
