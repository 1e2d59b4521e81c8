import type { Agent } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { asPlimsollError, PlimsollError } from '../../../core/units/errors.ts';
import { isObject, type JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import { answerError, answerInvalid, requestError, timedOut } from '../api-errors.ts';
import { bodyOf, keptAlive, send, unlessAborted, urlOf } from './api-connection.ts';
import { readRefusedRight, readRefusingRule, type RefusingRule } from './refused-right.ts';

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly contentType?: string;
  /** Which form the answer is to have; JSON of the whole object unless given. */
  readonly accept?: string;
  readonly signal: AbortSignal;
}

export interface ApiReply {
  readonly status: number;
  readonly text: string;
  /** An empty object where the answer is no JSON object. */
  readonly body: JsonObject;
}

export interface ApiClient {
  /**
   * One call. Answers with 2xx, 404, 409, 410 and 422; every other status is thrown.
   * @throws PlimsollError as `ClusterReader.read`; `cluster-forbidden` names the missing verb and resource.
   */
  call(call: ApiCall): Promise<ApiReply>;
  /** The lines of a watch as they come, until the server ends it. Statuses other than 200 are thrown, 410 among them. */
  lines(call: Omit<ApiCall, 'method'>, opened: () => void): AsyncIterable<JsonObject>;
}

/** One call may take this long; a watch lasts as long as it asks for. */
const callTimeoutMs = 15_000;
const mostAnswerBytes = 64 * 1024 * 1024;
const mostLineBytes = 4 * 1024 * 1024;
const returned = new Set([404, 409, 410, 422]);

/** A client of the API server of the kubeconfig's current context. */
export function makeApiClient(config: KubeConfig): ApiClient {
  const server = config.getCurrentCluster()?.server ?? '';
  const agents = new Map<object, Agent>();
  const request = async (call: ApiCall, url: URL, signal: AbortSignal) => {
    const options = await unlessAborted(keptAlive(config, url, agents), signal);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const type = call.contentType ?? 'application/json';
    const headers = {
      ...options.headers,
      ...(call.accept === undefined ? {} : { accept: call.accept }),
      // Node states no length for DELETE: the body would be taken for the next request of the connection.
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    };
    return await send(url, { ...options, headers, method: call.method, signal }, body);
  };
  const client: ApiClient = {
    async call(call) {
      const url = urlOf(server, call.path, call.query ?? {});
      const limit = AbortSignal.any([call.signal, AbortSignal.timeout(callTimeoutMs)]);
      try {
        const response = await request(call, url, limit);
        const text = await bodyOf(response, url, mostAnswerBytes);
        const status = response.statusCode ?? 0;
        if ((status < 200 || status > 299) && !returned.has(status)) {
          throw refusal(status, text, url, response.headers['retry-after']);
        }
        return { status, text, body: jsonObject(text) };
      } catch (thrown) {
        throw asOurs(thrown, call.signal, limit, url, callTimeoutMs);
      }
    },
    async *lines(given, opened) {
      const call: ApiCall = { ...given, method: 'GET' };
      const url = urlOf(server, call.path, call.query ?? {});
      try {
        const response = await request(call, url, call.signal);
        const status = response.statusCode ?? 0;
        if (status !== 200)
          throw refusal(status, await bodyOf(response, url, mostAnswerBytes), url, response.headers['retry-after']);
        opened();
        yield* jsonLines(response as AsyncIterable<Buffer>, url);
      } catch (thrown) {
        throw asOurs(thrown, call.signal, call.signal, url, 0);
      }
    },
  };
  return client;
}

/** Bytes are cut at line breaks before they are decoded, since a chunk may end within a character. */
async function* jsonLines(chunks: AsyncIterable<Buffer>, url: URL): AsyncGenerator<JsonObject> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8');
      rest = rest.subarray(end + 1);
      if (line.trim() !== '') yield jsonObject(line);
    }
    if (rest.length > mostLineBytes) throw answerInvalid(url, `a line of it is larger than ${mostLineBytes} bytes`);
  }
}

function jsonObject(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function refusal(status: number, text: string, url: URL, retryAfter: string | undefined): PlimsollError {
  const error = answerError(status, text, url, retryAfter);
  const retryAfterMs = Number.isFinite(Number(retryAfter)) ? Number(retryAfter) * 1_000 : undefined;
  const details = { ...error.details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status !== 403) {
    return new PlimsollError({
      code: error.code,
      category: error.category,
      message: error.message,
      next: error.next,
      details,
    });
  }
  const rule = readRefusingRule(error.message);
  const refused = rule === null ? readRefusedRight(error.message) : null;
  if (refused === null) return refusedByRule(error, rule, details);
  const { verb, resource, namespace } = refused;
  const where = namespace === null ? '' : ` in the namespace ${namespace}`;
  return new PlimsollError({
    code: 'cluster-forbidden',
    category: 'unauthorized',
    message: `the control plane may not ${verb} ${resource}${where} (403)`,
    next: `add the verb ${verb} on ${resource} to its Role: docs/kubernetes.md lists all of them`,
    details: { ...details, verb, resource, namespace },
  });
}

/** A quota or an admission policy: the right is there, and the object is not taken all the same. */
function refusedByRule(
  error: PlimsollError,
  rule: RefusingRule | null,
  details: Readonly<Record<string, unknown>>,
): PlimsollError {
  return new PlimsollError({
    code: 'cluster-refused',
    category: 'refused',
    message:
      rule === null
        ? error.message.replace('no right to list at', 'refused by a rule of')
        : `the ${rule.rule} of the cluster refuses ${String(details['path'])} (403): ${rule.reason}`,
    next: rule?.command ?? 'kubectl describe resourcequota; kubectl get validatingadmissionpolicies',
    details: rule === null ? details : { ...details, rule: rule.rule },
  });
}

function asOurs(thrown: unknown, signal: AbortSignal, limit: AbortSignal, url: URL, timeoutMs: number): unknown {
  if (signal.aborted) return asPlimsollError(signal.reason);
  if (limit.aborted) return timedOut(url, timeoutMs, thrown);
  return thrown instanceof PlimsollError ? thrown : requestError(thrown, url);
}
