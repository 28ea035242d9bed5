import jsonApi from "../../../../examples/templates/json-api.ts?raw";
import listAndDetail from "../../../../examples/templates/list-and-detail.ts?raw";
import login from "../../../../examples/templates/login.ts?raw";
import rendered from "../../../../examples/templates/rendered.ts?raw";
import sitemap from "../../../../examples/templates/sitemap.ts?raw";
import { fillTemplate, startingScript } from "./starting-script.ts";

/** The first script of a project, by kind of site; the first kind is the default. */
export const TEMPLATES: { kind: string; scriptFor: (project: string, startUrl: string) => string }[] = [
  { kind: "Any site: follow its links", scriptFor: startingScript },
  ...[
    { kind: "Lists and details", text: listAndDetail },
    { kind: "A JSON API", text: jsonApi },
    { kind: "Pages that need JavaScript", text: rendered },
    { kind: "A sitemap", text: sitemap },
    { kind: "Pages behind a login", text: login },
  ].map(({ kind, text }) => ({ kind, scriptFor: (project: string, startUrl: string) => fillTemplate(text, project, startUrl) })),
];
