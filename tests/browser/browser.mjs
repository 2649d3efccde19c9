// What the tests of the pages share: Debian's Chromium, pages that must stay free of errors, axe, screenshots.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

// The packages lie in the build folder, not beside the sources.
const folder = path.join(process.env.CHAOXUN_BUILD, "browser");
const require = createRequire(path.join(folder, "package.json"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const SHOTS = path.join(folder, "screenshots");
export const WIDTHS = [390, 1280];
export const PASSWORD = process.env.CHAOXUN_TEST_PASSWORD;
const HEIGHT = { 390: 844, 1280: 900 };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export function launch() {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--lang=zh-CN"],
    env: { ...process.env, LANGUAGE: "zh_CN", LANG: "zh_CN.UTF-8" },
  });
}

// A page of a browser of its own, nobody signed in. `page.errors` holds what the console and scripts complained of.
export async function openPage(browser, width) {
  const context = await browser.newContext({
    baseURL: process.env.CHAOXUN_TEST_URL, locale: "zh-CN", timezoneId: "Asia/Shanghai",
    viewport: { width, height: HEIGHT[width] }, isMobile: width < 600, hasTouch: width < 600, reducedMotion: "reduce",
  });
  context.setDefaultTimeout(20000);
  const page = await context.newPage();
  page.errors = [];
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(String(error)));
  return page;
}

export async function signIn(page, account, next = "") {
  await page.goto("/" + (next && "?next=" + encodeURIComponent(next)));
  await page.getByLabel("账号").fill(account);
  await page.getByLabel("密码").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname !== "/");
}

// Nothing that axe finds, nothing wider than the screen, no error; and a picture of it.
export async function inspect(page, name, whole = true) {
  const width = page.viewportSize().width;
  await page.evaluate(() => document.fonts.ready);
  fs.mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SHOTS, `${name}-${width}.png`), fullPage: whole });
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), RULES);
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html.slice(0, 160)).join("\n  ")}`);
  assert.deepEqual(found, [], `axe on ${name} at ${width}`);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(beyond <= 0, `${name} is ${beyond} pixels wider than a screen of ${width}`);
  assert.deepEqual(page.errors, [], `errors on ${name} at ${width}`);
}
