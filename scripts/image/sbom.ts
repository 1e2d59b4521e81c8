import type { DebianPackage } from './debian-packages.ts';
import type { InstalledPackage } from './npm-packages.ts';

export const sbomType = 'application/vnd.cyclonedx+json';

export interface ImageParts {
  readonly version: string;
  readonly debianRelease: string;
  readonly debian: readonly DebianPackage[];
  readonly node: { readonly version: string; /** Of the program, in hexadecimal digits. */ readonly sha256: string };
  readonly installed: readonly InstalledPackage[];
  /** The texts of licenses that a bundle has beside it: packages are headings, `## NAME VERSION (LICENSE)` or `## NAME - VERSION (LICENSE)`. */
  readonly licenses: readonly string[];
}

interface Component {
  readonly type: 'library' | 'application';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { readonly expression: string }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/**
 * What is in the image, as CycloneDX 1.6: packages of Debian, Node.js, installed packages and those that the bundle holds.
 * It has no serial number and no date, so that the same image has the same list. https://cyclonedx.org/docs/1.6/json/
 */
export function makeSbom(parts: ImageParts): object {
  const byPurl = new Map<string, Component>();
  for (const component of listComponents(parts)) {
    if (!byPurl.has(component.purl)) byPurl.set(component.purl, component);
  }
  const purl = `pkg:npm/plimsoll@${parts.version}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'container', 'bom-ref': purl, name: 'plimsoll', version: parts.version, purl },
    },
    components: [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
  };
}

function listComponents({ debian, debianRelease, node, installed, licenses }: ImageParts): readonly Component[] {
  return [
    ...debian.map(({ name, version, sha256 }) =>
      makeComponent('library', name, version, debianPurl(name, version, debianRelease), undefined, ['SHA-256', sha256]),
    ),
    makeComponent('application', 'node', node.version, `pkg:generic/node@${node.version}`, 'MIT', [
      'SHA-256',
      node.sha256,
    ]),
    ...installed.map(({ name, locked }) => {
      const [, base64] = /^sha512-(.+)$/.exec(locked.integrity ?? '') ?? [];
      const hash =
        base64 === undefined ? undefined : (['SHA-512', Buffer.from(base64, 'base64').toString('hex')] as const);
      return makeComponent('library', name, locked.version, npmPurl(name, locked.version), locked.license, hash);
    }),
    ...licenses.flatMap((text) =>
      [...text.matchAll(/^## (\S+) (?:- )?(\d\S*) \((.+)\)$/gm)].map(([, name = '', version = '', license]) =>
        makeComponent('library', name, version, npmPurl(name, version), license),
      ),
    ),
  ];
}

function makeComponent(
  type: Component['type'],
  name: string,
  version: string,
  purl: string,
  license?: string,
  hash?: readonly [algorithm: string, content: string],
): Component {
  return {
    type,
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    ...(hash === undefined ? {} : { hashes: [{ alg: hash[0], content: hash[1] }] }),
  };
}

const npmPurl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;
const debianPurl = (name: string, version: string, release: string): string =>
  `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=amd64&distro=debian-${release}`;
