/** One step of a path: the name of a member, the position of an element, or every one of them. */
type Step = string | number | typeof everyOne;

const everyOne = Symbol('every one');
const stepPattern = /\.(?:([A-Za-z_][\w-]*)|(\*))|\[(?:(\d{1,9})|(\*)|'([^'\\]*)'|"([^"\\]*)")\]/y;

/**
 * The steps of a JSON path (RFC 9535) of names, positions and `*`: `$.messages[*].content`, `$['a b'][0]`. Null for any other.
 */
export function parseRedactPath(path: string): readonly Step[] | null {
  const steps: Step[] = [];
  if (!path.startsWith('$')) return null;
  stepPattern.lastIndex = 1;
  while (stepPattern.lastIndex < path.length) {
    const match = stepPattern.exec(path);
    if (match === null) return null;
    const [, member, all, position, each, single, double] = match;
    if (all !== undefined || each !== undefined) steps.push(everyOne);
    else if (position !== undefined) steps.push(Number(position));
    else steps.push(member ?? single ?? double ?? '');
  }
  return steps.length === 0 ? null : steps;
}

/**
 * A JSON body without what `monitoring.capture.redact` names. A member is taken away; an element of a list becomes null, so
 * that the others keep their positions.
 *
 * | name | takes away |
 * |---|---|
 * | a JSON path | what it leads to |
 * | any other | the entries of `inputs` and `outputs` of that name: tensors of the Open Inference Protocol |
 *
 * The bytes of a binary tensor stand behind the JSON, and are for the caller to drop. A path that cannot be read takes
 * everything: nothing is kept by mistake.
 */
export function redactBody(body: unknown, names: readonly string[]): unknown {
  let redacted = dropTensors(body, new Set(names.filter((name) => !name.startsWith('$'))));
  for (const path of names.filter((name) => name.startsWith('$'))) {
    const steps = parseRedactPath(path);
    if (steps === null) return null;
    redacted = dropAt(redacted, steps);
  }
  return redacted;
}

function dropTensors(body: unknown, names: ReadonlySet<string>): unknown {
  if (names.size === 0 || !isRecord(body)) return body;
  return mapMembers(body, (member, key) => {
    if ((key !== 'inputs' && key !== 'outputs') || !Array.isArray(member)) return member;
    return member.filter((tensor) => !(isRecord(tensor) && names.has(String(tensor['name']))));
  });
}

function dropAt(value: unknown, [step, ...rest]: readonly Step[]): unknown {
  const isLast = rest.length === 0;
  if (Array.isArray(value)) {
    return value.map((element: unknown, at) => {
      if (step !== everyOne && step !== at) return element;
      return isLast ? null : dropAt(element, rest);
    });
  }
  if (!isRecord(value)) return value;
  return mapMembers(value, (member, key) => {
    if (step !== everyOne && step !== key) return member;
    return isLast ? undefined : dropAt(member, rest);
  });
}

/** Members that become undefined are left out. */
function mapMembers(
  record: Readonly<Record<string, unknown>>,
  map: (member: unknown, key: string) => unknown,
): unknown {
  const entries = Object.entries(record).map(([key, member]) => [key, map(member, key)] as const);
  return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
