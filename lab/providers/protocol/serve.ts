/**
 * Serves a stand-in to the engine, by pulumi/pulumi proto/pulumi/provider.proto. The SDK's own server (`@pulumi/pulumi/provider`) cannot be used:
 * it does not expose a provider's settings, such as the Docker host.
 */
import * as grpc from "@grpc/grpc-js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { differenceOf } from "./changes.ts";
import { HalfMadeError } from "./errors.ts";
import { type Kind, type StandIn, unknownInputs, type Values } from "./kind.ts";

type Message = { toJavaScript(): Values };
type Answer<Request> = (request: Request) => Promise<unknown>;

/** Prints the port, as the engine expects, and serves until the process ends. */
export async function serveStandIn(standIn: StandIn): Promise<void> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(services.ResourceProviderService as unknown as grpc.ServiceDefinition, handlers(standIn));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  process.stdout.write(`${port}\n`);
}

function handlers(standIn: StandIn): grpc.UntypedServiceImplementation {
  let kinds: Record<string, Kind> = {};
  const kindOf = (urn: string): Kind => {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const kind = kinds[type];
    if (!kind)
      throw new Error(`The lab's stand-in for the provider ${standIn.name} has no ${type}. Install the real one: pulumi plugin install`);
    return kind;
  };
  return {
    getPluginInfo: unary(async () => {
      const info = new plugins.PluginInfo();
      info.setVersion(standIn.version);
      return info;
    }),
    configure: unary(async (request: InstanceType<typeof messages.ConfigureRequest>) => {
      kinds = standIn.configure(values(request.getArgs()));
      // Without secrets the engine itself marks the outputs that repeat secret inputs.
      return new messages.ConfigureResponse();
    }),
    cancel: unary(async () => new empty.Empty()),
    attach: unary(async () => new empty.Empty()),
    ...resourceHandlers(kindOf),
  };
}

function resourceHandlers(kindOf: (urn: string) => Kind): grpc.UntypedServiceImplementation {
  return {
    check: unary(async (request: InstanceType<typeof messages.CheckRequest>) => check(kindOf(request.getUrn()), request)),
    diff: unary(async (request: InstanceType<typeof messages.DiffRequest>) => diff(kindOf(request.getUrn()), request)),
    create: unary(async (request: InstanceType<typeof messages.CreateRequest>) => {
      const { id, outputs } = await kindOf(request.getUrn()).create(values(request.getProperties()));
      const response = new messages.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(outputs));
      return response;
    }),
    read: unary(async (request: InstanceType<typeof messages.ReadRequest>) => read(kindOf(request.getUrn()), request)),
    update: unary(async (request: InstanceType<typeof messages.UpdateRequest>) => {
      const kind = kindOf(request.getUrn());
      if (!kind.update) throw new Error("This kind of resource is never updated");
      const response = new messages.UpdateResponse();
      response.setProperties(toStruct(await kind.update(request.getId(), values(request.getOlds()), values(request.getNews()))));
      return response;
    }),
    delete: unary(async (request: InstanceType<typeof messages.DeleteRequest>) => {
      await kindOf(request.getUrn()).delete(request.getId(), values(request.getProperties()));
      return new empty.Empty();
    }),
  };
}

async function check({ shape, refuse }: Kind, request: InstanceType<typeof messages.CheckRequest>) {
  const inputs = values(request.getNews());
  const { __defaults: _, ...given } = inputs;
  const unknown = unknownInputs(given, shape).map((property) => ({ property, reason: "the lab's stand-in does not know this input" }));
  const refused = (refuse?.(given) ?? []).map((reason) => ({ property: "", reason }));
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(
    [...unknown, ...refused].map(({ property, reason }) => {
      const failure = new messages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

async function diff(kind: Kind, request: InstanceType<typeof messages.DiffRequest>) {
  const { changed, replaces } = differenceOf(kind, values(request.getOldInputs()), values(request.getNews()));
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changed);
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(replaces.length > 0);
  return response;
}

async function read({ read: look }: Kind, request: InstanceType<typeof messages.ReadRequest>) {
  const state = values(request.getProperties());
  const found = look ? await look(request.getId(), state) : state;
  const response = new messages.ReadResponse();
  if (found === undefined) return response;
  response.setId(request.getId());
  response.setProperties(toStruct(found));
  // A difference between the found and the last state is a difference from the program's inputs.
  const differing = Object.entries(found).filter(([key, value]) => value !== state[key]);
  response.setInputs(toStruct({ ...values(request.getInputs()), ...Object.fromEntries(differing) }));
  return response;
}

function unary<Request>(answer: Answer<Request>): grpc.handleUnaryCall<Request, unknown> {
  return (call, callback) => {
    answer(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(failure(error)),
    );
  };
}

/** `grpc-status-details-bin` is the trailer in which Go's gRPC sends error details. */
function failure(error: unknown): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof HalfMadeError) {
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(toStruct(error.outputs));
    detail.setReasonsList([message]);
    const packed = new any.Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statuses.Status();
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(message);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

const values = (message: Message | undefined): Values => message?.toJavaScript() ?? {};
const toStruct = (given: Values) => struct.Struct.fromJavaScript(JSON.parse(JSON.stringify(given)) as Record<string, never>);
