import { describe, expect, it } from 'vitest';
import { parseBatchCounters } from '../../protocols/prometheus-text/batch-counters.ts';
import { batchFillBetween } from './batch-fill.ts';
import { BatchFillWatch } from './batch-fill-watch.ts';

const exposition = (rows: number, batches: number): string =>
  [
    '# HELP plimsoll_batch_rows_total Rows.',
    '# TYPE plimsoll_batch_rows_total counter',
    `plimsoll_batch_rows_total{model="digits",version="1"} ${rows}`,
    'plimsoll_batch_rows_total_of_something_else 7',
    `plimsoll_batches_total{model="digits",version="1"} ${batches} 1700000000000`,
    'plimsoll_batch_limit_rows{model="a } b"} 32',
    '',
  ].join('\n');

describe('batch fill', () => {
  it('reads the counters whatever their labels are', () => {
    expect(parseBatchCounters(exposition(64, 4))).toEqual({ rows: 64, batches: 4, limitRows: 32 });
  });

  it('is not known of a server that does not export them', () => {
    expect(parseBatchCounters('vllm:num_requests_running 3\n')).toBeNull();
    expect(parseBatchCounters('plimsoll_batches_total NaN\n')).toBeNull();
  });

  it('is rows over room, of the batches since the last look', () => {
    const before = { rows: 100, batches: 10, limitRows: 32 };
    expect(batchFillBetween([{ before, now: { rows: 164, batches: 14, limitRows: 32 } }])).toBe(0.5);
    expect(batchFillBetween([{ before, now: before }])).toBeNull();
    // The server was started again: its counters begin anew.
    expect(batchFillBetween([{ before, now: { rows: 3, batches: 1, limitRows: 32 } }])).toBeNull();
  });

  it('is watched over all replicas, and is null while none answers', async () => {
    let rows = 0;
    let away = false;
    const watch = new BatchFillWatch(() => {
      rows += 16;
      return away ? Promise.reject(new Error('gone')) : Promise.resolve(exposition(rows, rows / 16));
    });
    const replicas = [{ replicaId: 'r', endpoint: 'http://127.0.0.1:1' }];
    const signal = new AbortController().signal;
    await watch.look(replicas, signal);
    expect(watch.fill()).toBeNull();
    await watch.look(replicas, signal);
    expect(watch.fill()).toBe(0.5);
    away = true;
    await watch.look(replicas, signal);
    expect(watch.fill()).toBeNull();
  });
});
