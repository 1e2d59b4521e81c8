import type { RequestSizes } from '../../../core/evidence/kinds/capacity/request-mix.ts';
import { seededRandom } from '../../../core/statistics/random.ts';
import { asPlimsollError } from '../../../core/units/errors.ts';
import type { ChatRequest } from '../../../ports/serving/replica-client.ts';
import type { Ask } from '../closed-loop.ts';
import type { RequestsQuestion } from '../capacity-requests.ts';
import type { AskedReplica, MixRequests } from './mix-requests.ts';
import type { AskedMix } from './read-mix.ts';

/** Short common words: nearly every tokenizer has one token for each, with the space before it. */
const words = ['ship', 'load', 'line', 'hull', 'port', 'tide', 'keel', 'deck', 'mast', 'sail', 'rope', 'helm'] as const;
const wordLength = 5;
/** Words that open a prompt and that no other prompt has, so that no prefix cache knows it. */
const ownWords = 8;
const longestPrompt = 1_000_000;
const [fewProbed, manyProbed] = [64, 512] as const;
const probedTokens = 2;

/**
 * Returns chat completions with so many tokens in and out. Prompts are words; how many words make a token, and how many tokens the
 * template of the server adds, is read from `usage` of two requests. No two prompts begin alike, so that hits in a prefix
 * cache are none of the mix. Answers are asked for in exactly so many tokens (`ignore_eos`, `min_tokens`), where the server takes that.
 * @throws PlimsollError as `streamChat`.
 */
export async function makeChatMix(
  { client, signal }: RequestsQuestion,
  { endpoint, model }: AskedReplica,
  mix: AskedMix,
): Promise<MixRequests> {
  const corpus = makeCorpus();
  const messagesOf = (count: number, at: number): ChatRequest['messages'] => [
    { role: 'user', content: promptOf(corpus, count, at) },
  ];
  const isExact = await client
    .streamChat(endpoint, { model, messages: messagesOf(fewProbed, 0), tokensAtMost: 1, isExact: true }, signal)
    .then(
      () => true,
      (thrown: unknown) => {
        // A server that does not know the words of an exact length refuses them; one that is gone is told below.
        if (asPlimsollError(thrown).category === 'refused') return false;
        throw thrown;
      },
    );
  const probe = async (count: number, at: number): Promise<number | null> =>
    (await client.streamChat(endpoint, { model, messages: messagesOf(count, at), tokensAtMost: probedTokens }, signal))
      .tokensIn;
  const [few, many] = [await probe(fewProbed, 1), await probe(manyProbed, 2)];
  const wordsFor = calibrate(few, many);
  // Prompts are numbered over all loops, so that no two begin alike.
  let prompts = 2;
  const ask =
    (sizesOf: (at: number) => RequestSizes): Ask =>
    (at) => {
      const sizes = sizesOf(at);
      prompts += 1;
      const messages = messagesOf(wordsFor(sizes['tokens-in'] ?? fewProbed), prompts);
      return client.streamChat(endpoint, { model, messages, tokensAtMost: sizes['tokens-out'] ?? 1, isExact }, signal);
    };
  return {
    of: `${mix.of}${isExact ? '' : ', where the server may answer in fewer tokens than are asked for'}${few === null ? ', one word taken for a token' : ''}`,
    askMixed: () => Promise.resolve(ask((at) => mix.requests[at % mix.requests.length] ?? {})),
    askOf: (sizes) => Promise.resolve(ask(() => sizes)),
  };
}

/** Words for so many tokens, by the line through two probes; a word a token where the server does not count. */
function calibrate(few: number | null, many: number | null): (tokens: number) => number {
  const perWord = few === null || many === null ? 1 : (many - few) / (manyProbed - fewProbed);
  if (!(perWord > 0)) return (tokens) => tokens;
  const added = few === null ? 0 : few - perWord * fewProbed;
  return (tokens) => Math.max(1, Math.round((tokens - added) / perWord));
}

function makeCorpus(): string {
  const random = seededRandom(1);
  return Array.from({ length: 65_536 }, () => words[random.nextBelow(words.length)]).join(' ');
}

/** So many words: a few that belong to this prompt alone, then words of the corpus from a place of its own. */
function promptOf(corpus: string, count: number, at: number): string {
  const random = seededRandom(at);
  const own = Array.from({ length: Math.min(ownWords, count) }, () => words[random.nextBelow(words.length)]).join(' ');
  const left = Math.min(count - ownWords, longestPrompt);
  if (left <= 0) return own;
  const from = wordLength * random.nextBelow(32_768);
  const wanted = wordLength * left - 1;
  let text = corpus.slice(from, from + wanted);
  while (text.length < wanted) text += ` ${corpus.slice(0, Math.min(corpus.length, wanted - text.length - 1))}`;
  return `${own} ${text}`;
}
