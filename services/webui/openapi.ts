import { z } from "zod";
import type { ApiRoute } from "./route.ts";
import { failure } from "./schemas.ts";
import { sessionCookie } from "./session.ts";

/** The prefix of the API's paths. */
export const API_ROOT = "/api/v1";

/** The OpenAPI 3.1 document of the routes, from the schemas that check them. */
export function describeApi(routes: ApiRoute[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = API_ROOT + route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Orbweaver", version: "1", description: "Projects, tasks and results of the crawler." },
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: sessionCookie("https"), description: `${sessionCookie("http")} over plain HTTP` },
      },
    },
    security: [{ token: [] }, { session: [] }],
  };
}

function describeRoute({ summary, isOpen, params, query, body, answers, files = [] }: ApiRoute): object {
  const otherTypes = Object.fromEntries(files.map((type) => [type, { schema: { type: "string" } }]));
  const ok = Object.entries(answers).map(([status, schema]) => {
    const content = { ...json(schema, "output"), ...(status === "200" ? otherTypes : {}) };
    return [status, { description: "done", content }];
  });
  return {
    summary,
    ...(isOpen ? { security: [] } : {}),
    parameters: [...parametersOf(params, "path"), ...parametersOf(query, "query")],
    ...(body ? { requestBody: { required: true, content: json(body, "input") } } : {}),
    responses: { ...Object.fromEntries(ok), default: { description: "refused or failed", content: json(failure, "output") } },
  };
}

function parametersOf(schema: z.ZodType | undefined, place: "path" | "query"): object[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input");
  return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: required.includes(name), schema: property }));
}

const json = (schema: z.ZodType, io: "input" | "output") => ({ "application/json": { schema: jsonSchema(schema, io) } });

function jsonSchema(schema: z.ZodType, io: "input" | "output") {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
