import { readFileSync } from 'node:fs';
import path from 'node:path';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import type { ProcessTable } from './process-table.ts';

const programMark = 'PLIMSOLL_PROGRAM';
const lineMark = 'PLIMSOLL_PROGRAM_LINE';

/** What one of Plimsoll's own programs carries, so that the next `up` knows it again. */
export function programMarks(stateFolder: string, name: string, line: string): Readonly<Record<string, string>> {
  return { [replicaEnvironment.home]: stateFolder, [programMark]: name, [lineMark]: line };
}

export interface FoundProgram {
  readonly pid: number;
  readonly identity: string;
  /** Digest of the command line and version that it was started with; null where it cannot be seen. */
  readonly line: string | null;
}

/** The running programs of this name that a supervisor of this state folder started. */
export function programsOf(stateFolder: string, name: string, table: ProcessTable): readonly FoundProgram[] {
  if (!table.precise) return recorded(stateFolder, name, table);
  return table
    .marked({ [replicaEnvironment.home]: stateFolder, [programMark]: name })
    .filter(({ leader }) => leader)
    .flatMap(({ pid, marks }) => {
      const identity = table.identity(pid);
      return identity === null ? [] : [{ pid, identity, line: marks[lineMark] ?? null }];
    });
}

/** Where environments are not visible, the program's own record of itself must do. */
function recorded(stateFolder: string, name: string, table: ProcessTable): readonly FoundProgram[] {
  try {
    const record = JSON.parse(readFileSync(path.join(stateFolder, 'run', `${name}.json`), 'utf8')) as {
      readonly pid?: unknown;
      readonly identity?: unknown;
    };
    const { pid, identity } = record;
    if (typeof pid !== 'number' || typeof identity !== 'string' || table.identity(pid) !== identity) return [];
    return [{ pid, identity, line: null }];
  } catch {
    return [];
  }
}
