import { setImmediate } from 'node:timers/promises';
import { Agent, type buildConnector } from 'undici';
import { metricNamesOf } from '../../core/scaling/engine-metrics/engine-table.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { MetricsAnswer, MetricsSource, MetricsTarget } from '../../ports/serving/metrics-source.ts';
import {
  expositionLimits,
  formatOf,
  parseExpositionInParts,
} from '../../protocols/prometheus-text/parse-exposition.ts';
import { boundedGet, failed, type GetAnswer, type GetBounds } from './bounded-get.ts';
import { ScrapeBackoff } from './scrape-backoff.ts';

export interface ScrapeOptions {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly bounds?: GetBounds;
  /** Opens connections to replicas, some of which have certificates; as to any server unless given. */
  readonly connect?: (timeoutMs: number) => buildConnector.connector;
  /** Where an endpoint names no path of its own. */
  readonly path?: string;
  /** The metrics that are kept; those of all known engines by default. */
  readonly names?: readonly string[];
}

export const scrapeBounds: GetBounds = { timeoutMs: 2_000, bytesAtMost: expositionLimits.bytesAtMost };

/** Of engines, of one replica: a Triton with a thousand models has ten thousand. */
const seriesAtMost = 20_000;

/** At once; the rest wait. */
const atOnce = 16;

/** The older text first: every engine has it, and the names in it are those of the engine's own documentation. */
const accept = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1';

/** Reads each replica's own endpoint. */
export function makeScrapeSource(options: ScrapeOptions): MetricsSource {
  const { clock, bounds = scrapeBounds, path = '/metrics', names = metricNamesOf(null) } = options;
  // Replicas are gone the next moment, and their ports another's.
  const connect = options.connect?.(bounds.timeoutMs) ?? { timeout: bounds.timeoutMs };
  const agent = new Agent({ connections: 2, keepAliveTimeout: 2_000, connect });
  const known = new Set(names);

  const backoff = new ScrapeBackoff(() => clock.monotonicMs());

  async function scrape({ replicaId, endpoint }: MetricsTarget, signal: AbortSignal): Promise<MetricsAnswer> {
    const url = urlOf(endpoint, path);
    if (url === null) {
      return failed('unreachable', `replica ${replicaId} has no address to ask`, 'plimsoll status');
    }
    const standing = backoff.standing(replicaId);
    if (standing !== null) return standing;
    const readAtMs = clock.nowMs();
    const answer = await boundedGet(agent, url, { ...bounds, headers: { accept }, signal });
    const told = answer.kind === 'failed' ? answer : await readAnswer(answer, url, readAtMs);
    const isTooLarge = told.kind === 'failed' && told.fault === 'too-large';
    const bytes = answer.kind === 'got' ? answer.body.length : isTooLarge ? bounds.bytesAtMost : 0;
    backoff.keep(replicaId, bytes, told);
    return told;
  }

  async function readAnswer(answer: GetAnswer, url: URL, readAtMs: number): Promise<MetricsAnswer> {
    if (answer.status === 401 || answer.status === 403) {
      return failed('refused', `${url.href} answers ${answer.status}`, 'let the metrics be read without credentials');
    }
    if (answer.status !== 200) {
      return failed('unreachable', `${url.href} answers ${answer.status}`, `curl ${url.href}`);
    }
    try {
      const { samples } = await parseExpositionInParts(answer.body, formatOf(answer.contentType), () => setImmediate());
      const kept = samples.filter(({ name }) => known.has(name));
      if (kept.length > seriesAtMost) {
        return failed(
          'too-large',
          `${url.href} has more than ${seriesAtMost} series of engines`,
          'export fewer series',
        );
      }
      return { kind: 'read', reading: { readAtMs, samples: kept }, warnings: [] };
    } catch (thrown) {
      const error = asPlimsollError(thrown);
      const fault = error.code === 'metrics-too-large' ? 'too-large' : 'garbage';
      return failed(fault, `${url.href}: ${error.message}`, `curl ${url.href} | head`);
    }
  }

  return {
    async read(targets, signal) {
      const answers: MetricsAnswer[] = [];
      for (let from = 0; from < targets.length; from += atOnce) {
        answers.push(...(await Promise.all(targets.slice(from, from + atOnce).map((each) => scrape(each, signal)))));
      }
      return answers;
    },
    close: () => agent.destroy(),
  };
}

function urlOf(endpoint: string | null, path: string): URL | null {
  if (endpoint === null || !URL.canParse(endpoint)) return null;
  const url = new URL(endpoint);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  return url.pathname === '/' ? new URL(path, url) : url;
}
