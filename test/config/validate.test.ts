import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDocument } from '../../runner/config/document.ts'
import { hostsSchema } from '../../runner/config/hosts.ts'
import { recipeSchema } from '../../runner/config/recipe.ts'
import { validate } from '../../runner/config/validate.ts'
import { faultsOf } from './faultsOf.ts'
import { recipe } from './project.ts'

const check = (text: string) => faultsOf(() => validate(recipeSchema, parseDocument(text, 'r.yaml')))

const recipes = suite('validate: recipes')
recipes('a sound recipe gets its defaults', () => {
  const value = validate(recipeSchema, parseDocument(recipe('patches: [{file: a}]\n'), 'r.yaml'))
  assert.equal(value.patches, [{ file: 'a', strip: 1, fuzz: 0, after: 'unpack' }])
  assert.equal(Object.keys(value.versions), ['1.0'])
})

/** Lines put before `versions:` of a sound recipe; they start in line 3. */
const FAULTS: [more: string, ...faults: string[]][] = [
  ['configure: 5', '3:12: configure: expected a list of strings, got number'],
  ['configure: --x', '3:12: configure: expected a list of strings, got string'],
  ['configure: {a: b}', '3:12: configure: expected a list of strings, got a map'],
  ['configure:', '3:1: configure: expected a list of strings, got nothing'],
  ['configure: ~', '3:12: configure: expected a list of strings, got null'],
  [
    'configure:\n  - --a\n  - 64',
    '5:5: configure[1]: expected a string, or {value, when}, got number 64; write "64"',
  ],
  [
    'homepage: 2.10',
    '3:11: homepage: expected a string, got number 2.10, which YAML reads as 2.1; write "2.10"',
  ],
  ['homepage: true', '3:11: homepage: expected a string, got boolean true; write "true"'],
  ['homepage: [a]', '3:11: homepage: expected a string, got a list'],
  ['confgure: [a]', '3:1: unknown key "confgure"; did you mean "configure"?'],
  [
    'patches: [{file: a, zzzzz: 1}]',
    '3:21: patches[0]: unknown key "zzzzz"; allowed here: file, strip, fuzz, after, when',
  ],
  ['patches: [{strip: 1}]', '3:11: patches[0]: missing key "file" (a string)'],
  ['patches: [{fille: a}]', '3:12: patches[0]: unknown key "fille"; did you mean "file"?'],
  ['patches: [{file: a, strip: -1}]', '3:28: patches[0].strip: expected a number of path parts, got -1'],
  ['patches: [{file: a, strip: 1.5}]', '3:28: patches[0].strip: expected a number of path parts, got 1.5'],
  ['patches: [{file: a, strip: "1"}]', '3:28: patches[0].strip: expected a number of path parts, got string'],
  [
    'patches: [{file: a, after: configur}]',
    '3:28: patches[0].after: expected unpack or configure, got "configur"; did you mean "configure"?',
  ],
  ['env: {1A: x}', '3:7: env: expected the name of a variable (letters, digits and _), got "1A"'],
  [
    'env: {A: 010}',
    '3:10: env.A: expected a string, or {value, when}, got number 010, which YAML reads as 10; write "010"',
  ],
  ['env: {A: {value: x, wen: {os: SunOS}}}', '3:21: env.A: unknown key "wen"; did you mean "when"?'],
  [
    'files: [{path: a, content: x, mode: 0644}]',
    '3:37: files[0].mode: expected a quoted octal mode such as "0644", got number 0644, which YAML reads as 644; write "0644"',
  ],
  [
    'files: [{path: a, content: x, mode: "rw"}]',
    '3:37: files[0].mode: expected a quoted octal mode such as "0644", got "rw"',
  ],
  ['smoke: [{command: []}]', '3:19: smoke[0].command: expected a list of strings, got an empty list'],
  ['dependencies: [a]', '3:15: dependencies: expected a map of recipe names to version ranges, got a list'],
  [
    'dependencies: {a: 2}',
    '3:19: dependencies.a: expected a range, or {version, kind, when}, got number 2; write "2"',
  ],
  [
    'dependencies: {a: {kind: runtime}}',
    '3:26: dependencies.a.kind: expected build, link or run, got "runtime"',
  ],
  [
    'services: {"a b": {summary: x, command: [y]}}',
    '3:12: services: expected the name of a service (letters, digits, ".", "_" and "-"), got "a b"',
  ],
  [
    'services: {a: {summary: x, command: [y], ready: {port: 70000}}}',
    '3:56: services.a.ready.port: expected a port number (1 to 65535), got 70000',
  ],
  [
    'configure: 5\nmake: 6\nsummery: x',
    '3:12: configure: expected a list of strings, got number',
    '4:7: make: expected a list of strings, got number',
    '5:1: unknown key "summery"; did you mean "summary"?',
  ],
]
for (const [more, ...expected] of FAULTS) {
  recipes(more.replaceAll('\n', ' / '), () => {
    assert.equal(
      check(recipe(`${more}\n`)),
      expected.map((fault) => `r.yaml:${fault}`),
    )
  })
}

const source = (fields: string) => `summary: x\nsystem: make\nversions:\n  1.0:\n    source: ${fields}\n`
const SOURCES: [fields: string, ...faults: string[]][] = [
  ['{}', '5:5: versions.1.0.source: missing key "url" (a string)'],
  [
    '{url: u, sha256: abc}',
    '5:30: versions.1.0.source.sha256: expected 64 lower-case hexadecimal digits, got "abc"',
  ],
  [
    `{url: u, sha256: ${'AB'.repeat(33)}}`,
    `5:30: versions.1.0.source.sha256: expected 64 lower-case hexadecimal digits, got "${'AB'.repeat(20)}…" (66 characters)`,
  ],
  [
    '{url: u, alternatives: [{debian: x}]}',
    '5:37: versions.1.0.source.alternatives[0]: missing key "file" (a string)',
  ],
  [
    '{url: u, alternatives: [{debain: x, file: y}]}',
    '5:38: versions.1.0.source.alternatives[0]: unknown key "debain"; did you mean "debian"?',
  ],
  [
    '{url: u, alternatives: [7]}',
    '5:37: versions.1.0.source.alternatives[0]: expected one of {url, file, sha256}, {debian, suite, file, sha256}, {directory, file, sha256}, got number',
  ],
]
for (const [fields, ...expected] of SOURCES) {
  recipes(`source: ${fields.slice(0, 60)}`, () => {
    assert.equal(
      check(source(fields)),
      expected.map((fault) => `r.yaml:${fault}`),
    )
  })
}
recipes('a version without anything', () => {
  assert.equal(check('summary: x\nsystem: make\nversions:\n  1.0:\n'), [
    'r.yaml:4:3: versions.1.0: expected a version (source, and what differs from the recipe), got nothing',
  ])
})
recipes('a file that is a list', () => {
  assert.equal(check('- a\n'), ['r.yaml:1:1: expected a recipe, got a list'])
})
recipes('everything that is missing is said at once', () => {
  const missing = check('homepage: x\n').map((fault) => fault.replace(/ \(.*\)$/, ''))
  assert.equal(missing, [
    'r.yaml:1:1: missing key "summary"',
    'r.yaml:1:1: missing key "system"',
    'r.yaml:1:1: missing key "versions"',
  ])
})
recipes('no fault speaks as the schema library does', () => {
  const all = FAULTS.flatMap(([more]) => check(recipe(`${more}\n`)))
  for (const fault of all) assert.not.match(fault, /Invalid|received|Unrecognized|Too (small|big)|undefined/)
})
recipes.run()

const hosts = suite('validate: hosts.yaml')
const HOSTS: [text: string, ...faults: string[]][] = [
  ['hosts: {a: {adress: x}}', '1:13: hosts.a: unknown key "adress"; did you mean "address"?'],
  [
    'hosts: {-a: {address: x}}',
    '1:9: hosts: expected the name of a host (letters, digits, ".", "_" and "-"), got "-a"',
  ],
  ['hosts: {a: {address: x, port: 0}}', '1:31: hosts.a.port: expected a port number (1 to 65535), got 0'],
  ['hosts: {a: {address: x, agent: "yes"}}', '1:32: hosts.a.agent: expected true or false, got string'],
  ['hosts: {a: {address: x, prefix: opt}}', '1:33: hosts.a.prefix: expected an absolute path, got "opt"'],
  [
    'hosts: {a: {address: x, recipes: {m: }}}',
    '1:35: hosts.a.recipes.m: expected a version or range, or {version, configure, env}, got nothing',
  ],
  [
    'hosts: {a: {address: x, recipes: {m: 1.10}}}',
    '1:38: hosts.a.recipes.m: expected a version or range, or {version, configure, env}, got number 1.10, which YAML reads as 1.1; write "1.10"',
  ],
  ['defaults: {roles: web}\nhosts: {}', '1:19: defaults.roles: expected a list of strings, got string'],
  ['host: {}', '1:1: unknown key "host"; did you mean "hosts"?'],
]
for (const [text, ...expected] of HOSTS) {
  hosts(text, () => {
    const found = faultsOf(() => validate(hostsSchema, parseDocument(text, 'hosts.yaml')))
    assert.equal(
      found,
      expected.map((fault) => `hosts.yaml:${fault}`),
    )
  })
}
hosts.run()
