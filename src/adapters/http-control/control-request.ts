import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { Agent, type buildConnector, request } from 'undici';
import type * as z from 'zod';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { versionHeader } from '../../core/access/version-gap.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { httpErrorSchema } from '../../schemas/http/http-control-plane.ts';
import { makeProvingConnector } from './proving-connector.ts';

export interface ControlAddress {
  /** `http://127.0.0.1:7070`. */
  readonly url: string;
  /** Null to ask without one. Sent only to a server that proved who it is. */
  readonly token: string | null;
  /** Certificates to trust beside the system's, in PEM. */
  readonly ca?: string | undefined;
  /** Lets a token go over plain HTTP to another machine. */
  readonly plainHttp?: boolean;
  /** Makes connections by a way that shows who answers, such as the API server of a cluster. Without it `url` is connected to. */
  readonly connect?: (() => Promise<Duplex>) | undefined;
  /** Of whoever asks; said with every request. */
  readonly version?: string;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

const answerBytesAtMost = 64 * 1024 * 1024;

type Answered<Schema> = Promise<Schema extends z.ZodType ? z.output<Schema> : null>;

/** @throws PlimsollError the control plane's own error, or `control-plane-unreachable` (unavailable). */
export type ControlRequest = <Schema extends z.ZodType | null>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  schema: Schema,
  body?: unknown,
) => Answered<Schema>;

export interface RawBody {
  readonly contentType: 'application/json' | 'application/octet-stream';
  readonly content: string | Uint8Array | Readable;
  readonly contentBytes: number;
  /** How long the answer may take after the body; as for other requests, unless given. */
  readonly timeoutMs?: number;
}

/** The same with a body of bytes. */
export type RawControlRequest = <Schema extends z.ZodType | null>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  schema: Schema,
  body?: RawBody,
) => Answered<Schema>;

export function makeControlRequest(address: ControlAddress): ControlRequest {
  const ask = makeRawControlRequest(address);
  return (method, path, schema, body) => ask(method, path, schema, body === undefined ? undefined : jsonBody(body));
}

function jsonBody(body: unknown): RawBody {
  const content = JSON.stringify(body);
  return { contentType: 'application/json', content, contentBytes: Buffer.byteLength(content) };
}

export function makeRawControlRequest(address: ControlAddress): RawControlRequest {
  const { url, token, signal, timeoutMs = 30_000 } = address;
  const { ca, plainHttp = false, version, connect } = address;
  const dispatcher = new Agent({
    connect:
      connect === undefined ? makeProvingConnector({ token: async () => token, ca, plainHttp }) : connectBy(connect),
  });
  return async (method, path, schema, body) => {
    const { status, text } = await send(new URL(path, url), {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(version === undefined ? {} : { [versionHeader]: version }),
        ...(body === undefined
          ? {}
          : { 'content-type': body.contentType, 'content-length': String(body.contentBytes) }),
      },
      ...(body === undefined ? {} : { body: body.content }),
      headersTimeout: body?.timeoutMs ?? timeoutMs,
      bodyTimeout: timeoutMs,
      signal,
      dispatcher,
    });
    if (status >= 400) throw errorOf(status, text, url);
    return (schema === null ? null : parse(schema, text, url)) as never;
  };
}

/** A stream of bytes in both directions is all that is used of a socket. */
function connectBy(connect: () => Promise<Duplex>): buildConnector.connector {
  return (_target, callback) => {
    connect().then(
      (stream) => callback(null, stream as Socket),
      (thrown: unknown) => callback(thrown instanceof Error ? thrown : new Error(String(thrown)), null),
    );
  };
}

async function send(
  url: URL,
  options: NonNullable<Parameters<typeof request>[1]>,
): Promise<{ status: number; text: string }> {
  try {
    const answer = await request(url, options);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of answer.body as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > answerBytesAtMost) throw new Error(`the answer is larger than ${answerBytesAtMost} bytes`);
      parts.push(part);
    }
    return { status: answer.statusCode, text: Buffer.concat(parts).toString('utf8') };
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw unreachable(url.origin, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unreachable(origin: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-unreachable',
    category: 'unavailable',
    message: `the control plane at ${origin} does not answer: ${why}`,
    next: nextStep(adapterSteps, 'control-plane-unreachable'),
    cause,
  });
}

function errorOf(status: number, text: string, url: string): PlimsollError {
  const parsed = httpErrorSchema.safeParse(parseJson(text));
  if (parsed.success) return new PlimsollError(parsed.data.error);
  return unreachable(url, `it answered ${status}, and not as a control plane does`);
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string, url: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreachable(
    url,
    `its answer is not as expected (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}); another version of Plimsoll?`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
