import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkStart, keptTexts, type Start } from '../../runner/build/keptSteps.ts'
import type { Step } from '../../runner/build/step.ts'
import type { Build } from '../../runner/desired/build.ts'
import { BuildStackError } from '../../runner/errors.ts'

const test = suite('build/keptSteps')

const build = {
  ...{ recipe: 'tool', version: '1.0', prefix: '/opt/local', platform: 'Linux x86_64' },
  dependencies: { library: '2.0' },
} as unknown as Build
const steps = (inputs: readonly string[]): (Step & { name: string })[] => [
  { name: '01-recover', title: 'recover', root: true, script: '' },
  ...inputs.map((text, index) => ({
    ...{ name: `0${index + 2}-s`, title: `s${index}`, root: false, script: 'x' },
    keep: { inputs: text, again: index !== 1 },
  })),
]
function keys(inputs: readonly string[], environment = 'A=1', of = build): string[] {
  const { keyed = '' } = keptTexts(
    steps(inputs),
    { folder: '/w', build: of, start: { at: 'change' } },
    environment,
  )
  return keyed
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[1] as string)
}

test('a step’s key changes with its own inputs and with those of the steps before it, and with nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string(), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.string(),
      (inputs, at, other) => {
        const changed = at % inputs.length
        fc.pre(inputs[changed] !== other)
        const [before, after] = [keys(inputs), keys(inputs.with(changed, other))]
        for (const [index, key] of before.entries()) assert.is(key === after[index], index < changed)
      },
    ),
  )
})

test('all keys change with the environment, the prefix, and the version of what it needs', () => {
  const plain = keys(['a', 'b'])
  const others = [
    keys(['a', 'b'], 'A=2'),
    keys(['a', 'b'], 'A=1', { ...build, prefix: '/usr/local' }),
    keys(['a', 'b'], 'A=1', { ...build, dependencies: { library: '2.1' } }),
  ]
  for (const other of others) for (const [index, key] of other.entries()) assert.is.not(key, plain[index])
})

const texts = (start: Start) => keptTexts(steps(['a', 'b', 'c']), { folder: '/w', build, start }, '')

test('only steps in the build folder are listed, and which of them cannot be repeated alone', () => {
  const { keyed = '', needs, ...rest } = texts({ at: 'change' })
  assert.match(keyed, /^02-s [0-9a-f]{64} again\n03-s [0-9a-f]{64} once\n04-s [0-9a-f]{64} again\n$/)
  assert.is(needs, '/opt/local/var/build-stack/receipts/library.json\n')
  assert.equal(rest, { 'build-folder': '/w\n' })
})

test('where to begin: the first step, or the one that is named', () => {
  assert.is(texts({ at: 'beginning' }).from, '02-s\n')
  assert.is(texts({ at: 'step', title: 's2' }).from, '04-s\n')
  // Another recipe of the run has it.
  assert.is(texts({ at: 'step', title: 'other' }).from, undefined)
})

test('a step that no build has is refused, one of the installation too', () => {
  const actions = [{ recipe: 'tool', steps: ['unpack', 'configure', 'pack', 'install', 'record'] }]
  checkStart({ at: 'step', title: 'conf' }, actions, 'box')
  checkStart({ at: 'beginning' }, [], 'box')
  for (const title of ['install', 'xyz']) {
    try {
      checkStart({ at: 'step', title }, actions, 'box')
      assert.unreachable()
    } catch (error) {
      assert.ok(error instanceof BuildStackError)
      assert.is(error.code, 'USAGE')
      assert.match(error.context.next ?? '', /^name one of: unpack, configure, pack$/)
    }
  }
})

test.run()
