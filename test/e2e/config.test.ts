/** Mistakes in files and on the command line, as the program answers them: all found before a host is touched. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
const SHA256 = 'ab'.repeat(32)
const source = `{ url: "http://127.0.0.1:9/tiny-1.0.tar.gz", sha256: ${SHA256} }`

const HOSTS = `hosts:
  box:
    address: sandbox
    recipes:
      tiny: "*"
`
const TINY = `summary: a tiny program
system: autotools
configure: [--with-flag]
versions:
  "1.0":
    source: ${source}
`
/** A recipe that needs another. */
const needing = (name: string, range = '*') => `${TINY}dependencies: { ${name}: "${range}" }\n`

const mistakes = suite('a mistake')

interface Mistake {
  words?: string[]
  files?: Record<string, string>
  code: number
  says: RegExp
}

const table: Record<string, Mistake> = {
  'no host named': { words: [], code: 64, says: /no host was named\n {2}next: name one of hosts\.yaml/ },
  'a host that is not there': {
    words: ['bux'],
    code: 64,
    says: /there is no host "bux"; did you mean "box"\?/,
  },
  'a recipe that is not there': {
    words: ['box', '--only', 'tini'],
    code: 64,
    says: /"tini".*did you mean "?tiny"?/,
  },
  'an option that is not there': {
    words: ['box', '--dry-rum'],
    code: 64,
    says: /unknown option '--dry-rum'.*\n?.*--dry-run/,
  },
  'no hosts.yaml': { files: { 'hosts.yaml': '' }, code: 65, says: /hosts\.yaml/ },
  'a recipe of a host that is not there': {
    files: { 'hosts.yaml': HOSTS.replace('tiny', 'tinny') },
    code: 65,
    says: /^hosts\.yaml:5:7: .*there is no recipe "tinny"; did you mean "tiny"\?/m,
  },
  'a wrong type': {
    files: { 'recipes/tiny.yaml': TINY.replace('[--with-flag]', '5') },
    code: 65,
    says: /^recipes\/tiny\.yaml:3:12: configure: expected a list of strings, got number/m,
  },
  'an unknown key': {
    files: { 'recipes/tiny.yaml': TINY.replace('configure', 'configur') },
    code: 65,
    says: /^recipes\/tiny\.yaml:3:1: .*"?configur"?.*did you mean "?configure"?/m,
  },
  'an unknown key of a host': {
    files: { 'hosts.yaml': HOSTS.replace('    recipes', '    prefx: /opt/x\n    recipes') },
    code: 65,
    says: /^hosts\.yaml:4:5: .*prefx.*did you mean "?prefix"?/m,
  },
  'a key twice': {
    files: { 'recipes/tiny.yaml': `${TINY}system: make\n` },
    code: 65,
    says: /^recipes\/tiny\.yaml:7:1: .*system.*(twice|line 2)/m,
  },
  'no YAML': {
    files: { 'recipes/tiny.yaml': `${TINY}a: [b\n` },
    code: 65,
    says: /^recipes\/tiny\.yaml:\d+:\d+: /,
  },
  'a cycle': {
    files: {
      'recipes/tiny.yaml': needing('other'),
      'recipes/other.yaml': needing('third'),
      'recipes/third.yaml': needing('tiny'),
    },
    code: 65,
    says: /tiny -> other -> third -> tiny/,
  },
  'a range that nothing satisfies': {
    files: { 'recipes/tiny.yaml': needing('other', '>=2'), 'recipes/other.yaml': TINY },
    code: 65,
    says: /no version of other suits.*tiny 1\.0 wants >=2 \(recipes\/tiny\.yaml:7\); there are 1\.0/,
  },
  'a patch that is not there': {
    files: {
      'recipes/tiny.yaml': `${TINY}    patches: [{ file: tiny/01-portabel.patch }]\n`,
      'patches/tiny/01-portable.patch': '',
    },
    code: 65,
    says: /^recipes\/tiny\.yaml:7:23: .*patches\/tiny\/01-portabel\.patch; did you mean "tiny\/01-portable\.patch"/m,
  },
  'a patch outside of patches/': {
    files: { 'recipes/tiny.yaml': `${TINY}    patches: [{ file: ../hosts.yaml }]\n` },
    code: 65,
    says: /^recipes\/tiny\.yaml:7:23: /m,
  },
  'a variable that is not there': {
    files: { 'recipes/tiny.yaml': TINY.replace('[--with-flag]', '["${prefx}"]') },
    code: 65,
    says: /^recipes\/tiny\.yaml:3:\d+: .*unknown variable \$\{prefx\}; did you mean "?prefix"?/m,
  },
  'a prefix with a blank': {
    files: { 'hosts.yaml': HOSTS.replace('    recipes', '    prefix: "/opt/my stack"\n    recipes') },
    code: 65,
    says: /^hosts\.yaml:4:13: .*"\/opt\/my stack" has characters that builds cannot have/m,
  },
  'a prefix of the system': {
    files: { 'hosts.yaml': HOSTS.replace('    recipes', '    prefix: /usr\n    recipes') },
    code: 65,
    says: /^hosts\.yaml:4:13: .*\/usr belongs to the system/m,
  },
  'a name of a service that a shell would read': {
    files: { 'recipes/tiny.yaml': `${TINY}services: { "a;b": { summary: x, command: [x] } }\n` },
    code: 65,
    says: /^recipes\/tiny\.yaml:7:13: .*name of a service/m,
  },
}

for (const [name, { words = ['box'], files = {}, code, says }] of Object.entries(table)) {
  mistakes(`${name} is named, with its place and what to do`, async () => {
    const all = { 'hosts.yaml': HOSTS, 'recipes/tiny.yaml': TINY, ...files }
    for (const [path, text] of Object.entries(all)) workshop.write(path, text)
    const outcome = await workshop.build(...words)
    for (const path of Object.keys(files)) workshop.remove(path)
    assert.is(outcome.code, code, outcome.stdout + outcome.stderr)
    assert.match(outcome.stderr, says)
    assert.is(outcome.stdout, '')
    assert.not.match(outcome.stderr, /\n {4}at /)
  })
}

mistakes('with --json is an object on a line of standard output', async () => {
  workshop.write('hosts.yaml', HOSTS)
  workshop.write('recipes/tiny.yaml', TINY.replace('[--with-flag]', '5'))
  const { code, stdout } = await workshop.build('box', '--json')
  assert.is(code, 65)
  const { type, code: error, location } = JSON.parse(stdout) as Record<string, unknown>
  assert.equal(
    [type, error, location],
    ['error', 'CONFIG', { file: 'recipes/tiny.yaml', line: 3, column: 12 }],
  )
})

const copies = suite('a file that was read before')

/** What a run says, twice: the second time of copies. */
async function twice(): Promise<[string, string]> {
  const first = await workshop.build('box')
  const second = await workshop.build('box')
  assert.is(first.code, second.code)
  return [first.stderr, second.stderr]
}

const templates = suite('what a file asks of its host')

templates(
  'and the host lacks is named with line and column, also of a file that was read before',
  async () => {
    const files = (mark: string) =>
      `${TINY}files:\n  - path: etc/tiny.conf\n    content: |\n      # plain\n      port = ${mark}\n`
    workshop.write('hosts.yaml', `${HOSTS}    values: { post: "1" }\n    secrets: { word: { env: WORD } }\n`)
    for (const [mark, says] of [
      [
        '${value.port}',
        /^recipes\/tiny\.yaml:11:14: the host box has no value "port"; did you mean "post"\?/m,
      ],
      [
        '${secret.ward}',
        /^recipes\/tiny\.yaml:11:14: the host box has no secret "ward"; did you mean "word"\?/m,
      ],
      ['${valu.port}', /^recipes\/tiny\.yaml:11:14: files\[0\]\.content: unknown variable \$\{valu\.port\}/m],
    ] as const) {
      workshop.write('recipes/tiny.yaml', files(mark))
      for (const _ of ['from the text', 'from its copy']) {
        const { code, stdout, stderr } = await workshop.command('box', '--dry-run')
        assert.is(code, 65, stdout + stderr)
        assert.match(stdout + stderr, says)
      }
    }
    workshop.write('hosts.yaml', HOSTS)
  },
)

copies('is the same in messages about what another file does to it', async () => {
  workshop.write('hosts.yaml', HOSTS)
  workshop.write('recipes/tiny.yaml', needing('other', '>=2'))
  workshop.write('recipes/other.yaml', TINY)
  const [first, second] = await twice()
  assert.match(first, /recipes\/tiny\.yaml:7/)
  assert.is(second, first)

  const patched = `${TINY}    patches: [{ file: tiny/02-gone.patch }]\n`
  workshop.write('patches/tiny/02-gone.patch', '--- a\n+++ b\n')
  workshop.write('recipes/tiny.yaml', patched)
  assert.is((await workshop.command('check')).code, 0)
  workshop.remove('patches/tiny/02-gone.patch')
  assert.match((await workshop.command('check')).stderr, /^recipes\/tiny\.yaml:7:23: /)
  assert.ok(readdirSync(workshop.cache('parsed')).length >= 3)
})

copies('is read anew when it was changed, or the copy is damaged', async () => {
  workshop.write('recipes/tiny.yaml', TINY)
  assert.is((await workshop.command('check')).code, 0)
  workshop.write('recipes/tiny.yaml', TINY.replace('[--with-flag]', '5'))
  assert.is((await workshop.command('check')).code, 65)
  workshop.write('recipes/tiny.yaml', TINY)
  for (const text of ['', '{"key":', '{}', 'null']) {
    for (const name of readdirSync(workshop.cache('parsed')))
      writeFileSync(workshop.cache('parsed', name), text)
    assert.is((await workshop.command('check')).code, 0, text)
  }
})

mistakes('touches no host', () => {
  assert.not.ok(existsSync(workshop.cache('sandbox')))
})

mistakes.run()
templates.run()
copies.after(() => workshop.close())
copies.run()
