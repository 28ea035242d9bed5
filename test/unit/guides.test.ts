/** docs/scripts.md names everything of ours, and docs/coming-from-pyspider.md has a line for everything of either. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commands } from "../../services/cli/commands.ts";
import { RESULT_FORMATS } from "../../services/core/export/formats.ts";
import { PROJECT_STATUSES } from "../../services/core/protocol/task.ts";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import * as api from "../../services/sdk/api.ts";
import { Crawler } from "../../services/sdk/crawler.ts";
import * as decorators from "../../services/sdk/decorators.ts";
import { Response } from "../../services/sdk/response.ts";
import { COUNTER_WINDOWS } from "../../services/webui/store/counter-queries.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const guide = read("docs/coming-from-pyspider.md");
const scripts = read("docs/scripts.md");
const rows = [...guide.matchAll(/^\|(.*)\|$/gm)].map(([, cells = ""]) => {
  const [pyspider = "", here = ""] = cells.split("|").map((cell) => cell.trim());
  return { pyspider, here };
});
const left = rows.map(({ pyspider }) => pyspider).join("\n");
const right = rows.map(({ here }) => here).join("\n");

/** Fields of an interface, as its source has them: types leave nothing behind that a test could ask. */
function fieldsOf(file: string, name: string): string[] {
  const [, body = ""] = new RegExp(`export (?:interface|class) ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, "s").exec(read(file)) ?? [];
  return [...body.matchAll(/^ {2}(?:readonly |get )?(\w+)[?:(!]/gm)]
    .map(([, field = ""]) => field)
    .filter((field) => field !== "constructor");
}

const methodsOf = (prototype: object) => Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");

const ours: Record<string, string[]> = {
  "an option of crawl()": [
    ...fieldsOf("services/sdk/crawl-options.ts", "CrawlConfig"),
    ...fieldsOf("services/sdk/crawl-options.ts", "ProjectConfig"),
    ...fieldsOf("services/sdk/crawl-options.ts", "CrawlOptions"),
  ],
  "a decorator": Object.keys(api)
    .filter((name) => name in decorators)
    .map((name) => `@${name}`),
  "a function": Object.keys(api).filter((name) => name !== "Crawler" && !(name in decorators)),
  "a member of Crawler": [...new Set([...fieldsOf("services/sdk/crawler.ts", "Crawler"), ...methodsOf(Crawler.prototype)])],
  "a member of Response": [...new Set([...fieldsOf("services/sdk/response.ts", "Response"), ...methodsOf(Response.prototype)])],
};

for (const [kind, names] of Object.entries(ours)) {
  test(`both guides list each ${kind.replace(/^an? /, "")}`, () => {
    const isMissingIn = (text: string) => names.filter((name) => !new RegExp(`(?<!\\w)${name}(?!\\w)`).test(text));

    assert.deepEqual([isMissingIn(right), isMissingIn(scripts)], [[], []]);
  });
}

test("the lists from the sources are not empty", () => {
  for (const [kind, names] of Object.entries(ours)) assert.ok(names.length >= 1, kind);
});

/** What pyspider 0.4 has (docs/apis, libs/base_handler.py, libs/response.py, run.py). */
const theirs: Record<string, string> = {
  "an argument of crawl()": `url callback params data files method headers user_agent cookies connect_timeout timeout allow_redirects max_redirects
    validate_cert use_gzip proxy etag last_modified last_modifed robots_txt fetch_type js_script js_run_at js_viewport_width js_viewport_height load_images
    save priority retries exetime age itag force_update auto_recrawl cancel taskid process_time_limit curl`,
  "a decorator": "@config @every @catch_status_code_error @not_send_status",
  "a member of the handler": `crawl_config on_start on_finished on_message on_result get_taskid retry_delay self.crawl send_message self.save
    self.project_name self.project self.response self.task self.logger is_debugger __handler_cls__`,
  "a member of the response": `url orig_url status_code headers cookies time error traceback save js_script_result ok isok raise_for_status encoding text
    json doc etree content`,
  "a counter": "5m 1h 1d all 5m_time pending success retry failed",
  "an export": ".json style=full .txt .csv",
  "a command": "all one scheduler fetcher processor result_worker webui phantomjs puppeteer bench send_message",
  "an option of the command line": `--config --logging-config --debug --queue-maxsize --taskdb --projectdb --resultdb --message-queue --amqp-url --beanstalk
    --phantomjs-proxy --puppeteer-proxy --data-path --add-sys-path --version --fetcher-num --processor-num --result-worker-num --run-in --interactive
    --phantomjs --puppeteer --xmlrpc --xmlrpc-host --xmlrpc-port --inqueue-limit --delete-time --active-tasks --loop-limit --fail-pause-num --scheduler-cls
    --threads --poolsize --proxy --user-agent --timeout --phantomjs-endpoint --puppeteer-endpoint --splash-endpoint --fetcher-cls --processor-cls
    --process-time-limit --result-cls --host --port --cdn --scheduler-rpc --fetcher-rpc --max-rate --max-burst --username --password --need-auth
    --webui-instance --phantomjs-path --auto-restart --total --show --taskdb-bench --message-queue-bench --all-bench`,
  "a remote procedure": "_quit size counter newtask send_task update_project get_active_tasks get_projects_pause_status webui_update",
  "a project state": `${PROJECT_STATUSES.join(" ")} PAUSED lock delete`,
};

for (const [kind, names] of Object.entries(theirs)) {
  test(`the guide has a line for every ${kind.replace(/^an? /, "")} of pyspider`, () => {
    const missing = names.split(/\s+/).filter((name) => !new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`).test(left));

    assert.deepEqual(missing, []);
  });
}

test("the guide has a line for each of our export formats", () => {
  for (const format of RESULT_FORMATS) assert.match(right, new RegExp(`format=${format}\\b`));
});

test("each of our counter windows exists in pyspider", () => {
  for (const window of Object.keys(COUNTER_WINDOWS)) assert.match(left, new RegExp(`\`${window}\``));
});

test("the commands in the guide exist", () => {
  const named = new Set([...right.matchAll(/\.\/orb (\w+)/g)].map(([, name]) => name));
  const known = new Set(commands.map(({ name }) => name));

  assert.deepEqual(
    [...named].filter((name) => !known.has(name ?? "")),
    [],
  );
});

test("the settings in the guide exist", () => {
  const settings = read("services/README.md");

  assert.deepEqual(
    [...new Set(right.match(/ORB_\w+/g))].filter((name) => !settings.includes(`| \`${name}\` |`)),
    [],
  );
});
