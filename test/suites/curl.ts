import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isCurl, parseCurl } from "../../services/sdk/curl.ts";
import "./host.ts";
import { show } from "./recorder.ts";
import type { Outcome, Suite } from "./suite.ts";

const COMMANDS = "test/fixtures/curl_commands";
/** What curl sent for many of the commands. */
const REQUESTS = "test/fixtures/http";

export const curlCommands: Suite = {
  name: "curlconverter",
  repository: "curlconverter/curlconverter",
  version: "6dec0fe",
  needs: `${COMMANDS}/delete.sh`,
  run: (root) =>
    readdirSync(join(root, COMMANDS))
      .filter((file) => file.endsWith(".sh"))
      .sort()
      .map((file) => outcomeOf(root, file.slice(0, -".sh".length))),
};

/** A refused command has an id of its own: if it is read wrongly one day, that is a new miss. */
function outcomeOf(root: string, name: string): Outcome {
  const command = readFileSync(join(root, COMMANDS, `${name}.sh`), "utf8");
  if (!isCurl(command)) {
    return URL.canParse(command) ? { id: name, miss: "is taken for an address" } : { id: `${name}, refused`, miss: "is no address" };
  }
  try {
    const { urls, options } = parseCurl(command);
    const path = join(root, REQUESTS, `${name}.txt`);
    if (!existsSync(path)) return { id: name };
    const theirs = readRequest(readFileSync(path, "utf8"));
    const { pathname, search } = new URL(urls[0] as string);
    const method = options.method ?? (options.data === undefined ? "GET" : "POST");
    const ours = { method, target: pathname + search, headers: options.headers, body: options.data };
    const problem = differenceOf(ours, theirs);
    return problem === undefined ? { id: name } : { id: name, miss: problem };
  } catch (error) {
    return error instanceof TypeError ? { id: `${name}, refused`, miss: error.message } : { id: name, miss: String(error) };
  }
}

interface Request {
  method: string;
  target: string;
  headers: Record<string, unknown>;
  body: unknown;
}

function readRequest(raw: string): Request {
  const [head = "", ...rest] = raw.replaceAll("\r\n", "\n").split("\n\n");
  const [, method = "", target = ""] = /^(\S+) (\S+)/.exec(head) ?? [];
  const headers = head
    .split("\n")
    .slice(1)
    .flatMap((line) => [...line.matchAll(/^([^:]+): ?(.*)$/g)].map(([, name, value]) => [name, value]));
  return { method, target, headers: Object.fromEntries(headers), body: rest.join("\n\n").trim() };
}

/** curl's own; those of the task replace them. */
const OF_CURL: Record<string, RegExp> = {
  host: /./,
  "user-agent": /^curl/,
  accept: /^\*\/\*$/,
  "accept-encoding": /./,
  "content-length": /./,
  connection: /./,
  "content-type": /^application\/x-www-form-urlencoded$/,
};

function differenceOf(ours: Request, theirs: Request): string | undefined {
  const own = lower(ours.headers);
  if (ours.method !== theirs.method || ours.target !== new URL(theirs.target, "http://a").href.slice("http://a".length))
    return `expected ${theirs.method} ${theirs.target}, got ${ours.method} ${ours.target}`;
  const isMultipart = /^multipart\//.test(own.get("content-type") ?? "");
  for (const [name, value] of lower(theirs.headers)) {
    const isLeftOut = own.get(name) === undefined && OF_CURL[name]?.test(value);
    if (!isLeftOut && own.get(name) !== value && !(isMultipart && name === "content-type"))
      return `expected ${name}: ${value}, got ${own.get(name)}`;
  }
  const body = String(ours.body ?? "").trim();
  return isMultipart || body === theirs.body ? undefined : `expected ${show(theirs.body)}, got ${show(body)}`;
}

const lower = (headers: Record<string, unknown>) =>
  new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
