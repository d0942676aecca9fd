import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { globExpression, type SelectionRules, select } from '../../../runner/sandbox/smf/patterns.ts'
import { Repository, type Services } from '../../../runner/sandbox/smf/repository.ts'

function repository(...fmris: string[]): Repository {
  const services: Services = {}
  for (const fmri of fmris) {
    const [service = '', instance] = fmri.split(':')
    services[service] ??= { groups: {}, instances: {} }
    const { instances } = services[service]
    if (instance !== undefined) instances[instance] = { groups: {}, snapshots: {} }
  }
  const result = new Repository('/nonexistent')
  result.services = services
  return result
}

const mail = repository('network/smtp:sendmail', 'site/web:a', 'site/web:b', 'empty')
const chosen = (operand: string, rules?: SelectionRules) => select(mail, [operand], rules)

const patterns = suite('operands')

for (const operand of [
  'svc:/network/smtp:sendmail',
  'svc:/network/smtp',
  'network/smtp:sendmail',
  'network/smtp',
  'smtp:sendmail',
  'smtp',
  ':sendmail',
  'sendmail',
  'network/*mail',
  '*smtp*',
  'svc:/n?twork/smtp:sendmai[kl]',
])
  patterns(`${operand} is sendmail`, () =>
    assert.equal(chosen(operand), { fmris: ['svc:/network/smtp:sendmail'], errors: [] }),
  )

for (const operand of [
  'mail',
  'network/smt',
  'svc:',
  '',
  'svc:/network/smtp:other',
  '-s',
  'network/[',
  "x'; y",
])
  patterns(`${operand || 'an empty operand'} matches nothing`, () =>
    assert.equal(chosen(operand), {
      fmris: [],
      errors: [`Pattern '${operand}' doesn't match any instances`],
    }),
  )

patterns('a service stands for all its instances', () =>
  assert.equal(chosen('web').fmris, ['svc:/site/web:a', 'svc:/site/web:b']),
)

patterns('svcadm refuses a partial FMRI that matches several instances, and lists them', () => {
  const { fmris, errors } = chosen('web', { onlyGlobsMayMatchSeveral: true })
  assert.equal(fmris, [])
  assert.equal(errors, [
    "Partial FMRI 'web' matches multiple instances:\n    svc:/site/web:a\n    svc:/site/web:b",
  ])
})

patterns('a glob may match several', () =>
  assert.is(chosen('*web*', { onlyGlobsMayMatchSeveral: true }).fmris.length, 2),
)

patterns('each instance is taken once, in the order of the operands', () =>
  assert.equal(select(mail, ['web:b', 'web', 'smtp']).fmris, [
    'svc:/site/web:b',
    'svc:/site/web:a',
    'svc:/network/smtp:sendmail',
  ]),
)

patterns('services themselves can be asked for', () => {
  assert.equal(chosen('svc:/empty', { services: 'prefer' }).fmris, ['svc:/empty'])
  assert.equal(chosen('smtp', { services: 'prefer' }).fmris, ['svc:/network/smtp'])
  assert.equal(chosen('smtp', { services: 'fallback' }).fmris, ['svc:/network/smtp:sendmail'])
  assert.match(chosen('no', { services: 'prefer' }).errors[0] ?? '', 'any instances or services')
  assert.match(chosen('no', { services: 'fallback', properties: true }).errors[0] ?? '', 'any entities')
})

patterns('globs have the meaning of fnmatch', () => {
  assert.ok(globExpression('a*c').test('a/b\nc'))
  assert.ok(globExpression('a.c').test('a.c'))
  assert.not.ok(globExpression('a.c').test('abc'))
  assert.ok(globExpression('[!x]y').test('ay'))
  assert.not.ok(globExpression('[!x]y').test('xy'))
})

patterns.run()
