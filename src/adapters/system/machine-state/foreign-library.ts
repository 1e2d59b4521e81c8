import { access, readdir } from 'node:fs/promises';

/** Where Windows maps the libraries of its driver into the Linux of a WSL, and where packages of a driver for Linux put theirs. */
export interface WslFolders {
  readonly mapped: string;
  readonly packaged: readonly string[];
}

export const wslFolders: WslFolders = {
  mapped: '/usr/lib/wsl/lib',
  packaged: ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib/aarch64-linux-gnu'],
};

/** `libcuda.so.465.19.01`: that of Windows has no version in its name. */
const ofPackage = /^libcuda\.so\.\d{3,4}\.\d/;

/** Whether this is the Linux of a WSL, outside of containers, that holds a library of CUDA of a driver for Linux. */
export async function hasForeignLibrary({ mapped, packaged }: WslFolders): Promise<boolean> {
  const isMapped = await access(mapped).then(
    () => true,
    () => false,
  );
  if (!isMapped) return false;
  const all = await Promise.all(packaged.map((folder) => readdir(folder).catch(() => [])));
  return all.flat().some((name) => ofPackage.test(name));
}
