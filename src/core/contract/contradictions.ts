import type { CodeSection, ScalingSection } from './contract.ts';

/** What two sections say that cannot both hold. A contradiction inside one section is found where the section is read. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected: string;
}

/** Sections as far as they could be read; `unread` names those that are written and could not be. */
export interface ReadSections {
  readonly code?: Pick<CodeSection, 'image' | 'command'> | undefined;
  readonly scaling?: Pick<ScalingSection, 'toZero'> | undefined;
  readonly coldStart?: unknown;
  readonly environments?: Readonly<Record<string, ReadEnvironment>> | undefined;
  readonly unread: readonly string[];
}
interface ReadEnvironment {
  readonly platform?: 'local' | 'kubernetes' | undefined;
  readonly namespace?: string | undefined;
  readonly selector?: Readonly<Record<string, string>> | undefined;
  readonly runtimeClass?: string | undefined;
}

export function contradictions(sections: ReadSections): readonly Contradiction[] {
  const environments = Object.entries(sections.environments ?? {});
  return [
    ...ofScalingToZero(sections),
    ...environments.flatMap(([name, environment]) => ofEnvironment(name, environment, sections)),
  ];
}

function ofScalingToZero({ scaling, coldStart, unread }: ReadSections): readonly Contradiction[] {
  if (scaling?.toZero !== 'when-proven' || coldStart !== undefined || unread.includes('coldStart')) return [];
  return [
    {
      path: ['scaling', 'toZero'],
      message: '`toZero: when-proven` is proven by starts from cold, and no `coldStart` budget is written',
      expected: 'a `coldStart` section, or `toZero: never`',
    },
  ];
}

function ofEnvironment(name: string, environment: ReadEnvironment, sections: ReadSections): readonly Contradiction[] {
  const { code, unread } = sections;
  if (environment.platform === undefined && unread.includes('code')) return [];
  const platform = environment.platform ?? (code?.image === undefined ? 'local' : 'kubernetes');
  const path = ['environments', name];
  if (platform === 'kubernetes') {
    // The built-in model server is in the image that the installation names.
    if (code === undefined || code.image !== undefined || code.command?.[0] === 'plimsoll') return [];
    const message = 'the platform `kubernetes` runs images, and `code` names a command';
    const expected = '`code.image`, a command of `plimsoll`, or `platform: local`';
    return [{ path: [...path, 'platform'], message, expected }];
  }
  const ofClusters = [
    ...(environment.namespace === undefined ? [] : ['namespace']),
    ...(Object.keys(environment.selector ?? {}).length === 0 ? [] : ['selector']),
    ...(environment.runtimeClass === undefined ? [] : ['runtimeClass']),
  ];
  return ofClusters.map((key) => ({
    path: [...path, key],
    message: `\`${key}\` speaks of a cluster, and the platform is \`local\``,
    expected: `no \`${key}\`, or \`platform: kubernetes\``,
  }));
}
