import type { StoredEvent } from '../../src/core/records/event.ts';
import type { UserProject } from './user-project.ts';

/**
 * Events of one kind as the control plane tells them over HTTP; none while no control plane answers. For polls: `plimsoll
 * history` asks the same, and each question starts a program.
 */
export async function recordedEvents(project: UserProject, kind: string): Promise<readonly StoredEvent[]> {
  const url = `${project.pageUrl}/v1/events?kindPrefix=${kind}&last=1000`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch(() => null);
  const events = answer?.ok === true ? ((await answer.json()) as readonly StoredEvent[]) : [];
  return events.filter((event) => event.kind === kind);
}
