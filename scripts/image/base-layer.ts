import { fetchDebianPackages, readDebianPackage } from './debian-packages.ts';
import { makeFile, makeFolder, makeLink, type ImageEntry } from './image-entry.ts';

/** Of nobody else: the user of replicas too. */
export const userId = 65_532;
export const homeFolder = 'var/lib/plimsoll';

/** Libraries of Debian, and what a program asks of a root file system: users, names, a folder for temporary files. */
export function makeBaseLayer(): readonly ImageEntry[] {
  const users = `root:x:0:0:root:/root:/usr/sbin/nologin\nplimsoll:x:${userId}:${userId}:plimsoll:/${homeFolder}:/usr/sbin/nologin\n`;
  return [
    ...fetchDebianPackages().flatMap(({ from, file }) => readDebianPackage(file, from)),
    ...['bin', 'lib', 'lib64', 'sbin'].map((name) => makeLink(name, `usr/${name}`)),
    makeFolder('usr/bin'),
    makeFolder('usr/sbin'),
    makeFile('etc/passwd', users),
    makeFile('etc/group', `root:x:0:\nplimsoll:x:${userId}:\n`),
    makeFile('etc/nsswitch.conf', 'hosts: files dns\n'),
    makeLink('etc/os-release', '../usr/lib/os-release'),
    makeFolder('tmp', { mode: 0o1777 }),
    makeFolder(homeFolder, { owner: userId }),
  ];
}
