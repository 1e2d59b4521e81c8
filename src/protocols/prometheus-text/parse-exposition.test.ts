import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import {
  expositionLimits,
  formatOf,
  parseExposition,
  parseExpositionInParts,
  type ExpositionFormat,
} from './parse-exposition.ts';

const samplesOf = (text: string, format: ExpositionFormat = 'text') => parseExposition(text, format).samples;
const sample = (name: string, value: number, labels: MetricSample['labels'] = [], atMs: number | null = null) => ({
  name,
  labels,
  value,
  atMs,
});

describe('the text format 0.0.4', () => {
  it('reads the example of its specification', () => {
    const text = [
      '# HELP http_requests_total The total number of HTTP requests.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total{method="post",code="400"}    3 1395066363000',
      '',
      '# Escaping in label values:',
      String.raw`msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9`,
      '# Minimalistic line:',
      'metric_without_timestamp_and_labels 12.47',
      '# A weird metric from before the epoch:',
      'something_weird{problem="division by zero"} +Inf -3982045',
      '# TYPE rpc_duration_seconds summary',
      'rpc_duration_seconds{quantile="0.01"} 3102',
      'rpc_duration_seconds_sum 1.7560473e+07',
      'rpc_duration_seconds_count 2693',
      '',
    ].join('\n');
    const { samples, types } = parseExposition(new TextEncoder().encode(text));
    expect(samples).toEqual([
      sample(
        'http_requests_total',
        1027,
        [
          ['code', '200'],
          ['method', 'post'],
        ],
        1395066363000,
      ),
      sample(
        'http_requests_total',
        3,
        [
          ['code', '400'],
          ['method', 'post'],
        ],
        1395066363000,
      ),
      sample('msdos_file_access_time_seconds', 1458255915, [
        ['error', 'Cannot find file:\n"FILE.TXT"'],
        ['path', 'C:\\DIR\\FILE.TXT'],
      ]),
      sample('metric_without_timestamp_and_labels', 12.47),
      sample('something_weird', Infinity, [['problem', 'division by zero']], -3982045),
      sample('rpc_duration_seconds', 3102, [['quantile', '0.01']]),
      sample('rpc_duration_seconds_sum', 17560473),
      sample('rpc_duration_seconds_count', 2693),
    ]);
    expect([...types]).toEqual([
      ['http_requests_total', 'counter'],
      ['rpc_duration_seconds', 'summary'],
    ]);
  });

  it('reads what real clients write: colons, blanks, commas at the end, NaN in any case', () => {
    expect(samplesOf('vllm:num_requests_running{engine="0"} 3.0\n')).toEqual([
      sample('vllm:num_requests_running', 3, [['engine', '0']]),
    ]);
    expect(samplesOf('DiskUsage{Level="Host",Hostname="h",} 20.5\n  a\t{ b = "c" , }\t-1e-3 \n')).toEqual([
      sample('DiskUsage', 20.5, [
        ['Hostname', 'h'],
        ['Level', 'Host'],
      ]),
      sample('a', -0.001, [['b', 'c']]),
    ]);
    expect(samplesOf('a NaN\nb nan\nc -Inf\nd .5\ne 1.\n').map(({ value }) => value)).toEqual([
      NaN,
      NaN,
      -Infinity,
      0.5,
      1,
    ]);
  });

  it('keeps label names of JavaScript apart from its objects', () => {
    expect(samplesOf('a{__proto__="x",constructor="y"} 1\n')[0]?.labels).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it.each([
    ['a', 1, 2, 'value is missing'],
    ['a b', 1, 3, '`b` is no value'],
    ['ok 1\na 0x10', 2, 3, '`0x10` is no value'],
    ['a 1 2 3', 1, 7, 'something follows'],
    ['a 1 1.5', 1, 8, 'whole number of milliseconds'],
    ['a{b="c} 1', 1, 10, 'does not end'],
    ['a{b="c\\', 1, 8, 'does not end'],
    ['a{b="c" d="e"} 1', 1, 9, '`,` or `}` is missing'],
    ['a{b="c",b="d"} 1', 1, 11, 'was there before'],
    ['a{1="c"} 1', 1, 3, '`1` begins no label name'],
    ['{"a.b"} 1', 1, 1, '`{` begins no metric name'],
    ['<html><body>502 Bad Gateway</body></html>', 1, 1, '`<` begins no metric name'],
    ['# TYPE a teapot', 1, 16, '`teapot` is no type'],
    ['# TYPE a counter\n# TYPE a gauge', 2, 15, 'a was a counter before'],
    ['a{b="c"} 1\na{b="c"} 2', 2, 11, 'was there before'],
    ['# TYPE h histogram\nh_bucket 1', 2, 11, 'has no `le`'],
    ['# TYPE h histogram\nh_bucket{le="wide"} 1', 2, 22, '`wide` is no bound'],
  ])('says where %j is wrong', (text, line, column, message) => {
    expect(() => parseExposition(`${text}\n`)).toThrow(
      expect.objectContaining({
        code: 'metrics-garbage',
        details: { line, column },
        message: expect.stringContaining(message),
      }),
    );
  });

  it('takes a cut answer for garbage: its last number may be half a number', () => {
    expect(() => parseExposition('a 12')).toThrow(/the answer was cut/);
    expect(parseExposition('').samples).toEqual([]);
  });

  it('says in which line the bytes are no text', () => {
    const bytes = new TextEncoder().encode('a 1\nb{c="?"} 2\n');
    bytes[bytes.indexOf(63)] = 0xff;
    expect(() => parseExposition(bytes)).toThrow(expect.objectContaining({ details: { line: 2, column: 1 } }));
  });

  it.each([
    ['bytes', { bytesAtMost: 3 }],
    ['lines', { linesAtMost: 1 }],
    ['characters', { lineCharactersAtMost: 5 }],
    ['labels', { labelsAtMost: 1 }],
  ])('is bounded in %s', (what, limit) => {
    const text = 'a 1\nb{c="d",e="f"} 2\n';
    expect(parseExposition(text).samples).toHaveLength(2);
    expect(() => parseExposition(text, 'text', { ...expositionLimits, ...limit })).toThrow(
      expect.objectContaining({ code: 'metrics-too-large', message: expect.stringContaining(what) }),
    );
  });
});

describe('OpenMetrics 1.0', () => {
  it('has its times in seconds, exemplars, units and an end', () => {
    const text = [
      '# TYPE acme_http_router_request_seconds summary',
      '# UNIT acme_http_router_request_seconds seconds',
      "# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.",
      'acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32',
      '# TYPE foo histogram',
      'foo_bucket{le="0.01"} 0',
      'foo_bucket{le="+Inf"} 17 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879607.0',
      'foo_created 1520430000.123',
      '# EOF',
      '',
    ].join('\n');
    expect(samplesOf(text, 'openmetrics').map(({ name, value, atMs }) => [name, value, atMs])).toEqual([
      ['acme_http_router_request_seconds_sum', 9036.32, null],
      ['foo_bucket', 0, null],
      ['foo_bucket', 17, 1520879607789],
      ['foo_created', 1520430000.123, null],
    ]);
  });

  it('keeps the newest point of a series that has several', () => {
    expect(samplesOf('a 1 10\na 2 11\n# EOF', 'openmetrics')).toEqual([sample('a', 2, [], 11_000)]);
    expect(() => samplesOf('a 1 10\na 2 9\n# EOF\n', 'openmetrics')).toThrow(/was there before/);
  });

  it.each([
    ['a 1\n', 'missing: the answer was cut'],
    ['a 1\n# EOF\nb 2\n', 'something follows `# EOF`'],
    ['a 1\n\n# EOF\n', 'no empty lines'],
    ['a 1 # 3\n# EOF\n', 'an exemplar begins'],
    ['# TYPE a untyped\n# EOF\n', 'no type'],
  ])('refuses %j', (text, message) => {
    expect(() => parseExposition(text, 'openmetrics')).toThrow(message);
  });

  it('is told by the content type', () => {
    expect(formatOf('application/openmetrics-text; version=1.0.0; charset=utf-8')).toBe('openmetrics');
    expect(formatOf('text/plain; version=0.0.4')).toBe('text');
    expect(formatOf(null)).toBe('text');
  });
});

describe('whatever labels and values are', () => {
  const labels = fc.uniqueArray(
    fc.tuple(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/), fc.string({ unit: 'grapheme' })),
    {
      selector: ([name]) => name,
      maxLength: 5,
    },
  );
  const written = fc.record({
    name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/),
    labels,
    value: fc.double(),
    atMs: fc.option(fc.integer()),
  });
  const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  const write = ({ name, labels: given, value, atMs }: MetricSample) =>
    `${name}{${given.map(([label, text]) => `${label}="${escape(text)}"`).join(',')}} ` +
    `${String(value).replace('Infinity', 'Inf')}${atMs === null ? '' : ` ${atMs}`}\n`;

  it('what was written is read back', () => {
    fc.assert(
      fc.property(written, (one) => {
        const sorted = [...one.labels].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(samplesOf(write(one))).toEqual([{ ...one, value: Number(String(one.value)), labels: sorted }]);
      }),
    );
  });
});

describe('a long exposition', () => {
  const lines = (count: number): Buffer =>
    Buffer.from(Array.from({ length: count }, (_, line) => `m{n="${line}"} 1\n`).join(''));

  it('lets others run after each thousand lines, and says the same', async () => {
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses += 1;
      return Promise.resolve();
    };
    const read = await parseExpositionInParts(lines(10_500), 'text', pause);
    expect(pauses).toBe(10);
    expect(read).toEqual(parseExposition(lines(10_500)));
    const broken = Buffer.concat([lines(2_000), Buffer.from('no metric at all')]);
    await expect(parseExpositionInParts(broken, 'text', pause)).rejects.toMatchObject({ code: 'metrics-garbage' });
  });
});
