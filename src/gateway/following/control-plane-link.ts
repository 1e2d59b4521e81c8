import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type buildConnector } from 'undici';
import type * as z from 'zod';
import { PlimsollError } from '../../core/units/errors.ts';
import { httpErrorSchema } from '../../schemas/http/http-control-plane.ts';
import { backoffMs } from '../routes/backoff.ts';
import { EventStreamParser, type ServerSentEvent } from './event-stream.ts';
import type { GatewayLog } from '../log.ts';

const reconnectBaseMs = 100;
const reconnectCapMs = 5000;
/** The control plane sends a comment every 10 s: silence for longer than this is a dead connection. */
const silenceMs = 30_000;
const reportTimeoutMs = 5000;

export interface LinkOptions {
  readonly url: string;
  readonly gatewayId: string;
  /** The token to ask with, as it is now; null to ask without one. */
  readonly token: () => Promise<string | null>;
  /** Opens connections over which the token may be sent. */
  readonly connect: buildConnector.connector;
  readonly random: () => number;
  readonly log: GatewayLog;
}

/** One stream of events of the control plane. */
export interface Followed {
  /** `routing` of `/v1/gateways/ID/routing`. */
  readonly resource: string;
  /** Called when the stream is open, before its first event. */
  readonly opened?: () => void;
  /** True when the event was one that this gateway follows. */
  readonly take: (event: ServerSentEvent) => boolean;
  /** What a status means here, and what to do about it; undefined for what needs no words. */
  readonly explain?: (status: number) => { readonly reason: string; readonly next: string } | undefined;
}

export interface PostAnswer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The gateway's side of the control plane: it follows a stream of events, and posts reports. */
export class ControlPlaneLink {
  readonly #options: LinkOptions;
  readonly #pool: Pool;
  readonly #base: string;
  #connected = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const url = new URL(options.url);
    this.#base = `${url.pathname.replace(/\/$/, '')}/v1/gateways/${encodeURIComponent(options.gatewayId)}`;
    this.#pool = new Pool(url.origin, { connections: 4, connect: options.connect, allowH2: false });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Gives every event that arrives to the follower; reconnects until aborted. Never rejects. */
  async follow(followed: Followed, signal: AbortSignal): Promise<void> {
    const { log, random } = this.#options;
    let failures = 0;
    let told = '';
    while (!signal.aborted) {
      try {
        await this.#stream(followed, () => (failures = 0), signal);
      } catch (thrown) {
        const explanation = followed.explain?.(thrown instanceof StreamRefused ? thrown.status : 0);
        const away = awayBy(thrown);
        const why = explanation === undefined ? away.code : String(away.status);
        const isUnsaid = failures === 0 || (why !== '' && why !== told);
        if (isUnsaid && !signal.aborted) log('control-plane.away', { ...away.facts, ...explanation });
        told = why;
      }
      this.#connected = false;
      failures += 1;
      const waitMs = backoffMs(failures, reconnectBaseMs, reconnectCapMs, random());
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Null when the control plane did not take it. */
  async post(resource: string, body: unknown, signal: AbortSignal): Promise<PostAnswer | null> {
    const answer = await this.postBytes(resource, JSON.stringify(body), 'application/json', signal);
    return answer === null || answer.status >= 300 ? null : answer;
  }

  /** Null when the control plane did not answer. */
  async postBytes(
    resource: string,
    body: string | Uint8Array,
    contentType: string,
    signal: AbortSignal,
  ): Promise<(PostAnswer & { readonly status: number }) | null> {
    try {
      const {
        statusCode,
        headers,
        body: answer,
      } = await this.#pool.request({
        path: `${this.#base}/${resource}`,
        method: 'POST',
        headers: { 'content-type': contentType, ...(await this.#authorization()) },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(reportTimeoutMs)]),
        headersTimeout: reportTimeoutMs,
        bodyTimeout: reportTimeoutMs,
      });
      return { status: statusCode, headers, text: await answer.text() };
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #stream(followed: Followed, taken: () => void, signal: AbortSignal): Promise<void> {
    const { statusCode, body } = await this.#pool.request({
      path: `${this.#base}/${followed.resource}`,
      method: 'GET',
      headers: { accept: 'text/event-stream', ...(await this.#authorization()) },
      headersTimeout: 10_000,
      bodyTimeout: silenceMs,
      signal,
    });
    if (statusCode !== 200) {
      throw new StreamRefused(statusCode, await readRefusal(body));
    }
    this.#connected = true;
    this.#options.log('control-plane.connected', {});
    followed.opened?.();
    const parser = new EventStreamParser();
    body.setEncoding('utf8');
    for await (const text of body) {
      for (const event of parser.push(text as string)) if (followed.take(event)) taken();
    }
    throw new Error('the control plane closed the stream');
  }

  async #authorization(): Promise<Readonly<Record<string, string>>> {
    const token = await this.#options.token();
    return token === null ? {} : { authorization: `Bearer ${token}` };
  }
}

class StreamRefused extends Error {
  readonly status: number;
  readonly refusal: Refusal | null;

  constructor(status: number, refusal: Refusal | null) {
    super(refusal === null ? `the control plane answered ${status}` : refusal.message);
    this.status = status;
    this.refusal = refusal;
  }
}

type Refusal = Pick<z.infer<typeof httpErrorSchema>['error'], 'code' | 'message' | 'next'>;

const refusalBytesAtMost = 16 * 1024;

/** What the control plane says of it; null where it says nothing of this form. */
async function readRefusal(body: AsyncIterable<Uint8Array>): Promise<Refusal | null> {
  try {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of body) {
      bytes += part.length;
      if (bytes > refusalBytesAtMost) return null;
      parts.push(part);
    }
    return httpErrorSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8'))).error;
  } catch {
    return null;
  }
}

interface Away {
  readonly status: number;
  /** Empty for what says nothing new beside an earlier failure. */
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A control plane that is gone fails in several ways, one after another: only what it says itself is told again. */
function awayBy(thrown: unknown): Away {
  if (thrown instanceof StreamRefused) {
    const { status, refusal, message } = thrown;
    if (refusal === null) return { status, code: '', facts: { reason: message } };
    const { code, next } = refusal;
    return { status, code, facts: { reason: message, code, ...(next === undefined ? {} : { next }) } };
  }
  if (thrown instanceof PlimsollError) {
    const { code, message, next } = thrown;
    return { status: 0, code, facts: { reason: message, code, ...(next === undefined ? {} : { next }) } };
  }
  return { status: 0, code: '', facts: { reason: textOf(thrown) } };
}

/** What an event carries, checked; the reason in words when it is not that. */
export function parseEvent<T>(
  data: string,
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } };
  },
): { readonly value: T } | { readonly reason: string } {
  try {
    const parsed = schema.safeParse(JSON.parse(data));
    if (parsed.success) return { value: parsed.data };
    return { reason: parsed.error.issues.map((issue) => issue.message).join('; ') };
  } catch (thrown) {
    return { reason: textOf(thrown) };
  }
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
