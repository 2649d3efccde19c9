// Signing in.
import { call } from "./api.js";
import { isPage, rememberedSession, rememberSession, startPage } from "./shell.js";

const form = document.querySelector("#form");
const problemLine = document.querySelector("#problem");
const password = form.elements.password;
const show = document.querySelector("#show");

function say(text) {
  problemLine.textContent = text;
  problemLine.hidden = !text;
}

function open(session) {
  const next = new URLSearchParams(location.search).get("next");
  location.replace(isPage(next) ? next : startPage(session.role));
}

show.addEventListener("click", () => {
  const shown = password.type === "text";
  password.type = shown ? "password" : "text";
  show.textContent = shown ? "显示" : "隐藏";
  show.setAttribute("aria-pressed", String(!shown));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const account = form.elements.account.value.trim();
  if (!account || !password.value) {
    say("请填写账号和密码");
    (account ? password : form.elements.account).focus();
    return;
  }
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  button.textContent = "正在登录…";
  say("");
  try {
    const { data } = await call("POST", "/api/v1/session", { account, password: password.value });
    rememberSession(data);
    open(data);
  } catch (problem) {
    say(problem.message);
    password.select();
    button.disabled = false;
    button.textContent = "登录";
  }
});

// Signed in already: straight on.
if (rememberedSession()) call("GET", "/api/v1/session").then(({ data }) => open(data), () => form.elements.account.focus());
else form.elements.account.focus();
