/** Parts of a model that HAProxy accepts and then does nothing with, because another part is missing. */
import type { BackendSection, Defaults, Frontend, FrontendOptions, Global, HaproxyModel } from "./model.ts";
import type { Scope } from "./scope.ts";

/** Refuses backends without servers, checks that never run, templates that are never resolved again, and logs and server states without a place. */
export function refusePartsWithoutEffect({ global, defaults, frontends, backends }: HaproxyModel, root: Scope): void {
  const inDefaults = root.within("defaults");
  refuseServerState(defaults, global, inDefaults);
  refuseLog(defaults, global, inDefaults);
  for (const [name, frontend] of Object.entries(frontends)) {
    const scope = root.within("frontends").within(name);
    refuseLog(frontend, global, scope);
    refuseLogFormat({ ...defaults, ...frontend }, scope);
    refuseUselessFrontend(frontend, root.within("frontends"), name);
  }
  for (const [name, backend] of Object.entries(backends)) {
    const scope = root.within("backends").within(name);
    refuseServerState(backend, global, scope);
    refuseUselessBackend(backend, scope);
  }
}

function refuseServerState({ loadServerState }: Pick<Defaults, "loadServerState">, { serverStateFile }: Global, scope: Scope): void {
  if (!loadServerState || serverStateFile !== undefined) return;
  scope.refuse("loadServerState", loadServerState, "set global.serverStateFile, where the state is read from");
}

function refuseLog({ log }: FrontendOptions, { log: targets = [] }: Global, scope: Scope): void {
  if (log !== undefined && targets.length === 0) scope.refuse("log", log, "set global.log, which names the targets");
}

function refuseLogFormat({ log, httpLog }: FrontendOptions, scope: Scope): void {
  if (httpLog && log === undefined) scope.refuse("httpLog", httpLog, 'set log: "global" as well, here or in the defaults');
}

function refuseUselessFrontend({ rules = [], statsPage, routes = [], defaultBackend }: Frontend, frontends: Scope, name: string): void {
  if (rules.length > 0 || statsPage !== undefined || routes.length > 0 || defaultBackend !== undefined) return;
  frontends.refuse(name, {}, "set defaultBackend, routes, rules or a statsPage: without them every request is answered with 503");
}

function refuseUselessBackend({ servers = {}, template, healthCheck, serverDefaults = {} }: BackendSection, scope: Scope): void {
  if (Object.keys(servers).length === 0 && template === undefined) {
    scope.refuse("servers", servers, "name one server at least, or a template: without them every request is answered with 503");
  }
  if (healthCheck !== undefined && serverDefaults.check === undefined) {
    scope.refuse("healthCheck", healthCheck, "set serverDefaults.check as well: without it HAProxy never checks");
  }
  if (template !== undefined && serverDefaults.resolvers === undefined) {
    scope.refuse("template", template, "set serverDefaults.resolvers as well: without them names are resolved once, at the start");
  }
}
