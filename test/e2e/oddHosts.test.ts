/** Hosts as administrators leave them: odd login shells, noisy profiles, /tmp and homes that are of no use. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { unless, withoutRoot } from '../unless.ts'
import { packTiny, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
const odd = suite('odd hosts')
const asRoot = unless(withoutRoot, odd)

workshop.write('recipes/tiny.yaml', tinyRecipe(packTiny(workshop.archives, '1.0')))

/** The process that holds the mounts of the sandbox's world. */
function holderOf(host: string): number {
  const root = workshop.root(host)
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
      if (!line.startsWith('sleep\0')) continue
      const marker = join('/proc', pid, 'root', 'etc/build-stack-test')
      if (existsSync(marker) && readFileSync(marker, 'utf8') === root) return Number(pid)
    } catch {}
  }
  throw new Error(`the world of ${host} was not found`)
}

interface Login {
  shell?: string
  /** Of the home folder, by name. */
  files?: Record<string, string>
  profiles?: string
  /** The prefix is root's. */
  guarded?: boolean
  /** Further settings in hosts.yaml. */
  settings?: string
}

let uid = 2000

/** Another account on the sandbox, and an entry of hosts.yaml that logs in as it. Returns the host's name. */
function addHost(
  name: string,
  { shell = '/bin/sh', files = {}, profiles = '', guarded = false, settings = '' }: Login,
): string {
  const root = workshop.root('box')
  uid++
  const home = join(root, 'home', name)
  appendFileSync(join(root, 'etc/passwd'), `${name}:x:${uid}:10::/home/${name}:${shell}\n`)
  appendFileSync(join(root, 'etc/shadow'), `${name}:NP:20000::::::\n`)
  appendFileSync(join(root, 'etc/user_attr'), `${name}::::profiles=${profiles}\n`)
  mkdirSync(home)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(home, file), text)
  const [prefix, work] = [`/opt/${name}`, `/var/tmp/${name}`]
  for (const folder of [home, ...[prefix, work].map((path) => join(root, path))]) {
    mkdirSync(folder, { recursive: true })
    chownSync(folder, guarded && folder.endsWith(prefix) ? 0 : uid, 10)
  }
  const { port, identityFile } = workshop.endpoint('box')
  hosts.push(
    `  ${name}: { address: 127.0.0.1, port: ${port}, user: ${name}, key: ${identityFile}, agent: false, prefix: ${prefix}, ` +
      `work: ${work}, ${settings} recipes: { tiny: "*" } }`,
  )
  workshop.write('hosts.yaml', `hosts:\n${hosts.join('\n')}\n`)
  return name
}
const hosts = ['  box: { address: sandbox }']

odd.before(async () => {
  workshop.write('hosts.yaml', `hosts:\n${hosts.join('\n')}\n`)
  const { code, stderr } = await workshop.command('sandbox', 'start', 'box')
  assert.is(code, 0, stderr)
  workshop.writeHome('.ssh/known_hosts', readFileSync(workshop.endpoint('box').knownHostsFile, 'utf8'))
  writeFileSync(join(workshop.root('box'), 'etc/build-stack-test'), workshop.root('box'))
})
odd.after(() => workshop.close())

/** A dry run, a run, and nothing to do after it. */
async function builds(host: string): Promise<void> {
  const before = await workshop.build(host, '--dry-run')
  assert.is(before.code, 2, before.stdout + before.stderr)
  const run = await workshop.build(host)
  assert.is(run.code, 0, run.stdout + run.stderr)
  const program = join(workshop.root('box'), 'opt', host, 'bin/tiny')
  assert.is(execFileSync(program, { encoding: 'utf8' }), 'tiny 1.0\n')
  assert.is(workshop.read('box', `opt/${host}/share/tiny/value`), '\n', "nothing of the login's environment")
  const again = await workshop.build(host)
  assert.is(again.code, 0, again.stdout + again.stderr)
  assert.match(again.stdout, /up to date/)
}

const NOISE = 'echo Welcome; echo "Disk quota: fine" ; stty erase x'
const LOGINS: [name: string, program: string, login: Login][] = [
  ['bourne', '/bin/sh', {}],
  [
    'csh',
    '/bin/csh',
    { shell: '/bin/csh', files: { '.cshrc': `${NOISE}\nset history=100\nsetenv TINY_VALUE leaked\n` } },
  ],
  ['tcsh', '/bin/tcsh', { shell: '/bin/tcsh', files: { '.tcshrc': `${NOISE}\n` } }],
  ['ksh', '/bin/ksh', { shell: '/bin/ksh' }],
  [
    'bash',
    '/bin/bash',
    {
      shell: '/bin/bash',
      files: { '.bashrc': `${NOISE}\nexport TINY_VALUE=leaked CDPATH=/ TAR_OPTIONS=-v\n` },
    },
  ],
  [
    'busybox',
    '/bin/busybox',
    { shell: '/home/busybox/sh', files: { sh: '#!/bin/busybox sh\nexec /bin/busybox sh "$@"\n' } },
  ],
]
for (const [name, program, login] of LOGINS) {
  const missing = existsSync(program) ? undefined : `there is no ${program} here`
  unless(withoutRoot ?? missing, odd)(`${name} as login shell`, async () => {
    addHost(name, login)
    if (name === 'busybox') execFileSync('chmod', ['755', join(workshop.root('box'), 'home/busybox/sh')])
    await builds(name)
  })
}

const TMP: [name: string, options: string, fill: string][] = [
  ['noexec', 'noexec', ''],
  ['full', 'size=64k', 'dd if=/dev/zero of=/tmp/fill bs=1024 2>/dev/null || :'],
]
for (const [name, options, fill] of TMP) {
  asRoot(`a /tmp that is ${name}`, async () => {
    const host = addHost(name, {})
    const inside = (command: string) =>
      execFileSync('nsenter', ['--mount', `--target=${holderOf('box')}`, 'sh', '-c', command])
    inside(`mount -t tmpfs -o mode=1777,${options} tmp /tmp; ${fill}`)
    try {
      await builds(host)
    } finally {
      inside('umount /tmp')
    }
  })
}

asRoot('a home that cannot be written to, and one that is not there', async () => {
  const host = addHost('readonly', {})
  execFileSync('chown', ['root', join(workshop.root('box'), 'home/readonly')])
  execFileSync('chmod', ['555', join(workshop.root('box'), 'home/readonly')])
  await builds(host)
  const other = addHost('homeless', {})
  execFileSync('rmdir', [join(workshop.root('box'), 'home/homeless')])
  await builds(other)
})

const PRIVILEGES: [name: string, login: Login, message: RegExp | undefined][] = [
  ['pfexec with a profile', { profiles: 'Primary Administrator' }, undefined],
  ['pfexec asked for', { profiles: 'Primary Administrator', settings: 'privilege: pfexec,' }, undefined],
  [
    'pfexec without a profile',
    { settings: 'privilege: pfexec,' },
    /pfexec does not make \w+ root: the account has no rights/,
  ],
  [
    'nothing allowed',
    { profiles: 'Primary Administrator', settings: 'privilege: none,' },
    /hosts\.yaml says privilege: none/,
  ],
]
for (const [index, [name, login, message]] of PRIVILEGES.entries()) {
  asRoot(`a prefix of root's, ${name}`, async () => {
    const host = addHost(`guarded${index}`, { ...login, guarded: true })
    if (message === undefined) return builds(host)
    const { code, stdout, stderr } = await workshop.build(host)
    assert.is(code, 69, stdout + stderr)
    assert.match(stdout + stderr, message)
    assert.not.ok(existsSync(join(workshop.root('box'), 'var/tmp', host, 'jobs')))
  })
}

odd.run()
