import type { HealthState } from '../../core/health/health.ts';
import { formatSpares } from '../../core/scaling/warm-pool/spares-text.ts';
import type { FleetEntry, FleetSpares, FleetView } from '../../schemas/view/fleet-view.ts';
import type { painter, Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

type Paint = ReturnType<typeof painter>;

export const toneOfHealth: Readonly<Record<HealthState, Tone>> = {
  failing: 'bad',
  unknown: 'warn',
  degraded: 'warn',
  'not-released': 'quiet',
  healthy: 'good',
};

const worstFirst: readonly HealthState[] = ['failing', 'unknown', 'degraded', 'not-released', 'healthy'];

/** Every service in one line, worst first, then by name; below them each group of spares in one. */
export function fleetText({ services, spares = [] }: FleetView, paint: Paint): string {
  if (services.length === 0) return 'no service is held yet; next: plimsoll release';
  const rank = ({ health }: FleetEntry): number => worstFirst.indexOf(health?.state ?? 'unknown');
  const rows = services.toSorted((a, b) => rank(a) - rank(b)).map((entry) => rowOf(entry, paint));
  const table = alignedTable([['SERVICE', 'LIVE', 'REPLICAS', 'EVIDENCE', 'HEALTH'], ...rows]);
  return [...table, ...spares.map(sparesLine)].join('\n');
}

/** `spares of prod for a, b: 2 wanted: 1 warm, 1 loading; ...`. */
const sparesLine = (group: FleetSpares): string =>
  `spares of ${group.environment} for ${group.services.join(', ')}: ${formatSpares(group)}`;

function rowOf(entry: FleetEntry, paint: Paint): readonly string[] {
  const { service, environment, health, live, replicas, evidence, underWay } = entry;
  const state = health?.state ?? 'unknown';
  const sentence = health?.sentence ?? 'Unknown: it was not looked at yet.';
  return [
    `${service} in ${environment}`,
    live === null ? 'nothing' : `${live.release}: ${live.model.name} ${live.model.version}, code ${live.code}`,
    replicas.wanted === null ? String(replicas.ready) : `${replicas.ready}/${replicas.wanted}`,
    evidence.gaps === 0 ? 'complete' : `${evidence.gaps} of ${evidence.asked} missing`,
    `${paint(toneOfHealth[state], sentence)}${underWay === null ? '' : ` (${underWay})`}`,
  ];
}
