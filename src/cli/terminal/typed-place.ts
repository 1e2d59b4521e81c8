import { shellWord } from '../../core/units/shell-word.ts';
import { commands } from '../commands.ts';

const placeOptions = ['contract', 'environment', 'state', 'server', 'context', 'namespace'] as const;
const elsewhere: ReadonlySet<string> = new Set(['server', 'context', 'namespace']);
/** Commands that ask a control plane wherever it is; the others work on what is here. */
const asksElsewhere: ReadonlySet<string> = new Set(['status', 'release', 'rollback', 'history', 'drift', 'page']);
/** Their `--environment` narrows what they make. */
const hasOwnEnvironment: ReadonlySet<string> = new Set(['token', 'secret']);
const names = new Set(commands.map(({ name }) => name));

/** The options by which a command line says which project, records and control plane it is about. */
export type TypedPlace = Partial<Readonly<Record<(typeof placeOptions)[number], string>>>;

/** The control plane that was named cannot be asked: the same name again leads back to the error. */
const notAsked: ReadonlySet<string> = new Set(['control-plane-unreachable', 'server-not-proven']);
/** Whoever owns it types what is suggested, as another service than the one of the contract. */
const typedByOwner: ReadonlySet<string> = new Set(['model-claimed', 'data-claimed']);
/** What is suggested is typed where the control plane runs, which has another contract and another state folder. */
const typedAtServer: ReadonlySet<string> = new Set([
  ...['no-credential', 'forbidden', 'token-unknown', 'token-expired', 'rate-limited', 'model-pickled'],
]);

/** The part of the place that belongs into what an error with this code suggests. */
export function placeAfter(code: string, place: TypedPlace): TypedPlace {
  const isElsewhere = Object.keys(place).some((name) => elsewhere.has(name));
  const isLeft = (name: string): boolean =>
    (notAsked.has(code) && elsewhere.has(name)) ||
    (typedByOwner.has(code) && name === 'contract') ||
    (typedAtServer.has(code) && isElsewhere && (name === 'contract' || name === 'state'));
  return Object.fromEntries(Object.entries(place).filter(([name]) => !isLeft(name)));
}

export function typedPlace(argv: readonly string[]): TypedPlace {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  return Object.fromEntries(
    placeOptions.flatMap((name) => {
      const at = words.findLastIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
      const word = words[at];
      const value = word?.includes('=') === true ? word.slice(word.indexOf('=') + 1) : words[at + 1];
      return word === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * A next step with the place that was typed: `plimsoll pin` after `plimsoll check --contract a.yaml` would be about another
 * project. What names a place itself stays as it is.
 */
export function carryPlace(next: string, place: TypedPlace): string {
  if (Object.keys(place).length === 0) return next;
  return next.replace(
    /(?<![\w./@~-])plimsoll ([a-z][a-z-]*)(?![\w-])([^`;]*?)(?=[`;]|, then |, or |: |$)/g,
    (all, name: string, rest: string) => {
      if (!names.has(name)) return all;
      const isNamed = (option: string): boolean => new RegExp(String.raw`(?:^|\s)--${option}(?:[\s=]|$)`).test(rest);
      const namesElsewhere = [...elsewhere].some(isNamed);
      const added = placeOptions.flatMap((option) => {
        const value = place[option];
        if (value === undefined || isNamed(option)) return [];
        if (option === 'contract' && ` ${rest} `.includes(` ${shellWord(value)} `)) return [];
        if (elsewhere.has(option) && namesElsewhere) return [];
        if (elsewhere.has(option) && !asksElsewhere.has(name)) return [];
        if (option === 'environment' && hasOwnEnvironment.has(name)) return [];
        return [`--${option}`, value.startsWith('-') ? `=${shellWord(value)}` : shellWord(value)];
      });
      return [`plimsoll ${name}`, ...added].join(' ').replaceAll(' =', '=') + rest;
    },
  );
}

/** The same for each line of an answer that ends with `next: ...`. */
export function carryPlaceInText(text: string, place: TypedPlace): string {
  if (Object.keys(place).length === 0) return text;
  return text.replace(/\bnext: .*$/gm, (line) => carryPlace(line, place));
}
