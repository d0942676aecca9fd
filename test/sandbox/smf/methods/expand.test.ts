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
const context = { service: 'application/web', instance: 'default', method: 'start', groups }

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
  ['x%{config/empty}y%{config/none}z', 'x""yz'],
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
  assert.is(quoteForShell(''), '""')
})

tokens.run()

const methods = suite('methods')

for (const [exec, want] of [
  [':kill', 'SIGTERM'],
  [':kill -HUP', 'SIGHUP'],
  [':kill -SIGINT', 'SIGINT'],
  [':kill -9', 9],
  [':kill -NOISE', undefined],
  [':killer', undefined],
  [':true', undefined],
] as const)
  methods(`the signal of ${exec}`, () => assert.is(killSignal(exec), want))

for (const [word, want] of [
  ['contract', 'contract'],
  ['transient', 'transient'],
  ['child', 'child'],
  ['wait', 'child'],
  ['forever', 'contract'],
] as const)
  methods(`duration ${word} is ${want}`, () => {
    const startd: Groups = {
      startd: { type: 'framework', properties: { duration: { type: 'astring', values: [word] } } },
    }
    assert.is(modelOf(startd), want)
  })

methods('a method-level context replaces the service-level one as a whole', () => {
  const string = (value: string) => ({ type: 'astring' as const, values: [value] })
  const both: Groups = {
    method_context: {
      type: 'framework',
      properties: { user: string('nobody'), working_directory: string('/var'), environment: string('A=1') },
    },
    start: {
      type: 'method',
      properties: {
        exec: string('/x'),
        timeout_seconds: { type: 'count', values: ['0'] },
        environment: string('B=2'),
      },
    },
    stop: {
      type: 'method',
      properties: {
        exec: string('/x'),
        timeout_seconds: { type: 'count', values: ['18446744073709551615'] },
      },
    },
  }
  const entity = { service: 'a', instance: 'b' }
  const read = (name: 'start' | 'stop') => {
    const result = readMethod(both, name, entity)
    return 'method' in result ? result.method : undefined
  }
  assert.equal(read('start')?.context.environment, ['B=2'])
  assert.is(read('start')?.context.user, undefined)
  assert.is(read('stop')?.context.user, 'nobody')
  assert.is(read('start')?.timeoutSeconds, undefined)
  assert.is(read('stop')?.timeoutSeconds, undefined)
})

methods('a missing refresh method is named', () =>
  assert.equal(readMethod({}, 'refresh', { service: 'a', instance: 'b' }), {
    absent: "No 'refresh' method defined.  Treating as :true.",
  }),
)

methods.run()
