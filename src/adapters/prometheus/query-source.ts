import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { metricNamesOf } from '../../core/scaling/engine-metrics/engine-table.ts';
import type { EngineName } from '../../core/scaling/engine-metrics/metric-rule.ts';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { MetricsAnswer, MetricsSource, MetricsTarget } from '../../ports/serving/metrics-source.ts';
import { readQueryAnswer, samplesAlsoIn } from '../../protocols/prometheus-api/read-answer.ts';
import { selectorText, type LabelMatcher } from '../../protocols/prometheus-api/selector.ts';
import { boundedGet, failed, type Failed, type GetBounds } from './bounded-get.ts';

export interface QueryOptions {
  /** The server, with a path where it is mounted below one. */
  readonly base: URL;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** For PLIMSOLL_PROMETHEUS_TOKEN, or PLIMSOLL_PROMETHEUS_USER and PLIMSOLL_PROMETHEUS_PASSWORD. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly matchers?: readonly LabelMatcher[];
  /** Only its metrics are asked for; those of all known engines otherwise. */
  readonly engine?: EngineName | null;
  /** The label that holds a replica's host and port; null asks for what the matchers choose alone. */
  readonly replicaLabel?: string | null;
  /** How far back a sample may be; older ones are not given at all. */
  readonly windowMs?: number;
  readonly bounds?: GetBounds;
}

const queryBounds: GetBounds = { timeoutMs: 5_000, bytesAtMost: 16 * 1024 * 1024 };
const atOnce = 8;

interface Asked {
  readonly kind: 'samples';
  readonly samples: readonly MetricSample[];
  readonly warnings: readonly string[];
}

/**
 * Asks a Prometheus server twice at one `time`: a range for when each sample was scraped, which a vector does not tell, and a
 * vector for which series are still there, because a range goes on showing one whose target is gone. What both know is the
 * reading. @throws PlimsollError `prometheus-insecure` (refused) where credentials would cross the network in the clear.
 */
export function makeQuerySource(options: QueryOptions): MetricsSource {
  const { base, clock, env, engine = null, replicaLabel = 'instance', windowMs = 120_000 } = options;
  const { bounds = queryBounds, matchers = [] } = options;
  const headers = headersOf(base, env);
  const limits = { connect: { timeout: bounds.timeoutMs } };
  const dispatcher: Dispatcher = isLoopback(base.hostname) ? new Agent(limits) : new EnvHttpProxyAgent(limits);

  async function ask(query: string, atMs: number, signal: AbortSignal): Promise<Asked | Failed> {
    const url = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/query`, base);
    url.searchParams.set('query', query);
    url.searchParams.set('time', (atMs / 1_000).toFixed(3));
    url.searchParams.set('timeout', `${bounds.timeoutMs}ms`);
    const answer = await boundedGet(dispatcher, url, { ...bounds, headers, signal });
    if (answer.kind === 'failed') return answer;
    return judge(answer.status, answer.body, base);
  }

  async function read({ replicaId, endpoint }: MetricsTarget, signal: AbortSignal): Promise<MetricsAnswer> {
    const of = replicaLabel === null ? [] : [replicaMatcher(replicaLabel, endpoint)];
    if (of.includes(null))
      return failed('unreachable', `replica ${replicaId} has no address to ask for`, 'plimsoll status');
    const selector = selectorText(metricNamesOf(engine), [...matchers, ...of.filter((each) => each !== null)]);
    const readAtMs = clock.nowMs();
    const [range, vector] = await Promise.all([
      ask(`${selector}[${windowMs}ms]`, readAtMs, signal),
      ask(selector, readAtMs, signal),
    ]);
    if (range.kind === 'failed') return range;
    if (vector.kind === 'failed') return vector;
    const samples = samplesAlsoIn(range.samples, vector.samples);
    const warnings = [...new Set([...range.warnings, ...vector.warnings])];
    return { kind: 'read', reading: { readAtMs, samples }, warnings };
  }

  return {
    async read(targets, signal) {
      const answers: MetricsAnswer[] = [];
      for (let from = 0; from < targets.length; from += atOnce) {
        answers.push(...(await Promise.all(targets.slice(from, from + atOnce).map((each) => read(each, signal)))));
      }
      return answers;
    },
    async readDevices(names, signal) {
      // What chooses replicas does not choose exporters of devices.
      const readAtMs = clock.nowMs();
      const answer = await ask(selectorText(names, []), readAtMs, signal);
      if (answer.kind === 'failed') return answer;
      return { kind: 'read', reading: { readAtMs, samples: answer.samples }, warnings: answer.warnings };
    },
    close: () => dispatcher.destroy(),
  };
}

/** 400, 422 and 503 carry the envelope of an error; others are of something before the server. */
function judge(status: number, body: Uint8Array, base: URL): Asked | Failed {
  const place = base.origin;
  if (status === 401 || status === 403) {
    return failed(
      'refused',
      `${place} answers ${status}`,
      'set PLIMSOLL_PROMETHEUS_TOKEN, or PLIMSOLL_PROMETHEUS_USER and PLIMSOLL_PROMETHEUS_PASSWORD',
    );
  }
  const answer = readQueryAnswer(jsonOrUndefined(body));
  if (answer.kind === 'samples' && status === 200) return answer;
  if (answer.kind === 'error') {
    const fault = answer.errorType === 'timeout' || answer.errorType === 'canceled' ? 'hung' : 'refused';
    return failed(
      fault,
      `${place} says ${answer.errorType}: ${answer.error}`,
      'look at the selector, and at the limits of the server',
    );
  }
  if (status !== 200) return failed('unreachable', `${place} answers ${status}`, `curl ${place}/-/ready`);
  const what = answer.kind === 'garbage' ? answer.message : '';
  return failed(
    'garbage',
    `${place} answers no query as Prometheus does: ${what}`,
    `curl '${place}/api/v1/query?query=up'`,
  );
}

function jsonOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

/** Prometheus' label `instance` is host and port, of whatever path was scraped; other labels are compared likewise. */
function replicaMatcher(label: string, endpoint: string | null): LabelMatcher | null {
  if (endpoint === null || !URL.canParse(endpoint)) return null;
  const { hostname, port, protocol } = new URL(endpoint);
  return { label, operator: '=', value: `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}` };
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

function headersOf(base: URL, env: QueryOptions['env']): Readonly<Record<string, string>> {
  const authorization = authorizationOf(env);
  if (authorization === null) return {};
  if (base.protocol === 'http:' && !isLoopback(base.hostname) && env['PLIMSOLL_PLAIN_HTTP'] !== '1') {
    throw new PlimsollError({
      code: 'prometheus-insecure',
      category: 'refused',
      message: `credentials for ${base.origin} would cross the network readable by everyone on the way`,
      next: 'use https, or set PLIMSOLL_PLAIN_HTTP=1 where the network is your own',
    });
  }
  return { authorization };
}

function authorizationOf(env: QueryOptions['env']): string | null {
  const token = env['PLIMSOLL_PROMETHEUS_TOKEN'] ?? '';
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  const user = env['PLIMSOLL_PROMETHEUS_USER'] ?? '';
  const password = env['PLIMSOLL_PROMETHEUS_PASSWORD'] ?? '';
  return user === '' ? null : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
