import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineSignals } from '../../core/scaling/engine-metrics/engine-signals.ts';
import { labelOf } from '../../core/scaling/engine-metrics/reading.ts';
import type { MetricsFault, MetricsSource, MetricsTarget } from '../../ports/serving/metrics-source.ts';
import { engineExposition, withValues } from '../builders/files/engine-expositions.ts';

export interface MetricsSourceUnderTest {
  readonly source: MetricsSource;
  nowMs(): number;
  target(replica: string): MetricsTarget;
  /** From now on this replica exports that text, or fails so; resolves once the source can know. */
  show(replica: string, what: { readonly exposition: string } | { readonly fault: MetricsFault }): Promise<void>;
  close(): Promise<void>;
}

/**
 * What every source of metrics does. `faults`: those that a replica of this source can have; behind a server that scrapes,
 * a replica that fails is one without samples.
 */
export function metricsSourceContract(
  title: string,
  faults: readonly MetricsFault[],
  open: () => Promise<MetricsSourceUnderTest>,
): void {
  describe(`metrics source contract: ${title}`, () => {
    const { signal } = new AbortController();
    let subject: MetricsSourceUnderTest;
    beforeAll(async () => {
      subject = await open();
      await subject.show('a', { exposition: engineExposition('vllm') });
    }, 60_000);
    afterAll(() => subject.close());

    const read = async (replica: string) => (await subject.source.read([subject.target(replica)], signal))[0];

    it('gives the known metrics of a replica, with their labels and when they were read', async () => {
      const answer = await read('a');
      if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
      const waiting = answer.reading.samples.filter(({ name }) => name === 'vllm:num_requests_waiting');
      expect(waiting.map((each) => [labelOf(each, 'engine'), each.value]).sort()).toEqual([
        ['0', 3],
        ['1', 2],
      ]);
      const names = new Set(answer.reading.samples.map(({ name }) => name));
      expect(names).toContain('vllm:request_inference_time_seconds_sum');
      expect(names).not.toContain('vllm:iteration_tokens_total_sum');
      expect(Math.abs(subject.nowMs() - answer.reading.readAtMs)).toBeLessThan(10_000);
    });

    it('gives what the same signals come out of, whatever the source', async () => {
      const answer = await read('a');
      if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
      expect(engineSignals(null, answer.reading, { nowMs: subject.nowMs() })).toMatchObject({
        engine: 'vllm',
        queueDepth: 5,
        inFlight: 10,
        acceleratorMemoryShare: 0.5,
        unknown: { serviceMs: 'first-reading' },
      });
    });

    it('keeps what is no number, for whoever judges it', async () => {
      await subject.show('b', { exposition: withValues(engineExposition('tgi'), { tgi_queue_size: 'NaN' }) });
      const answer = await read('b');
      if (answer?.kind !== 'read') throw new Error(JSON.stringify(answer));
      expect(answer.reading.samples.find(({ name }) => name === 'tgi_queue_size')?.value).toBeNaN();
      const signals = engineSignals(null, answer.reading, { nowMs: subject.nowMs() });
      expect(signals).toMatchObject({ queueDepth: null, inFlight: 5, unknown: { queueDepth: 'not-a-number' } });
    });

    it('answers for each target in their order, and one that fails costs no other its answer', async () => {
      await subject.show('b', { exposition: engineExposition('tgi') });
      const nowhere: MetricsTarget = { replicaId: 'nowhere', endpoint: null };
      const answers = await subject.source.read([subject.target('b'), nowhere, subject.target('a')], signal);
      expect(answers.map((each) => (each.kind === 'read' ? each.reading.samples.length > 0 : each.fault))).toEqual([
        true,
        'unreachable',
        true,
      ]);
    });

    for (const fault of faults) {
      it(`names a replica that is ${fault}, and the next thing to do`, async () => {
        await subject.show('c', { fault });
        const said = expect.stringMatching(/.{6}/);
        expect(await read('c')).toMatchObject({ kind: 'failed', fault, message: said, next: said });
      });
    }

    it('ends when its signal does', async () => {
      const reason = new Error('enough');
      await expect(subject.source.read([subject.target('a')], AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
