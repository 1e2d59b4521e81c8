import type {
  ControlFinding,
  DriftFinding,
  Observations,
  ReplicaGolden,
  TrafficFinding,
} from '../triage/observations.ts';

/** What was looked at for an alarm, and what was seen there. */
export interface Observed {
  readonly what:
    | 'golden replays'
    | 'random share'
    | 'ordinary traffic'
    | 'inputs'
    | 'outputs'
    | 'labels'
    | 'files'
    | 'nodes'
    | 'changes';
  /** Whether it is as in a healthy service; unknown is never fine. */
  readonly state: 'fine' | 'off' | 'unknown';
  readonly found: string;
}

const changesTold = 3;

/** What triage was told, in words, in the order of its trust. Nothing of the clock, so that the same is the same. */
export function describeObservations(observations: Observations): readonly Observed[] {
  const { golden, replicas, traffic, inputs, outputs, quality, files, nodeEvents } = observations;
  return [
    describeGolden(golden),
    describeControl(replicas),
    ...describeTraffic(traffic),
    describeDrift('inputs', inputs),
    describeDrift('outputs', outputs),
    {
      what: 'labels',
      state: quality.verdict === 'fell' ? 'off' : quality.verdict === 'held' ? 'fine' : 'unknown',
      found:
        quality.verdict === 'unknown'
          ? 'no verdict on quality'
          : `quality ${quality.verdict === 'fell' ? 'fell' : 'held'}`,
    },
    describeFiles(files),
    nodeEvents.length === 0
      ? { what: 'nodes', state: 'unknown', found: 'no event of a node is known' }
      : { what: 'nodes', state: 'off', found: listed(nodeEvents.map(({ node, kind }) => `${kind} on ${node}`)) },
    describeChanges(observations),
  ];
}

function describeGolden(golden: readonly ReplicaGolden[]): Observed {
  if (golden.length === 0)
    return { what: 'golden replays', state: 'unknown', found: 'no replica replayed a golden set' };
  const of = (verdict: ReplicaGolden['verdict']) => golden.filter((one) => one.verdict === verdict);
  const [failed, unknown] = [of('fail'), of('unknown')];
  const words = { pass: 'pass', fail: 'fail', unknown: 'unknown' } as const;
  const found = listed(golden.map(({ replicaId, verdict }) => `${replicaId}: ${words[verdict]}`));
  return {
    what: 'golden replays',
    state: failed.length > 0 ? 'off' : unknown.length > 0 ? 'unknown' : 'fine',
    found: failed.length === 0 && unknown.length === 0 ? `pass on ${counted(golden.length, 'replica')}` : found,
  };
}

function describeControl(finding: ControlFinding): Observed {
  switch (finding.verdict) {
    case 'named': {
      const { arm, rows } = finding;
      const who = arm === null ? 'replicas differ' : `${arm} differs from the others`;
      return { what: 'random share', state: 'off', found: `${who}, over ${rows} rows` };
    }
    case 'none': {
      const { rows, neededRows } = finding;
      const isEnough = rows >= neededRows;
      const found = isEnough
        ? `no replica differs, over ${rows} rows`
        : `${rows} of ${Math.ceil(neededRows)} rows that are needed`;
      return { what: 'random share', state: isEnough ? 'fine' : 'unknown', found };
    }
    case 'one-arm':
      return { what: 'random share', state: 'unknown', found: 'there is no second replica to compare with' };
    case 'unknown':
      return { what: 'random share', state: 'unknown', found: 'replicas are not compared yet' };
  }
}

/** Left out where it is not compared: most services get no other answer for long. */
function describeTraffic({ verdict, arm, features = [] }: TrafficFinding): readonly Observed[] {
  const what = 'ordinary traffic';
  if (verdict === 'alike')
    return [{ what, state: 'fine', found: 'replicas get the same requests as in the random share' }];
  if (verdict === 'unknown') return [];
  const found = `${arm ?? 'a replica'} gets other requests than in the random share${features.length === 0 ? '' : `, by ${listed(features)}`}`;
  return [{ what, state: 'off', found }];
}

function describeDrift(what: 'inputs' | 'outputs', { verdict, features }: DriftFinding): Observed {
  if (verdict === 'moved') return { what, state: 'off', found: `left the reference: ${listed(features)}` };
  return verdict === 'stable'
    ? { what, state: 'fine', found: 'as in the reference' }
    : { what, state: 'unknown', found: 'not known to have left the reference' };
}

function describeFiles(files: Observations['files']): Observed {
  const differing = files.filter(({ verdict }) => verdict === 'differs').map(({ replicaId }) => replicaId);
  if (differing.length > 0)
    return { what: 'files', state: 'off', found: `other files than pinned: ${listed(differing)}` };
  const areKnown = files.length > 0 && files.every(({ verdict }) => verdict === 'matches');
  return areKnown
    ? { what: 'files', state: 'fine', found: 'as pinned' }
    : { what: 'files', state: 'unknown', found: 'nobody looked at the files of replicas' };
}

function describeChanges({ changes }: Observations): Observed {
  if (changes.length === 0) return { what: 'changes', state: 'fine', found: 'none near' };
  const newest = changes.slice(-changesTold).map(({ what }) => what);
  const more = changes.length > changesTold ? ` and ${changes.length - changesTold} before` : '';
  return { what: 'changes', state: 'off', found: newest.join('; ') + more };
}

const namesTold = 8;
const listed = (names: readonly string[]): string =>
  names.slice(0, namesTold).join(', ') + (names.length > namesTold ? ` and ${names.length - namesTold} more` : '');
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
