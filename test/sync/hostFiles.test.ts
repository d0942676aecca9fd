/** What is made of a host's answers: rights, files that change meanwhile, lists that lack something. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import type { Scan } from '../../runner/sync/entry.ts'
import { HostFiles } from '../../runner/sync/hostFiles.ts'
import { HostScripts } from '../../runner/sync/hostScripts.ts'
import { profileOf } from '../../runner/sync/profile.ts'
import type { Transport } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'

const test = suite('answers of a host about its files')
const HOST = { name: 'box', prefix: '/opt/local', path: ['/usr/bin'] }
const line = (path: string, size = 3, day = 1) =>
  `-rw-r--r-- 1 0 0 ${size} 2026-01-0${day} 00:00:00.000000000 +0000 ${path}\n`

/** Answers one command after the other; notes them. */
function files(answers: string[], privilege: 'none' | 'pfexec' | 'sudo' = 'none', commands: string[] = []) {
  const transport: Transport = {
    exec: async (command) => {
      commands.push(command)
      return { code: 0, signal: null, stdout: Buffer.from(answers.shift() ?? ''), stderr: '' }
    },
    close: async () => {},
  }
  return new HostFiles(new HostScripts(HOST, { shell: '/usr/bin/ksh', privilege, tools: {} }, transport))
}

const settings = { bucket: 'b', roots: [{ host: 'box', path: '/srv/' }], prefix: 'p/', folders: true }
const rest = {
  relative_paths: false,
  ignore: ['/tmp/', '~$'],
  headers: [],
  gzip: false,
  links: 'keep',
  cache: false,
}
const profile = profileOf({ ...settings, ...rest } as never, { name: 'x', folder: '/', caches: '/' })

async function scanned(answer: string): Promise<Scan> {
  const scan: Scan = { entries: new Map(), problems: [], passedOver: [], unread: [] }
  await files([answer]).scan(profile, { host: 'box', path: '/srv' }, scan)
  return scan
}

for (const [privilege, command] of [
  ['none', 'exec /usr/bin/ksh -s'],
  ['pfexec', 'exec pfexec /usr/bin/ksh -s'],
  ['sudo', 'exec sudo -n /usr/bin/ksh -s'],
] as const) {
  test(`reads with the rights of builds: ${privilege}`, async () => {
    const commands: string[] = []
    const file = await files([`${line('/srv/x')}abc\n${line('/srv/x')}`], privilege, commands).open('/srv/x')
    assert.is((await file.read(0, 3)).toString(), 'abc')
    assert.ok(await file.unchanged())
    assert.equal(commands, [command])
  })
}

test('a file that changes while it is read is noticed: another time, another size', async () => {
  for (const after of [line('/srv/x', 3, 2), line('/srv/x', 4)]) {
    const file = await files([`${line('/srv/x')}abc\n${after}`]).open('/srv/x')
    assert.not.ok(await file.unchanged())
  }
})

test('a large one is looked at again after its last part', async () => {
  const head = `${line('/srv/x', 2 ** 24 + 3)}${'x'.repeat(2 ** 24)}\n${line('/srv/x', 2 ** 24 + 3)}`
  const tail = `${line('/srv/x', 2 ** 24 + 3)}end\n${line('/srv/x', 2 ** 24 + 3)}`
  const last = `${line('/srv/x', 2 ** 24 + 4)}\n${line('/srv/x', 2 ** 24 + 4)}`
  const file = await files([head, tail, last]).open('/srv/x')
  assert.is((await file.read(0, 2 ** 24)).length, 2 ** 24)
  assert.is((await file.read(2 ** 24, 3)).toString(), 'end')
  assert.not.ok(await file.unchanged())
})

for (const [answer, says] of [
  ['none\n', /not there any more/],
  ['closed\n', /permission denied/],
  [`${line('/srv/x')}ab`, /did not do what it was asked for its files/],
] as const) {
  test(`no file: ${says.source}`, async () => {
    await rejects(files([answer]).open('/srv/x'), says)
  })
}

test('what is ignored is left out with all in it, and empties nothing', async () => {
  const folder = (path: string) => `drwxr-xr-x 2 0 0 60 2026-01-01 00:00:00 +0000 ${path}\n`
  const answer = ['.', './tmp', './tmp/deep', './a'].map(folder).join('')
  const scan = await scanned(`${answer}${line('./tmp/deep/x')}${line('./a/x~')}${line('./b')}end\t0\n`)
  assert.equal([...scan.entries.keys()], ['p/box/srv/a/', 'p/box/srv/b'])
  assert.equal(scan.unread, [])
})

test('what a restore has begun is left out', async () => {
  const scan = await scanned(
    `${line('./.build-stack-restore/0.part')}${line('./a/.build-stack-0123456789abcdef.part')}${line('./.build-stack-x')}end\t0\n`,
  )
  assert.equal([...scan.entries.keys()], ['p/box/srv/.build-stack-x'])
  assert.equal(
    scan.passedOver.map(({ path }) => path),
    ['box:/srv/.build-stack-restore/0.part', 'box:/srv/a/.build-stack-0123456789abcdef.part'],
  )
})

test('folders that cannot be looked into, and lists that lack something, keep objects from being removed', async () => {
  const closed = await scanned('closed\t./shut\nend\t1\n')
  assert.equal(closed.problems, [{ path: 'box:/srv/shut', reason: 'permission denied' }])
  assert.equal(closed.unread, ['p/box/srv/shut', 'p/box/srv/shut/'])
  const lacking = await scanned(`${line('./x')}end\t1\n`)
  assert.equal(lacking.unread, ['p/box/srv', 'p/box/srv/'])
  const error = await rejects(scanned(line('./x')), /did not do what it was asked for its files/)
  assert.ok(error instanceof BuildStackError && error.code === 'HOST')
})
test.run()
