/** The compiler's process: scripts in, compiled texts or problems out, in order. It ends when its parent does. */
import { decodeTask, encodeAnswer, FrameCutter, TASK_HEADER_BYTES, taskFrameBytes } from "../sandbox/frames.ts";
import { bundle } from "./bundle.ts";
import { encodeBundled } from "./bundled.ts";

const answer = (text: string) => process.stdout.write(encodeAnswer({ text, microseconds: 0 }));

/** After this, most of esbuild's start is done. */
await bundle("export default class {}", "first.ts");
answer("ready");

const cutter = new FrameCutter(TASK_HEADER_BYTES, taskFrameBytes);
process.stdin.on("data", async (chunk: Buffer) => {
  for (const frame of cutter.push(chunk)) {
    const { text: fileName, body } = decodeTask(frame);
    answer(encodeBundled(await bundle(Buffer.from(body).toString(), fileName), fileName));
  }
});
// Together with esbuild, which may be busy: both are one process group.
process.stdin.on("end", () => process.kill(-process.pid, "SIGKILL"));
