import { conditionWords, headerName, type Known } from "./condition.ts";
import type { HeaderValue, RequestRule } from "./model.ts";
import { escapeFormat } from "./quote.ts";
import type { Scope } from "./scope.ts";

/** One `http-request` line a rule. */
export function ruleLines(rules: readonly RequestRule[] = [], scope: Scope, known: Known): string[][] {
  return rules.map((rule, index) => {
    const at = scope.within("rules").within(index);
    return ["http-request", ...actionWords(rule, at), ...conditionWords(rule.if, at, known)];
  });
}

function actionWords(rule: RequestRule, scope: Scope): string[] {
  switch (rule.do) {
    case "deny":
      return ["deny", "deny_status", String(rule.status)];
    case "answer":
      return ["return", "status", scope.whole("status", rule.status, { min: 200, max: 599 }), ...bodyWords(rule, scope)];
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

function bodyWords(rule: { contentType: string; text: string }, scope: Scope): string[] {
  return ["content-type", scope.text("contentType", rule.contentType), "string", scope.text("text", rule.text)];
}

function headerValue(value: HeaderValue, scope: Scope): string {
  return typeof value === "string" ? scope.text("value", escapeFormat(value)) : `%[${value.sample === "uuid" ? "uuid()" : value.sample}]`;
}
