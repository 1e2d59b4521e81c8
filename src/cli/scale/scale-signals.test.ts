import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../testing/rigs/command-line.ts';
import { engineExposition, withValues } from '../../testing/builders/files/engine-expositions.ts';
import { settled, type FakeClock } from '../../testing/fakes/fake-clock.ts';
import { FakeMetricsSource } from '../../testing/fakes/fake-metrics-source.ts';
import type { CliContext, MetricsChoices } from '../context.ts';
import type { SignalsReport } from './scale-signals-report.ts';
import { configureScaleSignals, runScaleSignals } from './scale-signals.ts';

const vllm = engineExposition('vllm');
const later = withValues(vllm, {
  'vllm:request_success_total{engine="0",finished_reason="stop"': 130,
  'vllm:request_inference_time_seconds_sum{engine="0"': 75,
  'vllm:request_inference_time_seconds_count{engine="0"': 150,
});

/** Runs `signals` with the real parser of its options; `between` is what changes before the second look. */
async function run(
  argv: readonly string[],
  between: (source: FakeMetricsSource) => void = () => undefined,
  env: Readonly<Record<string, string>> = {},
) {
  const opened: MetricsChoices[] = [];
  const held: { source?: FakeMetricsSource } = {};
  const context: CliContext = contextOf({
    env,
    metricsSource: (choices) => {
      opened.push(choices);
      const source = new FakeMetricsSource(context.clock);
      source.show('http://a', { exposition: vllm });
      source.show('http://b', { exposition: engineExposition('tgi') });
      source.show('http://c', { fault: 'hung' });
      held.source = source;
      return Promise.resolve(source);
    },
  });
  const scale = new Command('scale').exitOverride().configureOutput({ writeErr: () => undefined });
  configureScaleSignals(scale);
  const asked: { args?: readonly string[]; options?: Readonly<Record<string, unknown>> } = {};
  scale.commands[0]?.exitOverride().action((urls: readonly string[], options: Readonly<Record<string, unknown>>) => {
    asked.args = urls;
    asked.options = options;
  });
  scale.parse(['signals', ...argv], { from: 'user' });
  const clock = context.clock as FakeClock;
  const running = runScaleSignals(context, {
    path: ['signals'],
    args: asked.args ?? [],
    options: asked.options ?? {},
    json: false,
  });
  running.catch(() => undefined);
  for (let turn = 0; turn < 20 && clock.sleeping === 0; turn += 1) await settled();
  if (held.source !== undefined) between(held.source);
  await clock.advance(600_000);
  return { ...(await running), opened, source: held.source };
}

describe('plimsoll scale signals', () => {
  it('shows what two looks tell of each replica and of all, and why the rest is unknown', async () => {
    const { exit, text, source } = await run(['http://a', 'http://b', 'http://c', '--every', '10s'], (between) =>
      between.show('http://a', { exposition: later }),
    );
    expect(exit).toBe(0);
    expect(source?.closed).toBe(true);
    const lines = text.split('\n');
    expect(lines[1]).toMatch(/^REPLICA +ENGINE +QUEUE +IN FLIGHT +ARRIVALS\/S +DONE\/S +SERVICE +BATCH +FILL +MEMORY$/);
    expect(lines[2]).toMatch(/^http:\/\/a +vllm +5 +10 +\S+ +\S+ +500 ms +10 +\? +50%$/);
    expect(lines[3]).toMatch(/^http:\/\/b +tgi +3 +5 +0 +0 +\? +5 +\? +\?$/);
    // The third does not tell, and is taken to be like the mean of the others.
    expect(lines[4]).toContain('together: queue 12,');
    expect(text).toContain('  fill: the largest batch is not known: --batch-limit ROWS\n');
    expect(text).toContain('  service: no request in between (http://b)');
    expect(text).toContain('  memory: the engine does not export it (http://b)');
    expect(text).toContain('hung: http://c is hung\nnext: plimsoll status');
  });

  it('says that a counter was reset, and still what the gauges tell', async () => {
    const { json } = await run(['http://a'], (source) =>
      source.show('http://a', { exposition: withValues(vllm, { 'vllm:request_success_total{engine="1"': 1 }) }),
    );
    const [told] = (json as SignalsReport).replicas;
    expect(told?.signals).toMatchObject({
      queueDepth: 5,
      completionsPerSecond: null,
      unknown: { completionsPerSecond: 'reset' },
    });
  });

  it('exits 3 when no replica tells anything', async () => {
    expect(await run(['http://c'])).toMatchObject({ exit: 3, text: 'hung: http://c is hung\nnext: plimsoll status' });
  });

  it('asks a server for replicas, or for all that a selector chooses', async () => {
    const argv = ['http://a', '--prometheus', 'http://p:9090', '--selector', 'job="x"', '--engine', 'vllm'];
    expect((await run(argv)).opened).toEqual([
      { prometheus: 'http://p:9090', selector: 'job="x"', engine: 'vllm', wholeSelector: false },
    ]);
    const env = { PLIMSOLL_PROMETHEUS_URL: 'http://p:9090' };
    expect((await run([], undefined, env)).opened).toEqual([
      { prometheus: null, selector: null, engine: null, wholeSelector: true },
    ]);
  });

  it('takes the largest batch of an engine that does not export it', async () => {
    const { json } = await run(['http://a', '--batch-limit', '40']);
    expect((json as SignalsReport).together.batchFillShare).toBe(0.25);
  });

  it.each([
    [[], 'metrics-place-missing'],
    [['http://a', '--every', '10ms'], 'interval-invalid'],
    [['http://a', '--every', 'soon'], 'interval-invalid'],
    [['http://a', '--batch-limit', '-1'], 'batch-limit-invalid'],
  ])('%j is wrong: %s', async (argv, code) => {
    await expect(run(argv)).rejects.toMatchObject({ code, category: 'input' });
  });

  it('knows only engines of the table', async () => {
    await expect(run(['http://a', '--engine', 'oracle'])).rejects.toThrow(/Allowed choices are plimsoll, vllm/);
  });
});
