import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaFileList } from '../../ports/serving/replica-files.ts';
import { httpErrorSchema } from '../../schemas/http/http-control-plane.ts';
import { replicaFileListSchema, replicaTokenHeader } from '../../schemas/replica/replica-files.ts';

export interface ReplicaFileSourceOptions {
  /** `http://plimsoll-control-plane:7070`. */
  readonly url: string;
  /** Read anew for each request: the kubelet renews it. */
  readonly tokenFile: string;
}

/** Also of a stream: between two parts of it. */
const silentAtMostMs = 30_000;
const listBytesAtMost = 16 * 1024 * 1024;

/** A control plane as a source of the files of this replica. */
export function makeReplicaFileSource({ url, tokenFile }: ReplicaFileSourceOptions): {
  list(signal: AbortSignal): Promise<ReplicaFileList>;
  read(digest: Digest, from: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
} {
  // The first byte comes after the control plane has read the whole blob and compared it.
  const dispatcher = new Agent({ headersTimeout: 600_000, bodyTimeout: silentAtMostMs });
  const ask = async (path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
    const token = (await readFile(tokenFile, 'utf8')).trim();
    const headers = { [replicaTokenHeader]: token };
    const answer = await request(new URL(path, url), { headers, signal, dispatcher }).catch((thrown: unknown) => {
      signal.throwIfAborted();
      throw unreachable(url, thrown);
    });
    const body = passing(answer.body as AsyncIterable<Uint8Array>, url, signal);
    if (answer.statusCode !== 200) throw errorOf(answer.statusCode, await textOf(body), url);
    return body;
  };
  return {
    async list(signal) {
      const text = await textOf(await ask('/v1/replica-files', signal));
      const parsed = replicaFileListSchema.safeParse(jsonOrNull(text));
      if (parsed.success) return parsed.data;
      throw unreachable(url, new Error('its answer is no list of files; another version of Plimsoll?'));
    },
    read: (digest, from, signal) => ask(`/v1/replica-files/${digest}?from=${from}`, signal),
  };
}

/** A stream whose breaks are errors of ours. */
async function* passing(
  body: AsyncIterable<Uint8Array>,
  url: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (thrown) {
    signal.throwIfAborted();
    throw unreachable(url, thrown);
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > listBytesAtMost) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function errorOf(status: number, text: string, url: string): PlimsollError {
  const parsed = httpErrorSchema.safeParse(jsonOrNull(text));
  return parsed.success
    ? new PlimsollError(parsed.data.error)
    : unreachable(url, new Error(`it answered ${status}, and not as a control plane does`));
}

function unreachable(url: string, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-unreachable',
    category: 'unavailable',
    message: `the control plane at ${url} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: 'see that --url-for-replicas of the control plane is an address that pods reach, and that no NetworkPolicy is between',
    cause,
  });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
