import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareText } from '../../runner/cli/report/compareText.ts'
import { compareHosts, type Side } from '../../runner/compare/compareHosts.ts'
import { parseListLine } from '../../runner/receipts/fileList.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const FMRI = 'svc:/application/build-stack/memcached:default'

function side(host: string, more: Partial<Side>): Side {
  return { host, receipts: {}, services: [], files: new Map(), ...more }
}

const files = (...lines: string[]) => lines.flatMap((line) => parseListLine(line) ?? [])
const online = { fmri: FMRI, state: 'online', nextState: '-', since: '-' }
const inputs = (configure: string[], method: string) => ({
  build: { configure: JSON.stringify(configure) },
  files: {},
  services: { memcached: method },
})

const left = side('web1', {
  receipts: {
    zlib: receipt('zlib'),
    openssl: receipt('openssl'),
    memcached: receipt('memcached', {
      version: '1.6.18',
      inputs: inputs(['--a', '--b'], 'x'),
      services: [{ fmri: FMRI, manifest: '' }],
    }),
  },
  services: [online],
  files: new Map([
    ['memcached', files('f -rwxr-xr-x 10 - bin/memcached', 'f -rw-r--r-- 1 - share/a', 'd 0755 - - bin')],
    ['memcached.services', files('f -r--r--r-- 5 - svc/x')],
  ]),
})
const right = side('web2', {
  receipts: {
    zlib: receipt('zlib'),
    memcached: receipt('memcached', {
      version: '1.6.45',
      inputs: inputs(['--a', '--c'], 'y'),
      services: [{ fmri: FMRI, manifest: '' }],
    }),
  },
  files: new Map([
    ['memcached', files('f -rwxr-xr-x 12 - bin/memcached', 'f -rw-r--r-- 1 - share/b', 'd 0755 - - bin')],
    ['memcached.services', files('f -r--r--r-- 5 - svc/x')],
  ]),
})

const test = suite('compareHosts')

test('versions, inputs, files and services that differ; the rest is equal', () => {
  const { different, equal } = compareHosts(left, right)
  assert.equal(equal, ['zlib'])
  assert.equal(different, [
    {
      recipe: 'memcached',
      version: { left: '1.6.18', right: '1.6.45' },
      inputs: [
        { part: 'build', label: 'configure', left: '["--a","--b"]', right: '["--a","--c"]' },
        { part: 'services', label: 'memcached', left: 'x', right: 'y' },
      ],
      files: [
        { path: 'bin/memcached', where: 'both', differences: ['content (10 -> 12 bytes)'] },
        { path: 'share/a', where: 'left', differences: [] },
        { path: 'share/b', where: 'right', differences: [] },
      ],
      services: [{ fmri: FMRI, left: 'online', right: undefined }],
    },
    { recipe: 'openssl', version: { left: '1.0', right: undefined }, inputs: [], files: [], services: [] },
  ])
})

test('what is shown of it', () => {
  assert.is(
    compareText(compareHosts(left, right), { color: false, all: false }),
    `recipe     web1    web2    files
memcached  1.6.18  1.6.45  3 differ
openssl    1.0     -

memcached (web1 -> web2)
  configure: - --b
             + --c
  service memcached: "x" -> "y"
  svc:/application/build-stack/memcached:default: online -> absent
  bin/memcached: content (10 -> 12 bytes)
  share/a: only on web1
  share/b: only on web2

equal: zlib`,
  )
})

test('a host equals itself', () => {
  const { different, equal } = compareHosts(left, { ...left, host: 'web3' })
  assert.equal(different, [])
  assert.equal(equal, ['memcached', 'openssl', 'zlib'])
  assert.is(
    compareText(compareHosts(left, { ...left, host: 'web3' }), { color: false, all: false }),
    'web1 and web3 have the same; equal: memcached, openssl, zlib',
  )
  assert.is(
    compareText(compareHosts(side('a', {}), side('b', {})), { color: false, all: false }),
    'a and b: nothing is installed by build-stack',
  )
})

test('many files are counted until all are asked for', () => {
  const many = (count: number) =>
    new Map([['zlib', files(...Array.from({ length: count }, (_, n) => `f -rw-r--r-- 1 - f${n}`))]])
  const one = side('a', { receipts: { zlib: receipt('zlib') }, files: many(9) })
  const comparison = compareHosts(one, { ...one, host: 'b', files: new Map() })
  assert.match(compareText(comparison, { color: false, all: false }), /and 4 more files \(-v names all\)/)
  assert.match(compareText(comparison, { color: false, all: true }), /f8: only on a/)
})

test.run()
