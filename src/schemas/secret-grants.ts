import { grantText, type SecretGrant } from '../core/contract/secrets/secret-grant.ts';
import { PlimsollError } from '../core/units/errors.ts';

/** As contracts name services and environments. */
const label = '[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?';
const linePattern = new RegExp(`^(${label})(?:/(${label}))?$`);
const mostBytes = 64 * 1024;

/**
 * The file `.granted-to` of a secret: a line each, `SERVICE` or `SERVICE/ENVIRONMENT`, and comments behind `#`. A line of
 * another form is an error, so that a slip of the pen grants nothing to anybody.
 * @throws PlimsollError `secret-grants-invalid` (input) with the line.
 */
export function readSecretGrants(text: string, file: string): readonly SecretGrant[] {
  if (text.length > mostBytes) throw invalid(`${file} is larger than ${mostBytes} bytes`, file);
  return text.split('\n').flatMap((line, index) => {
    const written = withoutComment(line);
    if (written === '') return [];
    const [, service, environment = null] = linePattern.exec(written) ?? [];
    if (service === undefined) throw invalid(`${file}:${index + 1}: \`${written.slice(0, 100)}\` is no grant`, file);
    return [{ service, environment }];
  });
}

/** The text with one more line; comments and other grants stay as they are. */
export function addGrantLine(text: string, grant: SecretGrant): string {
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${start}${grantText(grant)}\n`;
}

/** The text without the lines of this grant. */
export function removeGrantLines(text: string, grant: SecretGrant): string {
  const removed = grantText(grant);
  return text
    .split('\n')
    .filter((line) => withoutComment(line) !== removed)
    .join('\n');
}

const withoutComment = (line: string): string => line.replace(/#.*$/, '').trim();

const invalid = (message: string, file: string): PlimsollError =>
  new PlimsollError({
    code: 'secret-grants-invalid',
    category: 'input',
    message: `${message}; a line is SERVICE or SERVICE/ENVIRONMENT`,
    next: `mend that line of ${file}`,
  });
