import { shellWord } from '../../../src/core/units/shell-word.ts';

/** A word of a command line as it is printed, in quotes of a shell or without. */
const word = String.raw`(?:'[^']*'|\\'|[^\s'])+`;
const upCommand = new RegExp(String.raw`(?<!\w)plimsoll up((?: --[a-z-]+ ${word})+)`, 'g');
const addresses = /^--(?:listen|gateway-listen)$/;

/**
 * What `plimsoll up` said, in the command that was typed here: its own words stay, and what `up` says of its addresses takes the
 * place of theirs. Stopping is a command of Plimsoll, which has to be told the folder.
 * @param shown the state folder, for a shell
 */
export function inOwnWords(said: string, argv: readonly string[], shown: string): string {
  return said
    .replace(/(?<![\w/])plimsoll up --stop/g, `./plimsoll up --stop --state ${shown}`)
    .replace(upCommand, (all, options: string) => {
      if (options.startsWith(' --stop')) return all;
      const elsewhere = options.match(new RegExp(`--(?:listen|gateway-listen) ${word}`, 'g')) ?? [];
      const replaced = new Set(elsewhere.map((each) => each.split(' ')[0] ?? ''));
      return ['npm start --', ...withoutAddresses(argv, replaced), ...elsewhere].join(' ');
    });
}

/** `--listen HOST:PORT` and `--listen=HOST:PORT` alike. */
function withoutAddresses(argv: readonly string[], replaced: ReadonlySet<string>): readonly string[] {
  const isReplaced = (option: string): boolean => addresses.test(option) && replaced.has(option);
  return argv
    .filter((each, at) => !isReplaced(each.split('=')[0] ?? '') && !isReplaced(argv[at - 1] ?? ''))
    .map(shellWord);
}
