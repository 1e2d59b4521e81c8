import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { environmentLines, exitStatusOfState } from '../verdict/evidence-lines.ts';
import { countsAsPassing } from '../../core/evidence/evidence-table.ts';
import type { EvidenceState, Waiver } from '../../core/evidence/lock/lock.ts';
import { coversState } from '../../core/evidence/lock/waiver.ts';
import type { Axis, Release } from '../../core/rollout/release.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { AskedWaiver } from '../../core/rollout/release-ask.ts';
import type { ReleaseAnswer, ReleaseRequest } from '../../schemas/http/operations.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { combineExitStatus } from '../exit-status.ts';
import { releaseResult } from '../follow/release-result.ts';
import { painter } from '../terminal/paint.ts';
import { makeBundle } from '../../prove/bundle/make-bundle.ts';
import { sendBundle } from '../../prove/bundle/send-bundle.ts';
import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { pinnedInStep } from '../../prove/subjects/released-subjects.ts';
import { awaitFetched } from './await-fetched.ts';
import { approveRelease } from './approve-release.ts';
import { cancelRelease } from './cancel-release.ts';
import { orderOf, steerRelease } from './steer-release.ts';
import { optionOf, refuseIdleWaivers, waiversInOrder, waiversOf, type WaiverOption } from './waivers-option.ts';
import { evidenceKindOf } from '../option-values.ts';

interface ReleaseOptions {
  readonly waive?: readonly WaiverOption[];
  readonly waiveFailing?: readonly WaiverOption[];
  readonly reason?: readonly string[];
  readonly until?: readonly string[];
  readonly wait: boolean;
  readonly again?: boolean;
  readonly liftBar?: string;
  readonly unwaive?: string;
  readonly approve?: string;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly promote?: boolean;
  readonly abort?: boolean;
  readonly cancel?: boolean;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

export const command: CliCommand = {
  configure(command: Command) {
    const inOrder = waiversInOrder();
    command
      .option(
        '--waive <kind>',
        'let one kind of evidence be missing, on the record; may be given again',
        inOrder(false),
      )
      .option('--waive-failing <kind>', 'the same for evidence that was measured and fails', inOrder(true))
      .option(
        '--reason <text>',
        'why, for --waive, --waive-failing, --unwaive, --lift-bar, --cancel and orders',
        collect,
      )
      .option('--until <date>', 'how long a waiver holds: 2026-12-31, or 7d from now on', collect)
      .option('--unwaive <kind>', 'instead of releasing: take the waivers of one kind of evidence back')
      .option('--lift-bar <axis:digest>', 'instead of releasing: let a digest that was rolled back be released again')
      .option('--pause', 'instead of releasing: stop the clock of the step that is under way')
      .option('--resume', 'instead of releasing: let a paused step go on')
      .option('--promote', 'instead of releasing: go on to the next step without a proof')
      .option('--abort', 'instead of releasing: take the release that comes in back')
      .option('--approve <bundle>', 'instead of releasing: approve the bundle of somebody else, as the policy asks')
      .option('--cancel', 'instead of releasing: take the request back that is not decided yet')
      .option('--again', 'release also what is live already, with a number of its own')
      .option('--no-wait', 'do not wait until the release is live or failed');
  },
  examples: [
    ['plimsoll release', 'releases what plimsoll.lock pins, if its evidence is fresh and passing'],
    [
      'plimsoll release --waive golden --reason "first try, in staging" --until 7d',
      'the same without one kind of evidence; everybody sees that it was waived',
    ],
    [
      'plimsoll release --waive-failing evaluation --reason "worse on sevens, better elsewhere" --until 7d',
      'releases what was measured and fails: the last resort, shown in red wherever the release is',
    ],
    ['plimsoll release --unwaive golden --reason "recorded meanwhile"', 'takes a waiver back before it is over'],
    [
      'plimsoll release --pause --reason "looking at the logs"',
      'stays in the step; --resume goes on, --abort goes back',
    ],
    [
      'plimsoll release --approve sha256:1f2e... --reason "read and tried"',
      'lets somebody else release that bundle; `release` prints the whole digest where it asks for an approval',
    ],
    ['plimsoll release --cancel', 'takes back a release whose model is still being fetched'],
    ['plimsoll release --lift-bar model:3f2a90c41b7e --reason "retrained"', 'lets a barred digest be released again'],
  ],
  async run(context, input) {
    const options = input.options as unknown as ReleaseOptions;
    const order = orderOf(options);
    if (order === 'cancel') return cancelRelease(context, options.reason?.[0]);
    if (order !== null) return steerRelease(context, order, options.reason?.[0]);
    if (options.liftBar !== undefined) return liftBar(context, options.liftBar, options.reason?.[0]);
    if (options.approve !== undefined) return approveRelease(context, options.approve, options.reason?.[0]);
    if (options.unwaive !== undefined) return unwaive(context, options.unwaive, options.reason?.[0]);
    const { waive = [], waiveFailing = [], reason = [], until = [] } = options;
    const asked = [...waive, ...waiveFailing];
    const waivers = waiversOf({ asked, reason, until }, context.user, context.clock.nowMs());
    return sendRelease(context, waivers, options);
  },
};

/** Makes the bundle, sends it, and follows what becomes of it. */
async function sendRelease(
  context: CliContext,
  waivers: readonly Waiver[],
  { again = false, wait }: Pick<ReleaseOptions, 'again' | 'wait'>,
): Promise<CommandResult> {
  const [project, environment] = [await context.project(), await context.environment()];
  const loaded = await project.contract();
  const { lock } = await pinnedInStep(project, loaded, environment);
  const evidence = await judgeCheckout(project, environment, context.clock.nowMs());
  refuseIdleWaivers(waivers, evidence, loaded.contract.monitoring?.golden !== undefined);
  const own = await context.ownArtifacts();
  const sources = { store: own?.store ?? null, blobs: own?.blobs ?? null, signal: context.signal };
  const made = await makeBundle(project, loaded, lock, environment, sources);
  const bundle = await sendBundle(await context.bundleReceiver(), made, context);
  const operations = await context.operations();
  const { service } = loaded.contract;
  const request: ReleaseRequest = { service, environment, bundle, waivers: waivers.map(askedWaiver), again };
  let answer: ReleaseAnswer;
  try {
    answer = await operations.release(request);
    if (answer.outcome === 'fetching' && wait) answer = await awaitFetched(context, operations, answer.ask);
  } catch (thrown) {
    return refusal(context, request, thrown);
  }
  await context.noteReleased(service, environment);
  if (answer.release === null) return askedResult(answer);
  const { release, outcome } = answer;
  const comesIn = async (): Promise<boolean> =>
    (await operations.view(service, environment)).deployment?.incoming === release.number;
  // What still comes in may fail yet: whoever waits here hears of that, as whoever asked for it first.
  if (outcome !== 'released' && !(wait && (await comesIn()))) return standingResult(release, standingWords[outcome]);
  const used = release.waivers;
  for (const waiver of waivers.filter(
    ({ kind, failing }) => !used.some((one) => one.kind === kind && one.failing === failing),
  )) {
    context.terminal.note(
      `${optionOf(waiver)} ${waiver.kind}: ${waiver.kind} evidence does not need the waiver, which is not recorded`,
    );
  }
  return releaseResult(context, release, wait);
}

const standingWords = {
  live: 'it is what is live, or comes in, already; nothing was released',
  renewed: 'its evidence was renewed; the pair and the contract are the same, so that it keeps its number',
} as const;

const askedWaiver = ({ kind, reason, untilMs, failing }: Waiver): AskedWaiver => ({
  kind,
  reason,
  untilMs,
  ...(failing === true ? { failing } : {}),
});

function standingResult(release: Release, what: string): CommandResult {
  const { number, model } = release;
  return {
    exit: 0,
    json: { release, outcome: 'unchanged' },
    text: `release ${number} (model ${model.name} version ${model.version}): ${what}\nnext: plimsoll status; --again makes a release of the same`,
  };
}

/** Nothing is judged yet: what is recorded is that somebody asked. */
function askedResult({ outcome, ask }: Extract<ReleaseAnswer, { readonly release: null }>): CommandResult {
  const next =
    outcome === 'requested'
      ? 'plimsoll up judges it and brings it in'
      : 'plimsoll status shows it come in; plimsoll release --cancel takes it back';
  return {
    exit: 0,
    json: { release: null, outcome, ask },
    text: `release ${outcome}: bundle ${shortDigest(ask.bundle)}; ${ask.reason}\nnext: ${next}`,
  };
}

/** The evidence as the control plane judged it; null where it did not come to that. */
function readEvidence(judged: unknown): readonly EvidenceState[] | null {
  return Array.isArray(judged) ? (judged as readonly EvidenceState[]) : null;
}

/** Evidence that holds a release up is shown as the table that it is; whatever else is wrong is an error as any. */
function refusal(context: CliContext, request: ReleaseRequest, thrown: unknown): CommandResult {
  const error = asPlimsollError(thrown);
  const judged = readEvidence(error.details['evidence']);
  if (judged === null || (error.code !== 'evidence-refused' && error.code !== 'golden-missing')) throw thrown;
  const missing = judged.filter(
    (state) =>
      !countsAsPassing(state) &&
      !request.waivers.some((waiver) => waiver.kind === state.kind && coversState(waiver, state)),
  );
  const table = environmentLines(
    { environment: request.environment, mismatches: [], evidence: judged },
    painter(context.terminal.colour),
    context.clock.nowMs(),
  );
  const refusals = error.details['refusals'] as readonly { readonly message: string; readonly next: string }[];
  return {
    exit: combineExitStatus(
      missing.length === 0 ? [1] : missing.map((state: EvidenceState) => exitStatusOfState(state)),
    ),
    json: { outcome: 'refused', error: error.toJSON(), evidence: judged },
    text: [
      ...table,
      '',
      'refused:',
      ...refusals.map(({ message }) => `  ${message}`),
      `next: ${refusals[0]?.next ?? 'plimsoll check'}`,
    ].join('\n'),
  };
}

async function unwaive(context: CliContext, text: string, reason: string | undefined): Promise<CommandResult> {
  const kind = evidenceKindOf(text, '--unwaive');
  if (reason === undefined || reason.trim() === '') {
    throw new PlimsollError({
      code: 'reason-missing',
      category: 'input',
      message: '--unwaive needs --reason TEXT: the waiver says why it was given, and history why it was taken back',
      next: nextStep(cliSteps, 'reason-missing/release-unwaive', { kind }),
    });
  }
  const { contract } = await (await context.project()).contract();
  const environment = await context.environment();
  const operations = await context.operations();
  const withdrawn = await operations.withdrawWaivers({ service: contract.service, environment, kind, reason });
  const lines = withdrawn.map((waiver) => `  it was waived by ${waiver.by}: ${waiver.reason}`);
  return {
    exit: 0,
    json: { withdrawn },
    text: [`${kind} evidence is not waived any more in ${environment}`, ...lines, 'next: plimsoll check'].join('\n'),
  };
}

async function liftBar(context: CliContext, text: string, reason: string | undefined): Promise<CommandResult> {
  const [axis, digest] = axisAndDigest(text);
  if (reason === undefined || reason.trim() === '') {
    throw new PlimsollError({
      code: 'reason-missing',
      category: 'input',
      message: '--lift-bar needs --reason TEXT: the bar says why the digest was rolled back, and somebody will ask',
      next: nextStep(cliSteps, 'reason-missing/release-lift-bar', { text }),
    });
  }
  const { contract } = await (await context.project()).contract();
  const environment = await context.environment();
  const operations = await context.operations();
  const bar = await operations.liftBar({ service: contract.service, environment, axis, digest, reason });
  return {
    exit: 0,
    json: { lifted: bar },
    text: `the bar on ${bar.axis} ${shortDigest(bar.digest)} is lifted (it was: ${bar.reason}, by ${bar.by})`,
  };
}

function axisAndDigest(text: string): [Axis, string] {
  const match = /^(code|model):(?:sha256:)?([0-9a-f]{4,64})$/.exec(text);
  if (match?.[2] !== undefined) return [match[1] as Axis, match[2]];
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--lift-bar is code:DIGEST or model:DIGEST, not \`${text}\``,
    next: nextStep(cliSteps, 'option-invalid/status-lists-the'),
  });
}
