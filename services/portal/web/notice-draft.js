// A notice in the making: kept in this browser with its id, so that nothing typed is lost and a notice whose answer was
// lost is never sent twice.
import { newId } from "./api.js";

const key = (account) => "chaoxun.notice." + account;

export function newDraft() {
  return { units: [], title: "", text: "", urgent: false, confirm: false, confirmBy: "", sent: null };
}

export function loadDraft(account) {
  try {
    return { ...newDraft(), ...JSON.parse(localStorage.getItem(key(account))) };
  } catch {
    return newDraft();
  }
}

export function keepDraft(account, draft) {
  localStorage.setItem(key(account), JSON.stringify(draft));
}

export function dropDraft(account) {
  localStorage.removeItem(key(account));
}

// Until when it is to be confirmed, in ms; it was written in China Standard Time, wherever the browser is.
export function confirmTime({ confirmBy }) {
  return confirmBy ? Date.parse(`${confirmBy}:00+08:00`) : NaN;
}

// The event of a draft. `draft.sent` keeps it from the first attempt until its receipt is there.
export function eventOf(draft, unit) {
  const event = {
    v: 1, id: newId(), type: "notice.issued", unit, at: Date.now(),
    body: { units: draft.units }, side: { title: draft.title.trim(), text: draft.text.trim() },
  };
  if (draft.urgent) event.body.urgent = true;
  if (draft.confirm) event.body.confirm_by = confirmTime(draft);
  return event;
}
