import type { Comparison, Condition, Match, Matches } from "./model.ts";
import { quoteWord } from "./quote.ts";
import type { Scope } from "./scope.ts";

/** Sections that a rule or condition may name. */
export interface Known {
  backends: object;
  userlists: object;
}

const METHODS: Record<Comparison, string> = { exact: "str", prefix: "beg", suffix: "end", contains: "sub" };

/** The words after a directive: `if { path -m beg -- /a } !{ method GET }`; empty without a condition. */
export function conditionWords(condition: Condition | undefined, scope: Scope, known: Known): string[] {
  if (condition === undefined) return [];
  const lists: readonly Matches[] = "anyOf" in condition ? condition.anyOf : [condition];
  if (lists.length === 0 || lists.some((list) => list.length === 0))
    scope.refuse("if", condition, "write one match at least, or leave it out");
  const at = "anyOf" in condition ? scope.within("if").within("anyOf") : scope.within("if");
  const words = lists.map((list, index) => list.flatMap((match, n) => matchWords(match, placeOf(at, condition, index).within(n), known)));
  return ["if", ...words.flatMap((list, index) => (index === 0 ? list : ["or", ...list]))];
}

const placeOf = (at: Scope, condition: Condition, index: number) => ("anyOf" in condition ? at.within(index) : at);

function matchWords(match: Match, scope: Scope, known: Known): string[] {
  return [match.not ? "!{" : "{", ...testWords(match, scope, known), "}"];
}

function testWords(match: Match, scope: Scope, known: Known): string[] {
  const values = (key: string, list: readonly string[]) => list.map((value, index) => comparedText(value, scope.within(key), index));
  if ("path" in match) return ["path", "-m", METHODS[match.how], "--", ...values("path", match.path)];
  if ("method" in match) return ["method", "--", ...match.method];
  if ("source" in match) return ["src", "--", ...match.source.map((range, index) => scope.within("source").range(index, range))];
  if ("credentials" in match) return [`http_auth(${scope.reference("credentials", match.credentials, known.userlists)})`];
  if ("serversUp" in match) {
    const backend = scope.reference("serversUp", match.serversUp, known.backends);
    return [`nbsrv(${backend})`, "lt", scope.whole("below", match.below, { min: 1, max: 10_000 })];
  }
  const flags = [...(match.ignoreCase ? ["-i"] : []), "-m", METHODS[match.how], "--"];
  return [`req.hdr(${headerName(scope, "header", match.header)})`, ...flags, ...values("values", match.values)];
}

/** HAProxy looks for the end of a match after it has removed the quotes. */
function comparedText(value: string, scope: Scope, index: number): string {
  return value === "}"
    ? scope.refuse(index, value, "HAProxy cannot compare with a single }: write a longer text")
    : scope.text(index, value);
}

/** The name of an HTTP header (RFC 9110, section 5.1), without the few characters that HAProxy itself would interpret. */
export function headerName(scope: Scope, key: string, value: string): string {
  return /^[A-Za-z0-9_-]{1,128}$/.test(value)
    ? quoteWord(value)
    : scope.refuse(key, value, "write a header's name: letters, digits, - and _");
}
