/**
 * Returns Prometheus text with those samples alone whose labels `keep` takes, and with all comments. A sample whose labels cannot be
 * read is left out.
 * @param text as prom-client writes it: one sample a line. https://prometheus.io/docs/instrumenting/exposition_formats/ (2026-11)
 */
export function keepSamples(text: string, keep: (labels: ReadonlyMap<string, string>) => boolean): string {
  const kept = text.split('\n').filter((line) => {
    if (line === '' || line.startsWith('#')) return true;
    const labels = readLabels(line);
    return labels !== null && keep(labels);
  });
  return kept.join('\n');
}

const samplePattern = /^[A-Za-z_:][\w:]*(?:\{((?:[A-Za-z_]\w*="(?:[^"\\]|\\.)*",?)*)\})? \S+$/;
const labelPattern = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Null for a line that is no sample. */
function readLabels(line: string): ReadonlyMap<string, string> | null {
  const sample = samplePattern.exec(line);
  if (sample === null) return null;
  return new Map(
    [...(sample[1] ?? '').matchAll(labelPattern)].map(([, name = '', value = '']) => [name, unescape(value)]),
  );
}

const unescape = (value: string): string =>
  value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
