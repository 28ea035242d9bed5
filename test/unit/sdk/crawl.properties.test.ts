/** What scripts may give `crawl()` and `sendMessage()`: anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readAnswer } from "../../../services/sandbox/answer.ts";
import type { CrawlOptions } from "../../../services/sdk/crawl-options.ts";
import { beginRun, Crawler, infoOf } from "../../../services/sdk/crawler.ts";
import { loadDocument } from "../../../services/sdk/document.ts";
import { Run } from "../../../services/sdk/run.ts";
import { anyText, anyUrl, anyValue, fewerRuns, recordOf } from "../../fixtures/arbitraries.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();
const page = { url: "http://a.test/folder/page", origUrl: "http://a.test/", statusCode: 200, headers: {}, cookies: {}, timeMs: 1 };

class Script extends Crawler {
  page() {}
}

function begin() {
  const run = new Run({
    project: "p",
    taskid: "t",
    url: page.origUrl,
    callback: "page",
    debug: false,
    retried: 0,
    allowRedirects: true,
    page,
  });
  beginRun(run);
  return { run, script: new Script() };
}

/** What the parent process reads of a run, which refuses what it does not know; undefined if `work` threw as a script's error. */
function outcomeOf(work: (script: Script) => void) {
  const { run, script } = begin();
  try {
    work(script);
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    return undefined;
  }
  const answer = readAnswer(JSON.stringify({ ok: true, logs: "", follows: [...run.follows.values()], messages: run.messages }));
  return answer.ok ? answer : undefined;
}

/** The task of one URL, if it makes one. */
const taskOf = (target: Parameters<Script["crawl"]>[0], options: CrawlOptions = {}) =>
  outcomeOf((script) => script.crawl(target, { callback: "page", ...options }))?.follows[0];

const OPTIONS = {
  ...{ priority: anyValue, retries: anyValue, exetime: anyValue, age: anyValue, itag: anyValue, forceUpdate: anyValue, cancel: anyValue },
  ...{
    method: anyValue,
    headers: recordOf(anyValue),
    userAgent: anyText(),
    cookies: recordOf(anyText()),
    data: fc.oneof(anyValue, recordOf(anyText())),
  },
  ...{ params: recordOf(anyText()), files: recordOf(fc.oneof(anyValue, recordOf(anyText()))), timeout: anyValue, maxRedirects: anyValue },
  ...{
    etag: anyValue,
    proxy: fc.oneof(anyValue, anyUrl, fc.array(anyUrl, { maxLength: 3 })),
    jsScript: anyText(),
    jsViewportWidth: anyValue,
  },
  ...{ taskid: anyText(), processTimeLimit: anyValue, fetchType: fc.constantFrom("js", "chrome") },
};

test("any URL becomes a task with an http, https or data URL, or a TypeError", () => {
  fc.assert(
    fc.property(anyUrl, (url) => {
      const task = taskOf(url);

      if (task) assert.match(new URL(task.url).protocol, /^(?:https?|data):$/);
    }),
  );
});

test("a task's URL is normalized: crawling it again gives the same task", () => {
  fc.assert(
    fc.property(anyUrl, fc.option(recordOf(anyText(5)), { nil: undefined }), (url, params) => {
      const task = taskOf(url, params ? { params } : {});

      if (task) assert.deepEqual(taskOf(task.url), task);
    }),
  );
});

test("a page's link is the same task as an element and as a text", () => {
  fc.assert(
    fc.property(
      anyUrl.map((url) => url.trim()),
      (href) => {
        const escaped = href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
        const [link] = loadDocument({
          ...{ text: `<a href="${escaped}">x</a>`, url: page.url },
          ...{ parser: "html", encoding: "utf-8" },
        })("a");
        const asElement = link && taskOf(link);

        if (asElement) assert.deepEqual(asElement, taskOf(href));
      },
    ),
  );
});

test("any options give a task that the parent accepts, or a TypeError", () => {
  fc.assert(
    fc.property(anyUrl, fc.record(OPTIONS, { requiredKeys: [] }), (url, options) => {
      outcomeOf((script) => script.crawl(url, { callback: "page", ...(options as CrawlOptions) }));
    }),
  );
  for (const [name, value] of Object.entries(OPTIONS)) {
    fc.assert(
      fc.property(value, (given) => {
        outcomeOf((script) => script.crawl("http://a.test/", { callback: "page", [name]: given } as CrawlOptions));
      }),
      fewerRuns(0.3),
    );
  }
});

test("options with any names and values are accepted or refused with a TypeError", () => {
  fc.assert(
    fc.property(
      recordOf(anyValue),
      (options) => void outcomeOf((script) => script.crawl("http://a.test/", { callback: "page", ...options })),
    ),
  );
});

test("any message is sent in a form that the parent accepts, or refused", () => {
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.constant("p")), anyValue, anyText(), (project, message, url) => {
      fc.pre(typeof message !== "bigint" && typeof message !== "function" && typeof message !== "symbol");
      outcomeOf((script) => script.sendMessage(project, message, url));
    }),
  );
});

test("any crawlConfig and retryDelay is accepted by the parent, or refused", () => {
  fc.assert(
    fc.property(
      fc.record({ ...OPTIONS, hostDelay: anyValue, hostConcurrency: anyValue }, { requiredKeys: [] }),
      anyValue,
      (config, retryDelay) => {
        const { script } = begin();
        Object.assign(script, { crawlConfig: config, retryDelay });
        let info: unknown;
        try {
          info = infoOf(script);
        } catch (error) {
          assert.ok(error instanceof TypeError, String(error));
          return;
        }

        readAnswer(JSON.stringify({ ok: true, logs: "", follows: [], messages: [], info }));
      },
    ),
  );
});
