/** `build-stack restore` against a real S3 server: what comes back is what was put, and it comes nowhere else. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inStudios, type Studio, tree } from './studio.ts'

const test = suite('restore')

const own = inStudios(test)
const studio = (title: string, body: (studio: Studio, to: string) => Promise<void>) =>
  own(title, (one) => body(one, join(one.workshop.folder, 'to')))

studio('files, empty folders, links, modes and times; twice does nothing', async (s, to) => {
  s.write({
    'a.css': 'body{}',
    'bin/run': '#!/bin/sh',
    'empty/': '',
    'shut/key': 'k',
    'ro/f': 'x',
    big: randomBytes(40_000_000),
  })
  symlinkSync('a.css', join(s.root, 'link'))
  symlinkSync('/nowhere/at all', join(s.root, 'bin/dangling'))
  chmodSync(join(s.root, 'bin/run'), 0o4755)
  chmodSync(join(s.root, 'shut'), 0o700)
  utimesSync(join(s.root, 'a.css'), 1234567890.123456, 1234567890.123456)
  utimesSync(join(s.root, 'bin/run'), -5000.5, -5000.5)
  chmodSync(join(s.root, 'ro'), 0o555)
  assert.is((await s.sync()).code, 0)
  const dry = await s.restore('--to', to, '--dry-run')
  assert.is(dry.code, 2)
  assert.not.ok(existsSync(to))
  const { code, stderr } = await s.restore('--to', to)
  assert.is(code, 0, stderr)
  assert.equal(tree(to), tree(s.root))
  assert.match((await s.restore('--to', to)).stdout, /^✔ media {2}0 restored \(0 B\), 10 there already/)
})

studio(
  'to where they came from; only some; what is there and differs is kept unless --overwrite',
  async (s) => {
    s.profile({ relative_paths: false })
    s.write({ 'css/a': '1', 'css2/b': '2', c: '3', 'css/d': '4' })
    await s.sync()
    const before = tree(s.root)
    for (const path of ['css', 'css2', 'c']) s.remove(path)
    const some = await s.restore(join(s.root, 'css'))
    assert.is(some.code, 0, some.stderr)
    assert.equal(Object.keys(tree(s.root)), ['css/', 'css/a', 'css/d'])
    s.write({ 'css/a': 'edited' })
    const kept = await s.restore()
    assert.is(kept.code, 1)
    assert.match(kept.stderr, /css\/a: it is there and differs; --overwrite replaces it/)
    assert.is(readFileSync(join(s.root, 'css/a'), 'utf8'), 'edited')
    assert.is((await s.restore('--overwrite')).code, 0)
    assert.equal(tree(s.root), before)
    assert.match((await s.sync()).stdout, /^✔ media {2}4 the same/, 'what was restored is what was put')
  },
)

studio('nothing is written outside, whatever keys and links say', async (s, to) => {
  const outside = join(s.workshop.folder, 'outside')
  mkdirSync(outside)
  mkdirSync(to)
  s.write({ fine: '1' })
  await s.sync()
  const put = (key: string, content = 'bad') => s.store.put(key, Buffer.from(content), { metadata: {} })
  for (const key of ['../outside/a', 'x/../../outside/b', '/abs', 'a//b', './c', 'planted/d']) await put(key)
  // A link of ours, and a file that would go through it.
  const { metadata } = (await s.store.head('fine')) ?? { metadata: {} }
  await s.store.put('way', Buffer.from(outside), {
    metadata: { ...metadata, type: 'link', size: String(outside.length) },
  })
  await put('way/e')
  symlinkSync(outside, join(to, 'planted'))
  const { code, stderr } = await s.restore('--to', to)
  assert.is(code, 1)
  assert.match(stderr, /planted is a link; nothing is written through it/)
  assert.match(stderr, /! \.\.\/outside\/a: its key leads elsewhere/)
  assert.match(stderr, /! a\/\/b: its key has an empty name/)
  assert.equal(readdirSync(outside), [])
  assert.is(readFileSync(join(to, 'fine'), 'utf8'), '1')
  assert.not.ok(existsSync(join(s.workshop.folder, 'abs')))
})

studio('content that is not what was put is refused, and nothing of it stays', async (s, to) => {
  s.write({ a: 'right', b: 'right too' })
  await s.sync()
  const head = await s.store.head('a')
  await s.store.put('a', Buffer.from('wrong'), { metadata: head?.metadata ?? {} })
  const { code, stderr } = await s.restore('--to', to)
  assert.is(code, 1)
  assert.match(stderr, /\/a: its content is not what was put/)
  assert.equal(readdirSync(to), ['b'])
})

studio('what was begun is gone on with', async (s, to) => {
  const content = randomBytes(20_000_000)
  s.write({ big: content })
  await s.sync()
  mkdirSync(to)
  const part = '.build-stack-0123456789abcdef.part'
  // The name that it has is learnt from a run that is cut off.
  const started = s.workshop.start(['restore', 'media', '--to', to], () => {})
  while (!existsSync(to) || readdirSync(to).length === 0) await sleep(5)
  started.kill('SIGKILL')
  await started.ended
  const [name = ''] = readdirSync(to)
  if (name !== 'big') {
    assert.is(name.length, part.length)
    writeFileSync(join(to, name), content.subarray(0, 15_000_000))
  }
  const { code, stderr } = await s.restore('--to', to)
  assert.is(code, 0, stderr)
  assert.equal(readdirSync(to), ['big'])
  assert.ok(readFileSync(join(to, 'big')).equals(content))
})

studio('as it was at a time, where the bucket keeps versions', async (s, to) => {
  const without = await s.restore('--to', to, '--at', '2001-01-01')
  assert.match(without.stderr, /keeps no versions/)
  assert.is(without.code, 68)
  await s.keepVersions()
  s.write({ a: 'old', gone: 'was here' })
  await s.sync()
  // The server's times are in milliseconds at best, in seconds at worst.
  await sleep(2100)
  const then = new Date().toISOString()
  await sleep(2100)
  s.write({ a: 'newer', later: 'x' })
  s.remove('gone')
  await s.sync('--delete')
  const { code, stderr } = await s.restore('--to', to, '--at', then)
  assert.is(code, 0, stderr)
  assert.equal(readdirSync(to).sort(), ['a', 'gone'])
  assert.is(readFileSync(join(to, 'a'), 'utf8'), 'old')
})

/** Names as file systems allow them: any character but "/" and NUL, up to 255 bytes. */
const name = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...' +%&?#\\"\'*:<>|~\n\t\u0001\u00e9e\u0301😀.AaZ-_=;,@!$()[]{}^`\u2028\uffff'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 40,
  })
  .map((text) => text.replaceAll(/[/\0]/g, 'x'))
  .filter(
    (text) =>
      text !== '.' &&
      text !== '..' &&
      Buffer.from(text).toString() === text &&
      Buffer.byteLength(text) <= 255,
  )

studio('every name that a file can have comes back as it was', async (s, to) => {
  const paths = fc.sample(fc.array(name, { minLength: 1, maxLength: 3 }), { numRuns: 120, seed: 7 })
  const odd = [
    'a b',
    'a+b',
    'a%20b',
    'A',
    'é',
    'é'.normalize('NFD'),
    'x'.repeat(255),
    '…'.repeat(85),
    ' ',
    '\u0001',
    '~',
    '-n',
    'a\\b',
    '&amp;',
    '<x>',
    '.build-stack',
  ]
  for (const path of [...paths.map((names) => names.join('/')), ...odd]) {
    try {
      s.write({ [path]: path })
    } catch (error) {
      // A file where another has a folder.
      if (!['ENOTDIR', 'EISDIR', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  const { code, stderr } = await s.sync()
  assert.is(code, 0, stderr)
  assert.match((await s.sync()).stdout, /^✔ media {2}\d+ the same/)
  const restored = await s.restore('--to', to)
  assert.is(restored.code, 0, restored.stderr)
  assert.equal(tree(to), tree(s.root))
  const files = Object.keys(tree(s.root)).length
  for (const path of readdirSync(s.root)) s.remove(path)
  const gone = await s.sync('--delete')
  assert.is(gone.code, 0, gone.stderr)
  assert.equal(await s.keys(), [], `of ${files}`)
})

studio('names that have no key are said, and the rest goes on', async (s) => {
  const deep = Array.from({ length: 5 }, () => 'd'.repeat(220)).join('/')
  s.write({ fine: '1', [deep]: 'too deep' })
  writeFileSync(Buffer.concat([Buffer.from(`${s.root}/`), Buffer.from([0xff, 0x61])]), 'latin')
  const { code, stderr } = await s.sync()
  assert.is(code, 1)
  assert.match(stderr, /its key has 1104 bytes; S3 allows 1024/)
  assert.match(stderr, /its name is not UTF-8/)
  assert.equal(await s.keys(), ['fine'])
  assert.ok(lstatSync(s.root).isDirectory())
})

test.run()
