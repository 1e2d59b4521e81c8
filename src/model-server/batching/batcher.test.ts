import { describe, expect, test } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import { FakeClock, settled } from '../../testing/fakes/fake-clock.ts';
import {
  FakeInferenceEngine,
  fakeMatrix,
  fakeModelBytes,
  type FakeModel,
} from '../../testing/fakes/fake-inference-engine.ts';
import { floatsOf, floatTensor } from '../../testing/contracts/inference-engine-contract.ts';
import { Batcher, type BatcherSettings } from './batcher.ts';

async function rig(settings: Partial<BatcherSettings> = {}, model: FakeModel = fakeMatrix) {
  const engine = new FakeInferenceEngine();
  const clock = new FakeClock();
  const batches: number[] = [];
  const loaded = await engine.load({
    modelBytes: fakeModelBytes(model),
    threads: 1,
    warmUp: false,
    signal: new AbortController().signal,
  });
  const batcher = new Batcher(
    loaded,
    { maxBatchRows: 4, maxDelayMs: 0, queueLimit: 100, ...settings },
    { clock, observer: { batchRan: (rows) => void batches.push(rows), waited: () => undefined }, batching: true },
  );
  const send = (
    values: readonly number[],
    job: { deadlineAtMs?: number; key?: string; abandoned?: () => boolean } = {},
  ) =>
    batcher.run({
      inputs: [floatTensor('x', [values.length / 2, 2], values) as WireTensor],
      outputs: [],
      rows: values.length / 2,
      batchKey: job.key ?? '',
      deadlineAtMs: job.deadlineAtMs ?? Infinity,
      abandoned: job.abandoned ?? (() => false),
    });
  /** Holds every run until `open` is called. */
  const gate = () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    engine.beforeRun = () => opened;
    return () => {
      engine.beforeRun = () => undefined;
      open();
    };
  };
  return { engine, clock, batcher, batches, send, gate };
}

const answer = async (running: Promise<readonly WireTensor[]>) => floatsOf((await running)[0]);

describe('batching', () => {
  test('requests of one turn share a batch, and each gets its own rows', async () => {
    const { engine, send } = await rig();
    const answers = await Promise.all([answer(send([1, 0])), answer(send([0, 1, 1, 1])), answer(send([2, 0]))]);
    expect(answers).toEqual([
      [1, 2],
      [3, 4, 4, 6],
      [2, 4],
    ]);
    expect(engine.runs).toEqual([[4, 2]]);
  });

  test('a lone request does not wait when no delay is allowed', async () => {
    const { clock, send } = await rig();
    expect(await answer(send([1, 0]))).toEqual([1, 2]);
    expect(clock.monotonicMs()).toBe(0);
  });

  test('with a delay the oldest waits for company, and no longer', async () => {
    const { clock, engine, send } = await rig({ maxDelayMs: 5 });
    const first = send([1, 0]);
    await clock.advance(4);
    const second = send([2, 0]);
    await settled();
    expect(engine.runs).toEqual([]);
    await clock.advance(1);
    expect([await answer(first), await answer(second)]).toEqual([
      [1, 2],
      [2, 4],
    ]);
    expect(engine.runs).toEqual([[2, 2]]);
  });

  test('a full batch does not wait for its delay', async () => {
    const { engine, send } = await rig({ maxDelayMs: 1000 });
    await Promise.all([send([1, 0, 2, 0]), send([3, 0, 4, 0])]);
    expect(engine.runs).toEqual([[4, 2]]);
  });

  test('while one batch computes the next gathers; a second is handed over only when it is full', async () => {
    const { engine, gate, send } = await rig();
    const open = gate();
    const running = [send([1, 0])];
    await settled();
    for (let at = 0; at < 3; at += 1) running.push(send([1, 0]));
    await settled();
    expect(engine.runs).toEqual([[1, 2]]);
    running.push(send([1, 0]));
    await settled();
    expect(engine.runs).toEqual([
      [1, 2],
      [4, 2],
    ]);
    open();
    await Promise.all(running);
  });

  test('a request larger than the limit runs as it is', async () => {
    const { engine, send } = await rig();
    expect(await answer(send([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    expect(engine.runs).toEqual([[5, 2]]);
  });

  test('different keys never share a batch', async () => {
    const { engine, send } = await rig();
    await Promise.all([send([1, 0], { key: 'a' }), send([1, 0], { key: 'b' }), send([1, 0], { key: 'a' })]);
    expect(engine.runs).toEqual([
      [2, 2],
      [1, 2],
    ]);
  });

  test('a batch that fails is run request by request, so that only the faulty one fails', async () => {
    const { engine, send } = await rig();
    engine.beforeRun = ([input]) => {
      if (floatsOf(input).includes(13)) {
        throw new PlimsollError({ code: 'inference-failed', category: 'input', message: 'thirteen' });
      }
    };
    const outcomes = await Promise.allSettled([answer(send([1, 0])), answer(send([13, 0])), answer(send([2, 0]))]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[2]).toMatchObject({ value: [2, 4] });
  });

  test('a model whose outputs have not one row for each input row is never batched again', async () => {
    const sum: FakeModel = { ...fakeMatrix, compute: 'sum' };
    const { engine, batcher, send } = await rig({}, sum);
    const answers = await Promise.all([answer(send([1, 0])), answer(send([2, 5]))]);
    expect(answers).toEqual([[1], [7]]);
    engine.runs.length = 0;
    await Promise.all([send([1, 0]), send([1, 0])]);
    expect(engine.runs).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(batcher.maxRows).toBe(1);
  });
});

describe('bounds', () => {
  test('a full queue refuses at once', async () => {
    const { batcher, gate, send } = await rig({ queueLimit: 2, maxBatchRows: 4 });
    const open = gate();
    const running = [send([1, 0])];
    await settled();
    running.push(send([1, 0]), send([1, 0]));
    expect(batcher.queueDepth).toBe(2);
    await expect(send([1, 0])).rejects.toMatchObject({ code: 'queue-full', category: 'overloaded' });
    open();
    await Promise.all(running);
  });

  test('a deadline that passes in the queue is an error and no run', async () => {
    const { clock, engine, gate, send } = await rig();
    const open = gate();
    const first = send([1, 0]);
    await settled();
    const late = send([2, 0], { deadlineAtMs: 50 });
    const outcome = expect(late).rejects.toMatchObject({ code: 'deadline-passed' });
    await clock.advance(49);
    await clock.advance(1);
    await outcome;
    open();
    await first;
    expect(engine.runs).toEqual([[1, 2]]);
  });

  test('a request that nobody waits for is dropped', async () => {
    const { engine, gate, send } = await rig();
    const open = gate();
    const first = send([1, 0]);
    await settled();
    let gone = false;
    const left = send([2, 0], { abandoned: () => gone });
    const outcome = expect(left).rejects.toThrow();
    gone = true;
    open();
    await Promise.all([first, outcome]);
    expect(engine.runs).toEqual([[1, 2]]);
  });

  test('close answers what was accepted, refuses the rest, then resolves', async () => {
    const { batcher, gate, send } = await rig({ maxDelayMs: 1000 });
    const open = gate();
    const running = [answer(send([1, 0])), answer(send([2, 0]))];
    const reason = new PlimsollError({ code: 'gone', category: 'unavailable', message: 'gone' });
    let closed = false;
    const closing = batcher.close(reason).then(() => (closed = true));
    await expect(send([1, 0])).rejects.toBe(reason);
    await settled();
    expect(closed).toBe(false);
    open();
    expect(await Promise.all(running)).toEqual([
      [1, 2],
      [2, 4],
    ]);
    await closing;
  });

  test('close with nothing waiting resolves', async () => {
    const { batcher } = await rig();
    await batcher.close(new PlimsollError({ code: 'gone', category: 'unavailable', message: 'gone' }));
  });
});
