/** A manifest that a recipe could bring for its service "tiny"; `change` edits its text. */
export function sampleManifest(change: (text: string) => string = (text) => text): string {
  return change(`<?xml version="1.0"?>
<!DOCTYPE service_bundle SYSTEM "/usr/share/lib/xml/dtd/service_bundle.dtd.1">
<service_bundle type="manifest" name="tiny">
  <service name="application/build-stack/tiny" type="service" version="1">
    <create_default_instance enabled="false"/>
    <dependency name="usr" grouping="require_any" restart_on="none" type="path">
      <service_fmri value="file://localhost/usr"/>
    </dependency>
    <exec_method type="method" name="start" exec="\${prefix}/svc/method/tiny start" timeout_seconds="7"/>
    <exec_method type="method" name="stop" exec=":kill" timeout_seconds="7"/>
    <property_group name="startd" type="framework">
      <propval name="duration" type="astring" value="child"/>
    </property_group>
  </service>
</service_bundle>
`)
}
