import { phaseLabel } from '../../core/coldstart/start-account.ts';
import type { PhaseDiagnosis, StartDiagnosis, StorageUse } from '../../core/diagnosis/coldstart/diagnose-start.ts';
import { isRead } from '../../core/diagnosis/readings/reading.ts';
import type { painter } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';
import { bar, measuredWords } from './bar.ts';

/** The start of the replica that serves, phase by phase, against what the storage of its node gives. */
export function startLines(start: StartDiagnosis | null, paint: ReturnType<typeof painter>): readonly string[] {
  if (start === null || start.longest === null) return [];
  const { readyAfterMs, unaccountedMs, phases, longest, ceilingsAtMs, measureNext } = start;
  const rows = phases.map((phase) => [
    phaseLabel(phase.phases),
    `${Math.round(phase.durationMs)} ms`,
    bar(phase.share),
    boundText(phase),
    phase.storage === null ? '' : storageText(phase.storage),
  ]);
  const isHeldAgainst = phases.some(({ storage }) => storage !== null && isRead(storage.use));
  return [
    '',
    `${paint('strong', 'Its last start')}: ${Math.round(readyAfterMs)} ms (${Math.round(unaccountedMs)} ms not accounted)`,
    ...alignedTable(rows, '  '),
    ...(isHeldAgainst ? [`  the storage of the node${measuredWords(ceilingsAtMs)}`] : []),
    ...longest.helps.slice(0, 2).map((help) => `  shortens ${phaseLabel(longest.phases)}: ${help}`),
    ...(measureNext === null ? [] : [`  not measured, so that the storage binds no phase; next: ${measureNext}`]),
  ];
}

function boundText({ boundBy, atCeilingMs }: PhaseDiagnosis): string {
  if (boundBy === null) return '';
  return `bound by ${boundBy}${atCeilingMs === null ? '' : `, at its ceiling ${Math.round(atCeilingMs)} ms`}`;
}

const placeWords = { disk: 'from the disk', 'page-cache': 'from the page cache' } as const;

/** `475 MB/s from the disk: 95% of its 500 MB/s`. */
function storageText({ from, bytesPerSecond, atMost, use }: StorageUse): string {
  const rate = `${megabytes(bytesPerSecond)} MB/s ${from === null ? 'read' : placeWords[from]}`;
  if (!isRead(use) || !isRead(atMost)) return `${rate}: ${isRead(use) ? 'its ceiling is unknown' : use.unknown}`;
  return `${rate}: ${Math.round(use.value * 100)}% of its ${megabytes(atMost.value)} MB/s`;
}

const megabytes = (bytes: number): string => String(Number((bytes / 1e6).toPrecision(3)));
