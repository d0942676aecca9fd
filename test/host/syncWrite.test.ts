/** sync-look.sh and sync-write.sh: files that a host makes of what comes from a bucket, and nothing beside them. */

import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { answersOf, archiveOf, type Deed, MB } from '../../runner/sync/hostBatch.ts'
import { parseListing } from '../../runner/sync/hostListing.ts'
import { HostScripts } from '../../runner/sync/hostScripts.ts'
import type { ExecResult, Transport } from '../../runner/transports/transport.ts'
import { unless, withoutRoot } from '../unless.ts'
import { ScriptFolder } from './scriptTest.ts'
import { findProgram, runIn, type Shell, shells } from './shells.ts'

const test = suite('files that a host makes')
const WHEN = 1_195_640_553_125_000
const HOST: Pick<Host, 'name' | 'path' | 'prefix'> = { name: 'box', prefix: '/opt/local', path: [] }

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** As the program gives it to a login shell, but that PATH is what it is here. */
function scripts(shell: Shell, more: { uid?: number; path?: string; login?: string } = {}): HostScripts {
  const transport: Transport = {
    exec: async (command, { stdin } = {}): Promise<ExecResult> => {
      const env = { PATH: more.path ?? process.env.PATH ?? '' }
      const uid = more.uid === undefined ? {} : { uid: more.uid }
      const login = { name: 'login', path: more.login ?? shell.path }
      const options = { env, input: stdin as Buffer, ...uid }
      const { code, stdout, stderr } = runIn('/', login, ['-c', command], options)
      return { code, signal: null, stdout: Buffer.from(stdout), stderr }
    },
    close: async () => {},
  }
  const path = (more.path ?? process.env.PATH ?? '').split(':')
  return new HostScripts(
    { ...HOST, path },
    { shell: shell.path, privilege: 'none', tools: { sha256sum: '/usr/bin/sha256sum' } },
    transport,
  )
}

async function write(from: HostScripts, base: string, deeds: Deed[]) {
  const output = await from.run('sync-write.sh', { base, client: 'me' }, archiveOf(deeds))
  return answersOf(output, deeds.length)
}

const file = (path: string, content: string | Buffer = path, mode = 0o644): Deed => ({
  kind: 'file',
  path,
  content: Buffer.from(content),
  mode,
  mtime: WHEN,
})

const NAMES = [
  'plain',
  "it's  $HOME `x`",
  '-n',
  '*?[',
  'tab\there',
  ' blanks ',
  'back\\slash',
  'ümläut ☃',
  '+%20"',
  '~',
  '\u0001',
]

for (const shell of shells) {
  const inFolder = (title: string, body: (folder: ScriptFolder, to: string) => Promise<void>) =>
    test(`${title} (${shell.name})`, async () => {
      const folder = new ScriptFolder('sync-write.sh', shell)
      try {
        await body(folder, folder.in('deep', "t'o"))
      } finally {
        folder.close()
      }
    })

  inFolder(
    'files of any name, links and folders, with modes and times; twice is the same',
    async (folder, to) => {
      const deeds: Deed[] = [
        ...NAMES.map((name) => file(`${name}/${name}`)),
        file('empty', ''),
        file('run', '#!/bin/sh', 0o4755),
        { kind: 'link', path: 'd/link', target: '-n/no where', mtime: WHEN },
        { kind: 'folder', path: 'hollow/deep', mode: 0o700 },
        { kind: 'folder', path: 'd', mode: 0o2750 },
      ]
      for (let round = 1; round <= 2; round++) {
        assert.equal(
          await write(scripts(shell), to, deeds),
          deeds.map(() => undefined),
        )
        assert.not.ok(existsSync(`${to}/.build-stack-restore`))
      }
      for (const name of NAMES) {
        const stat = statSync(`${to}/${name}/${name}`)
        assert.is(readFileSync(`${to}/${name}/${name}`, 'utf8'), `${name}/${name}`)
        assert.equal([stat.mode & 0o7777, Math.floor(stat.mtimeMs)], [0o644, WHEN / 1000])
      }
      assert.is(statSync(`${to}/run`).mode & 0o7777, 0o4755)
      assert.is(readlinkSync(`${to}/d/link`), '-n/no where')
      assert.is(statSync(`${to}/hollow`).mode & 0o7777, 0o755)
      assert.is(statSync(`${to}/hollow/deep`).mode & 0o7777, 0o700)
      assert.is(statSync(`${to}/d`).mode & 0o7777, 0o2750)
      await write(scripts(shell), to, [{ kind: 'folder', path: 'd', mode: 0o755 }])
      assert.is(statSync(`${to}/d`).mode & 0o7777, 0o755)
      assert.equal(readdirSync(folder.in('deep')), ["t'o"])
    },
  )

  inFolder(
    'nothing through links: of folders, in the place of a file, in the place of what is on its way',
    async (folder, to) => {
      mkdirSync(folder.in('outside'))
      mkdirSync(to, { recursive: true })
      for (const name of ['way', 'place']) symlinkSync(folder.in('outside'), `${to}/${name}`)
      mkdirSync(`${to}/real`)
      writeFileSync(`${to}/file`, '')
      const answers = await write(scripts(shell), to, [
        file('way/a'),
        { kind: 'folder', path: 'way/b', mode: 0o755 },
        { kind: 'link', path: 'way/c', target: 'x', mtime: WHEN },
        { kind: 'mode', path: 'place', mode: 0o600 },
        file('place'),
        file('real'),
        file('file/a'),
        file('fine'),
      ])
      const link = `${to}/way is a link; nothing is written through it`
      assert.equal(answers, [
        ...[link, link, link, 'it changed meanwhile', undefined],
        ...['there is a folder in its place', `${to}/file is not a folder`, undefined],
      ])
      assert.ok(lstatSync(`${to}/place`).isFile())
      assert.equal(readdirSync(folder.in('outside')), [])
      symlinkSync(folder.in('outside'), `${to}/.build-stack-restore`)
      assert.match(JSON.stringify(await write(scripts(shell), to, [file('a')])), /stopped.*somebody else's/)
      assert.equal(readdirSync(folder.in('outside')), [])
    },
  )

  // Solaris' mv and touch, and busybox', as far as they differ.
  inFolder('where mv has no -T and touch no -d', async (folder, to) => {
    const older = (name: string, option: string) =>
      `case $1 in *${option}*) echo "illegal option" >&2; exit 2 ;; esac; exec /usr/bin/${name} "$@"`
    folder.fake('mv', older('mv', 'T'))
    folder.fake('touch', older('touch', 'd'))
    const path = `${folder.in('bin')}:${process.env.PATH}`
    mkdirSync(folder.in('outside'))
    mkdirSync(to, { recursive: true })
    symlinkSync(folder.in('outside'), `${to}/place`)
    assert.equal(await write(scripts(shell, { path }), to, [file('place'), file('plain')]), [
      undefined,
      undefined,
    ])
    assert.is(Math.floor(statSync(`${to}/plain`).mtimeMs), 1_195_640_553_000)
    assert.ok(lstatSync(`${to}/place`).isFile())
    assert.equal(readdirSync(folder.in('outside')), [])
  })

  inFolder('a file in parts: each may come twice, and the end with it', async (_folder, to) => {
    const content = Buffer.alloc(2 * MB + 5, 'abc\n')
    const part = (at: number, end: number): Deed => ({
      kind: 'part',
      id: 'x',
      at: at * MB,
      content: content.subarray(at * MB, end),
    })
    const end: Deed = {
      kind: 'end',
      id: 'x',
      path: 'd/large',
      sha256: sha256(content),
      mode: 0o600,
      mtime: WHEN,
    }
    const one = async (deed: Deed) => {
      const answers = await write(scripts(shell), to, [deed])
      return Array.isArray(answers) ? answers[0] : answers
    }
    const stage = `${to}/.build-stack-restore`
    for (const deed of [
      part(0, 2 * MB),
      part(1, 2 * MB),
      part(1, 2 * MB),
      part(2, content.length),
      part(2, content.length),
    ])
      assert.is(await one(deed), undefined)
    assert.equal(readdirSync(stage), ['x.part'])
    assert.is(statSync(stage).mode & 0o7777, 0o700)
    for (let round = 1; round <= 2; round++) assert.is(await one(end), undefined)
    assert.ok(readFileSync(`${to}/d/large`).equals(content))
    assert.not.ok(existsSync(stage))
    // Of other content, gone, or dropped.
    assert.is(await one(part(0, MB)), undefined)
    assert.is(await one({ ...end, path: 'other' }), 'damaged')
    assert.is(await one(part(1, 2 * MB)), 'what was there of it is gone')
    assert.is(await one({ ...end, path: 'other' }), 'what was there of it is gone')
    await one(part(0, MB))
    await one({ kind: 'drop', id: 'x' })
    assert.equal(readdirSync(to), ['d'])
  })

  inFolder('says what is there, whatever its name; and nothing of a folder that is not', async (folder) => {
    const look = async (base: string, places: string[]) => {
      const input = Buffer.from(places.map((place) => `./${place}\n`).join(''))
      const output = await scripts(shell).run('sync-look.sh', { base }, input)
      return new Map(parseListing(output)?.files.map((one) => [one.path, one]))
    }
    for (const name of NAMES) folder.write(name, name)
    symlinkSync('plain', folder.in('link'))
    const many = Array.from({ length: 450 }, (_, i) => `none${i}`)
    const found = await look(folder.path, [...NAMES, ...many, 'link', 'plain/x'])
    assert.is(found.size, NAMES.length + 1)
    assert.is(found.get('./link')?.target, 'plain')
    assert.is(found.get('./plain')?.size, 5)
    assert.is((await look(folder.in('nothing'), ['x'])).size, 0)
  })

  if (withoutRoot === undefined)
    inFolder('what may not be written, or is somebody else’s, is named; the rest is made', async (folder) => {
      chmodSync(folder.path, 0o755)
      mkdirSync(folder.in('to'))
      chmodSync(folder.in('to'), 0o777)
      mkdirSync(folder.in('to/shut'))
      const asNobody = scripts(shell, { uid: 65534 })
      assert.equal(await write(asNobody, folder.in('to'), [file('shut/x'), file('y')]), [
        'Permission denied',
        undefined,
      ])
      assert.match(
        JSON.stringify(await write(asNobody, folder.in('to/shut/deeper'), [file('x')])),
        /"stopped":"Permission denied"/,
      )
      mkdirSync(folder.in('to/.build-stack-restore'))
      chmodSync(folder.in('to/.build-stack-restore'), 0o777)
      assert.match(JSON.stringify(await write(asNobody, folder.in('to'), [file('x')])), /somebody else's/)
      assert.equal(readdirSync(folder.in('to')).sort(), ['.build-stack-restore', 'shut', 'y'])
    })
}

for (const name of ['csh', 'tcsh']) {
  const login = findProgram(name)
  const [shell] = shells
  const own = unless(login && shell ? undefined : `there is no ${name} (apt-get install ${name})`, test)
  own(`told to a login shell that is ${name}`, async () => {
    const folder = new ScriptFolder('sync-write.sh', shell as Shell)
    const to = folder.in("it's!")
    const from = scripts(shell as Shell, { login: login as string })
    assert.equal(await write(from, to, [file("a!b'c/d")]), [undefined])
    assert.is(readFileSync(`${to}/a!b'c/d`, 'utf8'), "a!b'c/d")
    folder.close()
  })
}

test('an answer without its end is none', () => {
  assert.equal(answersOf(Buffer.from('ok\nno\tfull\nend\n'), 2), [undefined, 'full'])
  assert.throws(() => answersOf(Buffer.from('ok\nend\n'), 2), /no end/)
  assert.throws(() => answersOf(Buffer.from(''), 1), /no end/)
})
test.run()
