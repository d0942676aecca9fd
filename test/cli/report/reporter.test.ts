import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { painter, wantsColor } from '../../../runner/cli/report/color.ts'
import { inTurn } from '../../../runner/cli/report/inTurn.ts'
import { chooseReporter } from '../../../runner/cli/report/reporter.ts'
import { shownLine } from '../../../runner/cli/report/shownLine.ts'

const terminal = { json: false, verbose: false, isTTY: true, env: { TERM: 'xterm' } }

const choice = suite('chooseReporter')
for (const [name, wish, kind] of [
  ['a terminal', terminal, 'live'],
  ['a pipe', { ...terminal, isTTY: false }, 'plain'],
  ['a dumb terminal', { ...terminal, env: { TERM: 'dumb' } }, 'plain'],
  ['a CI service with a terminal', { ...terminal, env: { CI: 'true' } }, 'plain'],
  ['all lines on a terminal', { ...terminal, verbose: true }, 'plain'],
  ['--json wherever', { ...terminal, json: true }, 'json'],
] as const) {
  choice(`${name}: ${kind}`, () => assert.is(chooseReporter(wish), kind))
}
choice.run()

const colors = suite('colours')
for (const [name, isTTY, env, wanted] of [
  ['a terminal has them', true, {}, true],
  ['a pipe has none', false, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['an empty NO_COLOR means nothing', true, { NO_COLOR: '' }, true],
  ['FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
] as const) {
  colors(name, () => assert.is(wantsColor(isTTY, env), wanted))
}
colors('paint', () => {
  assert.is(painter(true)('green', 'up'), '\u001b[32mup\u001b[39m')
  assert.is(painter(true)('green', ''), '')
  assert.is(painter(false)('green', 'up'), 'up')
})
colors.run()

const line = suite('shownLine')
for (const [raw, shown] of [
  ['plain', 'plain'],
  ['\u001b[1;31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['10%\r55%\r100%\r', '100%'],
  ['tab\there  ', 'tab here'],
  ['bell\u0007 \u009b2Jx', 'bell  x'],
  ['', ''],
] as const) {
  line(JSON.stringify(raw), () => assert.is(shownLine(raw), shown))
}
line.run()

const turns = suite('inTurn')
turns('one question after another, also when one fails', async () => {
  const ask = inTurn()
  const order: string[] = []
  const question = (name: string, fails: boolean) => async () => {
    order.push(`${name} asked`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    order.push(`${name} answered`)
    if (fails) throw new Error('no answer')
    return name
  }
  const results = await Promise.allSettled([ask(question('a', true)), ask(question('b', false))])
  assert.equal(order, ['a asked', 'a answered', 'b asked', 'b answered'])
  assert.equal(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  )
})
turns.run()
