import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FuzzTarget } from './target.ts';

const fixtures = path.join(import.meta.dirname, '../../src/protocols/prometheus-text/fixtures');
const seed = (name: string): Uint8Array => Uint8Array.from(readFileSync(path.join(fixtures, `${name}.txt`)));

/** The parser in both formats, and the signals that come of what it took. */
export const prometheusTextTarget: FuzzTarget = {
  parser: 'prometheus-text',
  bytesAtMost: 32 * 1024,
  dictionary: [
    ...[
      '# TYPE a counter\n',
      '# HELP a b\n',
      '# UNIT a seconds\n',
      '# EOF',
      '\n',
      '{',
      '}',
      ',}',
      '="',
      '\\"',
      '\\\\',
      '\\n',
    ],
    ...['NaN', '+Inf', '-Inf', '1e309', '-1', '0x1p3', '1_000', ' 1700000000000\n', ' # {trace_id="a"} 1 1.5\n'],
    ...['le="+Inf"', '_bucket', '_sum', '_count', '_total', 'vllm:num_requests_waiting 3\n', 'tgi_queue_size 1\n'],
    ...['# TYPE h histogram\n', '__proto__="a"', '\u{1f600}', [0xff, 0xfe], [0xc0, 0x80]],
  ],
  seeds: () => Promise.resolve(['vllm', 'triton', 'torchserve', 'mlserver'].map(seed)),
  async run(bytes) {
    const [{ parseExposition }, { engineSignals }] = await Promise.all([
      import('../../src/protocols/prometheus-text/parse-exposition.ts'),
      import('../../src/core/scaling/engine-metrics/engine-signals.ts'),
    ]);
    // The last byte chooses the format, so that both are reached from one input.
    const format = (bytes.at(-1) ?? 0) % 2 === 0 ? 'text' : 'openmetrics';
    const { samples } = parseExposition(bytes, format);
    const signals = engineSignals({ readAtMs: 0, samples }, { readAtMs: 1_000, samples }, { nowMs: 1_000 });
    for (const value of [signals.queueDepth, signals.inFlight, signals.serviceMs, signals.acceleratorMemoryShare]) {
      if (value !== null && !(value >= 0 && value <= Number.MAX_VALUE)) throw new RangeError(`a signal of ${value}`);
    }
    return JSON.stringify(signals);
  },
};
