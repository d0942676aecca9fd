import { spawnSync } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create, Header, Pax } from 'tar'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { checkArchive } from '../../runner/sources/archive.ts'
import { rejects } from '../rejects.ts'
import { inTemporaryFolder } from './temporary.ts'

const test = suite('sources/archive')

interface Entry {
  path: string
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO' | 'ContiguousFile'
  linkpath?: string
  content?: string
}

const END = Buffer.alloc(1024)

/** tar data written header by header: no tar program makes what these tests need. */
function tarOf(...entries: Entry[]): Buffer {
  return Buffer.concat([...entries.map(block), END])
}

function block({ path, type = 'File', linkpath, content = '' }: Entry): Buffer {
  const head = Buffer.alloc(512)
  const data = Buffer.from(content)
  const link = linkpath === undefined ? {} : { linkpath }
  new Header({ path, type, mode: 0o644, size: data.length, mtime: new Date(0), ...link }).encode(head)
  return Buffer.concat([head, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

async function check(content: Buffer, name = 'x.tar') {
  let result: Awaited<ReturnType<typeof checkArchive>> | undefined
  await inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, name), content)
    result = await checkArchive(join(folder, name))
  })
  return result
}

async function refused(content: Buffer, reason: RegExp): Promise<void> {
  const error = await rejects(check(content), (e) => e instanceof BuildStackError && e.code === 'SOURCE')
  assert.match(error.message, /^x\.tar is refused: /)
  assert.match(error.message, reason)
}

/** A real archive of a small tree, made by the tar package. */
async function inTree(use: (folder: string, plain: Buffer) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'hello-1.0/src'), { recursive: true })
    await writeFile(join(folder, 'hello-1.0/src/hello.c'), 'int main(void) { return 0; }\n'.repeat(5000))
    await writeFile(join(folder, 'hello-1.0/README'), 'hello\n')
    await symlink('src/hello.c', join(folder, 'hello-1.0/main.c'))
    await symlink('../README', join(folder, 'hello-1.0/src/README'))
    await create({ cwd: folder, file: join(folder, 'plain.tar') }, ['hello-1.0'])
    await use(folder, await readFile(join(folder, 'plain.tar')))
  })
}

test('reads plain, gzip, bzip2 and xz archives, whatever they are called', () =>
  inTree(async (folder, plain) => {
    const forms = [plain, gzipSync(plain)]
    for (const program of ['bzip2', 'xz']) {
      const packed = spawnSync(program, ['-c'], { input: plain, maxBuffer: 1 << 28 })
      assert.is(packed.status, 0, program)
      forms.push(packed.stdout)
    }
    for (const form of forms) {
      await writeFile(join(folder, 'download'), form)
      const contents = await checkArchive(join(folder, 'download'))
      assert.equal(contents, { entries: 6, root: 'hello-1.0', uncompressedBytes: plain.length })
    }
  }))

test('tells the single top folder, and that there is none', async () => {
  assert.is((await check(tarOf({ path: './' }, { path: './a/b' }, { path: 'a/c' })))?.root, 'a')
  assert.is((await check(tarOf({ path: 'a/b' }, { path: 'c/d' })))?.root, undefined)
  assert.is((await check(tarOf({ path: 'README' })))?.root, undefined)
})

test('refuses absolute names and ways up, in names, long names and links', async () => {
  await refused(tarOf({ path: '/etc/passwd' }), /"\/etc\/passwd" is an absolute name/)
  await refused(tarOf({ path: 'a/../../x' }), /leads out of its folder/)
  await refused(tarOf({ path: '..', type: 'Directory' }), /leads out of its folder/)
  const pax = new Pax({ path: `${'a/'.repeat(80)}../x` }).encode()
  await refused(Buffer.concat([pax, tarOf({ path: 'a/x' })]), /leads out of its folder/)
  await refused(
    tarOf({ path: 'a/l', type: 'SymbolicLink', linkpath: '/etc' }),
    /"a\/l" is a link to "\/etc", outside/,
  )
  await refused(tarOf({ path: 'a/l', type: 'SymbolicLink', linkpath: '../../x' }), /outside/)
  await refused(tarOf({ path: 'a/l', type: 'Link', linkpath: '../x' }), /leads out of its folder/)
  await refused(tarOf({ path: 'a\nb' }), /control character/)
})

test('follows links inside the archive as the system would', async () => {
  const deep: Entry = { path: 'a/b/c/', type: 'Directory' }
  const up: Entry = { path: 'a/b/up', type: 'SymbolicLink', linkpath: '..' }
  await check(tarOf(deep, up))
  await check(tarOf(deep, { path: 'a/b/c/l', type: 'SymbolicLink', linkpath: '../../x' }))
  // Read as text this stays inside: a/b/up/../.. is a. But a/b/up is a, so it is the folder above the top.
  await refused(tarOf(deep, up, { path: 'l', type: 'SymbolicLink', linkpath: 'a/b/up/../..' }), /outside/)
  await refused(tarOf({ path: 'l', type: 'SymbolicLink', linkpath: 'a/b/up/../..' }, deep, up), /outside/)
  // A circle leads nowhere.
  await check(
    tarOf(
      { path: 'l', type: 'SymbolicLink', linkpath: 'm' },
      { path: 'm', type: 'SymbolicLink', linkpath: 'l' },
    ),
  )
})

test('refuses members written through a link, or in the place of one', async () => {
  const link: Entry = { path: 'a/l', type: 'SymbolicLink', linkpath: 'b' }
  await refused(tarOf(link, { path: 'a/l/x' }), /written through the link "a\/l"/)
  await refused(tarOf(link, { path: './a//l', content: 'x' }), /there twice, once as a link/)
  await refused(tarOf({ path: 'a/l' }, link), /there twice/)
  await check(tarOf({ path: 'a/x', content: '1' }, { path: 'a/x', content: '2' }))
})

test('refuses hard links to anything but a file before them', async () => {
  const file: Entry = { path: 'a/x', content: 'x' }
  await check(tarOf(file, { path: 'a/y', type: 'Link', linkpath: 'a/x' }))
  await refused(tarOf({ path: 'a/y', type: 'Link', linkpath: 'a/x' }, file), /no file before it/)
  await refused(tarOf(file, { path: 'a/y', type: 'Link', linkpath: '/a/x' }), /absolute/)
  await refused(
    tarOf({ path: 'a/', type: 'Directory' }, { path: 'b', type: 'Link', linkpath: 'a' }),
    /no file before it/,
  )
  await refused(
    tarOf(file, { path: 'y', type: 'Link', linkpath: 'a/x' }, { path: 'y', content: 'z' }),
    /there twice/,
  )
  const link: Entry = { path: 'a/l', type: 'SymbolicLink', linkpath: '../d' }
  const second: Entry = { path: 'm', type: 'Link', linkpath: 'a/l' }
  // The same link, but from here it leads out.
  await refused(tarOf(link, second), /"m" is a link to "\.\.\/d", outside/)
})

test('refuses what is neither file, folder nor link', async () => {
  await refused(
    tarOf({ path: 'a/null', type: 'CharacterDevice' }),
    /neither file, folder nor link \(CharacterDevice\)/,
  )
  await refused(tarOf({ path: 'a/pipe', type: 'FIFO' }), /neither/)
  const sparse = block({ path: 'a/sparse', type: 'ContiguousFile' })
  sparse[156] = 'S'.charCodeAt(0)
  sparse.write('        ', 148)
  const total = sparse.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  sparse.write(`${total.toString(8).padStart(6, '0')}\0 `, 148)
  await refused(Buffer.concat([sparse, END]), /"a\/sparse" is neither/)
})

test('a cut-off or damaged archive is refused, with the last member and the place', () =>
  inTree(async (_folder, plain) => {
    await refused(plain.subarray(0, plain.length - 3000), /byte \d+ unpacked/)
    await refused(plain.subarray(0, 512), /the end is missing \(after "hello-1\.0\/", about byte 512/)
    const flipped = Buffer.from(plain)
    const at = flipped.lastIndexOf('hello-1.0/')
    flipped[at + 2] = 0x21
    await refused(flipped, /checksum failure \(after "hello-1\.0\//)
    await refused(gzipSync(plain).subarray(0, 300), /gzip: unexpected end of file/)
    const packed = gzipSync(plain)
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1
    await refused(packed, /gzip: incorrect/)
    for (const program of ['bzip2', 'xz']) {
      const { stdout } = spawnSync(program, ['-c'], { input: plain })
      await refused(
        stdout.subarray(0, stdout.length - 30),
        program === 'xz' ? /Unexpected end/ : /ends unexpectedly/,
      )
    }
  }))

test('refuses what is no archive', async () => {
  await refused(Buffer.from('<!DOCTYPE html>\n<title>Sign in</title>'.repeat(50)), /no tar archive/)
  await refused(Buffer.alloc(0), /no tar archive/)
  await refused(END, /it holds nothing/)
})

test('names the package to install where bzip2 or xz is missing', () =>
  inTree(async (folder, plain) => {
    const path = process.env.PATH
    await writeFile(join(folder, 'x.tar.xz'), spawnSync('xz', ['-c'], { input: plain }).stdout)
    process.env.PATH = folder
    try {
      const error = (await rejects(
        checkArchive(join(folder, 'x.tar.xz')),
        (e) => e instanceof BuildStackError && e.code === 'PREREQUISITE',
      )) as BuildStackError
      assert.match(error.message, 'xz is not installed')
      assert.match(error.context.next ?? '', 'apt-get install xz-utils')
    } finally {
      process.env.PATH = path
    }
  }))

test.run()
