import { expect, it } from 'vitest';
import { digestOf } from '../../units/digest.ts';
import { formatAnchor, parseAnchors } from './anchor-lines.ts';
import { chainStart, sealOf, type SealedEvent } from './event-chain.ts';
import { ChainCheck, type AuditEntry, type ChainAnchor, type ChainReport } from './verify-chain.ts';

const eventOf = (seq: number): SealedEvent => ({
  seq,
  service: 'digits',
  environment: 'prod',
  kind: 'release.created',
  summary: `event ${seq}`,
  by: 'ada',
  atMs: seq * 1_000,
  dataText: `{"release":${seq}}`,
});

/** A chain of events with the numbers 1 to `count`. */
function chainOf(events: readonly SealedEvent[]): readonly AuditEntry[] {
  let previous = chainStart;
  return events.map((event) => {
    previous = sealOf(previous, event);
    return { seq: event.seq, event, seal: { seq: event.seq, hash: previous, late: false } };
  });
}
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 1);
const good = chainOf(numbers(6).map(eventOf));
const anchorAt = (seq: number): ChainAnchor => ({ seq, hash: good[seq - 1]?.seal?.hash ?? digestOf(''), atMs: 7 });

function verify(entries: readonly AuditEntry[], anchors: readonly ChainAnchor[] = []): ChainReport {
  const check = new ChainCheck(anchors);
  for (const entry of entries) check.take([entry]);
  return check.finish();
}
const without = (...seqs: readonly number[]) => good.filter(({ seq }) => !seqs.includes(seq));
const change = (seq: number, over: Partial<AuditEntry>) =>
  good.map((entry) => (entry.seq === seq ? { ...entry, ...over } : entry));
const swapped = good.map((entry, at): AuditEntry => {
  const other = at === 2 ? good[3] : at === 3 ? good[2] : entry;
  return { ...entry, event: other?.event ? { ...other.event, seq: entry.seq } : null };
});

it('verifies a whole chain, and its anchors', () => {
  expect(verify(good, [anchorAt(2), anchorAt(6)])).toEqual({
    ...{ problems: [], problemCount: 0, sealed: 6, sealedLate: 0, before: 0, open: 0, anchorsChecked: 2 },
    head: { seq: 6, hash: good[5]?.seal?.hash },
  });
});

it('says nothing of an empty store', () => {
  expect(verify([])).toMatchObject({ problems: [], sealed: 0, head: null });
});

it.each<readonly [string, readonly AuditEntry[], readonly ChainAnchor[], readonly string[]]>([
  [
    'a changed summary',
    change(3, { event: { ...eventOf(3), summary: 'other' } }),
    [],
    ['event 3 does not follow event 2: one of them was changed or moved'],
  ],
  ['a changed identity', change(3, { event: { ...eventOf(3), by: 'eve' } }), [], ['event 3 does not follow event 2']],
  ['a changed fact', change(3, { event: { ...eventOf(3), dataText: '{}' } }), [], ['event 3 does not follow event 2']],
  ['an event that was removed alone', change(3, { event: null }), [], ['event 3 was removed: its seal is there']],
  [
    'an event that was removed with its seal',
    without(3),
    [],
    ['event 4 does not follow event 2: one event between them is missing'],
  ],
  ['two that were removed', without(3, 4), [], ['event 5 does not follow event 2: 2 events between them are missing']],
  ['two that changed places', swapped, [], ['event 3 does not follow event 2', 'event 4 does not follow event 3']],
  ['a beginning that was cut off', without(1, 2), [], ['event 3 is not the beginning of the chain']],
  [
    'an event that was put in',
    change(3, { seal: null }),
    [],
    ['event 3 has no seal', 'event 4 does not follow event 2'],
  ],
  [
    'an end that was cut off',
    without(5, 6),
    [anchorAt(2), anchorAt(6)],
    ['the chain ends at event 4, and the anchor of 1970-01-01T00:00:00.007Z says that event 6 was there'],
  ],
  ['all that was removed', [], [anchorAt(6)], ['the chain ends at event 0']],
  [
    'seals that were removed',
    good.map((entry) => ({ ...entry, seal: null })),
    [anchorAt(6)],
    ['the chain ends at event 0'],
  ],
  [
    'a chain that was made anew',
    chainOf(numbers(6).map((seq) => ({ ...eventOf(seq), by: 'eve' }))),
    [anchorAt(4)],
    ['event 4 has the hash'],
  ],
  [
    'an anchored event that is gone',
    without(4),
    [anchorAt(4)],
    ['event 5 does not follow event 3', 'event 4, of the anchor of'],
  ],
])('finds %s', (_what, entries, anchors, problems) => {
  const report = verify(entries, anchors);
  expect(report.problems).toHaveLength(problems.length);
  problems.forEach((problem, at) => {
    expect(report.problems[at]).toContain(problem);
  });
  expect(report.problemCount).toBe(problems.length);
});

it('tells an end that was cut off by an anchor alone', () => {
  expect(verify(without(5, 6)).problems).toEqual([]);
});

it('knows events that are older than the chain, and those that no seal covers yet', () => {
  const older = [{ seq: -1, event: eventOf(-1), seal: null }];
  const newer = [{ seq: 7, event: eventOf(7), seal: null }];
  expect(verify([...older, ...good, ...newer])).toMatchObject({ problems: [], before: 1, sealed: 6, open: 1 });
});

it('shows a bounded number of problems, and counts all of them', () => {
  const all = chainOf(numbers(100).map(eventOf)).map((entry) => ({ ...entry, event: null }));
  const { problems, problemCount } = verify(all);
  expect([problems.length, problemCount]).toEqual([20, 100]);
});

it('reads the lines of anchors that it writes, and names those that are none', () => {
  const anchors = [anchorAt(1), anchorAt(6)];
  const text = `${anchors.map(formatAnchor).join('\n')}\n`;
  expect(parseAnchors(text)).toEqual({ anchors, wrong: [] });
  expect(parseAnchors(`${text}7 sha256:short 1970\n8 cut o`)).toEqual({ anchors, wrong: [3] });
});
