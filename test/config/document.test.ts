import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import { parseDocument } from '../../runner/config/document.ts'
import { faultsOf } from './faultsOf.ts'

const values = suite('document: values')
values('map keys keep the text that was written', () => {
  const { value } = parseDocument('2.10: a\n010: b\n1e3: c\nnull: d\nyes: e\n~: f\n"q": g\n', 'x.yaml')
  assert.equal(value, { '2.10': 'a', '010': 'b', '1e3': 'c', null: 'd', yes: 'e', '~': 'f', q: 'g' })
})
values('YAML 1.2: yes, on and octal-looking numbers are what they look like', () => {
  const { value } = parseDocument('[yes, on, 010, 0o17, true, null, 1e3, 2024-01-01, 1_000]', 'x.yaml')
  assert.equal(value, ['yes', 'on', 10, 15, true, null, 1000, '2024-01-01', '1_000'])
})
values('anchors and aliases', () => {
  const document = parseDocument('a: &flags [x, y]\nb: *flags\n', 'x.yaml')
  assert.equal(document.value, { a: ['x', 'y'], b: ['x', 'y'] })
  assert.equal(document.locate(['b']), { file: 'x.yaml', line: 2, column: 4 })
  assert.equal(document.locate(['b', 1]), { file: 'x.yaml', line: 1, column: 15 })
})
values('Windows line ends and a byte order mark', () => {
  const document = parseDocument('\ufeffa: 1\r\nb:\r\n  - x\r\n', 'x.yaml')
  assert.equal(document.value, { a: 1, b: ['x'] })
  assert.equal(document.locate(['b', 0]), { file: 'x.yaml', line: 3, column: 5 })
})
values('any plain data comes back as it was written', () => {
  const key = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__')
  const data = fc.letrec((tie) => ({
    value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    map: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  }))
  fc.assert(
    fc.property(data.map, (map) => {
      fc.pre(Object.keys(map as object).length > 0)
      // Not by assert.equal, which takes a key named constructor for the object's own.
      assert.ok(isDeepStrictEqual(parseDocument(stringify(map), 'x.yaml').value, map))
    }),
  )
})
values.run()

const places = suite('document: places')
const TEXT = `# comment
summary: x
versions:
  1.6.18:
    source: {url: "a b", size: 2.10}
  2:
list:
  - one
  -
    two: 3
text: |
  first
  \${prefix} and \${bad}
`
const PLACES: [path: (string | number)[], part: 'key' | 'value', place: string][] = [
  [[], 'value', '2:1'],
  [['summary'], 'key', '2:1'],
  [['summary'], 'value', '2:10'],
  [['versions', '1.6.18'], 'key', '4:3'],
  [['versions', '1.6.18'], 'value', '5:5'],
  [['versions', '1.6.18', 'source', 'size'], 'value', '5:32'],
  [['versions', '1.6.18', 'source', 'size'], 'key', '5:26'],
  [['versions', '2'], 'key', '6:3'],
  [['list', 0], 'value', '8:5'],
  [['list', 1, 'two'], 'value', '10:10'],
  [['list', 7], 'value', '8:3'],
  [['versions', '1.6.18', 'patches', 3, 'file'], 'value', '5:5'],
  [['versions', '9.9'], 'key', '3:1'],
  [['nowhere'], 'value', '2:1'],
]
for (const [path, part, place] of PLACES) {
  places(`${part} of ${path.join('.') || 'all'}`, () => {
    const { line, column } = parseDocument(TEXT, 'x.yaml').locate(path, part)
    assert.is(`${line}:${column}`, place)
  })
}
places('of a piece of text inside a block', () => {
  const document = parseDocument(TEXT, 'x.yaml')
  assert.equal(document.locateWithin(['text'], '${', 1), { file: 'x.yaml', line: 13, column: 17 })
  assert.equal(document.locateWithin(['text'], '${', 5), { file: 'x.yaml', line: 11, column: 7 })
})
places('the text of a scalar as written', () => {
  const document = parseDocument(TEXT, 'x.yaml')
  assert.is(document.sourceText(['versions', '1.6.18', 'source', 'size']), '2.10')
  assert.is(document.sourceText(['versions', '1.6.18', 'source', 'url']), 'a b')
  assert.is(document.sourceText(['versions', '2']), '')
  assert.is(document.sourceText(['list']), undefined)
})
places.run()

const faults = suite('document: faults')
const BOMB = ['a: &a [1,1,1,1,1,1,1,1,1,1]', ...'bcdefghi'.split('').map(bombLine)].join('\n')
function bombLine(name: string, i: number): string {
  const before = 'abcdefghi'[i]
  return `${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`
}
const FAULTS: [what: string, text: string, expected: (string | RegExp)[]][] = [
  ['an empty file', '', ['x.yaml:1:1: the file is empty']],
  ['only comments', '# nothing\n', ['x.yaml:1:1: the file is empty']],
  [
    'all duplicate keys',
    'a: 1\na: 2\nb: {c: 1, "c": 2}\n',
    [
      'x.yaml:2:1: duplicate key "a"; it is given first in line 1',
      'x.yaml:3:11: duplicate key "c"; it is given first in line 3',
    ],
  ],
  ['a tab', 'a:\n\t- b\n', ['x.yaml:2:1: a tab is used to indent; YAML wants blanks']],
  ['two documents', 'a: 1\n---\nb: 2\n', ['x.yaml:2:1: a second document starts here; a file holds one']],
  ['a YAML 1.1 line', '%YAML 1.1\n---\na: yes\n', ['x.yaml:1:1: a %YAML line is not used here; remove it']],
  ['an alias of itself', 'a: &x [*x]\n', ['x.yaml:1:8: *x refers to a value that contains it']],
  ['an unknown alias', 'a: *log\n', ['x.yaml:1:4: *log refers to an anchor that is not set above it']],
  ['an alias bomb', BOMB, [/aliases make this file grow without end$/]],
  ['too many levels', `a: ${'['.repeat(20_000)}`, [/lists or maps are nested too deeply$/]],
  ['an open list', 'a: [1, 2\n', ['x.yaml:2:1: a list or map opened with [ is not closed']],
  ['an open quote', 'a: "x\n', [/a quote is not closed before this$/]],
  ['a colon in a value', 'a: b: c\n', [/^x.yaml:1:4: a value with ": " in it must be quoted/]],
  [
    'a variable in a flow list',
    'a: [b, ${prefix}/x]\n',
    [/^x.yaml:1:\d+: inside \[ ] or { } a value with \$\{…} must/],
  ],
  ['a reserved character', 'a: @x\n', ['x.yaml:1:4: a value cannot start with @']],
  ['a wrong escape', 'a: "\\q"\n', ['x.yaml:1:5: \\q means nothing in double quotes']],
  [
    'wrong indentation',
    'a:\n  b: 1\n c: 2\n',
    ['x.yaml:3:1: this line is not indented like the lines it belongs to'],
  ],
  ['a list as key', '[a]: 1\n', ['x.yaml:1:1: a key must be plain text, not a list, a map or an alias']],
  ['a tag', 'a: !secret x\n', ['x.yaml:1:4: unknown tag !secret; tags are not used here']],
  ['binary data', 'a: !!binary aGk=\n', ['x.yaml:1:4: unknown tag !!binary; tags are not used here']],
  ['a key that would be lost', 'a: {__proto__: {b: 1}}\n', ['x.yaml:1:5: unknown key "__proto__"']],
]
for (const [what, text, expected] of FAULTS) {
  faults(what, () => {
    const found = faultsOf(() => parseDocument(text, 'x.yaml'))
    assert.is(found.length, expected.length, found.join('\n'))
    for (const [i, wanted] of expected.entries()) {
      if (typeof wanted === 'string') assert.is(found[i], wanted)
      else assert.match(found[i] ?? '', wanted)
    }
  })
}
faults('any text gives a value or a fault with a place, never another error', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '|',
    '>',
    '#',
    '\t',
    '%',
    '---\n',
    '...\n',
    '!t ',
    '? ',
    '<<: ',
    '\0',
    '\r',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      for (const line of faultsOf(() => parseDocument(pieces.join(''), 'x.yaml'))) {
        assert.match(line, /^x\.yaml:[1-9]\d*:[1-9]\d*: \S/)
      }
    }),
    { numRuns: 3000 },
  )
})
faults.run()
