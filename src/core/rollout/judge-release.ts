import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import type { EvidenceState, Waiver } from '../evidence/lock/lock.ts';
import { chooseWaiver, coversState, isFailing } from '../evidence/lock/waiver.ts';
import { mendFailure, waiveCommand } from '../evidence/renewal.ts';
import { codeSignatureFit } from '../registry/code-signature.ts';
import { signatureCompatibility } from '../registry/signature-compatibility.ts';
import { shortDigest } from '../units/digest.ts';
import type { Bar, Release, ReleasedCode, ReleasedGolden, ReleasedModel } from './release.ts';
import { liftCommand } from './rollback-target.ts';

export interface ReleaseCandidate {
  readonly code: ReleasedCode;
  readonly model: ReleasedModel;
  readonly golden: ReleasedGolden | null;
  readonly evidence: readonly EvidenceState[];
  readonly waivers: readonly Waiver[];
}

export interface ReleaseRefusal {
  readonly code:
    | 'barred'
    | 'evidence-refused'
    | 'golden-missing'
    | 'signature-incompatible'
    | 'signature-unfit'
    | 'signature-unknown';
  readonly message: string;
  readonly next: string;
}

/**
 * Every reason why a candidate may not be released; none means that it may.
 * @param modelsThatServed distinct models that carried traffic so far: see `hasNothingToDrill`.
 */
export function judgeRelease(
  candidate: ReleaseCandidate,
  live: Release | null,
  bars: readonly Bar[],
  nowMs: number,
  modelsThatServed = 2,
): readonly ReleaseRefusal[] {
  const evidence = candidate.evidence.filter((state) => !hasNothingToDrill(state, modelsThatServed));
  return [
    ...barRefusals(candidate, bars),
    ...goldenRefusal(candidate, nowMs),
    ...evidenceRefusals({ ...candidate, evidence }, nowMs),
    ...codeSignatureRefusal(candidate),
    ...signatureRefusal(candidate.model, live),
  ];
}

export function barRefusals(
  pair: Pick<ReleaseCandidate, 'code' | 'model'>,
  bars: readonly Bar[],
): readonly ReleaseRefusal[] {
  return bars
    .filter((bar) => pair[bar.axis].digest === bar.digest)
    .map((bar) => ({
      code: 'barred' as const,
      message: `${bar.axis} ${shortDigest(bar.digest)} is barred since it was rolled back: ${bar.reason} (${bar.by})`,
      next: liftCommand(bar.axis, pair),
    }));
}

/** Of the waivers in force the one that covers a row, else one that does not. */
function waiverOf(state: Standing, waivers: readonly Waiver[], nowMs: number): Waiver | null {
  const valid = waivers.filter(({ kind, untilMs }) => kind === state.kind && untilMs > nowMs);
  return chooseWaiver(valid, state);
}

type Standing = Pick<EvidenceState, 'kind' | 'freshness' | 'verdict'>;
const noGolden: Standing = { kind: 'golden', freshness: 'missing', verdict: 'unknown' };

function goldenRefusal(candidate: ReleaseCandidate, nowMs: number): readonly ReleaseRefusal[] {
  const waiver = waiverOf(noGolden, candidate.waivers, nowMs);
  if (candidate.golden !== null || (waiver !== null && coversState(waiver, noGolden))) return [];
  const row = candidate.evidence.find((state) => state.kind === 'golden');
  // The row of the evidence table says it better: what is stale or missing, and what renews it.
  if (row !== undefined && isRefused(row)) return [];
  return [
    {
      code: 'golden-missing',
      message: 'the release has no pinned golden outputs, so that no replica could be admitted by them',
      next: nextStep(
        coreSteps,
        hasNoGolden(candidate)
          ? 'golden-missing+golden-not-asked+evidence-refused+replica-refused/openai'
          : 'golden-missing/contract',
      ),
    },
  ];
}

/** It can be recorded of no service with this protocol: to ask for it would lead in a circle. */
const hasNoGolden = ({ code }: Pick<ReleaseCandidate, 'code'>): boolean => code.section.protocol === 'openai';

/** What is judged while a release is live cannot be asked of one that is not. */
function isRefused({ freshness, verdict, judgedLive }: EvidenceState): boolean {
  if (judgedLive === true) return false;
  return freshness !== 'not-asked' && (freshness !== 'fresh' || verdict !== 'pass');
}

/**
 * A way back leads from one model that served to another. Until two have, no drill can be done, and evidence of one cannot
 * be asked for: else nobody could ever release the second. What was drilled and is stale or failing still counts.
 */
export function hasNothingToDrill(
  { kind, freshness }: Pick<EvidenceState, 'kind' | 'freshness'>,
  modelsThatServed: number,
): boolean {
  return kind === 'rollback' && freshness === 'missing' && modelsThatServed < 2;
}

function evidenceRefusals(candidate: ReleaseCandidate, nowMs: number): readonly ReleaseRefusal[] {
  return candidate.evidence
    .filter(isRefused)
    .map((state) => [state, waiverOf(state, candidate.waivers, nowMs)] as const)
    .filter(([state, waiver]) => waiver === null || !coversState(waiver, state))
    .map(([state, waiver]) => ({
      code: 'evidence-refused' as const,
      message: [refusedBecause(state), ...(waiver === null ? [] : [uncovered(waiver)])].join('; '),
      next:
        state.kind === 'golden' && hasNoGolden(candidate)
          ? nextStep(coreSteps, 'golden-missing+golden-not-asked+evidence-refused+replica-refused/openai')
          : isFailing(state)
            ? mendFailure(state.kind, state.renew ?? nextStep(coreSteps, 'evidence-refused'))
            : state.renew === undefined || isOutOfSight(state)
              ? waiveCommand(state.kind)
              : state.renew,
    }));
}

/** What the nodes have was measured, and nobody here sees the nodes of now: measuring again would change nothing. */
const isOutOfSight = ({ freshness, subjects = [] }: EvidenceState): boolean =>
  freshness === 'unknown' && subjects.some(({ knownBy, unknown }) => knownBy === 'nodes' && unknown !== undefined);

function refusedBecause({ kind, freshness, verdict, reasons }: EvidenceState): string {
  const said = `${kind} evidence is ${freshness === 'fresh' ? verdict : freshness}`;
  return reasons[0] === undefined ? said : `${said}: ${reasons[0]}`;
}

const uncovered = ({ failing, by }: Waiver): string =>
  failing === true
    ? `the waiver of ${by} is for evidence that fails, and this does not fail`
    : `the waiver of ${by} does not cover what was measured and fails`;

/** Whether a release would be refused without this waiver: then the waiver belongs to the release. */
export function isNeededWaiver(waiver: Waiver, { golden, evidence }: Pick<ReleaseCandidate, 'golden' | 'evidence'>) {
  if (waiver.kind === 'golden' && golden === null && coversState(waiver, noGolden)) return true;
  const state = evidence.find(({ kind }) => kind === waiver.kind);
  return state !== undefined && isRefused(state) && coversState(waiver, state);
}

/**
 * The model must fit what the code says that it sends and reads (`code.signature`), whoever asks for the release. Where the
 * model tells no signature that is unknown, and unknown is never pass; without the key nothing is asked.
 */
export function codeSignatureRefusal({
  code,
  model,
}: Pick<ReleaseCandidate, 'code' | 'model'>): readonly ReleaseRefusal[] {
  const { signature } = code.section;
  if (signature === undefined) return [];
  const { verdict, reasons } = codeSignatureFit(signature, model.signature);
  if (verdict === 'pass') return [];
  const what = `model ${model.name} version ${model.version}`;
  if (verdict === 'fail')
    return [
      {
        code: 'signature-unfit',
        message: `${what} does not fit code.signature: ${reasons.join('; ')}`,
        next: nextStep(coreSteps, 'signature-unfit'),
      },
    ];
  return [
    {
      code: 'signature-unknown',
      message: `whether ${what} fits code.signature is unknown: ${reasons.join('; ')}`,
      next: 'release a model whose format tells its signature (ONNX), or leave code.signature out',
    },
  ];
}

/** Where a format tells no signature there is nothing to compare; the golden set is what holds then. */
export function signatureRefusal(model: ReleasedModel, live: Release | null): readonly ReleaseRefusal[] {
  const { verdict, reasons } = signatureCompatibility(live?.model.signature ?? null, model.signature);
  if (verdict !== 'fail') return [];
  return [
    {
      code: 'signature-incompatible',
      message: `clients of release ${live?.number} could not go on with this model: ${reasons.join('; ')}`,
      next: 'release it as another service, or give the model the inputs and outputs that clients use',
    },
  ];
}
