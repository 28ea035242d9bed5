import type { Global, LogTarget, ResolversSection, StatsSocket, UserlistSection } from "./model.ts";
import type { Scope } from "./scope.ts";

const USER = { pattern: /^[a-z_][a-z0-9_-]{0,31}$/, remedy: "write the name of a system user or group" };

/** The lines of the section `global`. */
export function globalLines(global: Global, scope: Scope): string[][] {
  return [
    ...(global.log ?? []).map((target, index) => logLine(target, scope.within("log").within(index))),
    ...(global.user === undefined ? [] : [["user", scope.matching("user", global.user, USER)]]),
    ...(global.group === undefined ? [] : [["group", scope.matching("group", global.group, USER)]]),
    ["maxconn", scope.whole("maxConnections", global.maxConnections, { min: 1, max: 1_000_000 })],
    ...(global.threads === undefined ? [] : [["nbthread", scope.whole("threads", global.threads, { min: 1, max: 64 })]]),
    ...(global.statsSockets ?? []).map((socket, index) => socketLine(socket, scope.within("statsSockets").within(index))),
    ...(global.serverStateFile === undefined ? [] : [["server-state-file", scope.file("serverStateFile", global.serverStateFile)]]),
    ...(global.hardStopAfterMs === undefined ? [] : [["hard-stop-after", scope.milliseconds("hardStopAfterMs", global.hardStopAfterMs)]]),
    ...(global.spreadChecksPercent === undefined
      ? []
      : [["spread-checks", scope.whole("spreadChecksPercent", global.spreadChecksPercent, { min: 0, max: 50 })]]),
  ];
}

function logLine({ target, format, facility, level }: LogTarget, scope: Scope): string[] {
  const where = typeof target === "string" ? target : scope.within("target").socket(target);
  return ["log", where, "format", format, facility, level];
}

function socketLine({ path, mode, level, exposeListeners }: StatsSocket, scope: Scope): string[] {
  const bits = scope.matching("mode", mode, { pattern: /^[0-7]{3}$/, remedy: "write three octal digits, such as 600" });
  return [
    "stats",
    "socket",
    scope.socketFile("path", path),
    "mode",
    bits,
    "level",
    level,
    ...(exposeListeners ? ["expose-fd", "listeners"] : []),
  ];
}

/** The lines of one section `resolvers`. */
export function resolversLines(section: ResolversSection, scope: Scope): string[][] {
  const names = Object.keys(section.nameservers).sort();
  if (names.length === 0) scope.refuse("nameservers", section.nameservers, "name one at least");
  const holds = Object.entries(section.holdMs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const { acceptedPayloadBytes: payload, retries, retryMs, resolveMs } = section;
  return [
    ...names.map((name) => nameserverLine(name, section, scope)),
    ...(payload === undefined ? [] : [["accepted_payload_size", scope.whole("acceptedPayloadBytes", payload, { min: 512, max: 8_192 })]]),
    ...(retries === undefined ? [] : [["resolve_retries", scope.whole("retries", retries, { min: 1, max: 100 })]]),
    ...(resolveMs === undefined ? [] : [["timeout", "resolve", scope.milliseconds("resolveMs", resolveMs)]]),
    ...(retryMs === undefined ? [] : [["timeout", "retry", scope.milliseconds("retryMs", retryMs)]]),
    ...holds.map(([status, ms]) => ["hold", status, scope.within("holdMs").milliseconds(status, ms)]),
  ];
}

function nameserverLine(name: string, { nameservers }: ResolversSection, scope: Scope): string[] {
  const at = scope.within("nameservers");
  return ["nameserver", at.name(name, name), at.within(name).socket(nameservers[name] as { address: string; port: number })];
}

/** The lines of one section `userlist`. */
export function userlistLines(section: UserlistSection, scope: Scope): string[][] {
  const hash = { pattern: /^\$[56]\$[A-Za-z0-9./$=]{20,200}$/, remedy: "write a hash of crypt(3) that begins with $5$ or $6$" };
  return Object.entries(section.users)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([user, { passwordHash }]) => {
      const at = scope.within("users");
      return ["user", at.name(user, user), "password", at.within(user).matching("passwordHash", passwordHash, hash)];
    });
}
