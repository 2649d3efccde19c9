// What all signed-in pages share: who is signed in, the head of the page, signing out.
import { call, make } from "./api.js";

const PAGES = [
  ["/report", "填报", ["squad", "office", "admin"]],
  ["/totals", "实时汇总", ["squad", "guide", "office", "admin"]],
  ["/record", "查记录", ["squad", "guide", "office", "admin"]],
  ["/notices", "通知", ["squad", "guide", "office", "admin"]],
  ["/sending", "发送", ["office", "admin"]],
  ["/rules", "规则", ["office", "admin"]],
];
const KEPT = "chaoxun.session";

export function startPage(role) {
  return role === "squad" ? "/report" : "/totals";
}

// Whether an address after signing in is one of ours.
export function isPage(path) {
  return PAGES.some(([own]) => own === path);
}

// The session that was last open in this browser; it may have ended since.
export function rememberedSession() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

// The session, asked from the portal; while there is no connection the last one known, so that a report can still be
// written. Without one the sign-in page opens.
export async function openSession() {
  let session = null;
  try {
    session = (await call("GET", "/api/v1/session")).data;
    localStorage.setItem(KEPT, JSON.stringify(session));
  } catch (problem) {
    if (problem.status === 401 || problem.status === 403) {
      localStorage.removeItem(KEPT);
    } else {
      session = rememberedSession();
    }
  }
  if (!session) {
    location.replace("/?next=" + encodeURIComponent(location.pathname));
    return new Promise(() => {});
  }
  drawHead(session);
  return session;
}

export function rememberSession(session) {
  localStorage.setItem(KEPT, JSON.stringify(session));
}

async function signOut() {
  await call("DELETE", "/api/v1/session").catch(() => {});
  localStorage.removeItem(KEPT);
  location.replace("/");
}

function drawHead(session) {
  const links = PAGES.filter(([, , roles]) => roles.includes(session.role)).map(([path, name]) =>
    make("a", { href: path, "aria-current": path === location.pathname ? "page" : null }, name),
  );
  document.querySelector("#nav").replaceChildren(...links);
  document.querySelector("#who").replaceChildren(
    make("span", { class: "who-name" }, session.account),
    make("span", { class: "who-role" }, session.role_name),
    make("button", { type: "button", class: "quiet", onclick: signOut }, "退出"),
  );
}
