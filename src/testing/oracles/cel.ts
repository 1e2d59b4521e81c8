/**
 * As much of CEL (https://github.com/google/cel-spec) as DRA selectors are made of, for tests: `&&`, `||`, `==`, `in`,
 * lists, strings, members, and the Kubernetes library functions `semver`, `quantity`, `compareTo`. A member that is not
 * there is an error; `false && error` is false, `true || error` is true, in either order.
 */
export interface CelDevice {
  readonly driver: string;
  /** Of the driver's own domain; versions stand as `semver` texts. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly memoryBytes: number | null;
}

type Value =
  | boolean
  | number
  | string
  | { readonly semver: readonly number[] }
  | { readonly quantity: number }
  | readonly Value[]
  | { readonly members: Readonly<Record<string, Value>> };

class CelError extends Error {}

const versions = new Set(['cudaComputeCapability', 'driverVersion', 'cudaDriverVersion']);

/** @returns null for an error, which makes Kubernetes give up on the whole claim. */
export function evaluateCel(expression: string, device: CelDevice): boolean | null {
  const own = Object.fromEntries(
    Object.entries(device.attributes).map(([name, text]) => [name, versions.has(name) ? semver(text) : text]),
  );
  const capacity: Record<string, Value> =
    device.memoryBytes === null ? {} : { memory: { quantity: device.memoryBytes } };
  const scope: Value = {
    members: {
      driver: device.driver,
      attributes: { members: { [device.driver]: { members: own } } },
      capacity: { members: { [device.driver]: { members: capacity } } },
    },
  };
  const parser = new Parser(tokens(expression), scope);
  const run = parser.whole();
  try {
    const value = run();
    return typeof value === 'boolean' ? value : null;
  } catch (thrown) {
    if (thrown instanceof CelError) return null;
    throw thrown;
  }
}

function semver(text: string): Value {
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(text)) throw new CelError(`not a semantic version: ${text}`);
  return { semver: text.split('.').map(Number) };
}

const tokenPattern = /\s*("(?:[^"\\]|\\.)*"|&&|\|\||==|[A-Za-z_]\w*|\d+|[()[\],.])/y;

function tokens(text: string): readonly string[] {
  const found: string[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.trimEnd().length) {
    const match = tokenPattern.exec(text);
    if (match === null) throw new SyntaxError(`not CEL that this reads: ${text.slice(tokenPattern.lastIndex)}`);
    found.push(match[1] ?? '');
  }
  return found;
}

type Run = () => Value;

class Parser {
  readonly #tokens: readonly string[];
  readonly #device: Value;
  #at = 0;

  constructor(words: readonly string[], device: Value) {
    this.#tokens = words;
    this.#device = device;
  }

  whole(): Run {
    const run = this.#or();
    if (this.#at < this.#tokens.length)
      throw new SyntaxError(`more than one expression: ${this.#tokens.slice(this.#at).join(' ')}`);
    return run;
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }

  #need(word: string): void {
    if (!this.#take(word)) throw new SyntaxError(`expected ${word}, got ${this.#tokens[this.#at] ?? 'the end'}`);
  }

  #or(): Run {
    let left = this.#and();
    while (this.#take('||')) left = either(left, this.#and(), true);
    return left;
  }

  #and(): Run {
    let left = this.#relation();
    while (this.#take('&&')) left = either(left, this.#relation(), false);
    return left;
  }

  #relation(): Run {
    const left = this.#member();
    if (this.#take('==')) {
      const right = this.#member();
      return () => JSON.stringify(left()) === JSON.stringify(right());
    }
    if (!this.#take('in')) return left;
    const list = this.#member();
    return () => {
      const [value, values] = [left(), list()];
      if (!Array.isArray(values)) throw new CelError('no list');
      return values.includes(value);
    };
  }

  #member(): Run {
    let value = this.#primary();
    for (;;) {
      if (this.#take('[')) value = select(value, this.#or(), () => this.#need(']'));
      else if (this.#take('.')) value = this.#dotted(value);
      else return value;
    }
  }

  #dotted(value: Run): Run {
    const name = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    if (!this.#take('(')) return select(value, () => name);
    const argument = this.#or();
    this.#need(')');
    if (name !== 'compareTo') throw new SyntaxError(`no method ${name}`);
    return () => compare(value(), argument());
  }

  #primary(): Run {
    const word = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    if (word === '(') {
      const inner = this.#or();
      this.#need(')');
      return inner;
    }
    if (word === '[') return this.#list();
    if (word.startsWith('"')) return () => JSON.parse(word) as string;
    if (/^\d/.test(word)) return () => Number(word);
    if (word === 'device') return () => this.#device;
    if (word === 'semver' || word === 'quantity') {
      this.#need('(');
      const argument = this.#or();
      this.#need(')');
      return () => (word === 'semver' ? semver(String(argument())) : { quantity: Number(argument()) });
    }
    throw new SyntaxError(`unknown word ${word}`);
  }

  #list(): Run {
    const items: Run[] = [];
    if (!this.#take(']')) {
      do items.push(this.#or());
      while (this.#take(','));
      this.#need(']');
    }
    return () => items.map((item) => item());
  }
}

/** `decisive` decides whatever the other side is, an error included. */
function either(left: Run, right: Run, decisive: boolean): Run {
  return () => {
    const answers = [left, right].map((run): boolean | CelError => {
      try {
        const value = run();
        return typeof value === 'boolean' ? value : new CelError('no boolean');
      } catch (thrown) {
        if (thrown instanceof CelError) return thrown;
        throw thrown;
      }
    });
    if (answers.includes(decisive)) return decisive;
    const error = answers.find((answer) => answer instanceof CelError);
    if (error instanceof CelError) throw error;
    return !decisive;
  };
}

function select(value: Run, key: Run, after: () => void = () => undefined): Run {
  after();
  return () => {
    const [found, name] = [value(), String(key())];
    const members = typeof found === 'object' && 'members' in found ? found.members : {};
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === undefined) throw new CelError(`no such key: ${name}`);
    return member;
  };
}

function compare(a: Value, b: Value): number {
  if (typeof a === 'object' && typeof b === 'object' && 'semver' in a && 'semver' in b) {
    const place = a.semver.findIndex((number, index) => number !== b.semver[index]);
    return place === -1 ? 0 : Math.sign((a.semver[place] ?? 0) - (b.semver[place] ?? 0));
  }
  if (typeof a === 'object' && typeof b === 'object' && 'quantity' in a && 'quantity' in b)
    return Math.sign(a.quantity - b.quantity);
  throw new CelError('no such overload');
}
