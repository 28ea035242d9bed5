import type { FastifyInstance } from "fastify";
import { CERTIFICATE_PATH, CHALLENGE_PATH } from "../core/protocol/certificate-paths.ts";
import { readCertificate, readChallenge, type StoredCertificate } from "../core/store/certificates.ts";
import type { WebuiContext } from "./route.ts";

/** RFC 8555, section 8.3: a token has only characters of base64url. */
const TOKEN = /^[\w-]{16,200}$/;

/**
 * Adds the certificate routes of the web UI, which every edge reaches. Both need no login: the challenge is for the certificate authority, and the
 * certificate's private key is encrypted with a passphrase that only the edges have.
 */
export function addCertificateRoutes(app: FastifyInstance, { database }: Pick<WebuiContext, "database">): void {
  app.get(`${CHALLENGE_PATH}:token`, async (request, reply) => {
    const { token } = request.params as { token: string };
    const answer = TOKEN.test(token) ? await readChallenge(database, token) : undefined;
    reply.header("cache-control", "no-store").type("text/plain; charset=utf-8");
    return answer === undefined ? reply.code(404).send("This challenge does not exist.\n") : answer;
  });
  app.get(CERTIFICATE_PATH, async (_request, reply) => {
    const certificate = await readCertificate(database);
    reply.header("cache-control", "no-store").type("text/plain; charset=utf-8");
    return certificate === undefined ? reply.code(404).send("This fleet does not order certificates.\n") : certificateText(certificate);
  });
}

/** The state as one line of JSON, then chain and encrypted key as PEM: stacks/render/certificate-script.ts reads it on the edge hosts. */
function certificateText({ chain = "", privateKey = "", ...state }: StoredCertificate): string {
  return `state ${JSON.stringify(state)}\n${chain.trim()}\n${privateKey.trim()}\n`;
}
