import { category, numeric, type ReadFeature } from './feature-list.ts';
import { guessLanguage } from './language.ts';
import { hashText } from './short-name.ts';

/** What is read of a longer text; only its length is of all of it. */
const readCharacters = 2_048;
/** A longer text is not tried as JSON: the feature is missing then. */
const jsonCharacters = 1 << 16;

/** How an answer begins that refuses; of the first 300 characters. */
const refusals =
  /\b(?:I(?: am|['’]m) (?:sorry|unable|not able)|I (?:can(?:not|['’]t| not)|won['’]t) (?:help|assist|provide|comply|do|answer|create|generate|support)|as an AI|je ne peux pas|lo siento|no puedo|ich kann (?:dir|ihnen|das|dabei|nicht)|es tut mir leid|mi dispiace|desculpe)\b/i;

/** The features of one text; `null` is a text that is missing. Only answers can refuse. */
export function readText(text: string | null, isOutput: boolean): readonly ReadFeature[] {
  const read = text?.slice(0, readCharacters) ?? '';
  const words = read
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
  const bare = words.map(bareWord);
  const isMissing = text === null;
  const number = (suffix: string, value: () => number): ReadFeature => numeric(suffix, isMissing ? NaN : value());
  const word = (suffix: string, value: () => string | null): ReadFeature =>
    category(suffix, isMissing ? null : value());
  return [
    word('.value', () => shownValue(text ?? '', words)),
    number('.length', () => text?.length ?? 0),
    number('.words', () => words.length),
    word('.language', () => guessLanguage(read, bare)),
    number('.odd-words', () => (bare.length === 0 ? 0 : bare.filter(isOdd).length / bare.length)),
    number('.repetition', () => repetitionOf(words)),
    word('.json', () => tellJson(text ?? '')),
    ...(isOutput ? [word('.refusal', () => (refusals.test(read.slice(0, 300)) ? 'yes' : 'no'))] : []),
  ];
}

const mostValueWords = 3;
const plainValue = /^[\p{L}\p{N}_.:/+-]{1,32}$/u;

/**
 * The text as a category: a short plain word as it is, so that a column of codes is readable. Several words, an address
 * or six digits may name a person: a digest stands for them. Texts of more than three words are all one category.
 */
function shownValue(text: string, words: readonly string[]): string {
  if (words.length === 0) return '(empty)';
  if (words.length > mostValueWords || text.length > 64) return '(text)';
  const value = text.trim();
  return plainValue.test(value) && !/\d.*\d.*\d.*\d.*\d.*\d/.test(value) ? value : `#${hashText(value)}`;
}

const bareWord = (word: string): string => (/^[a-z]+$/.test(word) ? word : word.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ''));

/** A word that no dictionary has, without what stands around its letters: nothing, letters around digits, very long, Latin without a vowel. */
function isOdd(word: string): boolean {
  if (word === '' || word.length > 30 || word.includes('\ufffd')) return true;
  if (/^[a-z]+$/.test(word)) return word.length > 4 && !/[aeiouy]/.test(word);
  return /\p{L}\p{N}|\p{N}\p{L}/u.test(word);
}

/** The share of runs of three words that stood in the text before. */
function repetitionOf(words: readonly string[]): number {
  const runs = words.slice(2).map((word, at) => `${words[at]} ${words[at + 1]} ${word}`);
  return runs.length === 0 ? 0 : 1 - new Set(runs).size / runs.length;
}

function tellJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return 'no';
  if (text.length > jsonCharacters) return null;
  try {
    JSON.parse(text);
    return 'yes';
  } catch {
    return 'no';
  }
}
