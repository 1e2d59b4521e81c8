import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriftStatus } from '../../../../src/core/monitoring/watch/drift-status.ts';
import { type Commands, commandsFor } from '../commands.ts';
import type { DriftCause } from '../options.ts';
import { causeTexts } from './cause.ts';
import {
  diagnosisLines,
  isNamed,
  isReadyFor,
  listFindings,
  readDrift,
  readMonitored,
  readyWords,
  type Finding,
} from './drift-reading.ts';

const askEveryMs = 2_000;
const judgedWithinMs = 60_000;

export interface StoryParts {
  readonly cause: DriftCause;
  readonly contract: string;
  readonly stateFolder: string;
  /** The command that shows what the watch sees, as people type it in a clone. */
  readonly lookCommand: string;
  /** The replica that is to answer wrongly, for `node`. */
  readonly replicaId: () => Promise<string>;
  /** From now on the cause is there. */
  readonly begin: () => void;
  readonly print: (text: string) => void;
  readonly monotonicMs: () => number;
  readonly signal: AbortSignal;
}

/** The folder whose files name the replicas that answer wrongly. */
export const faultsFolder = (stateFolder: string): string => path.join(stateFolder, 'example', 'faults');

/** Waits until the watch knows what is usual, brings the cause about, and tells what the watch says of it, until it is named. */
export async function tellDrift(parts: StoryParts): Promise<void> {
  const { cause, print, signal, monotonicMs } = parts;
  const commands = commandsFor(['--contract', parts.contract, '--state', parts.stateFolder], () => undefined);
  const ask = async (): Promise<DriftStatus | null> => {
    await sleep(askEveryMs, undefined, { signal });
    return readDrift((await commands.run(['drift'], [0, 1, 3])).json);
  };
  try {
    const before = await untilReady(parts, ask);
    if (before.alarms.length > 0 || before.left !== null) print(standingText(parts.lookCommand));
    else print(`doctor  ${await untilMonitored(commands, parts)}`);
    const known = new Set(listFindings(before).map(({ what }) => what));
    await bringAbout(parts);
    const beganMs = monotonicMs();
    print(`drift   ${causeTexts[cause]}. The watch is not told; it only sees the traffic.`);
    const isNew = ({ what }: Finding): boolean => !known.has(what);
    await tellUntilNamed(ask, isNew, (line) => {
      print(
        `${line.startsWith(' ') ? '' : `after ${Math.round((monotonicMs() - beganMs) / 1000)} s `.padEnd(13)}${line}`,
      );
    });
    print(`look further: ${parts.lookCommand}`);
    print('Ctrl-C stops all of it.');
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    rmSync(faultsFolder(parts.stateFolder), { recursive: true, force: true });
    await commands.close();
  }
}

const standingText = (lookCommand: string): string =>
  `something from an earlier run stands still; to settle it: ${lookCommand} acknowledge --reason demo`;

async function untilReady({ cause, print }: StoryParts, ask: () => Promise<DriftStatus | null>): Promise<DriftStatus> {
  print(`drift   ${readyWords(cause)}`);
  for (;;) {
    const status = await ask();
    if (status !== null && isReadyFor(cause, status)) return status;
  }
}

/** What readiness question 4 reads once the watch is judged, and what it reads after a minute where it is not. */
async function untilMonitored(commands: Commands, { signal, monotonicMs }: StoryParts): Promise<string> {
  const untilMs = monotonicMs() + judgedWithinMs;
  for (;;) {
    const { answer, words } = readMonitored((await commands.run(['doctor'], [0, 1])).json);
    if (answer !== 'not-measured' || monotonicMs() > untilMs) return words;
    await sleep(askEveryMs, undefined, { signal });
  }
}

async function bringAbout({ cause, stateFolder, replicaId, begin }: StoryParts): Promise<void> {
  if (cause === 'node') {
    mkdirSync(faultsFolder(stateFolder), { recursive: true });
    writeFileSync(path.join(faultsFolder(stateFolder), await replicaId()), '');
  }
  begin();
}

/** Prints each new finding once, and each diagnosis that is another than the one before. */
async function tellUntilNamed(
  ask: () => Promise<DriftStatus | null>,
  isNew: (finding: Finding) => boolean,
  print: (line: string) => void,
): Promise<void> {
  const told = new Set<string>();
  for (;;) {
    const status = await ask();
    const findings = status === null ? [] : listFindings(status).filter(isNew);
    for (const { what, diagnosis } of findings) {
      const lines = [`ALARM   ${what}`, ...(diagnosis === null ? [] : diagnosisLines(diagnosis))];
      const fresh = lines.filter((line) => !told.has(line));
      for (const line of fresh) print(line);
      for (const line of lines) told.add(line);
    }
    if (findings.some(isNamed)) return;
  }
}
