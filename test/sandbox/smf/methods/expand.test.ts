import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { expandTokens, quoteForShell } from '../../../../runner/sandbox/smf/methods/expand.ts'
import { killSignal, modelOf, readMethod } from '../../../../runner/sandbox/smf/methods/method.ts'
import type { Groups } from '../../../../runner/sandbox/smf/repository.ts'

const groups: Groups = {
  application: { type: 'application', properties: { root: { type: 'astring', values: ['/a b'] } } },
  config: {
    type: 'application',
    properties: {
      ports: { type: 'count', values: ['80', '443'] },
      empty: { type: 'astring', values: [''] },
      none: { type: 'astring', values: [] },
    },
  },
}
const editing: Groups = {
  config: { type: 'application', properties: { later: { type: 'astring', values: ['not yet'] } } },
}
const context = { service: 'application/web', instance: 'default', method: 'start', groups, editing }

const tokens = suite('method tokens')

for (const [text, want] of [
  ['/m %m', '/m start'],
  ['%s %i %f %r', 'application/web default svc:/application/web:default svc.startd'],
  ['100%% sure', '100% sure'],
  ['at the end %', 'at the end '],
  ['-r %{root}', '-r /a\\ b'],
  ['-p %{config/ports}', '-p 80 443'],
  ['-p %{config/ports,}', '-p 80,443'],
  ['-p %{config/ports:}', '-p 80:443'],
  ['x%{config/empty}y%{config/none}z', 'xyz'],
  ['what no snapshot has yet: %{config/later}', 'what no snapshot has yet: not\\ yet'],
] as const)
  tokens(text, () => assert.equal(expandTokens(text, context), { text: want }))

for (const [text, problem] of [
  ['%x', 'unknown method token'],
  ['%{config/ports', 'parse error'],
  ['%{config/nothing}', 'property "config/nothing" not found'],
  ['%{nothing/ports}', 'property "nothing/ports" not found'],
] as const)
  tokens(`${text} cannot be expanded`, () => assert.equal(expandTokens(text, context), { problem }))

tokens('values are quoted with backslashes', () => {
  assert.is(quoteForShell('it\'s $(x); "y"'), 'it\\\'s\\ $\\(x\\)\\;\\ \\"y\\"')
  assert.is(quoteForShell(''), '')
})

tokens.run()

const methods = suite('methods')

for (const [exec, want] of [
  [':kill', 'SIGTERM'],
  [':kill -HUP', 'SIGHUP'],
  [':kill  -INT', 'SIGINT'],
  [':kill -SIGINT', undefined],
  [':kill INT', undefined],
  [':kill -9', 9],
  [':kill -0', undefined],
  [':kill -NOISE', undefined],
  [':killer', undefined],
  [':true', undefined],
] as const)
  methods(`the signal of ${exec}`, () => assert.is(killSignal(exec), want))

for (const [word, want] of [
  ['contract', 'contract'],
  ['transient', 'transient'],
  ['child', 'child'],
  ['wait', 'contract'],
  ['forever', 'contract'],
] as const)
  methods(`duration ${word} is ${want}`, () => {
    const startd: Groups = {
      startd: { type: 'framework', properties: { duration: { type: 'astring', values: [word] } } },
    }
    assert.is(modelOf(startd), want)
  })

for (const [text, want] of [
  ['60', 60],
  ['0', undefined],
  // As -1 is kept.
  ['18446744073709551615', undefined],
] as const)
  methods(`a time limit of ${text} s`, () => {
    const stop: Groups = {
      stop: {
        type: 'method',
        properties: {
          exec: { type: 'astring', values: ['/x'] },
          timeout_seconds: { type: 'count', values: [text] },
        },
      },
    }
    const found = readMethod(stop, 'stop', { service: 'a', instance: 'b', editing: {} })
    assert.is('method' in found && found.method.timeoutSeconds, want)
  })

methods('a missing refresh method is named', () =>
  assert.equal(readMethod({}, 'refresh', { service: 'a', instance: 'b', editing: {} }), {
    absent: "No 'refresh' method defined.  Treating as :true.",
  }),
)

methods('a missing start method, or one without a command, is named', () => {
  const entity = { service: 'a', instance: 'b', editing: {} }
  assert.equal(readMethod({}, 'start', entity), { absent: "Method property group 'start' is not present." })
  const empty: Groups = { stop: { type: 'method', properties: {} } }
  assert.equal(readMethod(empty, 'stop', entity), { absent: "Method property 'stop/exec is not present." })
})

methods.run()
