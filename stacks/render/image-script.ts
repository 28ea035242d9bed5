/** Builds the fleet's images on the data host, with its own Docker, and pushes them to the registry on the mesh. */
import { createHash } from "node:crypto";
import { type HostScript, shellWord } from "./host-script.ts";
import { PULL_FUNCTIONS } from "./pull-functions.ts";

/** In this order: each stage is built on the images of those before it. */
export const IMAGE_STAGES = ["bases", "chromium", "roles"] as const;
export type ImageStageName = (typeof IMAGE_STAGES)[number];

export interface ImageStep {
  /** In the registry: `orbweaver/<name>`. */
  name: string;
  /** An image that the host has or can pull is used unchanged; a folder of `images/` is built. */
  from: { image: string } | { folder: string; buildArguments: Record<string, BuildArgument> };
}

/** `image`: one that the host has or can pull; `built`: the reference of an image that an earlier stage built on this host. */
export type BuildArgument = { image: string } | { built: string } | { text: string };

export interface ImageStage {
  /** `<mesh address>:<port>` */
  registry: string;
  context: {
    /** A gzipped tar on the host. */
    path: string;
    /** SHA-256 of it, hexadecimal. */
    hash: string;
  };
  /** The day on which images and packages are fetched again, once; undefined: uses the host's versions. */
  imagesOf?: string | undefined;
  /** Waves follow each other. The images of a wave are built concurrently. */
  waves: ImageStep[][];
}

/** On a data host with 2 GiB, builds may use only what the databases leave. */
const MAX_AT_ONCE = 3;
/** Of a build, a push or a pull of all images of a stage. */
export const IMAGES_TIMEOUT_SECONDS = 1_800;
/** A registry's start: its image is pulled meanwhile. */
const REGISTRY_SECONDS = 300;

/** The tag of a stage's images: the same for the same context and the same settings. */
export const stageTag = ({ registry, context, imagesOf, waves }: ImageStage): string =>
  createHash("sha256")
    .update(JSON.stringify([registry, context.hash, waves, imagesOf]))
    .digest("hex")
    .slice(0, 16);

/** How another stage refers to an image of this one. */
export const stageReference = (stage: ImageStage, name: string): string => `${stage.registry}/orbweaver/${name}:${stageTag(stage)}`;

/** Builds the images on the data host, or copies them. An image with an unchanged context is not built again. */
export function buildScript(stage: ImageStage): HostScript {
  const { context, waves } = stage;
  const references = waves.flat().map(({ name }) => stageReference(stage, name));
  return {
    timeoutSeconds: IMAGES_TIMEOUT_SECONDS,
    after: [
      JOB_FUNCTIONS,
      BUILD_FUNCTIONS,
      PULL_FUNCTIONS,
      'mkdir "$work/context"',
      `tar -xzf ${shellWord(context.path)} -C "$work/context"`,
      ...waves.flatMap((wave, index) => inParallel(`build_${index}`, wave, (step) => buildCommands(step, stage))),
      `for image in ${references.join(" ")}; do has "$image" || fail_with_logs "The image $image cannot be built"; done`,
      `find "$(dirname -- ${shellWord(context.path)})" -name '*-context-*.tgz' ! -path ${shellWord(context.path)} -mtime +7 -delete`,
    ].join("\n"),
  };
}

/** Pushes a stage's images to the registry. Prints one line: a JSON object of image references by name, each with its digest. */
export function pushScript(stage: ImageStage): HostScript {
  const images = stage.waves.flat();
  return {
    timeoutSeconds: IMAGES_TIMEOUT_SECONDS,
    after: [
      JOB_FUNCTIONS,
      pushFunctions(stage),
      'mkdir "$work/pushed"',
      ...inParallel("push", images, ({ name }) => [`publish ${name} ${stageReference(stage, name)}`]),
      "references=",
      ...images.map(({ name }) => `report ${name}`),
      `printf '{%s}\\n' "\${references#,}"`,
    ].join("\n"),
  };
}

function inParallel(name: string, steps: readonly ImageStep[], commandsOf: (step: ImageStep) => string[]): string[] {
  return [
    ...steps.map((step, index) => `${name}_${index}() {\n${commandsOf(step).join("\n")}\n}`),
    ...steps.map((_, index) => `start ${name}_${index}`),
    "wait",
  ];
}

function buildCommands({ name, from }: ImageStep, stage: ImageStage): string[] {
  const reference = stageReference(stage, name);
  return "image" in from ? [takeOver(from.image, reference, stage)] : build(from, reference, stage);
}

/** A tag that its project moves is followed only for another day. */
const takeOver = (image: string, reference: string, stage: ImageStage) =>
  `has ${reference} || { ${fetchCommand(stage)} ${shellWord(image)}; docker tag ${shellWord(image)} ${reference}; }`;

const fetchCommand = ({ imagesOf }: ImageStage) => (imagesOf === undefined ? "have" : "renew");

function build({ folder, buildArguments }: Extract<ImageStep["from"], { folder: string }>, reference: string, stage: ImageStage): string[] {
  const textOf = (value: BuildArgument) => {
    if ("text" in value) return value.text;
    return "built" in value ? value.built : value.image;
  };
  const pulls = Object.values(buildArguments).flatMap((value) =>
    "image" in value ? [`has ${reference} || ${fetchCommand(stage)} ${shellWord(value.image)}`] : [],
  );
  const day = stage.imagesOf === undefined ? {} : { IMAGES_OF: { text: stage.imagesOf } };
  const flags = Object.entries({ ...buildArguments, ...day }).map(([key, value]) => `--build-arg ${shellWord(`${key}=${textOf(value)}`)}`);
  return [...pulls, `build ${reference} ${folder} ${flags.join(" ")}`];
}

/** Messages of concurrent jobs would mix: they are shown only if a job has failed, one job after the other. */
const JOB_FUNCTIONS = `umask 022
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
start() {
  while [ "$(jobs -rp | wc -l)" -ge ${MAX_AT_ONCE} ]; do wait -n || true; done
  "$1" </dev/null >"$work/$1.log" 2>&1 &
}
fail_with_logs() { tail -n 20 "$work"/*.log >&2; fail "$1; the messages are above."; }`;

const BUILD_FUNCTIONS = `export DOCKER_BUILDKIT=0
build() {
  local reference=$1 folder=$2
  shift 2
  has "$reference" || docker build --quiet --force-rm "$@" --file "$work/context/images/$folder/Dockerfile" --tag "$reference" "$work/context"
}`;

const pushFunctions = ({ registry }: ImageStage) => `registry_answers() {
  timeout 5 bash -c 'exec 3<>"/dev/tcp/\${1%:*}/\${1##*:}"' answers ${shellWord(registry)} 2>/dev/null
}
# A registry that starts, or is being replaced, does not answer. One that answers and refuses twice has a reason.
push() {
  local message refusals=0 end=$((SECONDS + ${REGISTRY_SECONDS}))
  until message=$(docker push --quiet "$1" 2>&1); do
    if registry_answers; then refusals=$((refusals + 1)); fi
    if [ "$refusals" -ge 2 ] || [ "$SECONDS" -ge "$end" ]; then printf '%s\\n' "$message"; return 1; fi
    sleep 0.5
  done
}
publish() {
  push "$2"
  docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$2" | grep -m 1 "^\${2%:*}@" >"$work/pushed/$1"
}
report() {
  [ -s "$work/pushed/$1" ] || fail_with_logs "The image $1 cannot be pushed to ${registry}"
  references+=",\\"$1\\":\\"$(cat "$work/pushed/$1")\\""
}`;
