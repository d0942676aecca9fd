import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Bundle, ManifestRefused } from '../../../../runner/sandbox/smf/manifest/bundle.ts'
import { readManifest } from '../../../../runner/sandbox/smf/manifest/read.ts'
import { templateFaults } from '../../../../runner/sandbox/smf/manifest/templates.ts'
import { type Groups, values } from '../../../../runner/sandbox/smf/repository.ts'

const PATH = '/opt/local/svc/manifest/x.xml'
const DOCTYPE = '<!DOCTYPE service_bundle SYSTEM "/usr/share/lib/xml/dtd/service_bundle.dtd.1">'
const START = '<exec_method type="method" name="start" exec="/x start" timeout_seconds="60"/>'
const STOP = '<exec_method type="method" name="stop" exec=":kill" timeout_seconds="60"/>'
const DEFAULT = '<create_default_instance enabled="false"/>'

const service = (children: string, name = 'application/x') =>
  `<service name="${name}" type="service" version="1">${children}</service>`
const bundle = (children: string) => `<service_bundle type="manifest" name="x">${children}</service_bundle>`
const document = (children: string) => `<?xml version="1.0"?>\n${DOCTYPE}\n${bundle(service(children))}`

const read = (text: string, dtd?: string | null): Promise<Bundle> =>
  readManifest(
    Buffer.from(text),
    dtd === undefined ? { path: PATH, realPath: PATH } : { path: PATH, realPath: PATH, dtd },
  )

async function refusal(text: string): Promise<ManifestRefused> {
  try {
    await read(text)
  } catch (error) {
    if (error instanceof ManifestRefused) return error
    throw error
  }
  throw new Error('was not refused')
}

async function serviceGroups(children: string): Promise<Groups> {
  return (await read(document(children))).services[0]?.groups ?? {}
}

const reading = suite('reading a manifest')

reading('methods, contexts and dependencies become property groups', async () => {
  const groups = await serviceGroups(`${DEFAULT}
    <dependency name="net" grouping="require_all" restart_on="error" type="service">
      <service_fmri value="svc:/milestone/network:default"/></dependency>
    <method_context working_directory="/var"><method_credential user="nobody" group="nogroup"/>
      <method_environment><envvar name="A" value="1 2"/></method_environment></method_context>
    ${START}
    <property_group name="config" type="application">
      <property name="ports" type="count"><count_list><value_node value="80"/><value_node value="443"/></count_list></property>
    </property_group>
    <template><common_name><loctext xml:lang="C"> X
      daemon </loctext></common_name>
      <documentation><manpage title="xd" section="8"/></documentation></template>`)
  assert.equal(values(groups, 'net', 'entities'), ['svc:/milestone/network:default'])
  assert.equal(values(groups, 'method_context', 'environment'), ['A=1 2'])
  assert.equal(values(groups, 'method_context', 'user'), ['nobody'])
  assert.equal(values(groups, 'start', 'timeout_seconds'), ['60'])
  assert.equal(values(groups, 'config', 'ports'), ['80', '443'])
  assert.match(values(groups, 'tm_common_name', 'C')?.[0] ?? '', /^X\n\s+daemon$/)
  assert.equal(values(groups, 'tm_man_xd', 'manpath'), [':default'])
  assert.equal(values(groups, 'manifestfiles', 'opt_local_svc_manifest_x_xml'), [PATH])
})

reading('a dependent is kept with its target', async () => {
  const { services } = await read(
    document(`${DEFAULT}<dependent name="x" grouping="optional_all" restart_on="none">
      <service_fmri value="svc:/milestone/multi-user"/></dependent>${START}${STOP}`),
  )
  const dependent = services[0]?.dependents[0]
  assert.is(dependent?.target, 'svc:/milestone/multi-user')
  assert.equal(dependent?.group.properties.entities?.values, ['svc:/application/x'])
})

for (const [what, text, message] of [
  ['no XML', 'no xml', "couldn't parse document"],
  ['tags that do not match', '<a><b></a>', "couldn't parse document"],
  ['an empty file', '', "couldn't parse document"],
  ['no DOCTYPE', bundle(''), 'document has no DTD'],
  [
    'a relative system id',
    `<!DOCTYPE service_bundle SYSTEM "service_bundle.dtd.1">${bundle('')}`,
    'document DTD unknown; not service bundle?',
  ],
  [
    'a DOCTYPE without system id',
    `<!DOCTYPE service_bundle>${bundle('')}`,
    'document DTD unknown; not service bundle?',
  ],
  ['another root', `${DOCTYPE}<service name="x"/>`, 'document is not a service bundle'],
  ['a DTD violation', document(`${START}${DEFAULT}`), 'Document is not valid.'],
  ['a profile', document('').replace('"manifest"', '"profile"'), 'document is not a manifest.'],
  [
    'an empty bundle name',
    document(DEFAULT).replace('manifest" name="x"', 'manifest" name=""'),
    'service bundle lacks name attribute',
  ],
  [
    'a time-out with a unit',
    document(START.replace('"60"', '"60s"')),
    'illegal value "60s" for timeout_seconds (Illegal character)',
  ],
  [
    'a variable of SMF',
    document(
      `<method_context><method_environment><envvar name="SMF_X" value="1"/></method_environment></method_context>`,
    ),
    'Invalid environment variable "SMF_X"; "SMF_" prefix is reserved.',
  ],
  [
    'an FMRI as name',
    `${DOCTYPE}${bundle(service('', 'svc:/x'))}`,
    'invalid value "svc:/x": should be a bare service name',
  ],
  [
    'a dependency named like a method',
    document(`<dependency name="start" grouping="require_all" restart_on="none" type="service"/>${START}`),
    'Multiple definitions of property group start in entity application/x.',
  ],
  [
    'two start methods',
    document(`${START}${START}`),
    'Multiple definitions for property type in property group start.',
  ],
  [
    'a property twice',
    document(
      '<property_group name="a" type="application"><propval name="p" type="astring" value="1"/><propval name="p" type="astring" value="2"/></property_group>',
    ),
    'Multiple definitions for property p in property group a.',
  ],
  [
    'an instance twice',
    document('<instance name="a" enabled="true"/><instance name="a" enabled="true"/>'),
    'Multiple definitions of entity a in service application/x.',
  ],
  [
    'a service twice',
    `${DOCTYPE}${bundle(service('') + service(''))}`,
    'Multiple definitions for service application/x in bundle x.',
  ],
  [
    'a list of another type',
    document(
      '<property_group name="a" type="application"><property name="p" type="count"><astring_list><value_node value="1"/></astring_list></property></property_group>',
    ),
    "property 'p' type-to-list mismatch",
  ],
  [
    'a value that is none',
    document(
      '<property_group name="a" type="application"><propval name="p" type="integer" value="one"/></property_group>',
    ),
    'illegal value "one" for integer (Illegal character)',
  ],
] as const)
  reading(`${what} is refused`, async () => assert.is((await refusal(text)).message, message))

reading('a DTD violation is told with file, line and element', async () => {
  const { printed } = await refusal(
    document(`${DEFAULT}<instanc name="x"/>`).replace(DEFAULT, `${DEFAULT}\n`),
  )
  assert.match(
    printed[0] ?? '',
    new RegExp(`^${PATH}:3: element service: validity error : Element service content does`),
  )
  assert.match(
    printed[1] ?? '',
    `${PATH}:4: element instanc: validity error : No declaration for element instanc`,
  )
})

reading('a parse error is told with the line and a mark under the place', async () => {
  const { printed } = await refusal('<a>\n<b></a>')
  assert.match(printed[0] ?? '', `${PATH}:2: parser error : Opening and ending tag mismatch: b line 2 and a`)
  assert.is(printed[1], '<b></a>')
  assert.match(printed[2] ?? '', /^ +\^$/)
})

reading('comments before the DOCTYPE do not hide it', async () => {
  const text = `<?xml version="1.0"?>\n<!-- <!DOCTYPE x SYSTEM "y"> -->\n${DOCTYPE}\n${bundle(service(DEFAULT))}`
  assert.is((await read(text)).services.length, 1)
})

reading('validation can be switched off', async () => {
  assert.is((await read(document(`${START}${DEFAULT}`), null)).services.length, 1)
})

reading.run()

const templates = suite('templates')

const faults = async (children: string) => templateFaults(await read(document(children)))

templates('a service with start and stop has no faults', async () =>
  assert.equal(await faults(DEFAULT + START + STOP), []),
)

templates('a missing stop method', async () => {
  const [first, ...more] = await faults(DEFAULT + START)
  assert.equal(more, [])
  assert.match(
    first ?? '',
    'Required property group missing: FMRI="svc:/application/x:default"; Name of missing property group="stop"; Type of missing property group="method"',
  )
})

const duration = (word: string) =>
  `<property_group name="startd" type="framework"><propval name="duration" type="astring" value="${word}"/></property_group>`

templates('an unknown duration', async () => {
  const [first] = await faults(DEFAULT + START + STOP + duration('wait'))
  assert.match(
    first ?? '',
    'Property has illegal value: FMRI="svc:/application/x:default"; Property group="startd"',
  )
  assert.match(first ?? '', 'Illegal value="wait"')
  assert.equal(await faults(DEFAULT + START + STOP + duration('child')), [])
})

templates('an unknown dependency type', async () => {
  const dependency = '<dependency name="d" grouping="require_all" restart_on="none" type="host"/>'
  assert.match((await faults(DEFAULT + dependency + START + STOP))[0] ?? '', 'Illegal value="host"')
})

templates('a service of another restarter is not held to them', async () => {
  const restarter = '<restarter><service_fmri value="svc:/network/inetd:default"/></restarter>'
  assert.equal(await faults(DEFAULT + restarter), [])
})

templates.run()
