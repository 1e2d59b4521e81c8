import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { waivedMarks } from '../../core/evidence/lock/waived-marks.ts';
import { describeCapacity, describeTrust } from '../../core/scaling/departure/learned-text.ts';
import { formatSpares } from '../../core/scaling/warm-pool/spares-text.ts';
import { stageWord } from '../../core/rollout/isolation/isolation.ts';
import { chooseCurrentAsks, isOpenAsk } from '../../core/rollout/release-ask.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { ReplicaView, ScalingView, ServiceView } from '../../schemas/view/view.ts';
import { environmentLines } from '../verdict/evidence-lines.ts';
import type { CliCommand } from '../command.ts';
import { askText } from '../follow/ask-text.ts';
import { stepLine } from '../follow/follow-steps.ts';
import { utcText } from '../terminal/time-text.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';
import { phasesText } from '../follow/view-lines.ts';
import { fleetText, toneOfHealth } from './fleet-text.ts';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';

type Paint = ReturnType<typeof painter>;

export const command: CliCommand = {
  configure(command) {
    command.option('--every', 'list all services of the control plane; without a contract it does so anyway');
  },
  examples: [
    ['plimsoll status', 'what serves, on which evidence, and what is on its way'],
    ['plimsoll status --every', 'every service of the control plane, worst first'],
    ['plimsoll status --server https://plimsoll.example', 'the same of a control plane elsewhere, from any folder'],
    ['plimsoll status --json', 'the same for a program'],
  ],
  async run(context, { options }) {
    const fleet = options['every'] === true || !(await context.hasContract()) ? await context.fleet() : null;
    if (fleet !== null) return { exit: 0, json: fleet, text: fleetText(fleet, painter(context.terminal.colour)) };
    if (options['every'] === true) throw noControlPlane();
    const { contract } = await (await context.project()).contract();
    const environment = await context.environment();
    const controlPlane = await context.controlPlane();
    const operations = await context.operations();
    const view = await operations.view(contract.service, environment);
    const store = await context.storeLocation();
    const source =
      controlPlane === null
        ? 'no control plane runs: this is what is recorded, and what is seen of replicas now'
        : `from the control plane at ${controlPlane}`;
    const releasedTo = view.deployment === null ? await context.releasedTo(contract.service, environment) : null;
    return {
      exit: 0,
      json: { source: controlPlane === null ? 'store' : 'control-plane', controlPlane, store, releasedTo, ...view },
      text: statusText(
        view,
        `${source}; the records are in ${store}`,
        painter(context.terminal.colour),
        controlPlane !== null,
        releasedTo,
      ),
    };
  },
};

function noControlPlane(): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-needed',
    category: 'unavailable',
    message: 'no control plane answers, and only one knows all of its services',
    next: nextStep(cliSteps, 'control-plane-needed/status'),
  });
}

/**
 * @param isWatched a control plane runs, which decides what is requested.
 * @param releasedTo the control plane elsewhere that knows more, where nothing was released here.
 */
export function statusText(
  view: ServiceView,
  source: string,
  paint: Paint,
  isWatched: boolean,
  releasedTo: string | null = null,
): string {
  const head = releasedTo === null ? headRows(view, paint, isWatched) : elsewhereRows(view, releasedTo);
  return [
    ...alignedTable(head),
    paint('quiet', source),
    '',
    ...replicaLines(view, paint),
    ...gatewayLines(view),
    ...view.bars.map((bar) => `barred: ${bar.axis}:${shortDigest(bar.digest)} by ${bar.by}: ${bar.reason}`),
    '',
    ...evidenceLines(view, paint),
  ].join('\n');
}

function evidenceLines({ environment, evidence, evidenceOf, nowMs }: ServiceView, paint: Paint): readonly string[] {
  if (evidenceOf === null && evidence.length === 0) {
    return [`environment ${paint('strong', environment)}`, '  no release yet; plimsoll check judges a checkout'];
  }
  const of = typeof evidenceOf === 'number' ? { release: evidenceOf } : {};
  return environmentLines({ environment, mismatches: [], evidence, ...of }, paint, nowMs);
}

/** What was requested, and the command that comes next. */
function askRows(view: ServiceView, paint: Paint, isWatched: boolean): readonly (readonly string[])[] {
  return chooseCurrentAsks(view.asks).flatMap((ask) => {
    const next = isOpenAsk(ask) && !isWatched ? 'plimsoll up' : ask.next;
    const tone = ask.state === 'refused' ? 'bad' : isOpenAsk(ask) ? 'warn' : 'quiet';
    const of = `bundle ${shortDigest(ask.bundle)}, by ${ask.by} ${formatElapsed(view.nowMs - ask.atMs)} ago`;
    return [
      ['request', paint(tone, askText(ask))],
      ['', paint('quiet', next === undefined ? of : `${of}; next: ${next}`)],
    ];
  });
}

function healthRows({ health, asks }: ServiceView, paint: Paint): readonly (readonly string[])[] {
  if (health === undefined) return [];
  const row = ['health', paint(toneOfHealth[health.state], health.sentence)];
  // What is requested already is not released by another request.
  const isAsked = health.state === 'not-released' && asks?.some(isOpenAsk) === true;
  return health.next === null || isAsked ? [row] : [row, ['', paint('quiet', `next: ${health.next}`)]];
}

/** That nothing is recorded here says nothing of a service that was released to a control plane elsewhere. */
function elsewhereRows({ service, environment }: ServiceView, releasedTo: string): readonly (readonly string[])[] {
  return [
    ['service', `${service} in ${environment}`],
    ['release', `not known here: it was last released to ${releasedTo}`],
    ['', `next: ${nextStep(coreSteps, 'released-elsewhere', { server: releasedTo })}`],
  ];
}

function headRows(view: ServiceView, paint: Paint, isWatched: boolean): readonly (readonly string[])[] {
  const { deployment } = view;
  const rows = [
    ['service', `${view.service} in ${view.environment}${view.owner === null ? '' : `, owner ${view.owner}`}`],
    ...healthRows(view, paint),
    ...askRows(view, paint, isWatched),
  ];
  if (deployment === null) {
    const isAsked = view.asks?.some(isOpenAsk) === true;
    return [...rows, ['release', isAsked ? 'none yet' : 'none yet; next: plimsoll release']];
  }
  const name = (number: number, inTone: (text: string) => string): string => {
    const release = view.releases.find((candidate) => candidate.number === number);
    if (release === undefined) return inTone(String(number));
    const { model, code } = release;
    const pair = `${number}: model ${model.name} version ${model.version}, code ${code.label}`;
    const marks = waivedMarks(release).map(({ text, failing }) => (failing ? paint('bad', text) : inTone(text)));
    return [inTone(pair), ...marks].join(', ');
  };
  if (deployment.live !== null) rows.push(['live', name(deployment.live, (text) => paint('good', text))]);
  if (deployment.incoming !== null) rows.push(['incoming', name(deployment.incoming, (text) => paint('warn', text))]);
  if (view.rollout !== undefined) {
    const { judgement } = view.rollout;
    rows.push(['step', paint(judgement?.outcome === 'roll-back' ? 'bad' : 'warn', stepLine(view.rollout))]);
    for (const reason of judgement?.reasons ?? []) rows.push(['', paint('quiet', reason)]);
  }
  if (deployment.phase === 'removed') rows.push(['removed', paint('warn', deployment.reason)]);
  if (deployment.phase === 'failed') rows.push(['failed', paint('bad', deployment.reason)]);
  if (deployment.previous !== null) {
    const leftMs = deployment.previous.untilMs - view.nowMs;
    const kept = name(deployment.previous.release, (text) => text);
    if (view.isWarmSilent === true)
      rows.push(['previous', `${kept} ${paint('warn', 'does not answer: going back starts it anew')}`]);
    else rows.push(['kept warm', `${kept}, for ${formatElapsed(leftMs)} more`]);
  }
  if (view.scaling !== undefined) {
    rows.push(['scaling', scalingText(view.scaling)]);
    rows.push(...doubtLines(view.scaling, view.nowMs).map((line) => ['', paint('warn', line)]));
  }
  if (view.spares !== undefined) rows.push(['spares', formatSpares(view.spares)]);
  rows.push(['routing', `generation ${view.routingGeneration}`]);
  return rows;
}

/** `3 replicas of 1 to 4: the reason`. */
function scalingText({ min, max, ordered, desired, actuator, reason, held }: ScalingView): string {
  const why = held ?? reason;
  if (ordered !== null) return `${ordered} replicas of ${min} to ${max}: ${why}`;
  if (desired === null) return `${min} to ${max} replicas, none ordered: ${why}`;
  return `${min} to ${max} replicas, set by ${actuator}; Plimsoll would have ${desired}: ${why}`;
}

/** Only what is out of the ordinary: `plimsoll scale status` has the rest. */
function doubtLines({ learned, doubt }: ScalingView, nowMs: number): readonly string[] {
  return [
    ...(doubt === undefined ? [] : [`capacity evidence no longer holds: ${doubt}; next: plimsoll capacity`]),
    ...(learned === undefined || learned.trusted
      ? []
      : [`${describeTrust(learned, nowMs)}; ${describeCapacity(learned, learned.told)}`]),
  ];
}

const toneOfState: Readonly<Record<ReplicaView['state'], Tone>> = {
  pending: 'quiet',
  starting: 'warn',
  ready: 'good',
  asleep: 'quiet',
  stuck: 'bad',
  draining: 'quiet',
  stopped: 'quiet',
  failed: 'bad',
};

function replicaLines({ replicas }: ServiceView, paint: Paint): readonly string[] {
  if (replicas.length === 0) return ['no replica runs'];
  return alignedTable(
    replicas.map((replica) => [
      replica.replicaId,
      `model ${replica.modelVersion}`,
      stateText(replica, paint),
      replica.pid === null ? '' : `pid ${replica.pid}`,
      `${replica.restarts} restarts`,
      whyText(replica),
      phasesText(replica.phases),
      devicesText(replica.devices),
    ]),
  );
}

/** `GPU-... (kubelet)`; nothing where it asks for none. */
function devicesText(of: ReplicaView['devices']): string {
  if (of === undefined || of.toldBy === 'request') return '';
  if (of.devices === null) return `devices unknown: ${of.unknown ?? ''}`;
  const named = of.devices.map(({ uuid, name, product, mig, share }) => {
    const parts = [uuid ?? name ?? product ?? 'a device', mig?.profile, share === null ? null : `share ${share}`];
    return parts.filter((part) => part !== null && part !== undefined).join(' ');
  });
  return `${named.join(', ')} (told by ${of.toldBy})`;
}

/** An isolated replica is in the state of its isolation, for whoever looks for what takes traffic. */
function stateText({ state, isolation }: ReplicaView, paint: Paint): string {
  return isolation === undefined ? paint(toneOfState[state], state) : paint('warn', stageWord(isolation.stage));
}

function whyText({ state, admission, reason, isolation }: ReplicaView): string {
  if (isolation !== undefined) return `by ${isolation.by}: ${isolation.reason}; until ${utcText(isolation.untilMs)}`;
  return state === 'ready' ? admission : reason;
}

function gatewayLines({ gateways, nowMs }: ServiceView): readonly string[] {
  return alignedTable(
    gateways.map(({ gatewayId, address, acknowledgedGeneration, lastSeenMs }) => [
      gatewayId,
      address,
      `at generation ${acknowledgedGeneration}`,
      `heard of ${formatElapsed(nowMs - lastSeenMs)} ago`,
    ]),
  );
}
