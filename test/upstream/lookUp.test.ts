/** Real apt on a mirror in a folder, a real web server. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lookUp } from '../../runner/upstream/lookUp.ts'
import { inTemporaryFolder } from '../sources/temporary.ts'
import { withWebServer } from '../sources/webServer.ts'
import { withoutApt } from '../sources/withoutApt.ts'
import { unless } from '../unless.ts'

const test = suite('upstream/lookUp')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

/** A bookworm machine whose mirror, a folder, has source packages in one suite. */
async function machine(folder: string, suite: string, packages: [string, string][]): Promise<string> {
  const [etc, mirror] = [join(folder, 'etc'), join(folder, 'mirror')]
  await put(join(etc, 'os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n')
  await put(join(etc, 'apt/sources.list'), `deb [trusted=yes] file:${mirror} bookworm main\n`)
  const sources = packages
    .map(([name, version]) =>
      [
        `Package: ${name}`,
        'Binary: x',
        `Version: ${version}`,
        'Format: 3.0 (quilt)',
        'Architecture: any',
        `Directory: pool/${name}`,
        'Checksums-Sha256:',
        ` ${sha256('dsc')} 3 ${name}.dsc`,
        '',
      ].join('\n'),
    )
    .join('\n')
  await put(join(mirror, `dists/${suite}/main/source/Sources`), sources)
  await put(
    join(mirror, `dists/${suite}/Release`),
    `Origin: Debian\nSuite: ${suite}\nCodename: ${suite}\nComponents: main\nSHA256:\n` +
      ` ${sha256(sources)} ${sources.length} main/source/Sources\n`,
  )
  await mkdir(join(folder, 'apt'))
  return etc
}

const aptTest = unless(withoutApt, test)

aptTest('asks Debian’s index of its development release for all packages at once', () =>
  inTemporaryFolder(async (folder) => {
    const etc = await machine(folder, 'sid', [
      ['tiny', '1.9-1'],
      ['tiny', '1.10-2'],
      ['tiny', '2.0~rc1-1'],
      ['other', '1:7-1'],
    ])
    const places = new Map([
      ['a', { debian: 'tiny' }],
      ['b', { debian: 'other' }],
      ['c', { debian: 'nothing' }],
      ['d', { debian: 'tiny', suite: 'gone' }],
    ])
    const found = await lookUp(places, { folder: join(folder, 'apt'), etc })
    assert.equal(found.get('a'), { version: '1.10', from: 'Debian sid' })
    assert.equal(found.get('b'), { version: '7', from: 'Debian sid' })
    assert.equal(found.get('c'), { reason: 'no release is named there', from: 'Debian sid' })
    const { reason } = found.get('d') as { reason: string }
    assert.match(reason, /apt-get update brought nothing/)
  }),
)

test('asks each page once; one that does not answer takes nothing from the others', () =>
  withWebServer(
    (request, response) => {
      if (request.url === '/gone') response.writeHead(404).end()
      else response.end('tiny-1.2.tar.gz tiny-1.11.tar.gz')
    },
    async ({ url, requests }) => {
      const places = new Map([
        ['a', { url: url('/list').href, versions: 'tiny-([0-9.]+)\\.tar' }],
        ['b', { url: url('/list').href, versions: 'tini-([0-9.]+)\\.tar' }],
        ['c', { url: url('/gone').href, versions: 'x' }],
        ['d', { url: 'http://127.0.0.1:9/', versions: 'x' }],
      ])
      const found = await lookUp(places, { folder: '/nonexistent' })
      const from = url('/').host
      assert.equal(found.get('a'), { version: '1.11', from })
      assert.equal(found.get('b'), { reason: 'no release is named there', from })
      assert.equal(found.get('c'), { reason: 'it answered with status 404', from })
      assert.match((found.get('d') as { reason: string }).reason, /ECONNREFUSED/)
      assert.is(requests.length, 2)
    },
  ))

test.run()
