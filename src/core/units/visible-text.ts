/**
 * Text of files and devices reaches terminals and logs. A control character there moves the cursor, renames the window or
 * hides what stands before it, and a bidirectional one shows the rest in another order: each is shown by its number.
 */
const unsafe =
  '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb';
/** What `painter` makes, and nothing else that begins with an escape. */
const colour = '\\u001b\\[(?:1|2|22|31|32|33|39)m';

const inLines = new RegExp(`(${colour})|[${unsafe}]`, 'g');
const inOneLine = new RegExp(`(${colour})|[${unsafe}\\t\\n]`, 'g');
const anywhere = new RegExp(`[${unsafe}]`, 'g');

/** Lines for people: breaks, tabs and Plimsoll's own colours stay. */
export const visibleLines = (text: string): string => text.replaceAll(inLines, shown);

/** The same where nothing is in colour: a log, an error, a report for another program. */
export const visiblePlain = (text: string): string =>
  text.replaceAll(anywhere, (character) => shown(character, undefined));

/** One line: a break in it is shown as well, because it would make two. */
export const visibleLine = (text: string): string => text.replaceAll(inOneLine, shown);

/** JSON text that says the same, without the characters that JSON leaves as they are. */
export const visibleJson = (json: string): string =>
  json.replaceAll(anywhere, (character) => `\\u${hexOf(character).padStart(4, '0')}`);

/** Without one of them a name is what it looks like. */
export const isVisibleLine = (text: string): boolean => visibleLine(text) === text && visiblePlain(text) === text;

const shown = (character: string, ownColour: string | undefined): string => ownColour ?? `\\u{${hexOf(character)}}`;
const hexOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);
