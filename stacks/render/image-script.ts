/** What builds the fleet's images on the data host, with its own Docker, and brings them into the registry on the mesh. */
import { type HostScript, shellWord } from "./host-script.ts";

export interface ImageBuild {
  /** In the registry: `orbweaver/<name>`. */
  name: string;
  /** A folder of `images/`. */
  folder: string;
  /** Names of other images of the list, before this one, or an image that the host has or can pull. */
  buildArguments: Record<string, { image: string } | { built: string } | { text: string }>;
}

export interface ImageScriptSettings {
  /** `<mesh address>:<port>` */
  registry: string;
  /** A gzipped tar on the host. */
  contextPath: string;
  /** SHA-256 of it, hexadecimal: names what is built from it. */
  contextHash: string;
  /** Taken over as they are: name in the registry to image. */
  mirrored: Record<string, string>;
  builds: ImageBuild[];
}

/** Prints one line: a JSON object of image references by name, each with its digest. What was built from the same context before is not built again. */
export function imageScript({ registry, contextPath, contextHash, mirrored, builds }: ImageScriptSettings): HostScript {
  const tag = contextHash.slice(0, 16);
  const reference = (name: string) => `${registry}/orbweaver/${name}`;
  const argumentOf = (value: ImageBuild["buildArguments"][string]) => {
    if ("text" in value) return value.text;
    return "built" in value ? `${reference(value.built)}:${tag}` : value.image;
  };
  const build = ({ name, folder, buildArguments }: ImageBuild) => {
    const flags = Object.entries(buildArguments).map(([key, value]) => `--build-arg ${shellWord(`${key}=${argumentOf(value)}`)}`);
    const pulls = Object.values(buildArguments).flatMap((value) => ("image" in value ? [`have ${shellWord(value.image)}`] : []));
    return [
      ...pulls,
      `built ${reference(name)}:${tag} || docker build --quiet --force-rm ${flags.join(" ")} --file "$context/images/${folder}/Dockerfile" --tag ${reference(name)}:${tag} "$context" </dev/null >&2`,
      `push ${name} ${reference(name)}:${tag}`,
    ].join("\n");
  };
  const mirror = ([name, image]: [string, string]) =>
    `have ${shellWord(image)}\ndocker tag ${shellWord(image)} ${reference(name)}:mirrored\npush ${name} ${reference(name)}:mirrored`;
  return {
    timeoutSeconds: 1_800,
    after: [
      functions(contextPath),
      ...Object.entries(mirrored).map(mirror),
      ...builds.map(build),
      // What no container uses any more and is older than the week in which somebody may want to go back.
      `docker image prune --force --filter until=168h </dev/null >&2 || true`,
      `find "$(dirname -- ${shellWord(contextPath)})" -name 'context-*.tgz' ! -path ${shellWord(contextPath)} -mtime +7 -delete`,
      `printf '{%s}\\n' "\${references#,}"`,
    ].join("\n"),
  };
}

/** Brings images to a host before anything there is replaced: a start never waits for a download. */
export function pullScript(references: readonly string[]): HostScript {
  const pull = (reference: string) =>
    `docker image inspect ${shellWord(reference)} >/dev/null 2>&1 || docker pull --quiet ${shellWord(reference)} </dev/null >&2`;
  return { timeoutSeconds: 1_800, after: [...references].sort().map(pull).join("\n") };
}

const functions = (contextPath: string) => `export DOCKER_BUILDKIT=0
references=
context=$(mktemp -d)
trap 'rm -rf -- "$context"' EXIT
tar -xzf ${shellWord(contextPath)} -C "$context"
built() { docker image inspect "$1" >/dev/null 2>&1; }
have() { built "$1" || docker pull --quiet "$1" </dev/null >&2 || fail "The image $1 is neither on this host nor can it be pulled; its message is above."; }
push() {
  docker push --quiet "$2" </dev/null >&2
  local digest
  digest=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$2" | grep -m 1 "^\${2%:*}@")
  references+=",\\"$1\\":\\"$digest\\""
}`;
