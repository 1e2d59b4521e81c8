import { readFile } from 'node:fs/promises';
import { Agent, request, type Dispatcher } from 'undici';
import * as z from 'zod';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { readSecretPlace, type SecretPlace } from '../../core/contract/secrets/secret-place.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { RemoteSecrets } from '../../ports/access/remote-secrets.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { VaultLogin, VaultSettings } from './vault-settings.ts';

const timeoutMs = 10_000;
const answerBytesAtMost = 1024 * 1024;
/** Replicas that start together read once; a value that was rotated is seen at the next look. */
const sharedForMs = 5_000;
/** Of the time that a token is good for, after which another one is asked for. */
const renewAfterShare = 0.8;

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const readSchema = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });
const loginSchema = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number().nonnegative() }),
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Secrets of a key-value store, version 2, over Vault's HTTP interface. No redirect is followed: a token would go along.
 * https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, https://openbao.org/api-docs/secret/kv/kv-v2/
 */
export class VaultSecrets implements RemoteSecrets {
  readonly #settings: VaultSettings;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #shared = new Map<
    string,
    { readonly untilMs: number; readonly values: Promise<Readonly<Record<string, string>>> }
  >();
  #session: { readonly token: string; readonly untilMs: number } | null = null;

  constructor(settings: VaultSettings, clock: Pick<Clock, 'monotonicMs'>) {
    this.#settings = settings;
    this.#clock = clock;
  }

  read(place: string): Promise<Readonly<Record<string, string>>> {
    const nowMs = this.#clock.monotonicMs();
    for (const [key, { untilMs }] of this.#shared) if (untilMs <= nowMs) this.#shared.delete(key);
    const known = this.#shared.get(place);
    if (known !== undefined) return known.values;
    const values = this.#readNow(place);
    this.#shared.set(place, { untilMs: nowMs + sharedForMs, values });
    values.catch(() => this.#shared.delete(place));
    return values;
  }

  async #readNow(text: string): Promise<Readonly<Record<string, string>>> {
    const place = readSecretPlace(text);
    if (place === null) throw placeMissing(text, 'it is not of the form vault://MOUNT/PATH');
    const dispatcher = new Agent({ connect: { ca: await this.#authorities(), timeout: timeoutMs } });
    try {
      return valuesOf(text, await this.#ask(dispatcher, place));
    } finally {
      await dispatcher.destroy();
    }
  }

  /** A session that ended early is renewed once. */
  async #ask(dispatcher: Dispatcher, { mount, path }: SecretPlace): Promise<Answer> {
    const get = async (): Promise<Answer> =>
      this.#send(dispatcher, 'GET', `/v1/${mount}/data/${path}`, await this.#token(dispatcher));
    const first = await get();
    if (first.status !== 403 || this.#session === null) return first;
    this.#session = null;
    return get();
  }

  async #token(dispatcher: Dispatcher): Promise<string> {
    const { login } = this.#settings;
    if (login.kind === 'token') return login.token;
    if (login.kind === 'token-file') return readTokenFile(login.file);
    const nowMs = this.#clock.monotonicMs();
    if (this.#session !== null && nowMs < this.#session.untilMs) return this.#session.token;
    this.#session = await this.#logIn(dispatcher, login, nowMs);
    return this.#session.token;
  }

  async #logIn(
    dispatcher: Dispatcher,
    { role, mount, tokenFile }: Extract<VaultLogin, { kind: 'kubernetes' }>,
    nowMs: number,
  ): Promise<{ token: string; untilMs: number }> {
    const body = { role, jwt: await readTokenFile(tokenFile) };
    const { status, text } = await this.#send(dispatcher, 'POST', `/v1/auth/${mount}/login`, null, body);
    const parsed = status === 200 ? loginSchema.safeParse(parseJson(text)) : null;
    if (parsed?.success !== true) throw refused(`the login as role ${role} answered ${status}`);
    const { client_token: token, lease_duration: seconds } = parsed.data.auth;
    // 0 is a token without an end.
    return { token, untilMs: seconds === 0 ? Infinity : nowMs + seconds * 1_000 * renewAfterShare };
  }

  async #send(
    dispatcher: Dispatcher,
    method: 'GET' | 'POST',
    path: string,
    token: string | null,
    body?: object,
  ): Promise<Answer> {
    const { address, namespace } = this.#settings;
    try {
      const answer = await request(`${address}${path}`, {
        dispatcher,
        method,
        headers: {
          'x-vault-request': 'true',
          ...(token === null ? {} : { 'x-vault-token': token }),
          ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: answer.statusCode, text: await gather(answer.body) };
    } catch (thrown) {
      throw unreachable(address, thrown);
    }
  }

  async #authorities(): Promise<string | undefined> {
    const { caFile } = this.#settings;
    if (caFile === null) return undefined;
    return readFile(caFile, 'utf8').catch((cause: unknown) => {
      throw unset(`VAULT_CACERT ${caFile} cannot be read`, cause);
    });
  }
}

/** A server that answers as none does is out of reach, not without the secret. */
function valuesOf(place: string, { status, text }: Answer): Readonly<Record<string, string>> {
  if (status === 403 || status === 401) throw refused(`it answered ${status} for ${place}`);
  if (status === 404) throw placeMissing(place, 'it answered 404');
  const parsed = status === 200 ? readSchema.safeParse(parseJson(text)) : null;
  if (parsed?.success !== true) throw unreachableAnswer(place, status);
  const values = Object.entries(parsed.data.data.data).flatMap(([key, value]) => {
    const read = scalar.safeParse(value);
    return read.success ? [[key, read.data] as const] : [];
  });
  return Object.fromEntries(values);
}

async function gather(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    bytes += part.length;
    if (bytes > answerBytesAtMost) throw new Error(`it answers with more than ${answerBytesAtMost} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function readTokenFile(file: string): Promise<string> {
  const text = (
    await readFile(file, 'utf8').catch((cause: unknown) => {
      throw unset(`the token file ${file} cannot be read`, cause);
    })
  ).trim();
  if (text === '') throw unset(`the token file ${file} is empty`);
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const log = 'see the audit log of the store of secrets';

function unset(message: string, cause?: unknown): PlimsollError {
  const next = 'set VAULT_TOKEN, VAULT_TOKEN_FILE or VAULT_ROLE of the control plane';
  return new PlimsollError({ code: 'secret-store-unset', category: 'input', message, next, cause });
}

function refused(why: string): PlimsollError {
  const message = `the store of secrets refuses the control plane: ${why}`;
  return new PlimsollError({ code: 'secret-store-refused', category: 'unauthorized', message, next: log });
}

function placeMissing(place: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-place-missing',
    category: 'not-found',
    message: `the store of secrets has nothing at ${place.slice(0, 200)}: ${why}`,
    next: nextStep(adapterSteps, 'secret-place-missing'),
  });
}

function unreachableAnswer(place: string, status: number): PlimsollError {
  const message = `the store of secrets answered ${status} for ${place}, and not as a key-value store of version 2 does`;
  return new PlimsollError({ code: 'secret-store-unreachable', category: 'unavailable', message, next: log });
}

/** The causes of clients may hold what was sent, so only their words are kept. */
function unreachable(address: string, thrown: unknown): PlimsollError {
  const { code, message } = thrown as { readonly code?: string; readonly message?: string };
  return new PlimsollError({
    code: 'secret-store-unreachable',
    category: 'unavailable',
    message: `the store of secrets at ${address} does not answer: ${code ?? message ?? 'unknown'}`,
    next: `curl ${address}/v1/sys/health`,
  });
}
