import * as z from 'zod';
import { phasesText } from '../../../src/cli/follow/view-lines.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { commandsFor } from './commands.ts';
import { planReleases, type Pinned } from './plan-releases.ts';
import { admittedReplica, fetchView, untilLive } from './service-watch.ts';
import type { StepPrinter } from './step-printer.ts';

const releasedSchema = z.object({ release: z.object({ number: z.number() }) });

export interface BringInOptions {
  readonly pageUrl: string;
  readonly stateFolder: string;
  /** Contract whose lock pins what is to be live. */
  readonly contract: string;
  /** True for a model that was evaluated on this machine, before anything was live: its comparison is made again. */
  readonly evaluateAgain: boolean;
  /** Makes the contract of version 1 ready, where that is released first. */
  readonly firstContract: () => Promise<string>;
  readonly pinned: Pinned;
  /** True where the contract is to be released though its code and model run already. */
  readonly isOtherContract: boolean;
  /** Called as soon as the first release of this start is live. */
  readonly onLive: () => Promise<void>;
  readonly printer: StepPrinter;
  readonly signal: AbortSignal;
}

export interface LiveService {
  readonly view: ServiceView;
  readonly release: number;
  /** Of the release that is live: what the lock pins, or what somebody rolled back to. */
  readonly modelDigest: string;
}

/** Releases what is to be released and waits until it is live. */
export async function bringIn(options: BringInOptions): Promise<LiveService> {
  const { pageUrl, printer, signal } = options;
  const plan = planReleases(await fetchView(pageUrl, signal), options.pinned);
  if (plan.kind === 'keep' && !options.isOtherContract) {
    printer.line(`          ${plan.reason}`);
    return firstLive(options, `release ${plan.release}`, () => Promise.resolve(plan.release));
  }
  const current = async (): Promise<number> => {
    if (options.evaluateAgain) await evaluate(options);
    return release(options.contract, options);
  };
  if (plan.kind !== 'both') return firstLive(options, 'release', current);
  const contract = await options.firstContract();
  await firstLive(options, 'first release', () => release(contract, options));
  return reportLive(options, 'release', current);
}

async function firstLive(options: BringInOptions, name: string, begin: () => Promise<number>): Promise<LiveService> {
  const live = await reportLive(options, name, begin);
  await options.onLive();
  return live;
}

async function evaluate({ contract, stateFolder, printer }: BringInOptions): Promise<void> {
  const commands = commandsFor(['--contract', contract, '--state', stateFolder], printer.line);
  await commands.run(['evaluate']);
  await commands.close();
}

async function release(contract: string, { stateFolder, printer }: BringInOptions): Promise<number> {
  const commands = commandsFor(['--contract', contract, '--state', stateFolder], printer.line);
  const { json } = await commands.run(['release', '--no-wait']);
  await commands.close();
  return releasedSchema.parse(json).release.number;
}

async function reportLive(
  { pageUrl, printer, signal }: BringInOptions,
  name: string,
  begin: () => Promise<number>,
): Promise<LiveService> {
  return printer.step(
    name,
    async () => {
      const number = await begin();
      const view = await untilLive(pageUrl, number, signal);
      return { view, release: number, modelDigest: modelOf(view, number)?.digest ?? '' };
    },
    ({ view, release: number }) => {
      const replica = admittedReplica(view, number);
      const model = `release ${number} is live with model version ${modelOf(view, number)?.version ?? '?'}`;
      return replica === undefined ? model : `${model}: ${phasesText(replica.phases)}; ${replica.admission}`;
    },
  );
}

function modelOf(view: ServiceView, number: number): ServiceView['releases'][number]['model'] | undefined {
  return view.releases.find((release) => release.number === number)?.model;
}
