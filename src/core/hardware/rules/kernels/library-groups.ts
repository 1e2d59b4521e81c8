import type { DeviceLibrary, ImageFacts } from '../../../image/image-facts.ts';
import { isNamed } from './library-names.ts';
import { libraryRoles, type LibraryRole } from '../../tables/library-roles.ts';

/** Libraries of which a device needs a kernel in one: a group of shards, or a library that stands alone. */
export interface LibraryGroup {
  readonly name: string;
  readonly libraries: readonly DeviceLibrary[];
  /** Null: no row of the table names it, so that it is required. */
  readonly role: LibraryRole | null;
}

const patterns = libraryRoles.map((role) => ({ role, pattern: new RegExp(role.path) }));

const roleOf = (path: string): LibraryRole | null =>
  patterns.find(({ pattern }) => pattern.test(`/${path.replace(/^\//, '')}`))?.role ?? null;

/**
 * Names that tell which programs an image holds: its Python distributions, and the folders that its libraries lie in.
 */
export const programsOf = ({ python, libraries }: Pick<ImageFacts, 'python' | 'libraries'>): ReadonlySet<string> =>
  new Set([...python.map(({ name }) => name), ...libraries.flatMap(({ path }) => path.split('/').slice(0, -1))]);

/** The row for a library beside these programs; null where it is required. */
function roleBeside(path: string, programs: ReadonlySet<string>): LibraryRole | null {
  const role = roleOf(path);
  return role?.fallbacks === undefined || role.fallbacks.some((name) => programs.has(name)) ? role : null;
}

/** A library that decides nothing beside these programs, whatever is in it. */
export const isOptional = (path: string, programs: ReadonlySet<string>): boolean =>
  roleBeside(path, programs)?.role === 'optional';

/**
 * In the order of their first library; those that the contract names are required. A library without any code in it was
 * listed by mistake and says nothing. Samples of the toolkit are required where no other library is.
 */
export function groupLibraries(
  image: Pick<ImageFacts, 'python' | 'libraries'>,
  required: readonly string[] = [],
): readonly LibraryGroup[] {
  const { libraries } = image;
  const programs = programsOf(image);
  const groups = new Map<string, { name: string; libraries: DeviceLibrary[]; role: LibraryRole | null }>();
  for (const library of libraries) {
    if (library.cubins.length + library.ptx.length === 0 && library.unknown === undefined) continue;
    const role = isNamed(library.path, required) ? null : roleBeside(library.path, programs);
    const name = role?.role === 'shard' ? (role.group ?? role.path) : library.path;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { name, libraries: [library], role });
    else group.libraries.push(library);
  }
  const all = [...groups.values()];
  return all.some(isRequired)
    ? all
    : all.map((group) => (group.role?.requiredAlone === true ? { ...group, role: null } : group));
}

/** A device needs a kernel in it. */
export const isRequired = ({ role }: LibraryGroup): boolean => role?.role !== 'optional';
