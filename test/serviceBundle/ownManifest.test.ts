import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { manifestFaults } from '../../runner/serviceBundle/ownManifest.ts'
import { sampleManifest } from './sampleManifest.ts'

const test = suite('serviceBundle/ownManifest')

const faults = async (change: (text: string) => string, name = 'tiny') =>
  (await manifestFaults(sampleManifest(change), name)).map(({ line, message }) => `${line}: ${message}`)

const INSTANCE = '<create_default_instance enabled="false"/>'
/** The same as an instance with methods of its own. */
const instance = (text: string) => {
  const methods = text.match(/<exec_method .*\/>/g)?.join('') ?? ''
  return text
    .replace(INSTANCE, '')
    .replaceAll(/<exec_method .*\/>/g, '')
    .replace('</service>', `<instance name="default" enabled="false">${methods}</instance></service>`)
}

for (const [what, change] of [
  ['as it should be', (text: string) => text],
  ['with its methods in an instance', instance],
] as const) {
  test(`a manifest ${what}`, async () => assert.equal(await faults(change), []))
}

for (const [what, change, ...wanted] of [
  ['that is empty', () => '', /^1: not well-formed XML: /],
  ['that ends early', (text: string) => text.slice(0, 300), /: not well-formed XML: /],
  [
    'without a document type',
    (text: string) => text.replace(/<!DOCTYPE.*\n/, '\n'),
    /^1: its document type must be <!DOCTYPE service_bundle SYSTEM "\/usr/,
  ],
  [
    'in another order than the DTD’s',
    (text: string) => text.replace(INSTANCE, '').replace('</service>', `${INSTANCE}</service>`),
    /^4: not valid by SMF's DTD: element service: /,
  ],
  [
    'with a word that the DTD does not have',
    (text: string) => text.replace('require_any', 'require_some'),
    /^6: not valid by SMF's DTD: element dependency: .*require_some/,
  ],
  [
    'that is a profile',
    (text: string) => text.replace('type="manifest"', 'type="profile"'),
    /^3: its root must be <service_bundle type="manifest">$/,
  ],
  [
    'of somebody else’s service',
    (text: string) => text.replace('application/build-stack/tiny', 'network/ssh'),
    /^4: it must define the service application\/build-stack\/tiny and no other, and defines network\/ssh$/,
  ],
  [
    'of a second service',
    (text: string) => text.replace('</service>', '</service><service name="x" type="service" version="1"/>'),
    /^4: it must define .* and defines application\/build-stack\/tiny, x$/,
  ],
  [
    'of no service',
    (text: string) => text.replace(/<service name[\s\S]*<\/service>/, ''),
    /^3: it must define .* and defines none$/,
  ],
  [
    'without an instance',
    (text: string) => text.replace(INSTANCE, ''),
    /^4: it must have the instance "default" and no other$/,
  ],
  [
    'with another instance',
    (text: string) => instance(text).replace('instance name="default"', 'instance name="one"'),
    /it must have the instance "default" and no other$/,
  ],
  [
    'that starts when it is imported',
    (text: string) => text.replace('enabled="false"', 'enabled="true"'),
    /^5: its instance must be enabled="false": /,
  ],
  [
    'without methods',
    (text: string) => text.replaceAll(/<exec_method .*\/>/g, ''),
    /^4: it has no start method$/,
    /^4: it has no stop method$/,
  ],
] as const) {
  test(`a manifest ${what} is refused`, async () => {
    const found = await faults(change)
    assert.is(found.length, wanted.length, found.join('\n'))
    for (const [i, pattern] of wanted.entries()) assert.match(found[i] ?? '', pattern)
  })
}

test.run()
