import type { MetricFamily } from '../../core/diagnosis/container/metric-family.ts';

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Returns families as Prometheus text. Families without a sample are left out.
 * https://prometheus.io/docs/instrumenting/exposition_formats/ (2026-11)
 */
export function writeExposition(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${escapeHelp(help)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${numberText(value)}`),
    ]);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const labelText = (labels: MetricFamily['samples'][number]['labels']): string =>
  labels.length === 0 ? '' : `{${labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`;

const numberText = (value: number): string =>
  value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value);

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');
