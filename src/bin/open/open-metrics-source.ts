import type { MetricsChoices } from '../../cli/context.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import { replicaTls } from './tls/open-replica-tls.ts';
import { parseSelector } from '../../protocols/prometheus-api/selector.ts';

type Parts = { readonly clock: Clock; readonly env: Readonly<Record<string, string | undefined>> };

/**
 * Where metrics of replicas are read: at a Prometheus server where `--prometheus` or PLIMSOLL_PROMETHEUS_URL names one, else
 * at `/metrics` of each replica.
 */
export async function openMetricsSource({ clock, env }: Parts, choices: MetricsChoices = {}): Promise<MetricsSource> {
  const server = choices.prometheus ?? env['PLIMSOLL_PROMETHEUS_URL'] ?? '';
  if (server === '') {
    const { makeScrapeSource } = await import('../../adapters/prometheus/scrape-source.ts');
    return makeScrapeSource({
      clock,
      connect: (timeoutMs) => replicaTls().connectAny(timeoutMs, 'as-web'),
      ...(choices.names === undefined ? {} : { names: choices.names }),
    });
  }
  const { makeQuerySource } = await import('../../adapters/prometheus/query-source.ts');
  return makeQuerySource({
    base: serverUrl(server),
    clock,
    env,
    engine: choices.engine ?? null,
    matchers: parseSelector(choices.selector ?? env['PLIMSOLL_PROMETHEUS_SELECTOR'] ?? ''),
    ...(choices.wholeSelector === true ? { replicaLabel: null } : {}),
  });
}

function serverUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '') return url;
  throw new PlimsollError({
    code: 'prometheus-url-invalid',
    category: 'input',
    message: 'the address of the Prometheus server is no http or https URL without credentials',
    next: 'write --prometheus http://HOST:9090, and credentials into PLIMSOLL_PROMETHEUS_TOKEN',
  });
}
