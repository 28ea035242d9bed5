/** Sockets whose answers are repaired before any parser reads them. */
import type { Socket } from "node:net";
import { AnswerRepair } from "./answer-repair.ts";

const repairs = new WeakMap<object, AnswerRepair>();

/**
 * Repairs what arrives on a socket on which nothing has arrived yet. Node passes all that it receives to `push()`.
 *
 * @returns the same socket. Call `beginAnswer` before each request on it.
 */
export function repairAnswers<S extends Socket>(socket: S): S {
  const repair = new AnswerRepair();
  const push: Socket["push"] = socket.push.bind(socket);
  repairs.set(socket, repair);
  socket.push = (bytes: Buffer | null) => {
    const repaired = bytes && repair.push(bytes);
    // To push nothing would be taken for the end of a read; more is wanted.
    return repaired?.length === 0 ? true : push(repaired);
  };
  return socket;
}

/** What arrives next on a repaired socket is an answer. */
export function beginAnswer(socket: object): void {
  repairs.get(socket)?.reset();
}
