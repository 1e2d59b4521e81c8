import type { Waiver } from '../../core/evidence/lock/lock.ts';
import type { Release } from '../../core/rollout/release.ts';
import { shortDigest } from '../../core/units/digest.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { painter } from '../terminal/paint.ts';
import { exitOf, followedText, followRelease } from './follow-release.ts';

/** What was recorded, and, where a control plane runs and somebody waits, what became of it. */
export async function releaseResult(context: CliContext, release: Release, wait: boolean): Promise<CommandResult> {
  const recorded = `release ${release.number}: model ${release.model.name} version ${release.model.version} with code ${shortDigest(release.code.digest)}${release.unprovenPair && release.cause.kind === 'rollback' ? ', a pair that never ran' : ''}`;
  const waived = release.waivers.map((waiver) => waivedLine(waiver, painter(context.terminal.colour)));
  const stale = await staleEvidence(context, release);
  const notes = [...waived, ...stale.map((reason) => `  stale evidence: ${reason}`)];
  const controlPlane = await context.controlPlane();
  if (controlPlane === null || !wait) {
    const then =
      controlPlane === null ? 'recorded; next: plimsoll up brings it in' : 'recorded; plimsoll status shows it come in';
    return {
      exit: 0,
      json: { release, outcome: 'recorded', staleEvidence: stale },
      text: [recorded, ...notes, then].join('\n'),
    };
  }
  context.terminal.note(recorded);
  const followed = await followRelease(context, await context.operations(), release);
  return {
    exit: exitOf(followed),
    json: { release, ...followed, staleEvidence: stale },
    text: [recorded, ...notes, followedText(release, followed)].join('\n'),
  };
}

function waivedLine({ kind, failing, untilMs, by, reason }: Waiver, paint: ReturnType<typeof painter>): string {
  const said = `${kind} until ${new Date(untilMs).toISOString().slice(0, 10)} by ${by}: ${reason}`;
  return failing === true ? paint('bad', `  waived although it fails: ${said}`) : `  waived: ${said}`;
}

/** What a rollback found stale of the evidence that it goes back to: it stands in the event, and held nothing up. */
async function staleEvidence(context: CliContext, release: Release): Promise<readonly string[]> {
  if (release.cause.kind !== 'rollback') return [];
  const { service, environment, number } = release;
  const operations = await context.operations();
  const events = await operations.events({ service, environment, kindPrefix: 'release.created', last: 20 });
  return events.flatMap((event) =>
    event.kind === 'release.created' && event.data.release === number ? (event.data.staleEvidence ?? []) : [],
  );
}
