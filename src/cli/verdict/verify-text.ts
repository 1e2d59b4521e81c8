import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import {
  countClasses,
  counted,
  decidingFinding,
  grouped,
  nodesInDoubt,
  warningsOf,
  type ClassCount,
} from '../../core/hardware/verdict-words.ts';
import type { NodeChange } from '../../core/hardware/what-if/what-if-diff.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { conclusionOfVerify, nextOfVerify, type VerifyOutcome, type WhatIfOutcome } from './verify-outcome.ts';

type Paint = ReturnType<typeof painter>;

const toneOf: Readonly<Record<Verdict, Tone>> = { pass: 'good', fail: 'bad', unknown: 'warn', inconclusive: 'warn' };

/** Rows of classes, and names of nodes: what a person reads; the rest is counted, and `--json` has all of it. */
export const mostClasses = 25;
export const mostNodes = 12;

/** The verdict for people: the sentence, the classes, the nodes that do not pass, then what else should be read. */
export function verifyText(outcome: VerifyOutcome, colour: boolean, nowMs: number): string {
  const paint = painter(colour);
  const { verdict, whatIf, recorded } = outcome;
  const next = nextOfVerify(outcome);
  return textOfLines([
    paint(toneOf[verdict.verdict], conclusionOfVerify(outcome)),
    poolLine(outcome, nowMs),
    ...classLines(verdict, paint),
    ...becauseLines(verdict),
    ...nodeLines(verdict),
    ...uncheckedLines(verdict),
    ...warningLines(verdict),
    ...(whatIf === null ? [] : whatIfLines(whatIf, paint)),
    ...('in' in recorded
      ? [`recorded in ${recorded.in}`]
      : recorded.not === ''
        ? []
        : [`not recorded: ${recorded.not}`]),
    ...(next === null ? [] : [`next: ${next}`]),
  ]);
}

function poolLine({ verdict, pool }: VerifyOutcome, nowMs: number): string {
  const { snapshot, file } = pool;
  const left = verdict.nodesLeftOut === 0 ? '' : `, ${counted(verdict.nodesLeftOut, 'node')} left out by the selector`;
  const short = verdict.nodes.filter(({ cannotLand }) => cannotLand === true).length;
  const small = short === 0 ? '' : `, ${counted(short, 'node')} with too few devices to land on`;
  const taken =
    file === null ? 'probed now' : `facts taken ${formatElapsed(Math.max(0, nowMs - snapshot.takenAtMs))} ago`;
  const names = new Set(snapshot.nodes.map(({ name }) => name));
  const declared = verdict.nodes.filter(({ node }) => !names.has(node)).length;
  const nodes = counted(verdict.nodes.length - declared, 'node');
  const classes = declared === 0 ? '' : ` and ${grouped(declared)} declared`;
  return `${nodes}${classes}${small}${left}; ${taken}${file === null ? '' : ` (${file})`}`;
}

function classLines(verdict: PoolVerdict, paint: Paint): readonly string[] {
  const classes = countClasses(verdict);
  if (classes.length === 0) return [];
  const header = ['device class', 'nodes', 'devices', 'compatibility', 'rule', 'fix'].map((word) =>
    paint('quiet', word),
  );
  const rows = classes.slice(0, mostClasses).map((one) => classRow(one, paint));
  const more = classes.length - rows.length;
  return ['', ...alignedTable([header, ...rows], '  '), ...(more > 0 ? [`  and ${grouped(more)} more classes`] : [])];
}

function classRow({ verdict, nodes, devices }: ClassCount, paint: Paint): readonly string[] {
  const deciding = decidingFinding(verdict);
  return [
    verdict.description,
    grouped(nodes),
    grouped(devices),
    paint(toneOf[verdict.verdict], compatibilityWord(verdict)),
    deciding?.rule ?? '',
    verdict.verdict === 'pass' ? '' : (deciding?.fix ?? ''),
  ];
}

/** What the contract does not allow is said beside the compatibility, which is not wrong by itself. */
function compatibilityWord({ compatibility, verdict }: ClassCount['verdict']): string {
  const refused = verdict === 'fail' && compatibility !== 'incompatible';
  return refused ? `${compatibility}, not allowed` : compatibility;
}

function becauseLines(verdict: PoolVerdict): readonly string[] {
  const doubtful = countClasses(verdict)
    .filter((one) => one.verdict.verdict !== 'pass')
    .slice(0, mostClasses);
  return doubtful.flatMap(({ verdict: ofClass }) => {
    const deciding = decidingFinding(ofClass);
    if (deciding === null) return [];
    const facts = Object.entries(deciding.facts).map(([name, value]) => `${name} ${value}`);
    return [
      '',
      `${ofClass.description}: ${deciding.message}`,
      ...(facts.length === 0 ? [] : [`  facts: ${facts.join(', ')}`]),
      `  rule ${deciding.rule}, by ${deciding.source}`,
    ];
  });
}

function nodeLines(verdict: PoolVerdict): readonly string[] {
  return (['fail', 'unknown'] as const).flatMap((kind) => {
    const nodes = nodesInDoubt(verdict).filter((node) => (node.verdict === 'fail') === (kind === 'fail'));
    if (nodes.length === 0) return [];
    const rows = nodes.slice(0, mostNodes).map(({ node, reason }) => [node, reason]);
    const more = nodes.length - rows.length;
    return [
      '',
      kind === 'fail' ? 'nodes that fail' : 'nodes of which it is not known',
      ...alignedTable(rows, '  '),
      ...(more > 0 ? [`  and ${grouped(more)} more`] : []),
    ];
  });
}

/** Facts that could still stop the service and that nobody read, each once for all classes that pass. */
function uncheckedLines({ classes }: PoolVerdict): readonly string[] {
  const facts = [...new Set(Object.values(classes).flatMap(({ notChecked = [] }) => notChecked))];
  return facts.length === 0 ? [] : ['', `not checked: ${facts.join(', ')} (hardware.require makes them conditions)`];
}

function warningLines(verdict: PoolVerdict): readonly string[] {
  const found = warningsOf(verdict);
  if (found.length === 0) return [];
  const lines = found.slice(0, mostClasses).map(({ finding, of }) => {
    const where = of.length === 1 ? (of[0] ?? '') : `${grouped(of.length)} device classes`;
    return `  ${finding.rule}: ${finding.message} (${where}; ${finding.source})`;
  });
  return ['', 'warnings', ...lines];
}

function whatIfLines({ notes, before, diff }: WhatIfOutcome, paint: Paint): readonly string[] {
  return [
    '',
    `before: ${conclusionOfVerify({ verdict: before, whatIf: null })}`,
    ...notes.map((note) => `  note: ${note}`),
    ...changeLines('breaks', diff.breaks, paint, 'bad'),
    ...changeLines('no longer known', diff.lost, paint, 'warn'),
    ...changeLines('freed', diff.freed, paint, 'good'),
    `  ${counted(diff.same, 'node')} stay${diff.same === 1 ? 's' : ''} as before`,
  ];
}

function changeLines(word: string, changes: readonly NodeChange[], paint: Paint, tone: Tone): readonly string[] {
  if (changes.length === 0) return [];
  const rows = changes.slice(0, mostNodes).map(({ node, from, to, because }) => [node, `${from} -> ${to}`, because]);
  const more = changes.length - rows.length;
  return [
    `  ${paint(tone, `${word}: ${counted(changes.length, 'node')}`)}`,
    ...alignedTable(rows, '    '),
    ...(more > 0 ? [`    and ${grouped(more)} more`] : []),
  ];
}
