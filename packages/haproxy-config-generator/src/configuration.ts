import { type ModelProblem, RefusedModelError } from "./errors.ts";
import { globalLines, resolversLines, userlistLines } from "./global.ts";
import type { BackendSection, Bind, Frontend, HaproxyModel, ResolversSection, UserlistSection } from "./model.ts";
import { backendLines, defaultsLines, frontendLines } from "./proxy.ts";
import { Scope } from "./scope.ts";
import { refusePartsWithoutEffect } from "./without-effect.ts";

/** HAProxy's own limits for one line (LINESIZE and MAX_LINE_ARGS of its defaults.h). */
const MAX_LINE_BYTES = 2_047;
const MAX_LINE_WORDS = 64;

/**
 * The model as the text of an HAProxy configuration file. The same model always produces the same text, whatever the order of its keys. Rules,
 * routes and binds keep their order, because it has a meaning.
 *
 * @throws RefusedModelError naming every part that HAProxy would refuse, misread, or accept without effect.
 */
export function renderConfiguration<
  const Backend extends string,
  const Resolvers extends string = never,
  const Userlist extends string = never,
>(model: HaproxyModel<Backend, Resolvers, Userlist>): string {
  const problems: ModelProblem[] = [];
  const root = new Scope("", problems);
  const { resolvers = {}, userlists = {}, backends, frontends } = model;
  const known = { backends, resolvers, userlists };
  if (Object.keys(frontends).length === 0) root.refuse("frontends", frontends, "name one at least");
  refuseSharedSockets(frontends, root);
  refusePartsWithoutEffect(model, root);
  const sections: Section[] = [
    { title: "global", lines: globalLines(model.global, root.within("global")) },
    { title: "defaults", lines: defaultsLines(model.defaults, root.within("defaults")) },
    ...eachByName<ResolversSection>("resolvers", resolvers, root.within("resolvers"), resolversLines),
    ...eachByName<UserlistSection>("userlist", userlists, root.within("userlists"), userlistLines),
    ...eachByName<Frontend>("frontend", frontends, root.within("frontends"), (frontend, at) => frontendLines(frontend, at, known)),
    ...eachByName<BackendSection>("backend", backends, root.within("backends"), (backend, at) => backendLines(backend, at, known)),
  ];
  refuseLongLines(sections, root);
  if (problems.length > 0) throw new RefusedModelError(problems);
  return sections
    .map(({ title, lines }) => [title, ...lines.map((words) => `    ${words.join(" ")}`)].join("\n"))
    .join("\n\n")
    .concat("\n");
}

interface Section {
  title: string;
  lines: string[][];
}

function eachByName<Thing>(kind: string, things: object, scope: Scope, linesOf: (thing: Thing, scope: Scope) => string[][]): Section[] {
  return (Object.entries(things) as [string, Thing][])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, thing]) => ({ title: `${kind} ${scope.name(name, name)}`, lines: linesOf(thing, scope.within(name)) }));
}

/** HAProxy itself allows two frontends on one address and port, and then splits the connections between them. */
function refuseSharedSockets(frontends: Readonly<Record<string, Frontend>>, root: Scope): void {
  const owners = new Map<string, string>();
  for (const [name, { binds }] of Object.entries(frontends)) {
    if (binds.length === 0) root.within("frontends").within(name).refuse("binds", binds, "name one at least");
    binds.forEach((bind, index) => {
      const owner = [...owners].find(([socket]) => overlap(socket, bind))?.[1];
      if (owner) root.within("frontends").within(name).within("binds").refuse(index, bind, `frontend ${owner} has it: choose another port`);
      owners.set(`${bind.address} ${bind.port}`, name);
    });
  }
}

function overlap(socket: string, { address, port }: Bind): boolean {
  const [other, otherPort] = socket.split(" ");
  return (
    otherPort === String(port) &&
    (other === address || (other === "*" && !address.includes(":")) || (address === "*" && !other?.includes(":")))
  );
}

function refuseLongLines(sections: Section[], root: Scope): void {
  for (const { title, lines } of sections) {
    for (const words of lines) {
      if (words.length <= MAX_LINE_WORDS && words.join(" ").length + 4 <= MAX_LINE_BYTES) continue;
      root.refuse(title, words.slice(0, 3).join(" "), `a line takes ${MAX_LINE_WORDS} words and ${MAX_LINE_BYTES} characters: split it`);
    }
  }
}
