/**
 * The folders and files that a world has before anything runs in it. What an administrator may change is written once
 * and then left alone; what a boot empties or takes anew from this machine is done at every start.
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { FILES } from './worldFiles.ts'

const FOLDERS = [
  ...[
    'dev',
    'etc/alternatives',
    'etc/default',
    'etc/ld.so.conf.d',
    'etc/perl',
    'etc/skel',
    'etc/ssh',
    'etc/ssl',
  ],
  ...[
    'etc/svc',
    'export/home',
    'home',
    'mnt',
    'opt/csw',
    'opt/local',
    'proc',
    'root',
    'system/volatile',
    'tmp',
    'usr',
  ],
  ...['var/adm', 'var/log', 'var/pkg-get/catalog', 'var/run', 'var/sadm/pkg', 'var/spool', 'var/svc/log'],
  ...['var/svc/manifest/site', 'var/tmp'],
]

/** Emptied at every start, as the memory file systems that they are on a real host. */
const VOLATILE = ['tmp', 'var/run', 'system/volatile']

/** Makes the tree, or brings an existing one to the state after a boot. Runs as root of the sandbox. */
export function makeWorldTree(root: string, manyNumbers: boolean): void {
  for (const folder of VOLATILE) rmSync(join(root, folder), { recursive: true, force: true })
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true })
  for (const folder of ['tmp', 'var/tmp']) chmodSync(join(root, folder), 0o1777)
  chmodSync(join(root, 'root'), 0o700)
  link('var/run', join(root, 'run'))

  for (const [path, { text, mode }] of Object.entries(FILES)) {
    const file = join(root, path)
    if (existsSync(file)) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode })
    chmodSync(file, mode)
  }
  link('default/init', join(root, 'etc/TIMEZONE'))
  makeHome(join(root, 'home/admin'), manyNumbers)
  linkSystemFolders(root)
  copyLoaderFiles(root)
}

function makeHome(home: string, manyNumbers: boolean): void {
  if (existsSync(home)) return
  mkdirSync(home)
  if (manyNumbers) chownSync(home, 1000, 10)
}

/** /bin, /sbin, /lib and the like: links where this machine has links, else folders that mounts.sh fills. */
function linkSystemFolders(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const machine = lstatSync(`/${name}`, { throwIfNoEntry: false })
    if (machine?.isSymbolicLink()) link(readlinkSync(`/${name}`), join(root, name))
    else if (machine !== undefined) mkdirSync(join(root, name), { recursive: true })
  }
}

/** The dynamic loader's own files: copies, since ldconfig in the world may write its own. */
function copyLoaderFiles(root: string): void {
  for (const name of ['ld.so.cache', 'ld.so.conf']) {
    if (existsSync(`/etc/${name}`)) copyFileSync(`/etc/${name}`, join(root, 'etc', name))
  }
  if (!existsSync('/etc/ld.so.conf.d')) return
  for (const name of readdirSync('/etc/ld.so.conf.d')) {
    cpSync(`/etc/ld.so.conf.d/${name}`, join(root, 'etc/ld.so.conf.d', name), {
      dereference: true,
      force: true,
    })
  }
}

function link(target: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) symlinkSync(target, path)
}
