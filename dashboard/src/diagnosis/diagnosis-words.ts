import type { DiagnosisRecord } from '../../../src/core/diagnosis/report/diagnosis-record.ts';
import type { ShownExperiment, ToldFinding } from '../../../src/core/diagnosis/report/tell-finding.ts';
import type { CeilingUse } from '../../../src/core/diagnosis/report/ceilings.ts';
import type { DiagnosisAnswer, ShownDiagnosis } from '../../../src/schemas/diagnosis/http-diagnosis.ts';
import { formatAge, formatDuration, formatShare, formatWhole } from '../parts/format.ts';

/** What the part shows: what the control plane watches, or what somebody ran. */
export type Source = 'watched' | 'run';

export const sourceWords: Readonly<Record<Source, string>> = { watched: 'while it serves', run: 'last diagnosis' };

/** Which of them there are. */
export const sourcesOf = ({ watched, run }: DiagnosisAnswer): readonly Source[] => [
  ...('missing' in watched ? [] : (['watched'] as const)),
  ...(run === null ? [] : (['run'] as const)),
];

/** What experiments showed says more than what only points at causes, for so long. */
const runFirstMs = 3_600_000;

/** Which is shown while nobody chose: the last diagnosis of the hour, else what is watched, else whatever there is. */
export function firstSource(answer: DiagnosisAnswer): Source | null {
  const [first = null] = sourcesOf(answer);
  const { run, nowMs } = answer;
  return run !== null && nowMs - run.record.takenAtMs <= runFirstMs ? 'run' : first;
}

export function findShown({ watched, run }: DiagnosisAnswer, source: Source | null): ShownDiagnosis | null {
  if (source === 'run') return run;
  return source === null || 'missing' in watched ? null : watched;
}

/** The verdict as a sentence. */
export function verdictWords({ finding, record }: ShownDiagnosis): string {
  switch (finding.verdict) {
    case 'shown':
      return `${finding.cause ?? ''} is shown: without it ${finding.effect?.words ?? ''}.`;
    case 'undetermined':
      return `Undetermined. Likeliest: ${finding.likeliest.map(({ cause }) => cause).join(', then ')}.`;
    case 'none':
      return record.engine.activity === 'unknown'
        ? 'No cause is suspected. How busy the engine is, is not known.'
        : `No cause is suspected: ${record.engine.reason}.`;
  }
}

/** From when it is, over how long it was read, where and by whom. */
export function readWords({ takenAtMs, windowMs, node }: DiagnosisRecord, by: string | null, nowMs: number): string {
  const where = node === null ? 'the node was not read' : `node ${node}`;
  const who = by === null ? 'the control plane, without experiments' : by;
  return `Read over ${formatDuration(windowMs)}, ended ${formatAge(nowMs - takenAtMs)}; ${where}; by ${who}.`;
}

/** What the shown cause takes; null where nothing is shown. */
export function costWords({ cost }: Pick<ToldFinding, 'cost'>): string | null {
  if (cost === null) return null;
  const { acceleratorSecondsPerHour, money } = cost;
  const seconds = `${formatWhole(acceleratorSecondsPerHour)} accelerator-seconds of each hour`;
  const priced = money === null ? 'no price is known' : `${money.perHour.toFixed(2)} ${money.currency} an hour`;
  return `It costs ${seconds} (${priced}).`;
}

/** What the remedy brings; null where there is none. */
export const gainWords = ({ gain }: Pick<ToldFinding, 'gain'>): string | null =>
  gain === null ? null : `Expected of it: ${gain.kind === 'at-most' ? 'at most ' : ''}${gain.words}.`;

/** What would decide, as a sentence and a command; null where nothing is open. */
export function nextStep({
  finding,
}: ShownDiagnosis): { readonly words: string; readonly command: string | null } | null {
  if (finding.remedy !== null) return { words: `Remedy: ${finding.remedy}`, command: null };
  if (finding.verdict !== 'undetermined') return null;
  if (finding.deciding === null) return { words: 'No experiment on this node can decide.', command: null };
  const ran = finding.experiments.some((each) => each.experiment === finding.deciding && each.kind !== 'not-run');
  return ran
    ? { words: `The experiment ${finding.deciding} would decide, on a quieter node.`, command: null }
    : { words: `The experiment ${finding.deciding} would decide:`, command: 'plimsoll diagnose --load --live' };
}

/** One step of a request. Shares are of the whole request. */
export interface WaterfallStep {
  readonly name: string;
  readonly waitsFor: string;
  readonly ms: number;
  readonly from: number;
  readonly width: number;
}

export interface DrawnWaterfall {
  readonly totalMs: number;
  readonly requests: number | null;
  readonly steps: readonly WaterfallStep[];
  /** Phases that nobody told, by the reason. */
  readonly unknown: readonly { readonly reason: string; readonly phases: readonly string[] }[];
}

/**
 * Lays the known phases of the mean request one after the other, with what no phase explains at the end. A string says why there is
 * nothing to draw.
 */
export function layWaterfall({ waterfall }: Pick<DiagnosisRecord, 'waterfall'>): DrawnWaterfall | string {
  if (waterfall === null) return 'No service was looked at.';
  const { rows, totalMs: total, requests, notAccountedMs } = waterfall;
  if ('unknown' in total) return `It is not known where a request waits: ${total.unknown}.`;
  const totalMs = total.value;
  const steps: WaterfallStep[] = [];
  const add = (name: string, waitsFor: string, ms: number): void => {
    const from = steps.reduce((sum, { width }) => sum + width, 0);
    const width = totalMs > 0 ? Math.min(ms / totalMs, Math.max(0, 1 - from)) : 0;
    steps.push({ name, waitsFor, ms, from, width });
  };
  const unknown = new Map<string, string[]>();
  for (const { phase, waitsFor, ms } of rows) {
    if ('value' in ms) add(phase, waitsFor, ms.value);
    else unknown.set(ms.unknown, [...(unknown.get(ms.unknown) ?? []), phase]);
  }
  if ('value' in notAccountedMs) add('not accounted', 'no phase explains it', notAccountedMs.value);
  return {
    totalMs,
    requests: 'value' in requests ? requests.value : null,
    steps,
    unknown: [...unknown].map(([reason, phases]) => ({ reason, phases })),
  };
}

/** `0.42 ms`, `13 ms`: small times matter beside the large ones. */
export const stepTime = (ms: number): string => (ms < 1 ? `${ms.toFixed(2)} ms` : formatDuration(ms));

/** `line: at least 80%`; what is measured is dated. */
export function ceilingNote({ line, measuredAtMs }: CeilingUse, nowMs: number): string {
  const at = line === null ? [] : [`line: ${line.is === 'at-least' ? 'at least' : 'below'} ${formatShare(line.at)}`];
  const measured = measuredAtMs === null ? [] : [`ceiling measured ${formatAge(nowMs - measuredAtMs)}`];
  return [...at, ...measured].join('; ');
}

/** Whether the use is beyond its line, and the cause of that line is suspected. */
export function isCrossed(
  { use, line }: Pick<CeilingUse, 'use' | 'line'>,
  suspected: DiagnosisRecord['suspected'],
): boolean {
  if (line === null || 'unknown' in use) return false;
  const isBeyond = line.is === 'at-least' ? use.value >= line.at : use.value < line.at;
  return isBeyond && suspected.some(({ cause }) => cause === line.cause);
}

/** One suspected cause with what points at it and what its experiment gave. */
export interface Proof {
  readonly cause: string;
  readonly reason: string;
  readonly experiment: string;
  readonly kind: ShownExperiment['kind'] | 'none';
  readonly outcome: string;
}

export function proofsOf({ record, finding }: ShownDiagnosis): readonly Proof[] {
  return record.suspected.map(({ cause, reason, experiment }) => {
    const tried = finding.experiments.find(({ causes }) => causes.includes(cause));
    return {
      ...{ cause, reason },
      experiment: tried?.experiment ?? experiment ?? 'none on this node',
      kind: tried?.kind ?? 'none',
      outcome: tried === undefined ? 'not run' : outcomeWords(tried),
    };
  });
}

const kindWords: Readonly<Record<ShownExperiment['kind'], string>> = {
  shown: 'shown',
  excluded: 'excluded',
  'not-shown': 'not shown',
  'not-run': 'not run',
};

function outcomeWords({ kind, words, rounds, notUndone }: ShownExperiment): string {
  const measured = rounds === null ? words : `${words}, ${rounds} rounds`;
  return `${kindWords[kind]}: ${measured}${notUndone === null ? '' : `. Not undone: ${notUndone}`}`;
}

/** Ceilings that could not be read, with those that leave causes open, each reason once. */
export function unreadOf({ unread, ceilings }: DiagnosisRecord): readonly {
  readonly reason: string;
  readonly readings: readonly string[];
  readonly causes: readonly string[];
}[] {
  const groups = new Map(unread.map(({ reason, readings, causes }) => [reason, { readings: [...readings], causes }]));
  for (const { use, label } of ceilings) {
    if ('value' in use) continue;
    const group = groups.get(use.unknown) ?? { readings: [], causes: [] };
    groups.set(use.unknown, group);
    if (!group.readings.includes(label)) group.readings.push(label);
  }
  return [...groups].map(([reason, group]) => ({ reason, ...group }));
}
