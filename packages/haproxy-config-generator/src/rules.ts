import { conditionWords, headerName, type Known } from "./condition.ts";
import type { HeaderValue, RequestRule } from "./model.ts";
import { escapeFormat } from "./quote.ts";
import type { Scope } from "./scope.ts";

/** After one of these, HAProxy reads no further rule for the request. */
const FINAL: readonly RequestRule["do"][] = ["deny", "answer", "askForPassword", "serveMetrics"];
/** RFC 9110, sections 15.3.5 and 15.4.5. HAProxy refuses text for them. */
const STATUS_WITHOUT_BODY = [204, 304];

/** One `http-request` line per rule. */
export function ruleLines(rules: readonly RequestRule[] = [], scope: Scope, known: Known): string[][] {
  const last = rules.findIndex((rule) => rule.if === undefined && FINAL.includes(rule.do));
  return rules.map((rule, index) => {
    if (last !== -1 && index > last) {
      scope.within("rules").refuse(index, rule, `rule ${last} ends every request: give it a condition, or leave this rule out`);
    }
    const at = scope.within("rules").within(index);
    return ["http-request", ...actionWords(rule, at), ...conditionWords(rule.if, at, known)];
  });
}

function actionWords(rule: RequestRule, scope: Scope): string[] {
  switch (rule.do) {
    case "deny":
      return ["deny", "deny_status", String(rule.status)];
    case "answer":
      return ["return", "status", answerStatus(rule.status, scope), ...bodyWords(rule, scope)];
    case "setHeader":
      return ["set-header", headerName(scope, "header", rule.header), headerValue(rule.value, scope)];
    case "removeHeader":
      return ["del-header", headerName(scope, "header", rule.header)];
    case "askForPassword":
      return ["auth", "realm", scope.text("realm", rule.realm)];
    case "disableRetries":
      return ["disable-l7-retry"];
    case "serveMetrics":
      return ["use-service", "prometheus-exporter"];
  }
}

function answerStatus(status: number, scope: Scope): string {
  if (STATUS_WITHOUT_BODY.includes(status)) return scope.refuse("status", status, "write a status whose answers have a body");
  return scope.whole("status", status, { min: 200, max: 599 });
}

function bodyWords(rule: { contentType: string; text: string }, scope: Scope): string[] {
  return ["content-type", scope.text("contentType", rule.contentType), "string", scope.text("text", rule.text)];
}

function headerValue(value: HeaderValue, scope: Scope): string {
  return typeof value === "string" ? scope.text("value", escapeFormat(value)) : `%[${value.sample === "uuid" ? "uuid()" : value.sample}]`;
}
