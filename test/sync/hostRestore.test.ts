/** Files of a bucket onto hosts, over SSH: sandboxes, and the real S3 server. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRelay } from '../e2e/relay.ts'
import { removeTree } from '../host/trees.ts'
import { withoutS3 } from '../s3/cephServer.ts'
import { startFaultyRelay } from '../s3/faultyRelay.ts'
import { unless } from '../unless.ts'
import { Studio, tree } from './studio.ts'

const tests = suite('files of a bucket on a host')
const test = unless(withoutS3(), tests)
const MEDIA = '/export/media'
const LARGE = 30_000_003
let s: Studio
/** A folder of a host, where this machine has it. */
const on = (host: string, path = MEDIA) => join(s.workshop.root(host), path)

if (withoutS3() === undefined) {
  tests.before(async () => {
    s = await Studio.open()
    hosts()
    const { code, stderr } = await s.workshop.command('sandbox', 'start', 'box', 'spare')
    assert.is(code, 0, stderr)
  })
  tests.before.each(() => {
    for (const host of ['box', 'spare']) for (const path of [MEDIA, '/srv']) removeTree(on(host, path))
    rmSync(s.root, { recursive: true, force: true })
    mkdirSync(s.root)
  })
  tests.after(async () => {
    await s.workshop.command('sandbox', 'reset')
    s.close()
  })
}

function hosts(more: object = {}): void {
  const sandbox = { address: 'sandbox' }
  s.workshop.write('hosts.yaml', JSON.stringify({ hosts: { box: sandbox, spare: sandbox, ...more } }))
}

let prefixes = 0

/** Whole paths of the box's folder, in a part of the bucket that nothing was in. */
function profile(settings: object = {}): void {
  prefixes += 1
  const roots = [{ host: 'box', path: MEDIA }]
  s.profile({ roots, relative_paths: false, prefix: `p${prefixes}/`, ...settings })
}

function write(files: Record<string, string | Buffer>, folder = on('box')): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

async function good(outcome: Promise<{ code: number | null; stdout: string; stderr: string }>) {
  const { code, stdout, stderr } = await outcome
  assert.is(code, 0, stdout + stderr)
  return stdout
}

test('back to where it was: content, modes, times, links and empty folders; then nothing is to do, either way', async () => {
  write({
    'a b/x.txt': 'x',
    "it's/ü +%": '',
    'bin/run': '#!/bin/sh',
    large: randomBytes(LARGE),
    'text.css': 'a{} '.repeat(3_000_000),
  })
  mkdirSync(on('box', `${MEDIA}/empty/deeper`), { recursive: true })
  mkdirSync(on('box', `${MEDIA}/shut`))
  symlinkSync('a b/x.txt', on('box', `${MEDIA}/link`))
  symlinkSync('/nowhere/at all', on('box', `${MEDIA}/bin/dangling`))
  chmodSync(on('box', `${MEDIA}/bin/run`), 0o4755)
  chmodSync(on('box', `${MEDIA}/shut`), 0o500)
  utimesSync(on('box', `${MEDIA}/large`), 1_195_640_553.125, 1_195_640_553.125)
  // What is packed comes out of one piece of memory, larger than a command's.
  profile({ gzip: true })
  await good(s.sync())
  const before = tree(on('box'))
  removeTree(on('box'))

  const dry = await s.restore('--dry-run')
  assert.is(dry.code, 2, dry.stderr)
  assert.match(dry.stdout, /^\+ box:\/export\/media\/a b\/x\.txt {2}1 B$/m)
  assert.not.ok(existsSync(on('box')))

  assert.match(await good(s.restore()), /^✔ media {2}9 restored \(/m)
  assert.equal(tree(on('box')), before)
  assert.match(await good(s.restore()), /^✔ media {2}0 restored \(0 B\), 9 there already/)
  assert.match(await good(s.sync()), /^✔ media {2}9 the same/)
  chmodSync(on('box', `${MEDIA}/bin/run`), 0o600)
  chmodSync(on('box', `${MEDIA}/shut`), 0o755)
  await good(s.restore())
  assert.equal(tree(on('box')), before, 'modes alone')
})

test('only some; what differs there is kept unless --overwrite', async () => {
  write({ 'css/a': '1', 'css2/b': '2', c: '3' })
  profile()
  await good(s.sync())
  const before = tree(on('box'))
  for (const path of ['css', 'css2']) removeTree(on('box', `${MEDIA}/${path}`))
  await good(s.restore(`box${MEDIA}/css`))
  assert.equal(Object.keys(tree(on('box'))), ['c', 'css/', 'css/a'])
  write({ 'css/a': 'edited', 'css2/b/in the way': '' })
  rmSync(on('box', `${MEDIA}/c`))
  symlinkSync('/etc', on('box', `${MEDIA}/c`))
  const kept = await s.restore()
  assert.is(kept.code, 1)
  assert.match(
    kept.stderr,
    /^! box:\/export\/media\/css\/a: it is there and differs; --overwrite replaces it$/m,
  )
  assert.match(kept.stderr, /^! box:\/export\/media\/css2\/b: there is a folder in its place$/m)
  assert.is(readFileSync(on('box', `${MEDIA}/css/a`), 'utf8'), 'edited')
  removeTree(on('box', `${MEDIA}/css2`))
  await good(s.restore('--overwrite'))
  assert.equal(tree(on('box')), before)
})

test('to another host: below a folder, or where it was here; and files of this machine', async () => {
  write({ 'd/x': 'of the box' })
  profile()
  await good(s.sync())
  await good(s.restore('--to', 'spare:/srv/new'))
  assert.equal(tree(on('spare', `/srv/new/box${MEDIA}`)), tree(on('box')))
  await good(s.restore('--to', 'spare:'))
  assert.equal(tree(on('spare')), tree(on('box')))
  s.write({ 'own/y': 'of this machine' })
  profile({ roots: [s.root], relative_paths: true })
  await good(s.sync())
  await good(s.restore('own', '--to', 'box:/srv/from-here/'))
  assert.equal(tree(on('box', '/srv/from-here')), tree(s.root))
})

test('a profile with roots of both: each goes back where it was', async () => {
  write({ there: '1' })
  s.write({ here: '2' })
  profile({ roots: [s.root, { host: 'box', path: MEDIA }] })
  await good(s.sync())
  const trees = [tree(s.root), tree(on('box'))]
  s.remove('here')
  removeTree(on('box'))
  await good(s.restore())
  assert.equal([tree(s.root), tree(on('box'))], trees)
})

test('nothing is written outside, whatever keys, links and the host say', async () => {
  const outside = on('spare', '/srv/outside')
  mkdirSync(outside, { recursive: true })
  write({ fine: '1', 'sub/deep/f': '2' })
  profile({ relative_paths: true })
  await good(s.sync())
  const prefix = `p${prefixes}/`
  const put = (key: string, content = 'bad', metadata: Record<string, string> = {}) =>
    s.store.put(`${prefix}${key}`, Buffer.from(content), { metadata })
  for (const key of ['../outside/a', '/abs', 'a//b', 'planted/d', 'way/e', 'line\nbreak']) await put(key)
  const { metadata } = (await s.store.head(`${prefix}fine`)) ?? { metadata: {} }
  await put('way', '/srv/outside', { ...metadata, type: 'link', size: '12' })
  mkdirSync(on('spare', '/srv/to'))
  symlinkSync('/srv/outside', on('spare', '/srv/to/planted'))
  symlinkSync('/srv/outside', on('spare', '/srv/to/sub'))
  symlinkSync('/srv/outside', on('spare', '/srv/to/fine'))
  const { code, stderr } = await s.restore('--to', 'spare:/srv/to', '--overwrite')
  assert.is(code, 1)
  assert.match(
    stderr,
    /^! spare:\/srv\/to\/planted\/d: \/srv\/to\/planted is a link; nothing is written through it$/m,
  )
  assert.match(stderr, /^! spare:\/srv\/to\/sub\/deep\/f: \/srv\/to\/sub is a link/m)
  assert.match(stderr, /^! \S*\.\.\/outside\/a: its key leads elsewhere/m)
  assert.match(stderr, /line.*break: its name has a line break/)
  assert.equal(readdirSync(outside), [])
  assert.is(readFileSync(on('spare', '/srv/to/fine'), 'utf8'), '1')
  assert.ok(lstatSync(on('spare', '/srv/to/fine')).isFile())
  assert.not.ok(existsSync(on('spare', '/srv/to/.build-stack-restore')))
})

test('content that is not what was put is refused, small or large, and nothing of it stays', async () => {
  write({ a: 'right', b: 'right too', large: Buffer.alloc(LARGE, 'right ') })
  profile({ relative_paths: true })
  await good(s.sync())
  const prefix = `p${prefixes}/`
  for (const [key, content] of [
    ['a', Buffer.from('wrong')],
    ['large', Buffer.alloc(LARGE, 'wrong ')],
  ] as const) {
    const head = await s.store.head(`${prefix}${key}`)
    await s.store.put(`${prefix}${key}`, content, { metadata: head?.metadata ?? {} })
  }
  const { code, stderr } = await s.restore('--to', 'spare:/srv/to')
  assert.is(code, 1)
  for (const key of ['a', 'large'])
    assert.match(stderr, new RegExp(`^! spare:/srv/to/${key}: its content is not what was put`, 'm'))
  assert.equal(readdirSync(on('spare', '/srv/to')), ['b'])
})

test('what was begun is gone on with, by another run', async () => {
  const content = randomBytes(LARGE)
  write({ large: content })
  profile({ relative_paths: true })
  await good(s.sync())
  const relay = await startFaultyRelay(s.server.port)
  s.profile({ endpoint: relay.endpoint, roots: [{ host: 'box', path: MEDIA }], prefix: `p${prefixes}/` })
  const ranges: (string | undefined)[] = []
  const isContent = (method: string, url: string) => method === 'GET' && !url.includes('list-type')
  // After some pieces the server ends it and is overloaded; then the program is killed.
  relay.fault = (method, url) => {
    if (!isContent(method, url)) return undefined
    const first =
      relay.seen.filter((seen) => isContent(...(seen.split(' ') as [string, string]))).length === 1
    return first ? { cutAnswerAfter: 25_000_000 } : { status: 503, code: 'SlowDown' }
  }
  const stage = on('spare', '/srv/to/.build-stack-restore')
  const staged = () => (existsSync(stage) ? readdirSync(stage) : [])
  const started = s.workshop.start(['restore', 'media', '--to', 'spare:/srv/to'], () => {})
  let hasEnded = false
  void started.ended.then(() => {
    hasEnded = true
  })
  // A piece is there, and no other one is on its way.
  while (!hasEnded && !(staged().length === 1 && staged().some((name) => name.endsWith('.part'))))
    await sleep(20)
  started.kill('SIGKILL')
  const { stderr: said } = await started.ended
  while (staged().some((name) => !name.endsWith('.part'))) await sleep(20)
  const [part = ''] = staged()
  assert.ok(part, said)
  assert.not.ok(existsSync(on('spare', '/srv/to/large')))
  const there = Math.floor(statSync(join(stage, part)).size / 1024 ** 2) * 1024 ** 2
  assert.ok(there >= 8 * 1024 ** 2, `${there}`)
  relay.fault = (method, url, { range }) => {
    if (isContent(method, url)) ranges.push(range)
    return undefined
  }
  await good(s.restore('--to', 'spare:/srv/to'))
  relay.close()
  assert.equal(ranges, [`bytes=${there}-`])
  assert.ok(readFileSync(on('spare', '/srv/to/large')).equals(content))
  assert.equal(readdirSync(on('spare', '/srv/to')), ['large'])
})

test('a line that breaks is opened again, and nothing is lost', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, randomBytes(1_000_000)]))
  write({ ...files, large: randomBytes(LARGE) })
  profile({ relative_paths: true })
  await good(s.sync())
  const { address, port: own, user, identityFile: key } = s.workshop.endpoint('spare')
  const line = await startRelay(own)
  hosts({ far: { address, port: line.port, user, key } })
  let cuts = 0
  const run = s.workshop.start(
    ['restore', 'media', '--to', 'far:/srv/to', '--accept-new-host-keys'],
    (event) => {
      if (event.type !== 'done' || cuts > 0) return
      cuts += 1
      line.cut(0)
    },
  )
  const { code, stdout, stderr } = await run.ended
  line.close()
  hosts()
  assert.is(code, 0, stdout + stderr)
  assert.is(cuts, 1)
  assert.equal(tree(on('spare', '/srv/to')), tree(on('box')))
})

test('as it was at a time, where the bucket keeps versions', async () => {
  await s.keepVersions()
  write({ a: 'old', gone: 'was here' })
  profile()
  await good(s.sync())
  // The server's times are in milliseconds at best, in seconds at worst.
  await sleep(2100)
  const then = new Date().toISOString()
  await sleep(2100)
  write({ a: 'newer' })
  rmSync(on('box', `${MEDIA}/gone`))
  await good(s.sync('--delete'))
  await good(s.restore('--at', then, '--to', 'spare:'))
  assert.equal(readdirSync(on('spare')).sort(), ['a', 'gone'])
  assert.is(readFileSync(on('spare', `${MEDIA}/a`), 'utf8'), 'old')
})

const refused: [string, string[], number, RegExp][] = [
  ['a host that is not there', ['--to', 'bix:/x'], 64, /there is no host "bix"; did you mean "box"/],
  [
    'a folder that is not absolute',
    ['--to', 'box:x'],
    64,
    /the folder of box has to be absolute, "x" is not\n {2}next: Write --to box:\/FOLDER/,
  ],
]
for (const [title, words, status, says] of refused) {
  test(`refused: ${title}`, async () => {
    write({ a: '1' })
    profile()
    await good(s.sync())
    const { code, stderr } = await s.restore(...words)
    assert.is(code, status, stderr)
    assert.match(stderr, says)
  })
}

test('a folder that cannot be made is said, with the host', async () => {
  write({ a: '1' })
  profile()
  await good(s.sync())
  mkdirSync(on('spare', '/srv'), { recursive: true })
  writeFileSync(on('spare', '/srv/file'), '')
  const { code, stderr } = await s.restore('--to', 'spare:/srv/file')
  assert.is(code, 1)
  assert.match(stderr, /spare.*(Not a directory|File exists)/s)
})
tests.run()
