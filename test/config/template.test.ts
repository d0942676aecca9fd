import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  expand,
  expandAll,
  expandPattern,
  parseTemplate,
  templateFaults,
  variables,
} from '../../runner/config/template.ts'

const VALUES = { prefix: '/opt/local', name: 'memcached', version: '1.6.18' }
const test = suite('template')
const EXPANDED: [text: string, result: string][] = [
  ['', ''],
  ['plain $x $ {prefix} $(id) `id` 100%', 'plain $x $ {prefix} $(id) `id` 100%'],
  ['${prefix}/bin', '/opt/local/bin'],
  ['-L${prefix}/lib -R${prefix}/lib', '-L/opt/local/lib -R/opt/local/lib'],
  ['${name}-${version}', 'memcached-1.6.18'],
  ['$${prefix}', '${prefix}'],
  ['$$${prefix}', '$${prefix}'],
  ['$${${name}}', '${memcached}'],
]
for (const [text, result] of EXPANDED)
  test(JSON.stringify(text), () => assert.is(expand(text, VALUES), result))

const FAULTS: [text: string, offset: number, message: RegExp][] = [
  ['a ${prefx}', 2, /^unknown variable \$\{prefx}; did you mean "prefix"\?$/],
  [
    '${zebra}',
    0,
    /^unknown variable \$\{zebra}; known are: prefix, name, version, jobs, work, arch, scan, path$/,
  ],
  ['${HOME}', 0, /write \$\$\{ for a literal \$\{$/],
  ['${x:-y}', 0, /write \$\$\{ for a literal/],
  ['${}', 0, /^unknown variable \$\{}/],
  ['ab${prefix', 2, /is not closed/],
  ['${toString}', 0, /unknown variable/],
]
for (const [text, offset, message] of FAULTS) {
  test(`${text} is refused`, () => {
    const [fault, ...others] = templateFaults(text)
    assert.is(others.length, 0)
    assert.is(fault?.offset, offset)
    assert.match(fault?.message ?? '', message)
    assert.throws(() => expand(text, VALUES), /unknown variable|is not closed/)
  })
}
test('all faults of a text are found', () => {
  assert.equal(
    templateFaults('${a1} ${prefix} ${b1}').map((fault) => fault.offset),
    [0, 16],
  )
})
test('variables are listed once, in order', () => {
  assert.equal(variables('${version} ${name} ${version} $${jobs}'), ['version', 'name'])
})
test('a value is never read as a template again', () => {
  assert.is(expand('${name}', { name: '${prefix}$&$1' }), '${prefix}$&$1')
})
test('text without marks stays as it is, and doubled marks come out single', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const literal = text.replaceAll('${', '')
      assert.is(expand(literal, VALUES), literal)
      const escaped = text.replaceAll('${', () => '$${')
      fc.pre(!text.includes('$${') && !escaped.includes('$$${'))
      assert.is(expand(escaped, VALUES), text)
    }),
  )
})
test('the pieces of a template make up its text', () => {
  const piece = fc.constantFrom('a', '$', '{', '}', '${', '$${', '${name}', '\n')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('')
      const back = parseTemplate(text).map((part) => {
        if (typeof part === 'string') return part.replaceAll('${', () => '$${')
        return part.variable.endsWith('\n') ? text.slice(part.offset) : `\${${part.variable}}`
      })
      if (!/\n}/.test(text)) assert.is(back.join(''), text)
    }),
  )
})
test('data is expanded in depth, its keys are not', () => {
  const data = { a: ['${name}', 3, null], '${name}': { b: '$${x}', c: true, d: undefined } }
  assert.equal(expandAll(data, VALUES), {
    a: ['memcached', 3, null],
    '${name}': { b: '${x}', c: true, d: undefined },
  })
})
test('in a pattern a value stands for itself', () => {
  const pattern = new RegExp(expandPattern('^memcached ${version}$', { version: '1.6+(x)' }))
  assert.ok(pattern.test('memcached 1.6+(x)'))
  assert.not(pattern.test('memcached 1666(x)'))
})
test.run()
