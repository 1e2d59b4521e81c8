import { compareVersions, type VersionOperator } from '../../../units/quantity/quantity-version-range.ts';

/**
 * `NVIDIA_REQUIRE_*`, evaluated as the programs that evaluate it do. Their sources, read 2026-11:
 *
 * | checker | source | what it knows of the host |
 * |---|---|---|
 * | `legacy` | NVIDIA/libnvidia-container, src/cli/dsl.c and configure.c | cuda, driver, arch, brand, for each visible GPU |
 * | `go-2022` | NVIDIA/nvidia-container-toolkit, internal/modifier/csv.go | cuda, arch of device 0; driver and brand stay empty |
 * | `go-2026` | the same, internal/requirements/image.go | cuda, arch, driver, brand of device 0 |
 *
 * The default mode of today's toolkit evaluates none of it (toolkit issue 1470).
 *
 * Both grammars: a space is OR, a comma is AND, every variable must hold. They differ:
 *
 * | | legacy | Go |
 * |---|---|---|
 * | unknown property | the whole string is invalid | that condition is skipped |
 * | missing fact | the condition holds | the fact is below every version, and the empty text |
 * | names of properties and brands | upper and lower case alike | exact |
 * | `brand` | `=` and `!=` only | all operators, compared as text |
 * | versions | any number of places | semantic versions: at most three, no leading zeros (`450.80.02` is invalid) |
 * | after an alternative that holds | nothing further is read | everything is read first, so that one error refuses |
 */
export type RequireChecker = 'legacy' | 'go-2022' | 'go-2026';
export const requireCheckers: readonly RequireChecker[] = ['legacy', 'go-2022', 'go-2026'];

/** What a checker would find on the host; null is a fact that it does not find. */
export interface RequireHost {
  readonly cuda: string | null;
  readonly driver: string | null;
  readonly arch: string | null;
  /** As the checkers write it: `geforcertx`. */
  readonly brand: string | null;
}

export type RequireAnswer =
  | { readonly answer: 'yes' }
  /** The first condition of the last alternative that did not hold. */
  | { readonly answer: 'no'; readonly condition: string }
  /** The string cannot be read: a container of it does not start. */
  | { readonly answer: 'error'; readonly reason: string };

export interface Requirements {
  /** `NVIDIA_DISABLE_REQUIRE` is true: nothing is evaluated. */
  readonly disabled: boolean;
  readonly all: readonly { readonly variable: string; readonly text: string }[];
}

const yes: RequireAnswer = { answer: 'yes' };
const error = (reason: string): RequireAnswer => ({ answer: 'error', reason });

/**
 * The requirements of an image's environment. `NVIDIA_REQUIRE_JETPACK*` is left out; `CUDA_VERSION` without
 * `NVIDIA_REQUIRE_CUDA` means `cuda>=M.m`. `NVIDIA_DISABLE_REQUIRE` is read as Go's ParseBool does.
 */
export function requirementsOf(env: Readonly<Record<string, string>>): Requirements {
  const disabled = /^(?:1|t|T|true|TRUE|True)$/.test(env['NVIDIA_DISABLE_REQUIRE'] ?? '');
  const written = Object.entries(env)
    .filter(([name]) => name.startsWith('NVIDIA_REQUIRE_') && !name.startsWith('NVIDIA_REQUIRE_JETPACK'))
    .map(([variable, text]) => ({ variable, text }))
    .sort((a, b) => (a.variable < b.variable ? -1 : 1));
  const cuda = /^v?(\d+)(?:\.(\d+))?/.exec(env['CUDA_VERSION'] ?? '');
  const implied =
    cuda !== null && (env['NVIDIA_REQUIRE_CUDA'] ?? '') === ''
      ? [{ variable: 'CUDA_VERSION', text: `cuda>=${cuda[1]}.${cuda[2] ?? '0'}` }]
      : [];
  return { disabled, all: [...written, ...implied] };
}

/** Every requirement by one checker: the first that does not hold, or yes. */
export function checkRequirements(
  requirements: Requirements,
  checker: RequireChecker,
  host: RequireHost,
): RequireAnswer {
  if (requirements.disabled) return yes;
  const check = checker === 'legacy' ? legacyCheck : goCheck;
  const known = checker === 'go-2022' ? { ...host, driver: null, brand: null } : host;
  const answers = requirements.all.map(({ text }) => check(text, known));
  return answers.find(({ answer }) => answer === 'error') ?? answers.find(({ answer }) => answer === 'no') ?? yes;
}

/** Driver branches that the alternatives of a requirement name: 535 of `brand=tesla,driver>=535,driver<536`. */
export function branchesNamed(text: string): readonly number[] {
  const branches = text.split(' ').flatMap((alternative) => {
    const low = /driver>=(\d+)/.exec(alternative)?.[1];
    const high = /driver<(\d+)/.exec(alternative)?.[1];
    return low !== undefined && Number(high) === Number(low) + 1 ? [Number(low)] : [];
  });
  return [...new Set(branches)].sort((a, b) => a - b);
}

// --- libnvidia-container, dsl.c ---

/** In the order in which dsl.c looks: a lone `!` is taken for the first that begins with it, `!=`. */
const legacyOperators: readonly VersionOperator[] = ['=', '!=', '<', '<=', '>', '>='];
/** A failed condition of 128 characters or more does not fit the message, and is invalid. */
const legacyConditionMost = 128;

function legacyCheck(predicate: string, host: RequireHost): RequireAnswer {
  let failed: string | null = null;
  for (const alternative of predicate.split(' ')) {
    if (alternative === '') continue;
    let holds = true;
    for (const condition of alternative.split(',')) {
      if (condition === '') continue;
      const answer = legacyCondition(condition, host);
      if (answer === 'invalid') return error(`invalid expression: ${condition}`);
      failed = answer === 'holds' ? null : answer;
      holds = answer === 'holds';
      if (!holds) break;
    }
    if (holds) break;
  }
  return failed === null ? yes : { answer: 'no', condition: failed };
}

/** `holds`, `invalid`, or the condition as dsl.c prints it when it does not hold. */
function legacyCondition(condition: string, host: RequireHost): string {
  const match = /^([^<>=!]+)([<>=!]+)(.+)$/s.exec(condition);
  if (match === null) return 'invalid';
  const [, name = '', characters = '', value = ''] = match;
  const operator = legacyOperators.find((each) => each.startsWith(characters));
  if (operator === undefined) return 'invalid';
  const holds = legacyHolds(name.toLowerCase(), operator, value, host);
  if (holds === null) return 'invalid';
  const printed = `${name} ${operator} ${value}`;
  if (holds) return 'holds';
  return printed.length >= legacyConditionMost ? 'invalid' : printed;
}

/** Null: invalid. */
function legacyHolds(name: string, operator: VersionOperator, value: string, host: RequireHost): boolean | null {
  switch (name) {
    case 'cuda':
    case 'driver':
    case 'arch':
      return host[name] === null ? true : legacyVersions(host[name], operator, value);
    case 'brand': {
      if (host.brand === null) return true;
      const same = host.brand.toLowerCase() === value.toLowerCase();
      return operator === '=' ? same : operator === '!=' ? !same : null;
    }
    default:
      return null;
  }
}

/** Dotted numbers of any length; missing places are zero. Null where either is not made of digits and dots. */
function legacyVersions(own: string, operator: VersionOperator, asked: string): boolean | null {
  const numbers = (text: string): readonly number[] | null =>
    /^\d+(?:\.+\d+)*\.*$/.test(text)
      ? text
          .split(/\.+/)
          .filter((part) => part !== '')
          .map(Number)
      : null;
  const left = numbers(own);
  const right = numbers(asked);
  return left === null || right === null ? null : holdsFor(operator, compareVersions(left, right));
}

function holdsFor(operator: VersionOperator, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

// --- nvidia-container-toolkit, internal/requirements ---

/** In the order in which the Go checker looks. */
const goOperators: readonly VersionOperator[] = ['!=', '<=', '>=', '=', '<', '>'];

type GoCondition = { readonly text: string; readonly holds: boolean };

function goCheck(requirement: string, host: RequireHost): RequireAnswer {
  const alternatives: GoCondition[][] = [];
  for (const alternative of requirement.split(' ')) {
    const conditions: GoCondition[] = [];
    for (const text of alternative.split(',')) {
      if (text.trim() === '') continue;
      const condition = goCondition(text, host);
      if (typeof condition === 'string') return error(condition);
      if (condition !== null) conditions.push(condition);
    }
    if (conditions.length > 0) alternatives.push(conditions);
  }
  if (alternatives.length === 0 || alternatives.some((all) => all.every(({ holds }) => holds))) return yes;
  const failed = alternatives.flatMap((all) => all.filter(({ holds }) => !holds));
  return { answer: 'no', condition: failed[0]?.text ?? requirement };
}

/** Null: skipped. A text: why the requirement is invalid. */
function goCondition(text: string, host: RequireHost): GoCondition | string | null {
  const at = text.search(/[<>=!]/);
  if (at === -1) return `invalid constraint: ${text}`;
  const name = text.slice(0, at);
  if (name !== 'cuda' && name !== 'driver' && name !== 'arch' && name !== 'brand') return null;
  const rest = text.slice(at);
  const operator = goOperators.find((each) => rest.startsWith(each));
  const value = rest.slice(operator?.length ?? 0);
  if (name === 'brand') {
    // An operator that cannot be read is only found when it is evaluated, and then does not hold.
    const own = host.brand ?? '';
    const order = own < value ? -1 : own > value ? 1 : 0;
    return { text, holds: operator !== undefined && holdsFor(operator, order) };
  }
  const asked = semanticVersion(value);
  if (operator === undefined || asked === null) return `invalid value ${value}; expected a version`;
  const own = host[name] === null ? null : semanticVersion(name === 'driver' ? withoutZeros(host[name]) : host[name]);
  return { text, holds: holdsFor(operator, own === null ? -1 : compareVersions(own, asked)) };
}

/** The toolkit of 2026 drops the leading zeros of the driver, and not those of what is asked for. */
const withoutZeros = (version: string): string => version.split('.').map(Number).join('.');

/** golang.org/x/mod/semver: one to three numbers without leading zeros; `12.4` is 12.4.0. */
function semanticVersion(text: string): readonly number[] | null {
  const match = /^v?((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){0,2})(?:[-+].*)?$/.exec(text);
  return match === null ? null : (match[1] ?? '').split('.').map(Number);
}
