import { describe, expect, it } from 'vitest';
import { eventKinds } from '../../records/event-kinds.ts';
import { invalidationBy } from '../invalidation.ts';
import { dependenciesOf } from '../subjects.ts';
import { evidenceKinds, kindTable } from './table.ts';
import type { KindRow } from './kind-row.ts';

const rows: readonly KindRow[] = Object.values(kindTable);

describe('the table of kinds', () => {
  it('says of one subject in every row that the same party knows it', () => {
    const knowers = Map.groupBy(
      rows.flatMap((row) => row.subjects),
      ({ subject }) => subject,
    );
    for (const [subject, rules] of knowers) {
      expect([subject, new Set(rules.map(({ knownBy }) => knownBy)).size]).toEqual([subject, 1]);
    }
  });

  it('builds evidence on kinds of the table alone, and on none that stands before those it builds on', () => {
    for (const [at, kind] of evidenceKinds.entries()) {
      for (const dependency of dependenciesOf(kind)) expect(evidenceKinds.slice(0, at)).toContain(dependency);
    }
  });

  it('names events that are recorded, each in one row', () => {
    const events = rows.flatMap((row) => row.invalidatedBy);
    expect(new Set(events).size).toBe(events.length);
    const recorded = new Set<string>(eventKinds);
    expect(events.filter((event) => !recorded.has(event))).toEqual([]);
  });

  it('knows no kind for an event that invalidates nothing, which is a bug of whoever asks', () => {
    const found = { environment: 'prod', reason: 'r', remedy: 'x', atMs: 1 };
    expect(() => invalidationBy('release.live', found)).toThrow(
      expect.objectContaining({ code: 'event-invalidates-nothing', category: 'bug' }),
    );
  });
});
