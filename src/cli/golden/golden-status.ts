import { describePair, type ReplayedStatus, type ReplayStatus } from '../../core/monitoring/replay/replay-status.ts';
import { formatDuration, formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

/** Exit 1 while a replica diverges, or two of them answer captured requests otherwise. */
export async function runGoldenStatus(context: CliContext): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const { golden, nowMs } = await (await context.operations()).drift(scope);
  if (golden === null) {
    const because = 'nothing is replayed here: that takes a control plane, a release, and `monitoring.golden`';
    return { exit: 0, json: { golden, because, nowMs }, text: because };
  }
  const isDiverged = golden.replicas.some(({ divergedAtMs, goneAtMs }) => divergedAtMs !== null && goneAtMs === null);
  const differs = golden.pairs.some(({ differ }) => differ > 0);
  return {
    exit: isDiverged || differs ? 1 : 0,
    json: { golden, because: null, nowMs },
    text: statusText(golden, nowMs),
  };
}

function statusText(golden: ReplayStatus, nowMs: number): string {
  const { release, everyMs, atMostShare, replicas, pairs, notCompared } = golden;
  const share = Number((100 * atMostShare).toPrecision(3));
  const header = ['replica', 'node', 'verdict', 'in a row', 'last', 'path', 'charged', 'runtime'];
  return textOfLines([
    `release ${release}: each replica every ${formatDuration(everyMs)}, for at most ${share}% of its time`,
    ...(replicas.length === 0
      ? ['no replica was seen yet']
      : alignedTable([header, ...replicas.map((each) => rowOf(each, nowMs))])),
    ...replicas.flatMap(findingLines),
    '',
    ...(pairs.length === 0 ? [] : pairs.map((pair) => `${pair.replicas.join(' and ')}: ${describePair(pair)}`)),
    ...(notCompared === null ? [] : [`captured requests are not compared: ${notCompared}`]),
    ...(notCompared === null && pairs.length === 0 ? ['captured requests were not compared yet'] : []),
  ]);
}

function rowOf(replica: ReplayedStatus, nowMs: number): readonly string[] {
  const { replicaId, node, verdict, inARow, recent, requests, busyMs, fingerprint, driver, goneAtMs } = replica;
  const last = recent.at(-1);
  const due = `due in ${formatElapsed(Math.max(0, replica.dueAtMs - nowMs))}`;
  return [
    replicaId,
    node ?? 'unknown',
    goneAtMs === null ? verdict : `${verdict} (gone)`,
    String(inARow),
    last === undefined ? due : `${formatElapsed(Math.max(0, nowMs - last.atMs))} ago`,
    last === undefined ? '' : last.path,
    `${requests} requests, ${(busyMs / 1000).toFixed(1)} s`,
    [fingerprint ?? 'unknown', ...(driver === null ? [] : [`driver ${driver}`])].join(', '),
  ];
}

function findingLines(replica: ReplayedStatus): readonly string[] {
  const { replicaId, divergedAtMs, goneAtMs, recent, diagnosis, remedied, eValue, logprobBets, verdict } = replica;
  if (goneAtMs !== null) return [];
  const last = recent.at(-1);
  const bets =
    eValue === null ? [] : [`${replicaId}: e-value ${Number(eValue.toPrecision(3))} after ${logprobBets} comparisons`];
  if (divergedAtMs === null) {
    return verdict === 'pass' || last === undefined ? bets : [...bets, `${replicaId}: ${last.reason}`];
  }
  const reason = recent.findLast((each) => each.verdict === 'fail')?.reason ?? '';
  const done =
    remedied === undefined ? [] : [`  the watch ${remedied.did === 'nothing' ? 'did nothing: ' : ''}${remedied.what}`];
  return [...bets, `${replicaId} diverged: ${reason}`, `  ${causeText(diagnosis)}`, ...done];
}

function causeText(diagnosis: ReplayedStatus['diagnosis']): string {
  if (diagnosis === undefined || diagnosis.verdict === 'nothing') return 'no cause is named yet';
  if (diagnosis.verdict === 'abstains') {
    const decides = diagnosis.decides.map(({ observation }) => observation).join('; ');
    return `no cause is named: ${diagnosis.why}; would decide: ${decides}`;
  }
  return diagnosis.causes.map(({ cause, remedy }) => `cause ${cause}; ${remedy.what}: ${remedy.command}`).join('; ');
}
