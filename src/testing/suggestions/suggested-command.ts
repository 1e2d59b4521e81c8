import { Command, type Option } from 'commander';
import { commands } from '../../cli/commands.ts';
import { filledIn } from './source-texts.ts';

/** One command line that a text names. */
export interface SuggestedCommand {
  /** As it stands in the text. */
  readonly shown: string;
  /** The same with its quotes, as a shell is to read it. */
  readonly typed: string;
  /** Its words after `plimsoll`. */
  readonly words: readonly string[];
  /** A sentence goes on behind it, or `...` stands for the rest: it may lack arguments. */
  readonly isMention: boolean;
}

/** Options that every command has, and whether they take a value. */
const commonOptions: Readonly<Record<string, boolean>> = {
  '--contract': true,
  '--environment': true,
  '--state': true,
  '--server': true,
  '--json': false,
  '--help': false,
};
/** A word, or what stands in quotes, with what follows a sentence's part. */
const wordPattern = /(?:"[^"]*"|'[^']*'|[^\s"'])+/g;

/** Every `plimsoll ...` of a text. What a sentence says behind a command is told from its words by the program itself. */
export async function suggestedCommands(text: string): Promise<readonly SuggestedCommand[]> {
  const found: SuggestedCommand[] = [];
  for (const { index } of text.matchAll(/(?<![\w./~@-])plimsoll (?=[a-z\u0001-])/g)) {
    const rest = text.slice(index + 'plimsoll '.length);
    const command = await readCommand(rest.split(/[`\n;<>]|\)(?!\w)| \| | && |(?<!\.)\.(?=\s)/)[0] ?? '');
    if (!isAnotherWord(command.words)) found.push(command);
  }
  return found;
}

/** The name of the policy, or of the program in a sentence. A command that is known only when the program runs says nothing here. */
const isAnotherWord = ([word = '', second]: readonly string[]): boolean =>
  (word === 'key' ? second === undefined : sentenceWords.has(word)) || word.replaceAll(filledIn, '') === '';

async function readCommand(text: string): Promise<SuggestedCommand> {
  const found = [...text.matchAll(wordPattern)];
  const all = found.map(([word]) => word.replace(/^\[|\]$/g, ''));
  let taken = 0;
  const words: string[] = [];
  let node = await programOf(all[0] ?? '');
  let left = 0;
  let isMention = false;
  for (let place = 0; place < all.length; place += 1) {
    const [raw = '', word] = [all[place], wordOf(all[place] ?? '')];
    if (word === '...') {
      isMention = true;
      break;
    }
    const takes = takesValue(node, word);
    const child = node?.commands.find((each) => each.name() === word.split(filledIn)[0]);
    if (place > 0 && takes === null && child === undefined) {
      if (!isArgument(word, left)) {
        isMention = true;
        break;
      }
      left -= 1;
    }
    words.push(word);
    taken = place;
    if (word === '--') {
      const last = all.findIndex((each, at) => at > place && /,$/.test(each));
      taken = last < 0 ? all.length - 1 : last;
      words.push(...all.slice(place + 1, taken + 1).map(wordOf));
      break;
    }
    if (child !== undefined) node = child;
    if (child !== undefined || place === 0) left = argumentsOf(node);
    if (takes === true && raw === word && all[place + 1] !== undefined)
      words.push(wordOf(all[(taken = place += 1)] ?? ''));
    if (/[,:]$/.test(all[place] ?? '')) break;
  }
  const end = (found[taken]?.index ?? 0) + (found[taken]?.[0].length ?? 0);
  const typed = `plimsoll ${text.slice(0, end).replace(/(?:\.{3},?|[,.:?])$/, '')}`;
  return { shown: `plimsoll ${words.join(' ').replaceAll(filledIn, '${...}')}`, typed, words, isMention };
}

/** Without the quotes of a shell and the marks of a sentence. */
function wordOf(raw: string): string {
  return raw === '...' ? raw : raw.replace(/["']/g, '').replace(/(?:\.{3},?|[,.:?])$/, '');
}

/** The command as the program defines it; null where no such command is known. */
async function programOf(name: string): Promise<Command | null> {
  const entry = commands.find((each) => each.name === wordOf(name).split(filledIn)[0]);
  if (entry === undefined) return null;
  const root = new Command(entry.name);
  (await entry.load()).command.configure(root);
  return root;
}

const argumentsOf = (node: Command | null): number =>
  (node?.registeredArguments ?? []).reduce((sum, { variadic }) => sum + (variadic ? Infinity : 1), 0);

/** Whether an option takes a value; null for a word that is none. An option that nobody knows takes none. */
function takesValue(node: Command | null, word: string): boolean | null {
  if (!/^--?[a-z]/.test(word)) return null;
  const isIt = (option: Option): boolean => option.long === word || option.short === word;
  const option = node?.options.find(isIt) ?? node?.parent?.options.find(isIt);
  return option === undefined ? (commonOptions[word] ?? false) : option.required;
}

/** Lower-case words are arguments where the command takes some: the others belong to the sentence. */
function isArgument(word: string, left: number): boolean {
  if (/^(?:--|-)$/.test(word) || word.includes(filledIn) || /[A-Z\d:/.=@*]/.test(word)) return true;
  return left > 0 && !sentenceWords.has(word);
}

const sentenceWords = new Set(
  'a again and answers anew asks brings for from gives in is it key lists makes names of on once or reads says sends server shows starts stops takes tells that the then to whether which with without writes'.split(
    ' ',
  ),
);

/** What may stand for a value that is known only when the program runs, and for a placeholder. */
const values = [
  '',
  '1',
  'name',
  'name:1',
  'golden',
  '2099-01-01',
  '30s',
  'http://127.0.0.1:7070',
  '127.0.0.1:7070',
  'read',
  '1MiB',
  '1%',
];
const placeholders: Readonly<Record<string, string>> = {
  CPU: 'amd64',
  DATE: '2099-01-01',
  KIND: 'golden',
  RELEASE: '1',
  VERSION: '1',
  ROLE: 'read',
  URL: 'http://127.0.0.1:7070',
};

/** The same command with values in it, as many ways as there are values to try. */
export function filledWords(words: readonly string[]): readonly (readonly string[])[] {
  const known = words.map((word) => word.replace(/^[A-Z][A-Z_]*$/, (name) => placeholders[name] ?? name.toLowerCase()));
  if (!known.some((word) => word.includes(filledIn))) return [known];
  return values.map((value) =>
    known.map((word) => word.replaceAll(filledIn, value)).filter((word, place) => word !== '' || known[place] === ''),
  );
}
