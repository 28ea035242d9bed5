import type { Sql } from "../../core/store/sql.ts";

/** A script as it was saved; the newest 50 of a project are kept (core/store/migrations/000011.sql). */
export interface ScriptVersion {
  id: number;
  /** Unix seconds. */
  saved: number;
  /** Of the script as UTF-8. */
  bytes: number;
  /** SHA-256 (hex) of the script: of the newest it is the project's `sourceHash`. */
  sourceHash: string;
}

const FACTS = `id::float8 as id, extract(epoch from saved)::float8 as saved, octet_length(script) as bytes,
  encode(sha256(convert_to(script, 'UTF8')), 'hex') as "sourceHash"`;

/** The versions of a project's script, the newest first, without their text. */
export const listScriptVersions = (sql: Sql, project: string): Promise<ScriptVersion[]> =>
  sql.query<ScriptVersion>(`select ${FACTS} from script_versions where project = $1 order by script_versions.id desc`, [project]);

/** One version with its text; undefined if it does not exist, or not any more. */
export async function getScriptVersion(sql: Sql, project: string, id: number): Promise<(ScriptVersion & { script: string }) | undefined> {
  const [version] = await sql.query<ScriptVersion & { script: string }>(
    `select ${FACTS}, script from script_versions where project = $1 and script_versions.id = $2`,
    [project, id],
  );
  return version;
}
