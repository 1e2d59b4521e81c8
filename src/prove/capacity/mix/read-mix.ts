import path from 'node:path';
import { proveSteps } from '../../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { drawMix, thinRequests } from '../../../core/capacity/mix/draw-mix.ts';
import { isMixText, readMixText } from '../../../core/capacity/mix/read-mix-text.ts';
import {
  mixDimensions,
  summarizeMix,
  type MeasuredMix,
  type MixDimension,
  type RequestSizes,
} from '../../../core/evidence/kinds/capacity/request-mix.ts';
import type { Protocol } from '../../../core/contract/contract.ts';
import { driftSamplesAtMost } from '../../../core/monitoring/samples/drift-sample.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { readTraceSizes } from '../../../formats/traces/read-sizes.ts';
import { withSourceFile } from '../../files/source-file.ts';
import type { ProvingPorts } from '../../ports.ts';

/** The requests of a mix, before anything was measured of them. */
export interface AskedMix extends Pick<MeasuredMix, 'source' | 'of' | 'summary'> {
  /** Sizes of single requests, which are sent in turn. */
  readonly requests: readonly RequestSizes[];
}

type MixPorts = Pick<ProvingPorts, 'cwd' | 'signal' | 'operations'>;

interface MixQuestion {
  /** Nothing is to be measured: what is suggested measures nothing either. */
  readonly isForetold?: true;
  readonly service: string;
  readonly environment: string;
  readonly protocol: Protocol;
}

/** The word that stands for the captured requests of the running service. */
const captures = 'captures';
/** Fewer captured requests say little of their 95% quantile. */
const capturedNeeded = 100;

/** Dimensions that requests of a protocol can be made by. */
const dimensionsOf: Readonly<Record<Protocol, readonly MixDimension[]>> = {
  openai: ['tokens-in', 'tokens-out'],
  'open-inference-v2': ['rows', 'bytes'],
};

/**
 * Returns the mix that `--mix` names: a text of sizes, `captures`, or the file of a trace.
 * @throws PlimsollError `mix-text-invalid`, `mix-unfit`, `mix-few-captures` (input), and as a file of a trace.
 */
export async function readMix(ports: MixPorts, question: MixQuestion, text: string): Promise<AskedMix> {
  if (isMixText(text)) return fitted({ source: 'text', of: text, requests: drawMix(readMixText(text)) }, question);
  if (text === captures) return readCaptures(ports, question);
  const location = path.resolve(ports.cwd, text);
  const sizes = await withSourceFile({ location, shown: text }, ports.signal, async (source) => {
    const read = await readTraceSizes(source.chunks());
    await source.requireUnchanged();
    return read;
  });
  return fitted({ source: 'trace', of: path.basename(text), requests: thinRequests(sizes) }, question);
}

async function readCaptures({ operations }: MixPorts, question: MixQuestion): Promise<AskedMix> {
  const { service, environment, protocol } = question;
  const { samples } = await (await operations()).driftSamples({ service, environment, last: driftSamplesAtMost });
  const names = capturedDimensions[protocol];
  const told = samples.flatMap(({ sizes = {} }) => {
    const found = names.flatMap((name) => (sizes[name] === undefined ? [] : [[name, sizes[name]] as const]));
    return found.length === names.length ? [Object.fromEntries(found)] : [];
  });
  if (told.length < capturedNeeded) throw fewCaptures(samples.length, told.length, protocol);
  return fitted({ source: 'captures', of: `${told.length} captured requests`, requests: told }, question);
}

/** What a captured request has to tell: the bytes of tensors follow from their rows. */
const capturedDimensions: Readonly<Record<Protocol, readonly MixDimension[]>> = {
  openai: ['tokens-in', 'tokens-out'],
  'open-inference-v2': ['rows'],
};

/** The dimensions that requests of the protocol can be made by; a size of nothing becomes 1. */
function fitted(mix: Omit<AskedMix, 'summary'>, question: MixQuestion): AskedMix {
  const { protocol } = question;
  const told = mixDimensions.filter((name) => mix.requests.some((sizes) => sizes[name] !== undefined));
  const usable = dimensionsOf[protocol].filter((name) => told.includes(name));
  if (usable.length === 0 || (mix.source === 'text' && usable.length < told.length)) throw unfit(told, question);
  const requests = mix.requests.flatMap((sizes) => {
    const whole = usable.every((name) => sizes[name] !== undefined);
    return whole ? [Object.fromEntries(usable.map((name) => [name, Math.max(1, Math.round(sizes[name] ?? 1))]))] : [];
  });
  if (requests.length === 0) throw unfit(told, question);
  return { ...mix, requests, summary: summarizeMix(requests) };
}

/** The command that foretells the rate of a mix which the protocol can be asked by. */
export const suggestForetold = (protocol: Protocol): string =>
  nextStep(proveSteps, 'option-invalid+mix-unfit/capacity-foretell-mix', { mix: exampleMix[protocol] });

const exampleMix: Readonly<Record<Protocol, string>> = {
  openai: 'tokens-in=512,tokens-out=128',
  'open-inference-v2': 'rows=choice(1:0.8,8:0.2)',
};

const protocolNames: Readonly<Record<Protocol, string>> = {
  openai: 'the OpenAI protocol',
  'open-inference-v2': 'the Open Inference Protocol',
};

function unfit(told: readonly string[], { protocol, isForetold }: MixQuestion): PlimsollError {
  return new PlimsollError({
    code: 'mix-unfit',
    category: 'input',
    message: `the mix tells ${told.join(' and ')}, and requests of ${protocolNames[protocol]} are made by ${dimensionsOf[protocol].join(' and ')}`,
    next:
      isForetold === true
        ? suggestForetold(protocol)
        : nextStep(proveSteps, 'mix-unfit/capacity-mix', { mix: exampleMix[protocol] }),
  });
}

function fewCaptures(captured: number, told: number, protocol: Protocol): PlimsollError {
  const hint =
    protocol === 'openai'
      ? 'streams tell their tokens where clients ask for `stream_options: { include_usage: true }`'
      : 'write `monitoring.capture` and send requests';
  return new PlimsollError({
    code: 'mix-few-captures',
    category: 'input',
    message: `${told} of ${captured} captured requests tell their sizes, and ${capturedNeeded} are needed`,
    next: `${hint}, or give --mix a text or a trace`,
  });
}
