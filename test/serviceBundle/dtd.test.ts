import { existsSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DTD_SYSTEM_ID, SERVICE_BUNDLE_DTD } from '../../runner/serviceBundle/dtd.ts'
import { withDocument } from '../../runner/serviceBundle/xml.ts'

const START = '<exec_method type="method" name="start" exec="/x start" timeout_seconds="60"/>'
const STOP = '<exec_method type="method" name="stop" exec=":kill" timeout_seconds="60"/>'
const DEFAULT = '<create_default_instance enabled="false"/>'

const document = (children: string) => `<?xml version="1.0"?>
<!DOCTYPE service_bundle SYSTEM "${DTD_SYSTEM_ID}">
<service_bundle type="manifest" name="x">
  <service name="application/x" type="service" version="1">${children}</service>
</service_bundle>`

const SHARED = new URL('../../../shared/facts/smf/', import.meta.url)
const dtds = suite('our DTD against the real ones')

const good = [
  DEFAULT + START + STOP,
  `<instance name="a" enabled="true">${START}</instance><stability value="Evolving"/>`,
  `${DEFAULT}<single_instance/><restarter><service_fmri value="svc:/a"/></restarter>${START}`,
  '<property_group name="a" type="b"><stability value="Stable"/><property name="p" type="fmri"/></property_group>',
  '<exec_method type="monitor" name="m" exec="x" timeout_seconds="-1"><method_context><method_profile name="p"/></method_context><propval name="a" type="uri" value=""/></exec_method>',
  '<template><common_name><loctext xml:lang="C">x</loctext></common_name><description><loctext xml:lang="C">x</loctext></description><documentation><doc_link name="a" uri="b"/><manpage title="a" section="1"/></documentation></template>',
  '<dependency name="d" grouping="exclude_all" restart_on="refresh" type="path" delete="true"><service_fmri value="a"/><service_fmri value="b"/><propval name="a" type="host" value=""/></dependency>',
  '<dependent name="d" grouping="optional_all" restart_on="none" override="true"><service_fmri value="svc:/a"/></dependent>',
  '<method_context working_directory="/" project=":default" resource_pool="p"><method_credential user="u" group="g" supp_groups="s" privileges="p" limit_privileges="l"/><method_environment><envvar name="a" value="b"/></method_environment></method_context>',
]
const newOnly = [
  '<method_context security_flags="aslr"/>',
  '<notification_parameters><event value="to-maintenance"/><type name="smtp"><parameter name="to"><value_node value="root"/></parameter><paramval name="a" value="b"/></type></notification_parameters>',
  '<template><common_name><loctext xml:lang="C">x</loctext></common_name><pg_pattern name="a" target="this"><prop_pattern name="p" type="count" required="true"><units><loctext xml:lang="C">s</loctext></units><visibility value="readonly"/><cardinality min="1"/><internal_separators>,</internal_separators><values><value name="1"/></values><constraints><value name="1"/><range min="0" max="2"/></constraints><choices><include_values type="values"/></choices></prop_pattern></pg_pattern></template>',
  '<property_group name="a" type="b"><propval name="p" type="net_address" value="1.2.3.4"/></property_group>',
]
const bad = [
  `${START}${DEFAULT}`,
  `${DEFAULT}${DEFAULT}`,
  '<create_default_instance/>',
  '<create_default_instance enabled="yes"/>',
  '<instance name="a"/>',
  '<instance enabled="true"/>',
  '<exec_method name="start" exec="x" timeout_seconds="1"/>',
  '<exec_method type="method" name="start" exec="x"/>',
  '<exec_method type="script" name="start" exec="x" timeout_seconds="1"/>',
  '<dependency name="d" grouping="all" restart_on="none" type="service"/>',
  '<dependency name="d" grouping="require_all" restart_on="never" type="service"/>',
  '<dependency name="d" grouping="require_all" restart_on="none"/>',
  '<dependent name="d" grouping="require_all" restart_on="none"/>',
  '<stability value="stable"/>',
  '<stability/>',
  '<property_group name="a"/>',
  '<property_group name="a" type="b"><propval name="p" value="1"/></property_group>',
  '<property_group name="a" type="b"><propval name="p" type="string" value="1"/></property_group>',
  '<property_group name="a" type="b"><property name="p" type="astring"><astring_list/></property></property_group>',
  '<property_group name="a" type="b"><property name="p" type="astring">text</property></property_group>',
  '<method_context><method_environment/></method_context>',
  '<method_context><method_credential group="g"/></method_context>',
  '<template/>',
  '<template><description><loctext xml:lang="C">x</loctext></description></template>',
  '<template><common_name><loctext>x</loctext></common_name></template>',
  '<unknown/>',
  '<single_instance/><create_default_instance enabled="true"/>',
  '<create_default_instance enabled="true" extra="1"/>',
]

function isValid(children: string, dtd: string): Promise<boolean> {
  return withDocument(Buffer.from(document(children)), (parsed) => {
    assert.ok('document' in parsed, `well formed: ${children}`)
    return parsed.document.validate(dtd).length === 0
  })
}

for (const [file, also] of [
  ['illumos-2021-07.service_bundle.dtd.1', newOnly],
  ['illumos-core-2015.service_bundle.dtd.1', newOnly.slice(1)],
  ['opensolaris-2006-10.service_bundle.dtd.1', []],
] as const) {
  const there = existsSync(new URL(file, SHARED))
  const compare = async () => {
    const theirs = readFileSync(new URL(file, SHARED), 'utf8')
    for (const children of [...good, ...also]) {
      assert.ok(await isValid(children, theirs), `theirs should accept ${children}`)
      assert.ok(await isValid(children, SERVICE_BUNDLE_DTD), `ours should accept ${children}`)
    }
    for (const children of bad) {
      assert.not.ok(await isValid(children, theirs), `theirs should refuse ${children}`)
      assert.not.ok(await isValid(children, SERVICE_BUNDLE_DTD), `ours should refuse ${children}`)
    }
  }
  if (there) dtds(`agrees with ${file}`, compare)
  else dtds.skip(`${file} is not on this machine: it belongs to the project's shared facts`, compare)
}

dtds.run()
