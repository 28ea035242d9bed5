import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "puppeteer-core";
import { MIB } from "../../../services/core/protocol/byte-units.ts";
import { IdleTabs, tabKey } from "../../../services/renderer/idle-tabs.ts";
import { renderRequest } from "../../../services/renderer/render-request.ts";
import { rendererDefaults, tabsFor } from "../../../services/renderer/settings.ts";
import type { Tab } from "../../../services/renderer/tab.ts";

const keyOf = (more: object) =>
  tabKey(renderRequest.parse({ url: "http://site.test/", timeoutMs: 1, maxBodyBytes: 1, project: "one", ...more }));
const browser = {} as Browser;
const openTab = () => ({ page: { isClosed: () => false } }) as unknown as Tab;

test("a tab is for pages of one project, and for one page if its connections are special", () => {
  assert.equal(keyOf({}), "one");
  for (const more of [
    { project: undefined },
    { proxy: "http://proxy.test:1" },
    { validateCert: false },
    { url: "http://ada:pw@site.test/" },
  ])
    assert.equal(keyOf(more), undefined, JSON.stringify(more));
});

test("an idle tab goes to the next page of its project, and to no other browser", () => {
  const tabs = new IdleTabs();
  const tab = openTab();
  tabs.put(browser, "one", tab);

  assert.equal(tabs.take(browser, "two"), undefined);
  assert.equal(tabs.take(browser, "one"), tab);
  tabs.put(browser, "one", tab);
  assert.deepEqual([tabs.take({} as Browser, "one"), tabs.size], [undefined, 0]);
});

test("a tab is closed after 50 pages", () => {
  const tabs = new IdleTabs();
  const tab = openTab();
  const kept = Array.from({ length: 50 }, () => tabs.put(browser, "one", tab) && tabs.take(browser, "one") === tab);

  assert.equal(kept.lastIndexOf(true), 48);
});

test("tabs follow memory and cores", () => {
  assert.deepEqual([tabsFor(400 * MIB, 2), tabsFor(2_000 * MIB, 2), tabsFor(100 * MIB, 2), tabsFor(9_000 * MIB, 64)], [4, 8, 1, 16]);
  assert.ok(rendererDefaults.tabs <= 4);
});
