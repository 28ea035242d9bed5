/**
 * A Pulumi provider over gRPC, as the engine starts one. The server that comes with `@pulumi/pulumi/provider` does not hand on a provider's
 * configuration, which a Docker host is part of.
 */
import * as grpc from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";

export type Properties = Record<string, unknown>;

/** One type of resource. Every property that it may be given is listed, so that whatever else is given is refused. */
export interface ResourceKind {
  inputs: readonly string[];
  /** A change of any other property is an update in place. */
  replacedBy: readonly string[] | "any";
  deletesFirst?: boolean;
  create(inputs: Properties, provider: Properties): Promise<{ id: string; outputs: Properties }>;
  update?(id: string, inputs: Properties, provider: Properties, olds: Properties): Promise<Properties>;
  delete(id: string, outputs: Properties, provider: Properties): Promise<void>;
}

/** What the engine sends for a value that it does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Call = { request: { [method: string]: (...args: unknown[]) => unknown } };
type Callback = (error: unknown, answer?: unknown) => void;

/** Serves until the engine ends the process. `kinds` by type: `docker:index/network:Network`. */
export async function serveProvider(version: string, kinds: Record<string, ResourceKind>): Promise<void> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 2 ** 20 });
  server.addService(service.ResourceProviderService as unknown as grpc.ServiceDefinition, implementation(version, kinds));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  process.stdout.write(`${port}\n`);
}

function implementation(version: string, kinds: Record<string, ResourceKind>): grpc.UntypedServiceImplementation {
  let provider: Properties = {};
  const kindOf = (urn: string) => {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const kind = kinds[type];
    if (!kind) throw new Error(`The lab's stand-in has no resource ${type}`);
    return kind;
  };
  const text = (request: Call["request"], getter: string) => String(request[getter]?.());
  return {
    getPluginInfo: answer(async () => {
      const info = new plugin.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    checkConfig: answer(async (request) => checked(properties(request, "getNews"))),
    diffConfig: answer(async () => new messages.DiffResponse()),
    configure: answer(async (request) => {
      provider = properties(request, "getArgs");
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(false);
      response.setSupportspreview(false);
      return response;
    }),
    check: answer(async (request) => {
      const news = withoutEmpty(properties(request, "getNews"));
      return checked(news, refusals(news, kindOf(text(request, "getUrn"))));
    }),
    diff: answer(async (request) => difference(kindOf(text(request, "getUrn")), request)),
    create: answer(async (request) => {
      const inputs = properties(request, "getProperties");
      const { id, outputs } = await kindOf(text(request, "getUrn")).create(inputs, provider);
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct({ ...inputs, ...outputs }));
      return response;
    }),
    read: answer(async (request) => {
      const response = new messages.ReadResponse();
      response.setId(text(request, "getId"));
      response.setProperties(request.getProperties?.() as never);
      return response;
    }),
    update: answer(async (request) => {
      const kind = kindOf(text(request, "getUrn"));
      const inputs = properties(request, "getNews");
      const outputs = await kind.update?.(text(request, "getId"), inputs, provider, properties(request, "getOlds"));
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct({ ...inputs, ...outputs }));
      return response;
    }),
    delete: answer(async (request) => {
      await kindOf(text(request, "getUrn")).delete(text(request, "getId"), properties(request, "getProperties"), provider);
      return new empty.Empty();
    }),
    cancel: answer(async () => new empty.Empty()),
  };
}

/** An error's message is all that the engine shows. */
const answer = (work: (request: Call["request"]) => Promise<unknown>) => (call: unknown, callback: unknown) => {
  const reply = callback as Callback;
  work((call as Call).request).then(
    (response) => reply(null, response),
    (error: unknown) => reply({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
  );
};

const properties = (request: Call["request"], getter: string): Properties =>
  ((request[getter]?.() as { toJavaScript(): Properties } | undefined)?.toJavaScript() ?? {}) as Properties;

const toStruct = (values: Properties) => struct.Struct.fromJavaScript(JSON.parse(JSON.stringify(values)));

const withoutEmpty = (values: Properties): Properties =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

function checked(inputs: Properties, failures: string[] = []) {
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(
    failures.map((reason) => {
      const failure = new messages.CheckFailure();
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

const refusals = (news: Properties, { inputs }: ResourceKind) =>
  Object.keys(news)
    .filter((name) => !inputs.includes(name) && name !== "__defaults")
    .map((name) => `the lab's stand-in does not know the input ${name}`);

function difference(kind: ResourceKind, request: Call["request"]) {
  const olds = properties(request, "getOldInputs");
  const news = properties(request, "getNews");
  const ignored = (request.getIgnorechangesList?.() as string[] | undefined) ?? [];
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (name) => name !== "__defaults" && !ignored.includes(name) && !isSame(olds[name], news[name]),
  );
  const replaces = kind.replacedBy === "any" ? changed : changed.filter((name) => kind.replacedBy.includes(name));
  const response = new messages.DiffResponse();
  response.setChanges(changed.length > 0 ? messages.DiffResponse.DiffChanges.DIFF_SOME : messages.DiffResponse.DiffChanges.DIFF_NONE);
  response.setReplacesList(replaces);
  response.setDiffsList(changed);
  response.setDeletebeforereplace(kind.deletesFirst === true && replaces.length > 0);
  return response;
}

/** A value that is not known yet may be another. */
const isSame = (before: unknown, after: unknown): boolean => {
  const text = stable(after);
  return !text.includes(UNKNOWN) && stable(before) === text;
};

const stable = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? "";
