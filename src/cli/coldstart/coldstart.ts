import { Option } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ColdStartSection, Contract, StartTier } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { summarizeStarts } from '../../core/coldstart/start-summary.ts';
import { judgeColdStart, shareOfQuantile } from '../../core/evidence/kinds/cold-start/cold-start-evidence.ts';
import {
  coldStartRecord,
  startTiers,
  type ColdStartMeasurements,
} from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { sampleForUpperLimit } from '../../core/statistics/limits/order-limits.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import type { Judgement } from '../../core/units/verdict.ts';
import type { CliCommand } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import { measureStarts } from '../../prove/coldstart/coldstart-measure.ts';
import { coldStartText, type ColdStartReport, type TierReport } from './coldstart-report.ts';
import { openTier, unmeasurable } from '../../prove/coldstart/coldstart-tiers.ts';
import type { CliContext } from '../context.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { beginMeasuringHere } from '../../prove/evidence/measuring.ts';
import { recordEvidence } from '../../prove/evidence/record-evidence.ts';
import { pinnedInStep, pinnedModel, storeCode } from '../../prove/subjects/released-subjects.ts';
import { startTimeoutMs } from '../../core/contract/start-timeout.ts';

interface ColdStartOptions {
  readonly starts?: string;
  readonly tier?: StartTier;
  readonly allTiers?: boolean;
  readonly timeout?: string;
}

export const command: CliCommand = {
  signs: true,
  configure(program) {
    addSigningOption(program)
      .option('--starts <n>', 'how many starts of each tier; as many as the highest quantile takes unless given')
      .addOption(
        new Option('--tier <tier>', 'from where; coldStart.from unless given')
          .choices(startTiers)
          .conflicts('allTiers'),
      )
      .option('--all-tiers', 'from memory, from the disk of the node, and from a registry')
      .option('--timeout <duration>', 'a start that lasts longer is ended and counts as longer than every other');
  },
  examples: [
    ['plimsoll coldstart', 'as many real starts as the budget takes, judged against it, recorded as evidence'],
    ['plimsoll coldstart --tier memory --starts 10', 'a quick look at starts with every file in the page cache'],
    ['plimsoll coldstart --all-tiers --json', 'every start of every tier with its phases'],
  ],
  async run(context, { options }) {
    const report = await measure(context, options as ColdStartOptions);
    const text = coldStartText(report, context.terminal.colour);
    return { exit: exitStatusOfVerdict(report.verdict), json: report, text };
  },
};

const fallbackTimeoutMs = 600_000;
const mostStarts = 10_000;

async function measure(context: CliContext, options: ColdStartOptions): Promise<ColdStartReport> {
  const timeoutGivenMs = timeoutOption(options.timeout);
  const startsGiven = startsOption(options.starts);
  const [project, environment, store, blobs] = await Promise.all([
    context.project(),
    context.environment(),
    context.store(),
    context.blobs(),
  ]);
  const loaded = await project.contract();
  const { contract } = loaded;
  const { locked } = await pinnedInStep(project, loaded, environment);
  const measuring = await beginMeasuringHere(context, project, loaded, environment, locked);
  const model = await pinnedModel(store, environment, locked.model);
  const version = await store.modelVersion(environment, model.name, model.version);
  const platform = await requirePlatform(context, contract, environment);
  const code = await storeCode(project, loaded, locked.code, blobs, context.signal);

  const budget = contract.coldStart ?? null;
  const from = budget?.from ?? defaults.startTier;
  const quantile = highestQuantile(budget);
  const enough = sampleForUpperLimit(shareOfQuantile(quantile), defaults.startConfidenceShare);
  const wanted = startsGiven ?? enough;
  const timeoutMs = timeoutGivenMs ?? startTimeoutMs(contract) ?? fallbackTimeoutMs;
  const asked = options.allTiers === true ? startTiers : [options.tier ?? from];
  const tiers: TierReport[] = [];
  const refused: { tier: StartTier; why: string }[] = [];
  for (const tier of asked) {
    try {
      const pair = { code, model };
      const starter = await openTier(context, tier, pair, version?.lineage.source);
      const question = { service: contract.service, pair, timeoutMs };
      const measured = await measureStarts(context, starter, question, wanted, tier === from ? budget : null);
      const share = shareOfQuantile(quantile);
      const summary = summarizeStarts(measured.starts, tier, share, defaults.startConfidenceShare);
      tiers.push({ tier, prepared: starter.prepared, summary, ...measured });
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError) || thrown.code !== 'tier-unmeasurable') throw thrown;
      refused.push({ tier, why: String(thrown.details['why']) });
    }
  }
  const [onlyRefused] = refused;
  if (tiers.length === 0 && onlyRefused !== undefined) throw unmeasurable(onlyRefused.tier, onlyRefused.why);
  const measurements = coldStartRecord({
    coldStartVersion: 1,
    platform,
    timeoutMs,
    tiers: Object.fromEntries(tiers.map(({ tier, prepared, starts }) => [tier, { prepared, starts }])),
  } satisfies ColdStartMeasurements);
  const isOfBudget = budget !== null && tiers.some(({ tier }) => tier === from);
  if (isOfBudget) {
    await recordEvidence(context, measuring, { kind: 'cold-start', measurements });
  }
  const { verdict, reasons } = judgeColdStart(measurements, contract);
  return {
    service: contract.service,
    environment,
    model: { name: model.name, version: model.version },
    platform,
    quantile,
    confidenceShare: defaults.startConfidenceShare,
    timeoutMs,
    tiers,
    unmeasurable: refused,
    verdict,
    reasons,
    recorded: isOfBudget,
    notes: [isOfBudget ? 'recorded as cold-start evidence in plimsoll.lock' : notRecorded(budget, from)],
    next: nextOf(verdict, isOfBudget, budget, enough, wanted),
  };
}

function notRecorded(budget: ColdStartSection | null, from: StartTier): string {
  return budget === null
    ? 'not recorded: the contract does not write `coldStart`, so that there is no budget'
    : `not recorded: the budget speaks of starts from ${from}`;
}

function nextOf(
  verdict: Judgement['verdict'],
  recorded: boolean,
  budget: ColdStartSection | null,
  enough: number,
  measured: number,
): string {
  if (budget === null) return 'plimsoll explain coldStart';
  if (!recorded) return 'plimsoll coldstart';
  if (verdict === 'pass') return 'git add plimsoll.lock, then plimsoll release';
  if (verdict !== 'inconclusive') return 'plimsoll explain coldStart';
  return measured < enough ? 'plimsoll coldstart' : `plimsoll coldstart --starts ${2 * measured}`;
}

/** The one that takes the most starts, of the whole and of the phases. */
function highestQuantile(budget: ColdStartSection | null): string {
  const written = budget === null ? [] : [budget.budget, ...Object.values(budget.phases)].flatMap(Object.keys);
  return written.toSorted((a, b) => shareOfQuantile(b) - shareOfQuantile(a))[0] ?? 'p90';
}

/** Starts on this machine say nothing of those on the nodes of a cluster. */
async function requirePlatform(context: CliContext, contract: Contract, environment: string) {
  const here = (await context.platform()).name;
  const wanted = contract.environments[environment]?.platform ?? 'local';
  if (here === wanted) return here;
  throw new PlimsollError({
    code: 'platform-another',
    category: 'unavailable',
    message: `${environment} runs on the platform ${wanted}, and starts can be measured only on the platform ${here} here`,
    next: nextStep(cliSteps, 'platform-another', { environment }),
  });
}

function startsOption(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= mostStarts) return Number(text);
  throw invalid(`--starts must be a whole number from 1 to ${mostStarts}, not \`${text}\``);
}

function timeoutOption(text: string | undefined): number | null {
  if (text === undefined) return null;
  const read = readDuration(text);
  if (read.ok && read.value > 0) return read.value;
  throw invalid(`--timeout must be a duration above zero such as \`90s\`, not \`${text}\``);
}

const invalid = (message: string): PlimsollError =>
  new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-invalid/coldstart-help'),
  });
