import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { filePath, formatFmri, isServiceName, logName, parseFmri } from '../../../runner/sandbox/smf/fmri.ts'
import { normalise, timeValue } from '../../../runner/sandbox/smf/values.ts'

const fmris = suite('FMRIs')

for (const [text, want] of [
  ['svc:/network/smtp:sendmail', { service: 'network/smtp', instance: 'sendmail' }],
  ['svc:/network/smtp', { service: 'network/smtp' }],
  ['svc://localhost/a/b:c', { service: 'a/b', instance: 'c' }],
  ['svc:/a:b/:properties/start/exec', { service: 'a', instance: 'b', group: 'start', property: 'exec' }],
  ['svc:/a/:properties/start', { service: 'a', group: 'start' }],
] as const)
  fmris(`${text} is read and written again`, () => {
    assert.equal(parseFmri(text), want)
    assert.is(formatFmri(want), text.replace('//localhost', ''))
  })

for (const text of [
  'network/smtp',
  'svc:',
  'svc:/',
  'svc:/a b',
  'svc:/a:b:c',
  'svc:/a//b',
  'lrc:/etc/rc2_d/S1',
  'svc:/$(x)',
])
  fmris(`${text} is no full FMRI`, () => assert.is(parseFmri(text), undefined))

for (const [text, want] of [
  ['file://localhost/etc/x.conf', '/etc/x.conf'],
  ['file:///etc/x.conf', '/etc/x.conf'],
  ['file:/etc/x.conf', '/etc/x.conf'],
  ['file://other/etc/x.conf', undefined],
  ['/etc/x.conf', undefined],
] as const)
  fmris(`the path of ${text}`, () => assert.is(filePath(text), want))

fmris('a log is named after service and instance', () =>
  assert.is(
    logName('application/build-stack/varnish', 'default'),
    'application-build-stack-varnish:default.log',
  ),
)

fmris('service names are elements with slashes between', () => {
  assert.ok(isServiceName('application/build-stack/apr-util_1.6'))
  assert.not.ok(isServiceName('svc:/a'))
  assert.not.ok(isServiceName('-a'))
})

fmris.run()

const values = suite('property values')

for (const [type, text, want] of [
  ['count', '60', '60'],
  ['count', '-1', '18446744073709551615'],
  ['count', '60s', undefined],
  ['count', '18446744073709551616', undefined],
  ['integer', '-5', '-5'],
  ['integer', '9223372036854775808', undefined],
  ['boolean', '1', 'true'],
  ['boolean', 'yes', undefined],
  ['time', '1', '1.000000000'],
  ['net_address_v4', '10.0.0.300', undefined],
  ['astring', 'any "thing" $(at) all', 'any "thing" $(at) all'],
] as const)
  values(`${type} ${text}`, () => assert.is(normalise(type, text), want))

values('a moment is seconds with nanoseconds', () =>
  assert.is(timeValue(1763966461123), '1763966461.123000000'),
)

values.run()
