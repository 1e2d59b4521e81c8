import type { ServiceDemands } from '../../compatibility.ts';
import type { StatedLoad } from '../../model/memory-range.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import {
  cacheArguments,
  contextChangers,
  hostArguments,
  layerArguments,
  lengthArguments,
  wholeContexts,
} from '../../tables/arguments/load-arguments.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { versionOf } from '../numbers.ts';
import { withoutLibraryEngines } from '../packages/only-program.ts';
import { distribution } from '../service-facts.ts';
import { valueOf, type Arguments } from './arguments.ts';

type Asked = Pick<ServiceDemands, 'image' | 'model' | 'load' | 'args'>;

/** A whole number in digits; null for anything else (`auto`, `32k`). */
const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;

const holds = ({ image }: Asked, engine: string): boolean => image !== null && distribution(image, [engine]) !== null;

/** Whether the engine of a row serves: its distribution is in the image, or the model is a GGUF file where the row names none. */
const isServing = (engine: string | null, asked: Asked): boolean =>
  engine === null ? asked.model?.format === 'gguf' : holds(asked, engine);

/** Tokens of one sequence by an argument of the engine that serves; null where none says it. */
function tokensOf(asked: Asked): number | null {
  const row = lengthArguments.find(({ engine, names }) => isServing(engine, asked) && isGiven(asked.args ?? [], names));
  const tokens = row === undefined ? null : numberOf(valueOf(asked.args ?? [], row.names));
  // 0 is the context of the model in llama.cpp.
  return tokens === 0 ? null : tokens;
}

const isGiven = (args: Arguments, names: readonly string[]): boolean => valueOf(args, names) !== undefined;

/** `vllm serve`, `python -m vllm.entrypoints.openai.api_server`, or arguments of an image that is the server. */
const startsServer = (args: Arguments, engine: string): boolean =>
  args.some((text, at) => text.startsWith(`${engine}.entrypoints.`) || (text === engine && args[at + 1] === 'serve')) ||
  (args[0]?.startsWith('--') === true && isGiven(args, ['--model']));

/** Whether the cache is kept as the model computes, or in fewer bits that are known. */
const isCacheKnown = (args: Arguments, engine: string): boolean => {
  const asked = valueOf(args, ['--kv-cache-dtype']) ?? 'auto';
  return asked === 'auto' || cacheArguments.some((row) => row.engine === engine && row.values.includes(asked));
};

/**
 * Tokens of the model's longest sequence, where its engine does not start without room for one and no argument changes that. Null for
 * weights in FP32 too, whose cache the engine keeps in half of the bytes.
 *
 * | the engine asks the tokenizer | `tokenizer_config.json` | tokens |
 * |---|---|---|
 * | no | any | those of the model |
 * | yes | was read, and names fewer | those |
 * | yes | was read, and names none or more | those of the model |
 * | yes | was not read | null |
 */
function wholeContextOf({ image, model, args = [] }: Asked): number | null {
  if (image === null || model?.precisions?.includes('fp32') !== false || isGiven(args, contextChangers)) return null;
  const servers = withoutLibraryEngines(image);
  const whole = wholeContexts.find((row) => {
    const version = versionOf(distribution(servers, [row.engine]));
    return version !== null && rowOf([row], version) !== null;
  });
  if (whole === undefined || !startsServer(args, whole.engine) || !isCacheKnown(args, whole.engine)) return null;
  const { contextTokens, tokenizerTokens } = model;
  if (contextTokens === undefined || !whole.byTokenizer) return contextTokens ?? null;
  return tokenizerTokens === undefined ? null : Math.min(contextTokens, tokenizerTokens ?? contextTokens);
}

/**
 * The load that the contract states. The context that it gives its engine stands in the place of `model.context` for one sequence,
 * because an engine starts where one fits and lets others wait.
 */
export function statedLoad(asked: Asked): StatedLoad | null {
  const load = asked.load ?? null;
  const isOpen = load === null || (load.contextTokens === null && load.sequences === 1);
  const tokens = isOpen ? tokensOf(asked) : null;
  const longest = isOpen && tokens === null ? wholeContextOf(asked) : null;
  if (longest !== null) return { contextTokens: longest, sequences: 1, longestTokens: longest };
  return tokens === null ? load : { contextTokens: tokens, sequences: 1 };
}

/** The model with the context and the bytes of a token that its engine keeps: arguments may ask for less of both. */
export function cachedModel(asked: Asked): ModelHardwareFacts | null {
  const { model, args = [] } = asked;
  if (model === null) return null;
  const tokens = tokensOf(asked);
  const share = cacheArguments.find(
    ({ engine, name, values }) => holds(asked, engine) && values.includes(valueOf(args, [name]) ?? ''),
  )?.share;
  return {
    ...model,
    kvBytesPerToken: model.kvBytesPerToken === null ? null : model.kvBytesPerToken * (share ?? 1),
    ...(tokens === null ? {} : { contextTokens: tokens }),
  };
}

/** GiB of the weights that arguments keep on the host of each device: infinite where the program decides how many. */
export function gibOnHost({ args = [] }: Pick<Asked, 'args'>): number {
  if (args.some((text) => hostArguments.open.includes(text.replaceAll('_', '-')))) return Infinity;
  const stated = Number(valueOf(args, hostArguments.gib) ?? 0);
  return stated > 0 ? stated : 0;
}

/**
 * Share of a GGUF file that its program puts on devices, by the number of layers that an argument states.
 *
 * | layers of the file | stated | share |
 * |---|---|---|
 * | read | more than them | null: all of it, with the last matrix |
 * | read | no more | their share |
 * | not read | fewer than the fewest that models have | their share of that, which is the most |
 * | not read | as many or more | null: it may be all of it |
 */
export function placedShare({ model, args = [] }: Asked): number | null {
  const stated = numberOf(valueOf(args, layerArguments.names));
  if (model?.format !== 'gguf' || stated === null) return null;
  const layers = model.layers ?? null;
  if (layers !== null) return stated > layers ? null : stated / layers;
  return stated < layerArguments.fewestLayers ? stated / layerArguments.fewestLayers : null;
}
